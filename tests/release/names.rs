//! A name server of one name: an A record, nothing else (RFC 1035, section 4).

use std::net::{Ipv4Addr, UdpSocket};
use std::sync::{Arc, Mutex};
use std::thread;

/// Who asks for what on 127.0.0.1:53, which is where a program looks that finds no resolv.conf.
pub struct Names {
    asked: Arc<Mutex<Vec<String>>>,
}

const TYPE_A: u16 = 1;

impl Names {
    /// Answers for `name` until the process ends. Needs a network namespace of its own: the port is well known.
    pub fn serve(name: &str, address: Ipv4Addr) -> Names {
        let socket = UdpSocket::bind(("127.0.0.1", 53)).unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (names, name) = (Names { asked: Arc::clone(&asked) }, name.to_owned());
        thread::spawn(move || {
            let mut packet = [0; 512];
            while let Ok((length, client)) = socket.recv_from(&mut packet) {
                let Some((wanted, kind, end)) = question(&packet[..length]) else { continue };
                let found = wanted == name;
                asked.lock().unwrap().push(wanted);
                let answer = answer(&packet[..end], found, (found && kind == TYPE_A).then_some(address));
                // A client that is gone asks again or not at all.
                let _sent = socket.send_to(&answer, client);
            }
        });
        names
    }

    /// Every name that was asked for so far.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

/// The first question: its name, its type, and where it ends.
fn question(packet: &[u8]) -> Option<(String, u16, usize)> {
    let (mut at, mut labels) = (12, Vec::new());
    loop {
        let length = usize::from(*packet.get(at)?);
        at += 1;
        if length == 0 {
            break;
        }
        labels.push(String::from_utf8_lossy(packet.get(at..at + length)?).into_owned());
        at += length;
    }
    let kind = u16::from_be_bytes([*packet.get(at)?, *packet.get(at + 1)?]);
    Some((labels.join("."), kind, at + 4))
}

fn answer(question: &[u8], found: bool, address: Option<Ipv4Addr>) -> Vec<u8> {
    let mut packet = question.to_vec();
    // A response with recursion; an unknown name is NXDOMAIN (3), a known one without such a record an empty answer.
    packet[2..4].copy_from_slice(&[0x81, if found { 0x80 } else { 0x83 }]);
    packet[4..12].copy_from_slice(&[0, 1, 0, u8::from(address.is_some()), 0, 0, 0, 0]);
    if let Some(address) = address {
        packet.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4]); // the question's name; A, IN, 60 s, four bytes
        packet.extend(address.octets());
    }
    packet
}

#[test]
fn answers_follow_the_question() {
    let mut packet = vec![7, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1];
    packet.extend(b"\x03elb\x04test\0\0\x01\0\x01");
    let end = packet.len();
    packet.extend([0; 11]); // EDNS, which is left out of the answer
    assert_eq!(question(&packet), Some(("elb.test".to_owned(), TYPE_A, end)));
    let found = answer(&packet[..end], true, Some(Ipv4Addr::new(127, 0, 0, 9)));
    assert_eq!((&found[..2], found[7], &found[found.len() - 4..]), (&[7, 7][..], 1, &[127, 0, 0, 9][..]));
    assert_eq!(answer(&packet[..end], false, None)[3], 0x83);
    assert_eq!(question(&packet[..15]), None);
}
