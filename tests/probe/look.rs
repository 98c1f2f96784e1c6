//! A look at an endpoint from inside of a host that a test has made: a process of its own, with servers and a name server beside the prober.

use std::collections::BTreeMap;
use std::net::{IpAddr, TcpListener, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use talosendpoint::endpoint::readiness::place::authority;
use talosendpoint::endpoint::readiness::probing::probe;
use talosendpoint::endpoint::readiness::spec::{Endpoint, Node};
use talosendpoint::endpoint::readiness::target::{Api, of_endpoint, of_nodes};
use talosendpoint::remote::probe::Prober;

use crate::certificates::{Authority, BOTH, Client};
use crate::server::{Behaviour, Server, Then};

/// Where it reads what to look at, and where it writes what it has seen.
pub const ORDER: &str = "/tmp/look.json";
pub const SEEN: &str = "/tmp/seen.json";

/// What says that this process is one.
pub const ROLE: &str = "TALOSENDPOINT_TEST_LOOK";

#[test]
#[ignore = "a process on a host that a test makes"]
fn look() {
    if std::env::var_os(ROLE).is_none() {
        return;
    }
    let order: Value = serde_json::from_str(&std::fs::read_to_string(ORDER).unwrap()).unwrap();
    let _servers: Vec<Server> = order["servers"].as_array().into_iter().flatten().map(server).collect();
    if order["names"].is_object() {
        answer_names(order["names"].clone());
    }
    let endpoint = endpoint(&order["endpoint"]);
    let targets = [of_endpoint(&endpoint), of_nodes(&endpoint)].concat();
    let limit = Duration::from_millis(order["limit_ms"].as_u64().unwrap());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let sockets = Sockets::watch();
    let begun = Instant::now();
    let seen = runtime.block_on(probe(&Prober::default(), &targets, limit));
    let took = begun.elapsed();
    let verdicts: BTreeMap<String, Value> = seen
        .verdicts
        .iter()
        .map(|found| {
            (found.key.clone(), json!({"stage": found.stage.name(), "ok": found.ok, "message": found.message}))
        })
        .collect();
    let written = json!({
        "took_ms": u64::try_from(took.as_millis()).unwrap(), "most_sockets": sockets.most(), "looked_from": seen.looked_from,
        "verdicts": verdicts,
    });
    std::fs::write(SEEN, written.to_string()).unwrap();
    // Lookups that hang must not keep this process.
    std::process::exit(0);
}

fn texts(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().map(|one| one.as_str().unwrap().to_owned()).collect()
}

fn endpoint(value: &Value) -> Endpoint {
    let place = |name: &str| value[name].as_str().map(|text| authority(text).unwrap());
    let nodes = value["nodes"].as_object().into_iter().flatten().map(|(name, address)| {
        let address = address.as_str().unwrap().to_owned();
        (name.clone(), Node { address: address.clone(), endpoint: address })
    });
    Endpoint {
        host: value["host"].as_str().unwrap().to_owned(),
        kubernetes_api: place("kubernetes_api"),
        talos_api: place("talos_api"),
        machine_cert_sans: texts(&value["machine_cert_sans"]),
        nodes: nodes.collect(),
        node_kubernetes_api_port: 6443,
        target_groups: Vec::new(),
    }
}

/// `{at: [ADDRESS:PORT…], api, names}`.
fn server(value: &Value) -> Server {
    let sockets = texts(&value["at"]).iter().map(|at| TcpListener::bind(at.as_str()).unwrap()).collect();
    let names = texts(&value["names"]);
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let behaviour = if value["api"] == Api::Talos.name() {
        let authority = Authority::talos();
        Behaviour::Tls(authority.server(&names, Client::Required(&authority), BOTH), Then::Hang)
    } else {
        Behaviour::Tls(Authority::kubernetes().server(&names, Client::Anybody, BOTH), Then::Answer(401, ""))
    };
    Server::at(sockets, behaviour)
}

/// How many sockets this process has, beside those that it had at first.
struct Sockets {
    most: Arc<AtomicUsize>,
    over: Arc<AtomicBool>,
    before: usize,
}

impl Sockets {
    fn watch() -> Sockets {
        let count = || {
            let open = std::fs::read_dir("/proc/self/fd").unwrap().flatten();
            let targets = open.filter_map(|entry| std::fs::read_link(entry.path()).ok());
            targets.filter(|target| target.to_string_lossy().starts_with("socket:")).count()
        };
        let sockets = Sockets { most: Arc::default(), over: Arc::default(), before: count() };
        let (most, over) = (Arc::clone(&sockets.most), Arc::clone(&sockets.over));
        thread::spawn(move || {
            while !over.load(Ordering::Relaxed) {
                most.fetch_max(count(), Ordering::Relaxed);
                thread::sleep(Duration::from_millis(2));
            }
        });
        sockets
    }

    fn most(&self) -> usize {
        self.over.store(true, Ordering::Relaxed);
        self.most.load(Ordering::Relaxed).saturating_sub(self.before)
    }
}

/// A name server on 127.0.0.1. A name with addresses has those, one with null gets no answer, and every other name doesn't exist.
fn answer_names(names: Value) {
    let socket = UdpSocket::bind("127.0.0.1:53").unwrap();
    thread::spawn(move || {
        let mut question = [0; 512];
        while let Ok((length, from)) = socket.recv_from(&mut question) {
            if let Some(answer) = answer(&question[..length], &names) {
                socket.send_to(&answer, from).unwrap();
            }
        }
    });
}

fn answer(question: &[u8], names: &Value) -> Option<Vec<u8>> {
    let (mut labels, mut at) = (Vec::new(), 12);
    while question[at] != 0 {
        let end = at + 1 + usize::from(question[at]);
        labels.push(String::from_utf8_lossy(&question[at + 1..end]).into_owned());
        at = end;
    }
    let name = labels.join(".").to_lowercase();
    let wants_ipv6 = question[at + 2] == 28;
    let found = names.get(&name);
    if found.is_some_and(Value::is_null) {
        return None;
    }
    let addresses: Vec<IpAddr> = found.map(texts).unwrap_or_default().iter().map(|one| one.parse().unwrap()).collect();
    let addresses: Vec<IpAddr> = addresses.into_iter().filter(|one| one.is_ipv6() == wants_ipv6).collect();
    let code = if found.is_some() { 0x80 } else { 0x83 };
    let mut answer = question[..2].to_vec();
    answer.extend([0x81, code, 0, 1, 0, u8::try_from(addresses.len()).unwrap(), 0, 0, 0, 0]);
    answer.extend(&question[12..at + 5]);
    for address in addresses {
        let bytes = match address {
            IpAddr::V4(address) => address.octets().to_vec(),
            IpAddr::V6(address) => address.octets().to_vec(),
        };
        let kind = if wants_ipv6 { 28 } else { 1 };
        answer.extend([0xc0, 12, 0, kind, 0, 1, 0, 0, 0, 1, 0, u8::try_from(bytes.len()).unwrap()]);
        answer.extend(bytes);
    }
    Some(answer)
}
