//! Everything that can be seen to be wrong is an error of the plan, all of it at once, each at its place.

use lab::need;
use lab::programs;

use crate::stage::{Case, assert_all_told, resource, workspace};

const INVALID: &str = "Invalid value";
const ONE_BALANCER: (&str, &str) =
    ("load_balancers", r#"{ lb-01 = { address = "192.168.30.21/24", interface = "eth0" } }"#);
const VERSION: (&str, &str) = ("talos_version", r#""v1.12""#);

const CASES: &[Case] = &[
    ("no_nodes", &[("control_plane", "{}")], &[(INVALID, "at least 1 element")]),
    ("no_balancers", &[("load_balancers", "{}"), ("vip", "")], &[(INVALID, "at least 1 element")]),
    ("vip_for_one", &[ONE_BALANCER], &[("A VIP for a single load balancer", "Leave `vip` out")]),
    ("none_for_two", &[("vip", "")], &[("No VIP", "Set `vip`")]),
    (
        "no_interface",
        &[(
            "load_balancers",
            r#"{ a = { address = "192.168.30.21" }, b = { address = "192.168.30.22", interface = "eth0" } }"#,
        )],
        &[("No interface", "network interface of a")],
    ),
    ("vip_with_prefix", &[("vip", r#""192.168.30.30/24""#)], &[(INVALID, "without prefix length")]),
    (
        "vip_outside",
        &[("vip", r#""192.168.31.30""#)],
        &[("VIP outside the subnet", "192.168.30.0/24, the subnet of lb-01, lb-02")],
    ),
    (
        "vip_is_a_host",
        &[("vip", r#""192.168.30.22""#)],
        &[("VIP is a load balancer's own address", "address of lb-02")],
    ),
    ("vip_is_the_network", &[("vip", r#""192.168.30.0""#)], &[("Unusable VIP", "network's own address")]),
    ("vip_is_loopback", &[("vip", r#""127.0.0.1""#)], &[("Unusable VIP", "loopback")]),
    (
        "more_vips_without_one",
        &[ONE_BALANCER, ("vip", ""), ("additional_vips", r#"[{ address = "192.168.30.29" }]"#)],
        &[("Additional VIPs without a VIP", "Remove `additional_vips`")],
    ),
    (
        "nothing_to_bind",
        &[ONE_BALANCER, ("vip", ""), ("bind", r#""vip""#)],
        &[("No VIP to listen on", "bind = \"own\"")],
    ),
    (
        "node_with_zone",
        &[("control_plane", r#"{ cp-01 = { address = "fe80::1%eth0" } }"#)],
        &[(INVALID, "control_plane[\"cp-01\"].address")],
    ),
    (
        "node_in_brackets",
        &[("control_plane", r#"{ cp-01 = { address = "[2001:db8::1]" } }"#)],
        &[(INVALID, "without brackets")],
    ),
    (
        "node_that_adds_a_line",
        &[("control_plane", r#"{ cp-01 = { address = "10.0.0.1\n  server evil 10.0.0.9:6443" } }"#)],
        &[(INVALID, "or a DNS name")],
    ),
    (
        "name_that_adds_a_line",
        &[("control_plane", r#"{ "cp-01 10.0.0.1:1\nserver x" = { address = "192.168.30.31" } }"#)],
        &[("Invalid name", "1 to 64 letters")],
    ),
    (
        "interface_that_adds_a_line",
        &[(
            "load_balancers",
            r#"{ a = { address = "192.168.30.21", interface = "eth0\nnotify /x" }, b = { address = "192.168.30.22", interface = "lo" } }"#,
        )],
        &[(INVALID, "name of a network interface"), (INVALID, "name of a network interface")],
    ),
    (
        "same_node_twice",
        &[("control_plane", r#"{ a = { address = "192.168.30.31/24" }, b = { address = "192.168.30.31" } }"#)],
        &[("Address used twice", "both `control_plane[\"a\"].address` and `control_plane[\"b\"].address`")],
    ),
    (
        "node_mapped",
        &[("control_plane", r#"{ a = { address = "::ffff:192.168.30.31" } }"#)],
        &[(INVALID, "It is an IPv4 address written as IPv6. Write `192.168.30.31`.")],
    ),
    (
        "host_of_the_machine",
        &[("host", r#""localhost""#), ("talos_version", r#""v1.12""#)],
        &[(INVALID, "it is the machine itself")],
    ),
    (
        "interface_inside_the_machine",
        &[(
            "load_balancers",
            r#"{ a = { address = "192.168.30.21", interface = "wg0" }, b = { address = "192.168.30.22", interface = "eth0.30" } }"#,
        )],
        &[(INVALID, "not a link inside the machine")],
    ),
    (
        "version_alone",
        &[("talos_version", r#""v2.0""#), ("additional_names", r#"["vpn.example.com"]"#)],
        &[(INVALID, "knows Talos up to v1.14")],
    ),
    (
        "loop",
        &[("control_plane", r#"{ a = { address = "192.168.30.21" } }"#)],
        &[("Proxy loop", "a has the address of the load balancer lb-01")],
    ),
    (
        "port_of_the_node",
        &[("control_plane", r#"{ a = { address = "192.168.30.21" } }"#), ("bind", r#""vip""#)],
        &[
            ("Port taken by the node itself", "the Kubernetes API listens on port 6443 of every address"),
            ("Port taken by the node itself", "the Talos API listens on port 50000 of every address"),
        ],
    ),
    (
        "own_of_several",
        &[("bind", r#""own""#)],
        &[("Several load balancers have no address in common", "a single one")],
    ),
    (
        "service_on_a_taken_port",
        &[("additional_services", r#"{ web = { port = 6443, servers = { a = { address = "192.168.30.41" } } } }"#)],
        &[("Port used twice", "both `kubernetes_api.port` and")],
    ),
    (
        "service_without_its_vip",
        &[(
            "additional_services",
            r#"{ web = { port = 80, vip = "192.168.30.77", servers = { a = { address = "192.168.30.41" } } } }"#,
        )],
        &[("Not one of the VIPs", "192.168.30.77 is neither `vip` nor one of `additional_vips`")],
    ),
    ("days", &[("haproxy", r#"{ hard_stop_after = "24d" }"#)], &[("Invalid value", "The unit `d` is unknown")]),
    ("port_range", &[("kubernetes_api", "{ port = 65536 }")], &[(INVALID, "from 1 to 65535")]),
    (
        "ops_on_one_host",
        &[("haproxy", r#"{ ops_address = "192.168.30.21" }"#)],
        &[("Not an address of every load balancer", "`127.0.0.1`")],
    ),
    (
        "nothing_on",
        &[("kubernetes_api", "{ enabled = false }"), ("talos_api", "{ enabled = false }")],
        &[("No listener", "Switch one on")],
    ),
    (
        "status_of_tcp",
        &[("kubernetes_api", r#"{ health_check = { type = "tcp", expect_status = [200] } }"#)],
        &[("Not for TCP health checks", "Remove `expect_status`")],
    ),
    (
        "https_of_apid",
        &[("talos_api", r#"{ health_check = { type = "https" } }"#)],
        &[(INVALID, "must be one of `tcp`")],
    ),
    ("timer_without_unit", &[("haproxy", r#"{ timeouts = { tunnel = "3600" } }"#)], &[(INVALID, "must be a duration")]),
    ("timer_too_long", &[("haproxy", r#"{ timeouts = { tunnel = "600h" } }"#)], &[(INVALID, "24.8 days")]),
    ("timer_too_short", &[("haproxy", r#"{ hard_stop_after = "10us" }"#)], &[(INVALID, "whole milliseconds")]),
    ("maxconn_range", &[("haproxy", "{ maxconn = 0 }")], &[(INVALID, "from 1 to 500000")]),
    (
        "log_injection",
        &[("haproxy", r#"{ log = "/dev/log local0\n    user root" }"#)],
        &[(INVALID, "path of a socket")],
    ),
    ("chroot_relative", &[("haproxy", r#"{ chroot = "var/lib" }"#)], &[(INVALID, "absolute path")]),
    (
        "socket_too_long",
        &[(
            "haproxy",
            r#"{ stats_socket = "/run/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" }"#,
        )],
        &[(INVALID, "at most 97")],
    ),
    ("router_id_range", &[("keepalived", "{ virtual_router_id = 256 }")], &[(INVALID, "from 1 to 255")]),
    ("interval_steps", &[("keepalived", "{ advert_interval = 0.005 }")], &[(INVALID, "steps of 0.01")]),
    ("weight_range", &[("keepalived", "{ live_weight = -254 }")], &[(INVALID, "from -253 to 253")]),
    (
        "priority_range",
        &[(
            "load_balancers",
            r#"{ a = { address = "192.168.30.21", interface = "eth0", priority = 255 }, b = { address = "192.168.30.22", interface = "eth0" } }"#,
        )],
        &[(INVALID, "from 1 to 254")],
    ),
    (
        "the_guide_s_weight",
        &[
            (
                "load_balancers",
                r#"{ a = { address = "192.168.30.21", interface = "eth0", priority = 100 }, b = { address = "192.168.30.22", interface = "eth0", priority = 90 } }"#,
            ),
            ("keepalived", "{ live_weight = 2 }"),
        ],
        &[("Weight too small to move the VIP", "b would announce 90 + 2 = 92")],
    ),
    (
        "ready_fault",
        &[("keepalived", "{ ready_weight = 0 }")],
        &[("Nobody would hold the VIP before the bootstrap", "Remove `ready_weight`")],
    ),
    (
        "weight_without_preemption",
        &[("keepalived", "{ preempt = false, ready_weight = -50 }")],
        &[("Weight without preemption", "the VIP would never move")],
    ),
    ("host_without_version", &[("host", r#""api.example.org""#)], &[("No Talos version", "Set `talos_version`")]),
    (
        "several_at_once",
        &[
            ("vip", r#""192.168.30.21""#),
            ("talos_api", "{ port = 6443 }"),
            ("keepalived", "{ live_weight = -1, ready_weight = 0 }"),
            ("host", r#""api.example.org""#),
            VERSION,
        ],
        &[
            ("VIP is a load balancer's own address", "lb-01"),
            ("Port used twice", "6443 is both"),
            ("Weight too small to move the VIP", "100 - 1 = 99"),
            ("Nobody would hold the VIP before the bootstrap", "bootstrap"),
        ],
    ),
];

#[test]
fn every_error_is_told_at_plan_in_one_run() {
    let workspace = workspace(&need!(programs::terraform()));
    assert_all_told(&workspace, "talosendpoint_haproxy", CASES, resource);
}
