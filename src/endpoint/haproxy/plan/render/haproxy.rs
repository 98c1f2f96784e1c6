//! `haproxy.cfg`, section by section. One text for HAProxy 2.4 and everything newer.

use std::net::IpAddr;

use super::lines::{Lines, at};
use crate::endpoint::fingerprint;
use crate::endpoint::haproxy::model::role::{OPS, Role};
use crate::endpoint::haproxy::model::spec::{Bind, Check, Haproxy, Listener, Target};

/// How often a node is checked, and what follows from the result.
const CHECKS: &str =
    "inter 1s fastinter 500ms downinter 1s rise 2 fall 2 slowstart 10s on-marked-down shutdown-sessions observe layer4";

/// The name of the section that says how to resolve names.
const RESOLVERS: &str = "system";

/// The whole file.
pub fn file(spec: &Haproxy, fingerprint: Option<&str>) -> String {
    let mut lines = Lines::default();
    lines.top(
        "# The stable endpoint of a Talos Linux control plane. Written by Terraform (talosendpoint_haproxy), the same \
         for every",
    );
    lines.top("# load balancer: change it there.");
    global(spec, fingerprint, &mut lines);
    defaults(spec, &mut lines);
    if named(spec).next().is_some() {
        resolvers(&mut lines);
    }
    for listener in &spec.listeners {
        frontend(listener, &mut lines);
        backend(listener, &mut lines);
    }
    ops(spec, &mut lines);
    lines.0
}

fn global(spec: &Haproxy, fingerprint: Option<&str>, lines: &mut Lines) {
    lines.section("global");
    lines.add(
        "# The beginning of the SHA-256 of this file without the next line. \"show info\" reports that of the running \
         file.",
    );
    if let Some(fingerprint) = fingerprint {
        lines.add(format!("description \"talosendpoint sha256:{fingerprint}\""));
    }
    lines.add(format!("log {} local0 info", spec.log));
    for (keyword, value) in [("chroot", &spec.chroot), ("user", &spec.user), ("group", &spec.group)] {
        if let Some(value) = value {
            lines.add(format!("{keyword} {value}"));
        }
    }
    lines.add(format!("stats socket {} mode 660 level admin", spec.stats_socket));
    lines.add("stats timeout 30s");
    if let Some(path) = server_state_file(spec) {
        lines.add(
            "# The last known addresses of servers by DNS name, for a start while DNS doesn't answer. The hash \
                   is that of",
        );
        lines.add("# their names and ports: HAProxy would use the ports of an older file.");
        lines.add(format!("server-state-file {path}"));
    }
    lines.add("# Each connection takes two file descriptors.");
    lines.add(format!("maxconn {}", spec.maxconn));
    lines.add(
        "# After a reload the old process serves its connections this long and no longer: watches would keep it \
         alive.",
    );
    lines.add(format!("hard-stop-after {}", spec.hard_stop_after));
}

fn defaults(spec: &Haproxy, lines: &mut Lines) {
    let timeouts = spec.timeouts;
    lines.section("defaults");
    lines.add("# Clients and nodes authenticate each other by TLS, so HAProxy passes it through.");
    lines.add("mode tcp");
    lines.add("log global");
    lines.add("option tcplog");
    lines.add("option dontlognull");
    lines.add("option log-health-checks");
    lines.add(
        "# A peer that vanished without a word is noticed after 60 s + 4 x 15 s; health checks don't watch old \
         connections after a",
    );
    lines.add("# reload.");
    for (option, prefix) in [("option clitcpka", "clitcpka"), ("option srvtcpka", "srvtcpka")] {
        lines.add(option);
        lines.add(format!("{prefix}-idle 60s"));
        lines.add(format!("{prefix}-intvl 15s"));
        lines.add(format!("{prefix}-cnt 4"));
    }
    lines.add("# Each new attempt goes to another node.");
    lines.add("retries 3");
    lines.add("option redispatch 1");
    lines.add(format!("timeout connect {}", timeouts.connect));
    lines.add(format!("timeout check {}", timeouts.check));
    lines.add(format!("timeout queue {}", timeouts.queue));
    lines.add(
        "# While a connection is being set up. Once it is, the tunnel timeout replaces both: watches and \"kubectl \
         logs -f\" may be",
    );
    lines.add("# silent for long.");
    lines.add(format!("timeout client {}", timeouts.client_server));
    lines.add(format!("timeout server {}", timeouts.client_server));
    lines.add(format!("timeout tunnel {}", timeouts.tunnel));
    lines.add("# A connection that one side has closed would otherwise last as long as a tunnel.");
    lines.add(format!("timeout client-fin {}", timeouts.fin));
    lines.add(format!("timeout server-fin {}", timeouts.fin));
    if server_state_file(spec).is_some() {
        lines.add("load-server-state-from-file global");
    }
}

/// The servers by DNS name: backend, server, name and port.
fn named(spec: &Haproxy) -> impl Iterator<Item = String> {
    spec.listeners.iter().flat_map(|listener| {
        listener.servers.iter().filter_map(|server| match &server.target {
            Target::Name(name) => {
                Some(format!("{} {} {name} {}\n", listener.backend, server.name, listener.target_port))
            }
            Target::Address(_) => None,
        })
    })
}

/// HAProxy takes from its state file what it knows of a server by the names of backend and server: addresses, and ports too. A path for
/// each set of names and ports keeps those of another set out.
fn server_state_file(spec: &Haproxy) -> Option<String> {
    let path = spec.server_state_file.as_ref()?;
    let servers: String = named(spec).collect();
    (!servers.is_empty()).then(|| format!("{path}-{}", &fingerprint::of(&servers)[..8]))
}

fn resolvers(lines: &mut Lines) {
    lines.section(format!("resolvers {RESOLVERS}"));
    lines.add("parse-resolv-conf");
    lines.add("resolve_retries 3");
    lines.add("timeout resolve 1s");
    lines.add("timeout retry 1s");
    lines.add("hold valid 10s");
    lines.add(
        "# HAProxy takes a server out that couldn't be looked up for 30 s: DNS that fails would take all of them. \
         Health checks tell",
    );
    lines.add("# better, so the last address that was found is kept for a day.");
    for failure in ["nx", "refused", "timeout", "other"] {
        lines.add(format!("hold {failure} 24h"));
    }
}

fn frontend(listener: &Listener, lines: &mut Lines) {
    lines.section(format!("frontend {}", listener.frontend));
    let port = listener.port;
    match &listener.bind {
        Bind::AnyIpv4 => lines.add(format!("bind *:{port}")),
        Bind::Any => lines.add(format!("bind :::{port} v4v6")),
        Bind::Own(address) => lines.add(format!("bind {}", at(*address, port))),
        Bind::Only(addresses) => {
            lines.add("# \"transparent\" binds addresses that this machine doesn't have at the moment.");
            addresses.iter().for_each(|address| lines.add(format!("bind {} transparent", at(*address, port))));
        }
    }
    lines.add(format!("default_backend {}", listener.backend));
}

fn backend(listener: &Listener, lines: &mut Lines) {
    lines.section(format!("backend {}", listener.backend));
    lines.add(format!("balance {}", listener.balance));
    let proxy = if listener.proxy_protocol { " send-proxy-v2" } else { "" };
    match &listener.check {
        Check::Http { tls, path, codes } => {
            let codes = codes.as_ref().map(|codes| codes.iter().map(i64::to_string).collect::<Vec<String>>());
            let is_api = listener.role == Some(Role::KubernetesApi);
            if is_api && codes.as_ref().is_some_and(|codes| codes.iter().any(|code| code == "401")) {
                lines.add("# 401 is the answer of a healthy API server without anonymous access.");
            }
            lines.add("option httpchk");
            let host = if is_api { "kube-apiserver" } else { "haproxy" };
            lines.add(format!("http-check send meth GET uri {path} ver HTTP/1.1 hdr Host {host}"));
            if let Some(codes) = codes {
                lines.add(format!("http-check expect status {}", codes.join(",")));
            }
            if *tls {
                lines
                    .add("# Only the check speaks TLS itself. It sends nothing secret, so it accepts any certificate.");
            }
            let tls = if *tls { " check-ssl verify none" } else { "" };
            lines.add(format!("default-server check{tls} {CHECKS}{proxy}"));
        }
        Check::Tcp => {
            if listener.role == Some(Role::TalosApi) {
                lines.add(
                    "# Connecting is all that can be checked: the Talos API demands a certificate of every client.",
                );
            }
            lines.add("option tcp-check");
            lines.add(format!("default-server check {CHECKS}{proxy}"));
        }
    }
    servers(listener, lines);
}

fn servers(listener: &Listener, lines: &mut Lines) {
    let mut explained = false;
    for server in &listener.servers {
        match &server.target {
            Target::Address(ip) => lines.add(format!("server {} {}", server.name, at(*ip, listener.target_port))),
            Target::Name(name) => {
                if !explained {
                    lines.add(
                        "# A name that can't be resolved takes this server out, and doesn't keep HAProxy from \
                         starting.",
                    );
                    explained = true;
                }
                lines.add(format!(
                    "server {} {name}:{} resolvers {RESOLVERS} init-addr last,libc,none resolve-prefer {}",
                    server.name,
                    listener.target_port,
                    preferred_family(listener),
                ));
            }
        }
    }
}

/// The family of the other servers: they share a network. IPv4 where nothing says otherwise.
fn preferred_family(listener: &Listener) -> &'static str {
    let mut known = listener.servers.iter().filter_map(|server| match server.target {
        Target::Address(ip) => Some(ip),
        Target::Name(_) => None,
    });
    let only_ipv6 = match &listener.bind {
        Bind::Own(address) if known.clone().next().is_none() => address.is_ipv6(),
        Bind::Only(addresses) if known.clone().next().is_none() => addresses.iter().all(IpAddr::is_ipv6),
        _ => known.clone().next().is_some() && known.all(|ip| ip.is_ipv6()),
    };
    if only_ipv6 { "ipv6" } else { "ipv4" }
}

fn ops(spec: &Haproxy, lines: &mut Lines) {
    let metrics = if spec.metrics { ", /metrics" } else { "" };
    lines.section(format!("# For Keepalived and for people: /livez, /readyz{metrics} and /stats."));
    lines.top(format!("frontend {OPS}"));
    let port = i64::from(spec.ops.port());
    match spec.ops.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => lines.add(format!("bind *:{port}")),
        IpAddr::V6(ip) if ip.is_unspecified() => lines.add(format!("bind :::{port} v4v6")),
        ip => lines.add(format!("bind {}", at(ip, port))),
    }
    lines.add("mode http");
    lines.add("option httplog");
    lines.add("option dontlog-normal");
    lines.add("timeout client 10s");
    let answer = |status: i64, text: &str, condition: &str| {
        format!("http-request return status {status} content-type text/plain string \"{text}\" if {condition}")
    };
    lines.add(answer(200, "ok", "{ path /livez }"));
    // Without the Kubernetes API the next listener tells whether nodes are reached. Services never do: they must not move the VIP.
    if let Some(first) = spec.listeners.iter().find(|listener| listener.role.is_some()) {
        let none_left = format!("{{ path /readyz }} {{ nbsrv({}) lt 1 }}", first.backend);
        lines.add(answer(503, "no node is ready", &none_left));
    }
    lines.add(answer(200, "ok", "{ path /readyz }"));
    if spec.metrics {
        lines.add("http-request use-service prometheus-exporter if { path /metrics }");
    }
    lines.add("stats enable");
    lines.add("stats uri /stats");
    lines.add("stats refresh 10s");
    lines.add("stats hide-version");
}
