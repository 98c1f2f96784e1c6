//! A probe from inside of a host that a test has made: a process of its own, with servers beside the prober.

use std::collections::BTreeMap;
use std::net::TcpListener;
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

/// Where it reads what to probe, and where it writes what it has seen.
pub const ORDER: &str = "/tmp/order.json";
pub const SEEN: &str = "/tmp/seen.json";

/// What says that this process is one.
pub const ROLE: &str = "TALOSENDPOINT_TEST_INSIDE";

#[test]
#[ignore = "a process on a host that a test makes"]
fn inside() {
    if std::env::var_os(ROLE).is_none() {
        return;
    }
    let order: Value = serde_json::from_str(&std::fs::read_to_string(ORDER).unwrap()).unwrap();
    let _servers: Vec<Server> = order["servers"].as_array().into_iter().flatten().map(server).collect();
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
        node_talos_api_port: 50000,
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
