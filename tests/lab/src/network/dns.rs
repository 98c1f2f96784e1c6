//! A DNS server of a host: it knows the names of one file, and is a process of its own.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, UdpSocket};

/// Where the server reads its names: lines as in `/etc/hosts`. What has [`SILENCE`] for an address gets no answer.
pub const NAMES: &str = "/tmp/names";

/// In place of an address.
pub const SILENCE: &str = "-";

const A: u16 = 1;
const AAAA: u16 = 28;

/// How long an answer may be kept: for a second.
const TTL: [u8; 4] = [0, 0, 0, 1];

/// None: no answer.
type Names = HashMap<String, Option<Vec<IpAddr>>>;

/// The whole life of such a process.
pub fn run() {
    let names = read(&std::fs::read_to_string(NAMES).unwrap());
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 53)).unwrap();
    let mut query = [0; 1500];
    loop {
        let (length, from) = socket.recv_from(&mut query).unwrap();
        if let Some(answer) = answer(&query[..length], &names) {
            let _lost = socket.send_to(&answer, from);
        }
    }
}

fn read(text: &str) -> Names {
    let mut names = Names::new();
    for line in text.lines() {
        let mut words = line.split_whitespace();
        let first = words.next().unwrap_or_default();
        if first == SILENCE {
            names.extend(words.map(|name| (name.to_ascii_lowercase(), None)));
            continue;
        }
        let Ok(address) = first.parse() else { continue };
        for name in words {
            names
                .entry(name.to_ascii_lowercase())
                .or_insert_with(|| Some(Vec::new()))
                .iter_mut()
                .for_each(|all| all.push(address));
        }
    }
    names
}

/// The answer to a query (RFC 1035, section 4.1); none to what is no query, and to a name that gets none.
fn answer(query: &[u8], names: &Names) -> Option<Vec<u8>> {
    const HEADER: usize = 12;
    let (mut at, mut labels) = (HEADER, Vec::new());
    loop {
        let length = usize::from(*query.get(at)?);
        at += 1;
        if length == 0 {
            break;
        }
        labels.push(String::from_utf8_lossy(query.get(at..at + length)?).to_ascii_lowercase());
        at += length;
    }
    let kind = u16::from_be_bytes([*query.get(at)?, *query.get(at + 1)?]);
    let question = query.get(HEADER..at + 4)?;
    let known = match names.get(&labels.join(".")) {
        Some(None) => return None,
        Some(Some(addresses)) => Some(addresses),
        None => None,
    };
    let records: Vec<Vec<u8>> = known.into_iter().flatten().filter_map(|address| data(*address, kind)).collect();
    // A response to a recursive query, by a server that recurses; 3: there is no such name.
    let flags = [0x81, 0x80 | if known.is_some() { 0 } else { 3 }];
    let count = u16::try_from(records.len()).ok()?.to_be_bytes();
    let mut answer = [query.get(..2)?, &flags, &[0, 1], &count, &[0; 4], question].concat();
    for record in records {
        // The name is that of the question.
        answer.extend([0xC0, 12].into_iter().chain(kind.to_be_bytes()).chain([0, 1]).chain(TTL));
        answer.extend(u16::try_from(record.len()).ok()?.to_be_bytes());
        answer.extend(record);
    }
    Some(answer)
}

fn data(address: IpAddr, kind: u16) -> Option<Vec<u8>> {
    match (address, kind) {
        (IpAddr::V4(address), A) => Some(address.octets().to_vec()),
        (IpAddr::V6(address), AAAA) => Some(address.octets().to_vec()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_answered_and_others_do_not_exist() {
        let names = read("192.0.2.7 CP-01.example\n- cp-03.example\n");
        let query = |name: &[u8], kind: u8| [b"\x12\x34\x01\0\0\x01\0\0\0\0\0\0", name, &[0, kind, 0, 1]].concat();
        let ours = query(b"\x05cp-01\x07EXAMPLE\0", 1);
        let found = answer(&ours, &names).unwrap();
        assert!(
            found.starts_with(b"\x12\x34\x81\x80\0\x01\0\x01") && found.ends_with(&[0, 4, 192, 0, 2, 7]),
            "{found:?}"
        );
        let six = answer(&query(b"\x05cp-01\x07example\0", 28), &names).unwrap();
        assert_eq!(six[3..8], [0x80, 0, 1, 0, 0], "it exists, without such an address");
        assert_eq!(answer(&query(b"\x05cp-02\x07example\0", 1), &names).unwrap()[3], 0x83);
        assert_eq!(answer(&ours[..20], &names), None);
        assert_eq!(answer(&query(b"\x05cp-03\x07example\0", 1), &names), None);
    }
}
