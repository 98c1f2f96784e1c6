//! What can be seen to be wrong without AWS is an error at plan, all of it at once, each at its place. And what works but is probably
//! not what the user wants is a warning, once.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use lab::need;

use crate::bench::{Arguments, Bench};

/// Arguments, and the errors that they are: the title, a part of the detail, and the beginning of the line that it is about.
type Case = (&'static str, Arguments<'static>, &'static [(&'static str, &'static str, &'static str)]);

const NO_WORKERS: (&str, &str) = ("worker_talos_api", "");
const INVALID: &str = "Invalid value";
/// Terraform finds the line of an argument of the block only. For what is missing, and for a member of a nested attribute, it shows
/// the block; the detail names the member.
const BLOCK: &str = "resource";

const CASES: &[Case] = &[
    ("no_name", &[("name", "")], &[("No name", "Set `name`", BLOCK)]),
    ("two_names", &[("load_balancer_name", r#""own""#)], &[("Two names", "Remove one", "load_balancer_name")]),
    ("underscore", &[("name", r#""my_lab""#)], &[(INVALID, "letters, digits and single hyphens", "name")]),
    ("two_hyphens", &[("name", r#""my--lab""#)], &[(INVALID, "single hyphens", "name")]),
    ("hyphen_at_the_end", &[("name", r#""lab-""#)], &[(INVALID, "not at the ends", "name")]),
    ("reserved", &[("name", r#""internal-lab""#)], &[(INVALID, "not begin with `internal-`", "name")]),
    (
        "long_balancer",
        &[("name", r#""a1234567890123456789012345""#), NO_WORKERS],
        &[("Name too long", "target group `a1234567890123456789012345-apid-tg` (34 characters)", "name")],
    ),
    (
        "long_worker_group",
        &[("name", r#""a12345678901234567890123""#)],
        &[("Name too long", "`a12345678901234567890123-wk-apid-tg` (35 characters)", "name")],
    ),
    (
        "own_name_without_group_names",
        &[("name", ""), ("load_balancer_name", r#""own""#), NO_WORKERS],
        &[
            ("No target group name", "Set `target_group_name`", BLOCK),
            ("No target group name", "Set `target_group_name`", BLOCK),
        ],
    ),
    (
        "one_group_name_for_two",
        &[("kubernetes_api", r#"{ target_group_name = "same" }"#), ("talos_api", r#"{ target_group_name = "same" }"#)],
        &[("Target group name used twice", "of `kubernetes_api` too", "talos_api")],
    ),
    ("no_subnets", &[("subnet_ids", "")], &[("No subnets", "Set `subnet_ids`", BLOCK)]),
    (
        "subnets_twice",
        &[("subnet_mappings", r#"[{ subnet_id = "SUBNET_A" }]"#)],
        &[("Subnets twice", "Remove one", "subnet_mappings")],
    ),
    ("empty_subnets", &[("subnet_ids", "[]")], &[(INVALID, "at least 1 element", "subnet_ids")]),
    (
        "elastic_ip_on_internal",
        &[("subnet_ids", ""), ("subnet_mappings", r#"[{ subnet_id = "SUBNET_A", allocation_id = "eipalloc-1" }]"#)],
        &[("Elastic IP on an internal load balancer", "`internal = false`", "subnet_mappings")],
    ),
    (
        "private_address_in_public",
        &[
            ("internal", "false"),
            ("talos_version", r#""v1.12""#),
            ("subnet_ids", ""),
            ("subnet_mappings", r#"[{ subnet_id = "SUBNET_A", private_ipv4_address = "10.0.0.9" }]"#),
        ],
        &[("Private address on an internet-facing load balancer", "`internal = true`", "subnet_mappings")],
    ),
    (
        "ipv6_without_dual_stack",
        &[
            ("subnet_ids", ""),
            ("subnet_mappings", r#"[{ subnet_id = "SUBNET_A", ipv6_address = "2001:db8::9" }]"#),
            ("talos_version", r#""v1.12""#),
        ],
        &[("IPv6 address without dual stack", "dualstack", "subnet_mappings")],
    ),
    (
        "subnet_mapped_twice",
        &[
            ("subnet_ids", ""),
            ("talos_version", r#""v1.12""#),
            (
                "subnet_mappings",
                r#"[{ subnet_id = "SUBNET_A" }, { subnet_id = "SUBNET_A", private_ipv4_address = "10.0.0.9" }]"#,
            ),
        ],
        &[("Subnet named twice", "has two mappings", "subnet_mappings")],
    ),
    (
        "address_pinned_twice",
        &[
            ("subnet_ids", ""),
            ("talos_version", r#""v1.12""#),
            (
                "subnet_mappings",
                r#"[{ subnet_id = "SUBNET_A", private_ipv4_address = "10.0.0.9" }, { subnet_id = "SUBNET_B", private_ipv4_address = "10.0.0.9" }]"#,
            ),
        ],
        &[("Address pinned twice", "`private_ipv4_address` is 10.0.0.9 in", "subnet_mappings")],
    ),
    (
        "routing_threshold_above_dns",
        &[("target_group_health", "{ unhealthy_state_routing = { minimum_healthy_targets_count = 2 } }")],
        &[(
            "Routing threshold above that of DNS",
            "Raise `dns_failover.minimum_healthy_targets_count`",
            "target_group_health",
        )],
    ),
    (
        "private_link_without_groups",
        &[("enforce_security_group_inbound_rules_on_private_link_traffic", r#""off""#)],
        &[("No security groups", "the load balancer has none", "enforce_security_group")],
    ),
    (
        "port_used_twice",
        &[("kubernetes_api", "{ port = 50000 }")],
        &[("Port used twice", "Port 50000 is the port of `kubernetes_api` too", BLOCK)],
    ),
    (
        "worker_port_is_trustd_s",
        &[("worker_talos_api", "{ port = 50001 }"), ("trustd", "{}")],
        &[("Port used twice", "Port 50001", "trustd")],
    ),
    ("port_range", &[("kubernetes_api", "{ port = 0 }")], &[(INVALID, "from 1 to 65535", "kubernetes_api")]),
    ("target_port_range", &[("talos_api", "{ target_port = 65536 }")], &[(INVALID, "from 1 to 65535", "talos_api")]),
    (
        "worker_without_port",
        &[("worker_talos_api", "{}")],
        &[("Incorrect attribute value type", "\"port\" is required", "worker_talos_api")],
    ),
    (
        "interval_range",
        &[("health_check", "{ interval = 4, timeout = 2 }")],
        &[(INVALID, "from 5 to 300", "health_check")],
    ),
    ("timeout_range", &[("health_check", "{ timeout = 1 }")], &[(INVALID, "from 2 to 120", "health_check")]),
    (
        "threshold_range",
        &[("health_check", "{ healthy_threshold = 11 }")],
        &[(INVALID, "from 2 to 10", "health_check")],
    ),
    (
        "unhealthy_threshold_range",
        &[("kubernetes_api", "{ health_check = { unhealthy_threshold = 1 } }")],
        &[(INVALID, "from 2 to 10", "kubernetes_api")],
    ),
    (
        "timeout_over_the_default_interval",
        &[("health_check", "{ timeout = 11 }")],
        &[("Timeout longer than the interval", "waits 11 s for an answer but runs every 10 s", "health_check")],
    ),
    (
        "default_timeout_over_a_listener_s_interval",
        &[("health_check", "{ timeout = 8 }"), ("talos_api", "{ health_check = { interval = 6 } }")],
        &[("Timeout longer than the interval", "waits 8 s for an answer but runs every 6 s", "talos_api")],
    ),
    (
        "path_of_a_tcp_check",
        &[("kubernetes_api", r#"{ health_check = { path = "/readyz", matcher = "200" } }"#)],
        &[
            ("Not for TCP health checks", "Remove `matcher`", "kubernetes_api"),
            ("Not for TCP health checks", "Remove `path`", "kubernetes_api"),
        ],
    ),
    (
        "matcher_range",
        &[("kubernetes_api", r#"{ health_check = { protocol = "HTTP", matcher = "100" } }"#)],
        &[(INVALID, "from 200 to 599", "kubernetes_api")],
    ),
    (
        "check_path_without_slash",
        &[("kubernetes_api", r#"{ health_check = { protocol = "HTTP", path = "readyz" } }"#)],
        &[(INVALID, "must begin with `/`", "kubernetes_api")],
    ),
    (
        "check_protocol",
        &[("kubernetes_api", r#"{ health_check = { protocol = "UDP" } }"#)],
        &[(INVALID, "must be one of", "kubernetes_api")],
    ),
    (
        "no_listener",
        &[("kubernetes_api", "{ enabled = false }"), ("talos_api", "{ enabled = false }"), NO_WORKERS],
        &[("No listener", "Switch one on", "kubernetes_api")],
    ),
    (
        "host_without_version",
        &[("host", r#""api.example.org""#)],
        &[("No Talos version", "Set `talos_version`", BLOCK)],
    ),
    (
        "host_with_port",
        &[("host", r#""api.example.org:6443""#), ("talos_version", r#""v1.12""#)],
        &[(INVALID, "without scheme, port", "host")],
    ),
    ("old_version", &[("talos_version", r#""v1.8""#)], &[(INVALID, "from 1.9 on", "talos_version")]),
    ("delay_range", &[("deregistration_delay", "3601")], &[(INVALID, "from 0 to 3600", "deregistration_delay")]),
    ("idle_timeout_range", &[("tcp_idle_timeout", "59")], &[(INVALID, "from 60 to 6000", "tcp_idle_timeout")]),
    ("address_type", &[("ip_address_type", r#""ipv6""#)], &[(INVALID, "must be one of", "ip_address_type")]),
    ("target_type", &[("target_type", r#""alb""#)], &[(INVALID, "must be one of", "target_type")]),
    ("reserved_tag", &[("tags", r#"{ "aws:x" = "1" }"#)], &[(INVALID, "neither begin with `aws:`", "tags")]),
    ("duration", &[("timeouts", r#"{ create = "10 minutes" }"#)], &[(INVALID, "must be a duration", "timeouts")]),
    (
        "several_at_once",
        &[("name", r#""a_b""#), ("deregistration_delay", "-1"), ("kubernetes_api", "{ port = 50000 }")],
        &[
            (INVALID, "single hyphens", "name"),
            (INVALID, "from 0 to 3600", "deregistration_delay"),
            ("Port used twice", "Port 50000", BLOCK),
        ],
    ),
];

#[test]
fn every_error_is_told_at_plan_in_one_run_without_any_call() {
    let bench = need!(Bench::start());
    let blocks: Vec<String> = CASES.iter().map(|(name, arguments, _)| bench.resource(name, arguments)).collect();
    bench.terraform.main(&(bench.header("") + &blocks.concat()));
    let reported = diagnostics(&bench, "error");
    assert!(bench.proxy.calls().is_empty(), "{:?}", bench.proxy.sequence());
    let mut problems = Vec::new();
    for (name, _, expected) in CASES {
        let mut open = reported.get(&format!("talosendpoint_nlb.{name}")).cloned().unwrap_or_default();
        for (title, detail, line) in *expected {
            let fits = |reported: &Told| {
                reported.title == *title && reported.detail.contains(detail) && reported.line.starts_with(line)
            };
            match open.iter().position(fits) {
                Some(place) => drop(open.remove(place)),
                None => problems.push(format!("{name}: missing: {title}: {detail} at {line}")),
            }
        }
        problems.extend(open.iter().map(|reported| format!("{name}: not expected: {reported:?}")));
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// Each would replace the load balancer, which the configuration doesn't allow.
#[test]
fn a_replacement_without_permission_is_refused_at_plan() {
    let bench = need!(Bench::start());
    bench.apply(&[]);
    let group = ("security_group_ids", r#"["GROUP_A"]"#);
    let cases: [(Arguments, &str); 6] = [
        (&[("name", r#""other""#)], "cannot be renamed"),
        (&[("internal", "false")], "scheme of a load balancer"),
        (&[("target_type", r#""ip""#)], "type of its target groups"),
        (&[("vpc_id", r#""vpc-other""#)], "cannot move to another VPC"),
        (&[("region", r#""eu-west-1""#)], "cannot move to another region"),
        (&[group], "can never be given one"),
    ];
    for (arguments, reason) in cases {
        refused(&bench, arguments, reason);
    }
    let several: Arguments = &[("internal", "false"), ("target_type", r#""ip""#)];
    bench.configure(several);
    let reported = diagnostics(&bench, "error").remove("talosendpoint_nlb.this").expect("errors");
    let lines: BTreeSet<&str> = reported.iter().filter_map(|reported| reported.line.split(' ').next()).collect();
    assert_eq!(lines, BTreeSet::from(["internal", "target_type"]));
    bench.apply(&[("allow_replacement", "true"), group]);
    refused(&bench, &[], "last security group");
    bench.apply(&[group]);
    refused(&bench, &[], "last security group");
    refused(&bench, &[("security_group_ids", "[]")], "last security group");
    bench.apply(&[group]);
    bench.destroy();
}

#[test]
fn deletion_protection_is_an_error_in_the_plan_of_a_destroy() {
    let bench = need!(Bench::start());
    let protected = ("enable_deletion_protection", "true");
    bench.apply(&[protected]);
    bench.forget_calls();
    for command in [&["plan", "-destroy", "-no-color"][..], &["destroy", "-auto-approve", "-no-color"]] {
        let said = bench.terraform.run(command).with_status(1).flat();
        assert!(said.contains("Error: Deletion protection is on"), "{said}");
        assert!(said.contains("Apply `enable_deletion_protection = false` first"), "{said}");
    }
    bench.configure(&[protected, ("internal", "false"), ("allow_replacement", "true")]);
    let said = bench.terraform.plan().with_status(1).flat();
    assert!(said.contains("would be replaced, and deletion protection is on"), "{said}");
    assert_eq!(bench.mutations(), "");
    bench.apply(&[]);
    bench.destroy();
}

#[test]
fn warnings_come_with_what_causes_them_and_not_again() {
    let bench = need!(Bench::start());
    let public = ("internal", "false");
    let steps: [(Arguments, &[&str]); 6] = [
        (&[], &[]),
        (&[("worker_talos_api", "{ port = 50001 }")], &["The worker listener is on trustd's port"]),
        (
            &[
                ("worker_talos_api", "{ port = 50001 }"),
                ("kubernetes_api", r#"{ health_check = { protocol = "HTTPS" } }"#),
            ],
            &["HTTPS health check of the API server"],
        ),
        (
            &[("preserve_client_ip", "true")],
            &["A node cannot reach itself through this load balancer", "The nodes see the client's address"],
        ),
        (
            &[("allow_replacement", "true"), public],
            &["An internet-facing load balancer without a security group", "The endpoint moves"],
        ),
        (&[public, ("preserve_client_ip", "false")], &["Nothing limits who reaches the control plane"]),
    ];
    for (arguments, expected) in steps {
        bench.configure(arguments);
        let reported = diagnostics(&bench, "warning").remove("talosendpoint_nlb.this").unwrap_or_default();
        let titles: BTreeSet<&str> = reported.iter().map(|reported| reported.title.as_str()).collect();
        assert_eq!(titles, expected.iter().copied().collect(), "{arguments:?}");
        bench.apply(arguments);
        bench.terraform.assert_settled();
        assert!(diagnostics(&bench, "warning").is_empty(), "again: {arguments:?}");
    }
    bench.destroy();
}

/// Plans, and expects this reason at the line of the first argument, and no mutating call.
#[track_caller]
fn refused(bench: &Bench, arguments: Arguments, reason: &str) {
    bench.configure(arguments);
    bench.forget_calls();
    let said = bench.terraform.plan().with_status(1).flat();
    assert!(said.contains("Error: This change would replace the load balancer"), "{said}");
    assert!(said.contains(reason), "{said}");
    assert!(said.contains("`allow_replacement = true`") && said.contains("destroy -refresh=false"), "{said}");
    if let Some((name, value)) = arguments.first() {
        let line = format!("{name} = {}", value.replace("GROUP_A", bench.id("GROUP_A")));
        assert!(said.contains(&line), "{said}");
    }
    assert_eq!(bench.mutations(), "");
}

#[derive(Clone, Debug)]
struct Told {
    title: String,
    detail: String,
    /// The line of the configuration that it is about.
    line: String,
}

/// What a plan says of each resource.
#[track_caller]
fn diagnostics(bench: &Bench, severity: &str) -> BTreeMap<String, Vec<Told>> {
    let planned = bench.terraform.run(["plan", "-json", "-input=false"]);
    let mut reported: BTreeMap<String, Vec<Told>> = BTreeMap::new();
    for line in planned.stdout.lines() {
        let line: Json = serde_json::from_str(line).expect("one JSON object per line");
        let diagnostic = &line["diagnostic"];
        if diagnostic["severity"] != severity || diagnostic["address"].is_null() && diagnostic["snippet"].is_null() {
            continue;
        }
        let text = |value: &Json| value.as_str().unwrap_or_default().to_owned();
        let line = text(&diagnostic["snippet"]["code"]).trim_start().to_owned();
        let of = match diagnostic["address"].as_str() {
            Some(address) => address.to_owned(),
            // Terraform's own type errors name no address, but the block that they are in.
            None => {
                text(&diagnostic["snippet"]["context"]).replace("resource ", "").replace("\" \"", ".").replace('"', "")
            }
        };
        reported.entry(of).or_default().push(Told {
            title: text(&diagnostic["summary"]),
            detail: text(&diagnostic["detail"]),
            line,
        });
    }
    reported
}
