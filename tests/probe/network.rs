//! What needs a network of its own: packets that are dropped, name servers, addresses without a route, fixed ports.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use lab::need;
use lab::network::clock::poll;
use lab::network::host::Host;
use lab::network::needed;
use serde_json::{Value, json};

use crate::inside::{ORDER, ROLE, SEEN};

/// A host with the address 10.99.0.1, and fd99::1 where it has IPv6. What it sends to `dropped` is lost, and its name server knows `names`.
fn host(ipv6: bool, dropped: &[String], names: &str) -> Host {
    let host = Host::start("runner");
    host.ip("link add v0 type veth peer name v1\nlink set v0 up\nlink set v1 up\naddress add 10.99.0.1/24 dev v0");
    if ipv6 {
        host.ip("address add fd99::1/64 dev v0 nodad");
    }
    // Nobody has this hardware address.
    let lines = dropped.iter().map(|to| format!("neigh replace {to} lladdr 02:00:00:00:00:00 dev v0 nud permanent\n"));
    host.ip(&lines.collect::<String>());
    name_server(&host, names);
    host
}

/// The host's own name server is the only one, and is asked once.
fn name_server(host: &Host, names: &str) {
    host.spawn_dns(names);
    let text = "nameserver 127.0.0.1\noptions timeout:10 attempts:1\n";
    match std::fs::canonicalize("/etc/resolv.conf").unwrap_or_else(|_| PathBuf::from("/etc/resolv.conf")) {
        path if path.starts_with("/run") => host.write(path.to_str().unwrap(), text, 0o644),
        path => {
            host.write("/tmp/resolv.conf", text, 0o644);
            host.check(&["mount", "--bind", "/tmp/resolv.conf", path.to_str().unwrap()]);
        }
    }
    // Port 53 is open.
    poll(Duration::from_secs(10), || host.read("/proc/net/udp").contains(":0035 ").then_some(()))
        .expect("a name server");
}

/// What is seen from `host`.
fn probed(host: &Host, order: &Value, environment: &[&str]) -> Value {
    host.write(ORDER, &order.to_string(), 0o644);
    let role = format!("{ROLE}=1");
    let mut command = vec!["env", &role];
    command.extend(environment);
    // This program, which is the host's first process too: its own `/tmp` may hide the file.
    command.extend(["/proc/1/exe", "inside::inside", "--exact", "--ignored", "--nocapture"]);
    host.check(&command);
    serde_json::from_str(&host.read(SEEN)).unwrap()
}

#[track_caller]
fn check(seen: &Value, key: &str, stage: &str, ok: bool, parts: &[&str]) {
    let found = &seen["verdicts"][key];
    assert_eq!((found["stage"].as_str(), found["ok"].as_bool()), (Some(stage), Some(ok)), "{key}: {seen}");
    for part in parts {
        assert!(found["message"].as_str().unwrap().contains(part), "{key}: {part}: {found}");
    }
}

/// The Kubernetes API and the Talos API at 10.99.0.1, and where the host has it at fd99::1.
fn servers(ipv6: bool, names: &[&str]) -> Value {
    let server = |api: &str, port: u16| {
        let mut at = vec![format!("10.99.0.1:{port}")];
        at.extend(ipv6.then(|| format!("[fd99::1]:{port}")));
        json!({"at": at, "api": api, "names": names})
    };
    json!([server("kubernetes_api", 6443), server("talos_api", 50000)])
}

#[test]
fn a_hundred_dead_nodes_end_in_time_and_the_endpoint_comes_first() {
    need!(needed(&[]));
    let addresses: Vec<String> = (10..110).map(|last| format!("10.99.0.{last}")).collect();
    let host = host(false, &addresses, "10.99.0.1 api.example.com\n");
    let nodes: BTreeMap<String, &String> =
        addresses.iter().enumerate().map(|(index, address)| (format!("cp-{index:03}"), address)).collect();
    // The name comes after a lookup, and must not queue behind the nodes for that.
    let seen = probed(
        &host,
        &json!({
            "endpoint": {
                "host": "api.example.com", "kubernetes_api": "api.example.com:6443", "talos_api": "api.example.com:50000",
                "nodes": nodes,
            },
            "servers": servers(false, &["api.example.com"]),
            "limit_ms": 5000,
        }),
        &[],
    );
    check(&seen, "kubernetes_api", "done", true, &[]);
    check(&seen, "talos_api", "done", true, &[]);
    let took = seen["took_ms"].as_u64().unwrap();
    lab::skip::say(&format!("a hundred dead nodes: {took} ms of 5000, {} sockets\n", seen["most_sockets"]));
    assert!(took < 10_000, "{took} ms");
    let most = seen["most_sockets"].as_u64().unwrap();
    // Two connections of the live servers are this process' own too.
    assert!((10..=34).contains(&most), "{most} sockets at a time");
    let verdicts = seen["verdicts"].as_object().unwrap();
    assert_eq!(verdicts.len(), 202);
    let of_nodes =
        || verdicts.iter().filter(|(key, _)| key.contains('/')).map(|(_, found)| found["message"].as_str().unwrap());
    assert!(of_nodes().all(|said| said.starts_with("no answer within") || said == "not probed in time"), "{seen}");
    let silent = of_nodes().filter(|said| said.contains("drops packets from 10.99.0.1")).count();
    assert!(silent >= 100, "only {silent} of 200 were probed");
}

#[test]
fn names() {
    need!(needed(&[]));
    let names = "10.99.0.1 both.example.com half.example.com\nfd99::1 both.example.com other.example.com\n\
                 fd99::dead half.example.com\n10.99.0.9 other.example.com\n- silent.example.com\n";
    let host = host(true, &["10.99.0.9".to_owned(), "fd99::dead".to_owned()], names);
    let of = |name: &str| {
        json!({
            "endpoint": {"host": name, "kubernetes_api": format!("{name}:6443"), "talos_api": format!("{name}:50000")},
            "servers": servers(true, &["*.example.com"]), "limit_ms": 2000,
        })
    };
    let seen = probed(&host, &of("both.example.com"), &[]);
    check(&seen, "kubernetes_api", "done", true, &["answers 401"]);
    check(&seen, "talos_api", "done", true, &["serves"]);
    assert!(seen["looked_from"].as_str().unwrap().ends_with("(10.99.0.1, fd99::1)"), "{seen}");
    let seen = probed(&host, &of("half.example.com"), &[]);
    check(&seen, "kubernetes_api", "tcp", false, &["fd99::dead: no answer within", "; 10.99.0.1: serves"]);
    let seen = probed(&host, &of("other.example.com"), &[]);
    check(&seen, "talos_api", "tcp", false, &["10.99.0.9: no answer within", "; fd99::1: serves"]);
    let seen = probed(&host, &of("nowhere.example.com"), &[]);
    check(&seen, "kubernetes_api", "name", false, &["nowhere.example.com isn't in DNS"]);
    let seen = probed(&host, &of("silent.example.com"), &[]);
    check(&seen, "kubernetes_api", "name", false, &["DNS gave no answer for silent.example.com within"]);
    assert!(seen["took_ms"].as_u64().unwrap() < 4000, "{seen}");
}

#[test]
fn without_ipv6_a_name_with_both_still_serves() {
    need!(needed(&[]));
    let name = "both.example.com";
    let host = host(false, &[], "10.99.0.1 both.example.com\n2001:db8::1 both.example.com\n");
    let order = json!({
        "endpoint": {"host": name, "kubernetes_api": format!("{name}:6443")},
        "servers": servers(false, &[name]), "limit_ms": 2000,
    });
    let seen = probed(&host, &order, &[]);
    check(
        &seen,
        "kubernetes_api",
        "done",
        true,
        &["2001:db8::1: not checked: this machine has no route to it over IPv6"],
    );
}

#[test]
fn nodes_are_told_apart_and_a_proxy_is_passed_by() {
    need!(needed(&[]));
    let host = host(false, &["10.99.0.9".to_owned()], "");
    host.ip("address add 10.99.0.2/24 dev v0");
    let order = json!({
        "endpoint": {
            "host": "10.99.0.1", "kubernetes_api": "10.99.0.1:6443", "talos_api": "10.99.0.1:50000",
            "machine_cert_sans": ["vpn.example.com"],
            "nodes": {"cp-01": "10.99.0.1", "cp-02": "10.99.0.2", "cp-03": "10.99.0.9"},
        },
        "servers": servers(false, &["10.99.0.1", "vpn.example.com"]), "limit_ms": 2000,
    });
    // Nobody is at the proxy's address: who asked it would get no answer.
    let seen = probed(&host, &order, &["HTTPS_PROXY=http://10.99.0.9:3128"]);
    for key in ["kubernetes_api", "talos_api", "cp-01/kubernetes_api", "cp-01/talos_api"] {
        check(&seen, key, "done", true, &[]);
    }
    check(&seen, "cp-02/kubernetes_api", "tcp", false, &["port closed: not bootstrapped yet, or the API server"]);
    check(&seen, "cp-02/talos_api", "tcp", false, &["port closed: the machine runs, but not the Talos API"]);
    check(&seen, "cp-03/talos_api", "tcp", false, &["drops packets from 10.99.0.1"]);
    let from = seen["looked_from"].as_str().unwrap();
    assert!(from.ends_with("directly, not by way of the proxy http://10.99.0.9:3128 (HTTPS_PROXY)"), "{from}");
    let seen = probed(&host, &order, &["HTTPS_PROXY=socks5://10.99.0.9:1080"]);
    assert!(seen["looked_from"].as_str().unwrap().ends_with("not by way of the proxy in HTTPS_PROXY"), "{seen}");
    let seen = probed(&host, &order, &["HTTPS_PROXY=http://10.99.0.9:3128", "NO_PROXY=10.99.0.0/24"]);
    assert!(!seen["looked_from"].as_str().unwrap().contains("proxy"), "{seen}");
}
