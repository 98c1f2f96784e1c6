//! A real load balancer in front of nothing.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use lab::need;
use lab::network::agent::PATH;
use lab::programs;
use talosendpoint::endpoint::readiness::target::Api;
use talosendpoint::endpoint::readiness::verdict::Stage;

use crate::certificates::{Authority, BOTH, Client};
use crate::faults::{NAME, probed};
use crate::server::{Behaviour, Server, Then};

/// HAProxy on two ports, which ends with this value: in front of the server on `backend`, and in front of nothing.
struct Haproxy {
    child: Child,
    front: [std::net::SocketAddr; 2],
    _folder: tempfile::TempDir,
}

impl Haproxy {
    fn start(program: &std::path::Path, backend: std::net::SocketAddr) -> Haproxy {
        let sockets = [(); 2].map(|()| std::net::TcpListener::bind("127.0.0.1:0").unwrap());
        let front = [0, 1].map(|index: usize| sockets[index].local_addr().unwrap());
        let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        drop(sockets);
        let defaults =
            "defaults\n  mode tcp\n  timeout connect 1s\n  timeout client 30s\n  timeout server 30s\n  retries 0\n";
        let listen = |name: &str, at: &std::net::SocketAddr, to: &std::net::SocketAddr| {
            format!("listen {name}\n  bind {at}\n  server one {to}\n")
        };
        let text = format!("{defaults}{}{}", listen("some", &front[0], &backend), listen("none", &front[1], &closed));
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("haproxy.cfg");
        std::fs::write(&file, text).unwrap();
        let mut command = Command::new(program);
        let child = command.arg("-db").arg("-f").arg(file).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let begun = Instant::now();
        while std::net::TcpStream::connect(front[1]).is_err() {
            assert!(begun.elapsed() < Duration::from_secs(20), "HAProxy doesn't listen");
            std::thread::sleep(Duration::from_millis(50));
        }
        Haproxy { child, front, _folder: folder }
    }
}

impl Drop for Haproxy {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _reaped = self.child.wait();
    }
}

#[test]
fn a_load_balancer_without_a_node_accepts_and_closes() {
    let program = need!(programs::find_on("haproxy", PATH.as_ref()));
    let authority = Authority::kubernetes();
    let tls = authority.server(&[NAME], Client::Anybody, BOTH);
    let node = Server::start(Behaviour::Tls(tls, Then::Answer(401, "")));
    let haproxy = Haproxy::start(&program, node.address);
    let [some, none] = haproxy.front;
    assert!(probed(Api::Kubernetes, some).ok);
    for api in Api::ALL {
        let found = probed(api, none);
        assert_eq!(found.stage, Stage::Tls, "{found:?}");
        assert!(found.message.contains("closes it: a load balancer without a node that answers"), "{found:?}");
    }
}
