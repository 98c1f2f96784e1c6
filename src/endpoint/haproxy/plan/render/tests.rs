use std::collections::BTreeMap;

use crate::endpoint::golden;
use crate::endpoint::haproxy::sample::{cases, config, inner, nested, nodes, single, whole};
use crate::framework::value::{Object, Value};

/// Every file of a configuration: `haproxy.cfg`, and `HOST/keepalived.conf`.
fn files(config: &Object) -> BTreeMap<String, String> {
    let object = whole(config);
    let text = |value: &Value| value.as_str().expect("known").to_owned();
    let mut files = BTreeMap::from([("haproxy.cfg".to_owned(), text(&object["haproxy_cfg"]))]);
    for (host, file) in object["keepalived_conf"].entries().unwrap() {
        files.insert(format!("{host}/keepalived.conf"), text(file));
    }
    files
}

#[test]
fn the_files_are_the_golden_ones() {
    for (case, config) in cases() {
        for (file, text) in files(&config) {
            golden::check(&format!("haproxy/{case}/{file}"), &text);
        }
    }
}

#[test]
fn b01_rendering_is_deterministic_and_plain() {
    for (case, config) in cases() {
        let all = files(&config);
        assert_eq!(all, files(&config), "{case}");
        for (file, text) in all {
            assert!(text.ends_with('\n') && !text.ends_with("\n\n"), "{case}/{file}: one final newline");
            assert!(
                text.bytes().all(|b| b == b'\n' || (b' '..=b'~').contains(&b)),
                "{case}/{file}: no tab, no CR, only ASCII"
            );
            assert!(text.lines().all(|line| line.trim_end() == line), "{case}/{file}: no space at an end");
            let mut comments = text.lines().filter(|line| line.trim_start().starts_with('#'));
            assert!(comments.all(|line| line.len() <= 130), "{case}/{file}: comments that can be read");
        }
    }
}

/// The lines of a file that say something, without the space before them.
fn lines(text: &str) -> Vec<&str> {
    text.lines().map(str::trim_start).filter(|line| !line.is_empty() && !line.starts_with('#')).collect()
}

/// The lines of the section that begins with `start`.
fn section<'a>(text: &'a str, start: &str) -> Vec<&'a str> {
    let from = text.find(&format!("\n{start}\n")).unwrap_or_else(|| panic!("no {start} in {text}")) + 1;
    let rest = &text[from..];
    lines(&rest[..rest.find("\n\n").unwrap_or(rest.len())])
}

/// The values of the lines that begin with `word`.
fn values<'a>(text: &'a str, word: &str) -> Vec<&'a str> {
    lines(text).into_iter().filter_map(|line| line.strip_prefix(word)?.strip_prefix(' ')).collect()
}

/// The lines within a block of Keepalived's.
fn block<'a>(text: &'a str, name: &str) -> Vec<&'a str> {
    let start = format!("{name} {{");
    lines(text).into_iter().skip_while(|line| *line != start).skip(1).take_while(|line| *line != "}").collect()
}

fn haproxy_of(config: &Object) -> String {
    files(config).remove("haproxy.cfg").unwrap()
}

fn keepalived_of(config: &Object) -> Vec<String> {
    files(config).into_iter().filter(|(name, _)| name != "haproxy.cfg").map(|(_, text)| text).collect()
}

/// `kubernetes_api` with these members of its health check.
fn checked<const N: usize>(members: [(&str, Value); N]) -> (&'static str, Value) {
    nested("kubernetes_api", [("health_check", inner("kubernetes_api", "health_check", members))])
}

#[test]
fn b01_spelling_makes_no_difference() {
    let plain = files(&config([("control_plane", nodes(&["192.168.30.31", "2001:db8::32"]))]));
    let other = files(&config([("control_plane", nodes(&["192.168.30.31/24", "2001:0DB8:0::0032/64"]))]));
    assert_eq!(plain, other);
    let codes = |codes: [i64; 3]| files(&config([checked([("expect_status", Value::set(codes.map(Value::from)))])]));
    assert_eq!(codes([401, 200, 204]), codes([200, 204, 401]));
}

#[test]
fn b03_no_frontend_is_named_like_a_backend_and_every_timeout_has_a_unit() {
    const TIMES: [&str; 8] = [
        "timeout",
        "stats timeout",
        "hard-stop-after",
        "clitcpka-idle",
        "clitcpka-intvl",
        "srvtcpka-idle",
        "srvtcpka-intvl",
        "hold",
    ];
    for (case, config) in cases() {
        let text = haproxy_of(&config);
        let (frontends, backends) = (values(&text, "frontend"), values(&text, "backend"));
        assert!(!backends.is_empty() && frontends.iter().all(|name| !backends.contains(name)), "{case}: {backends:?}");
        let times: Vec<&str> = TIMES.iter().flat_map(|word| values(&text, word)).collect();
        assert!(times.len() >= 14, "{case}: {times:?}");
        assert!(times.iter().all(|time| time.ends_with(|c: char| "smh".contains(c))), "{case}: {times:?}");
    }
}

#[test]
fn b04_silent_streams_last_for_hours_and_both_sides_wait_alike() {
    let text = haproxy_of(&config([]));
    let defaults = section(&text, "defaults");
    for line in [
        "timeout tunnel 4h",
        "timeout client 1m",
        "timeout server 1m",
        "timeout client-fin 30s",
        "option clitcpka",
        "option srvtcpka",
    ] {
        assert!(defaults.contains(&line), "{line}");
    }
    assert!(section(&text, "global").contains(&"hard-stop-after 30m"), "old processes end, or they pile up");
}

#[test]
fn b05_the_api_server_is_asked_for_readiness_and_may_say_401() {
    let backend = |config: &Object| section(&haproxy_of(config), "backend kubernetes_api_nodes").join("\n");
    let default = backend(&config([]));
    assert!(default.contains("uri /readyz ver HTTP/1.1 hdr Host") && default.contains("expect status 200,401\n"));
    assert!(default.contains("\ndefault-server check check-ssl verify none "));
    let strict = backend(&config([checked([("expect_status", Value::set([204.into(), 200.into()]))])]));
    assert!(strict.contains("expect status 200,204\n"));
    let plain = backend(&config([checked([("type", "tcp".into())])]));
    assert!(plain.contains("option tcp-check") && !plain.contains("ssl") && !plain.contains("http"));
}

#[test]
fn b06_a_lost_node_costs_next_to_nothing() {
    let text = haproxy_of(&config([]));
    let defaults = section(&text, "defaults");
    for line in ["option redispatch 1", "retries 3", "timeout connect 2s"] {
        assert!(defaults.contains(&line), "{line}");
    }
    for backend in ["backend kubernetes_api_nodes", "backend talos_api_nodes"] {
        let backend = section(&text, backend).join("\n");
        for part in [
            "balance leastconn",
            "inter 1s",
            "fastinter 500ms",
            "fall 2",
            "rise 2",
            "on-marked-down shutdown-sessions",
            "observe layer4",
            "slowstart 10s",
        ] {
            assert!(backend.contains(part), "{part}");
        }
    }
}

#[test]
fn b07_peers_are_all_the_others_and_nobody_is_born_master() {
    assert!(keepalived_of(&single([])).is_empty());
    for case in ["guide", "three-load-balancers", "custom-everything", "ipv6"] {
        let all = keepalived_of(&cases()[case]);
        let mut sources: Vec<&str> = all.iter().flat_map(|text| values(text, "unicast_src_ip")).collect();
        let mut priorities: Vec<&str> = all.iter().flat_map(|text| values(text, "priority")).collect();
        for text in &all {
            assert_eq!(values(text, "state"), ["BACKUP"]);
            let own = values(text, "unicast_src_ip")[0];
            let others: Vec<&str> = sources.iter().copied().filter(|other| *other != own).collect();
            assert_eq!(block(text, "unicast_peer"), others, "{case}");
        }
        for distinct in [&mut sources, &mut priorities] {
            distinct.sort_unstable();
            distinct.dedup();
            assert_eq!(distinct.len(), all.len(), "{case}");
        }
    }
}

#[test]
fn b10_without_preemption_only_the_live_check_is_left() {
    for text in keepalived_of(&cases()["no-preempt"]) {
        let lines = lines(&text);
        assert!(lines.contains(&"nopreempt") && lines.contains(&"weight 0"));
        assert!(!text.contains("haproxy_ready"));
    }
    assert!(keepalived_of(&cases()["guide"]).iter().all(|text| !text.contains("nopreempt")));
}

#[test]
fn b11_readiness_lowers_a_priority_and_is_no_fault() {
    for text in keepalived_of(&cases()["guide"]) {
        assert!(section(&text, "vrrp_script haproxy_live {").contains(&"weight 0"));
        assert!(section(&text, "vrrp_script haproxy_ready {").contains(&"weight -50"));
    }
}

/// On Debian and Ubuntu Keepalived 2.0.6 to 2.2.8 runs `killall5` instead, which never succeeds.
#[test]
fn b12_checks_ask_haproxy_and_stand_before_what_uses_them() {
    for (case, config) in cases() {
        for text in keepalived_of(&config) {
            assert!(!text.contains("pidof"), "{case}");
            let scripts = values(&text, "script");
            assert!(!scripts.is_empty(), "{case}");
            assert!(
                scripts.iter().all(|script| script.starts_with("\"/usr/bin/curl -q --noproxy * -fsS ")),
                "{case}: {scripts:?}"
            );
            let last_script = text.rfind("\nvrrp_script ").unwrap();
            assert!(last_script < text.find("\nvrrp_instance ").unwrap(), "{case}: a later script is ignored");
        }
    }
    let url = |address: &str| {
        let ops = nested("haproxy", [("ops_address", address.into()), ("ops_port", 9000.into())]);
        let text = &keepalived_of(&config([ops]))[0];
        values(text, "script")[0].rsplit(' ').next().unwrap().to_owned()
    };
    assert_eq!(url("0.0.0.0"), "http://127.0.0.1:9000/livez\"");
    assert_eq!(url("::"), "http://127.0.0.1:9000/livez\"");
    assert_eq!(url("::1"), "http://[::1]:9000/livez\"");
}

#[test]
fn without_the_kubernetes_api_the_talos_api_tells_readiness() {
    let off = nested("kubernetes_api", [("enabled", false.into())]);
    let text = haproxy_of(&config([off]));
    assert!(section(&text, "frontend ops").iter().any(|line| line.contains("nbsrv(talos_api_nodes) lt 1")));
    assert!(!text.contains("kubernetes_api"));
}

#[test]
fn b13_one_instance_of_one_router_id() {
    for (case, config) in cases() {
        let all = keepalived_of(&config);
        let ids: Vec<&str> = all.iter().flat_map(|text| values(text, "virtual_router_id")).collect();
        assert_eq!(ids.len(), all.len(), "{case}: one instance each");
        assert!(ids.windows(2).all(|pair| pair[0] == pair[1]), "{case}: {ids:?}");
    }
}

#[test]
fn b17_servers_are_named_after_nodes_and_stay_when_others_go() {
    let servers = |addresses: &[&str]| {
        let text = haproxy_of(&config([("control_plane", nodes(addresses))]));
        let backend = section(&text, "backend talos_api_nodes");
        backend.iter().filter_map(|line| line.strip_prefix("server ").map(str::to_owned)).collect::<Vec<_>>()
    };
    let three = servers(&["192.168.30.31", "192.168.30.32", "192.168.30.33"]);
    assert_eq!(three, ["cp-01 192.168.30.31:50000", "cp-02 192.168.30.32:50000", "cp-03 192.168.30.33:50000"]);
    assert_eq!(servers(&["192.168.30.31", "192.168.30.32"]), three[..2]);
}

#[test]
fn b21_ipv6_is_bracketed_compressed_and_of_its_own_family() {
    let text = haproxy_of(&config([("control_plane", nodes(&["2001:0DB8:30:0::0031/64"]))]));
    assert_eq!(values(&text, "server"), ["cp-01 [2001:db8:30::31]:6443", "cp-01 [2001:db8:30::31]:50000"]);
    let binds = |case: &str| {
        let text = haproxy_of(&cases()[case]);
        values(&text, "bind").into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(binds("guide"), ["*:6443", "*:50000", "127.0.0.1:8404"]);
    for case in ["ipv6", "dual-stack"] {
        assert_eq!(binds(case), [":::6443 v4v6", ":::50000 v4v6", "127.0.0.1:8404"]);
    }
    let vips = ["192.168.30.30:6443 transparent", "[2001:db8:30::30]:6443 transparent"];
    assert_eq!(binds("bind-vip")[..2], vips);
    for text in keepalived_of(&cases()["dual-stack"]) {
        assert_eq!(block(&text, "virtual_ipaddress"), ["192.168.30.30/32 dev eth0", "192.168.30.29/32 dev eth0"]);
        assert_eq!(block(&text, "virtual_ipaddress_excluded"), ["2001:db8:30::30/128 dev eth0"]);
    }
}

#[test]
fn b22_a_name_that_cannot_be_resolved_does_not_stop_haproxy() {
    let text = haproxy_of(&cases()["dns-backends"]);
    let server = "cp-02 cp-02.example.org:6443 resolvers system init-addr last,libc,none resolve-prefer ipv4";
    assert_eq!(values(&text, "server")[1], server);
    assert_eq!(section(&text, "resolvers system")[1], "parse-resolv-conf");
    assert!(!haproxy_of(&config([])).contains("resolvers"));
    // Names are looked up in the family of the other nodes.
    let text = haproxy_of(&config([("control_plane", nodes(&["cp.example.org", "2001:db8::32"]))]));
    assert!(values(&text, "server")[0].ends_with("resolve-prefer ipv6"));
}

/// HAProxy takes the port of a server from its state file too: a file of other names or ports must have another path.
#[test]
fn b22_addresses_are_remembered_for_the_very_same_servers() {
    let state = |changes: [(&str, Value); 2]| {
        let text = haproxy_of(&config(changes));
        let path = values(&text, "server-state-file").first().map(|path| (*path).to_owned());
        assert_eq!(section(&text, "defaults").contains(&"load-server-state-from-file global"), path.is_some());
        path
    };
    let named = |first: &str| ("control_plane", nodes(&[first, "192.168.30.32"]));
    let api = |port: i64| nested("kubernetes_api", [("target_port", port.into())]);
    let usual = state([named("cp-01.example.org"), api(6443)]).unwrap();
    assert!(
        usual.starts_with("/var/lib/haproxy/server-state-")
            && usual.len() == "/var/lib/haproxy/server-state-".len() + 8
    );
    assert_eq!(state([named("CP-01.example.org"), api(6443)]).unwrap(), usual);
    assert_ne!(state([named("cp-01.example.org"), api(7443)]).unwrap(), usual);
    assert_ne!(state([named("cp-02.example.org"), api(6443)]).unwrap(), usual);
    assert_eq!(state([named("192.168.30.31"), api(6443)]), None);
    let none = nested("haproxy", [("server_state_file", "".into())]);
    assert_eq!(state([named("cp-01.example.org"), none]), None);
}

/// Measured with HAProxy 2.6: 30 s after the DNS server falls silent a server is in maintenance ("resolution"), unless it is held.
#[test]
fn b22_dns_that_fails_takes_no_node_out() {
    let text = haproxy_of(&cases()["dns-backends"]);
    let resolvers = section(&text, "resolvers system");
    let hold = resolvers.iter().filter(|line| line.starts_with("hold "));
    assert_eq!(
        hold.copied().collect::<Vec<_>>(),
        ["hold valid 10s", "hold nx 24h", "hold refused 24h", "hold timeout 24h", "hold other 24h"]
    );
}

#[test]
fn no_line_of_haproxy_is_of_one_host() {
    for (case, config) in cases() {
        let text = haproxy_of(&config);
        for host in config["load_balancers"].entries().unwrap().keys() {
            assert!(!text.contains(host.as_str()), "{case}: {host}");
        }
    }
}

#[test]
fn each_file_holds_the_fingerprint_of_the_rest() {
    use crate::endpoint::fingerprint;
    for (case, config) in cases() {
        for (file, text) in files(&config) {
            let own = if file == "haproxy.cfg" { "description" } else { "router_id" };
            let line = text.lines().find(|line| line.trim_start().starts_with(own)).unwrap();
            let rest: String = text.lines().filter(|other| *other != line).map(|line| format!("{line}\n")).collect();
            assert!(line.trim_end_matches('"').ends_with(&fingerprint::of(&rest)), "{case}/{file}: {line}");
        }
    }
}

#[test]
fn fractions_of_a_second_need_version_3() {
    for text in keepalived_of(&cases()["fractional-advert"]) {
        assert!(lines(&text).contains(&"version 3") && lines(&text).contains(&"advert_int 0.3"));
    }
    assert!(keepalived_of(&cases()["guide"]).iter().all(|text| !lines(text).contains(&"version 3")));
}
