//! Every change that AWS takes in place: exactly the calls that it needs, nothing made anew, nothing left to change.

use lab::need;

use crate::bench::{Arguments, Bench, arns};

/// From one configuration to another.
struct Case {
    title: &'static str,
    before: Arguments<'static>,
    after: Arguments<'static>,
    /// The mutating calls on the way there, and on the way back.
    calls: [&'static str; 2],
    /// How many parts go and how many come on the way there.
    exchanged: (usize, usize),
}

const fn case(
    title: &'static str,
    before: Arguments<'static>,
    after: Arguments<'static>,
    calls: [&'static str; 2],
) -> Case {
    Case { title, before, after, calls, exchanged: (0, 0) }
}

const SAME: [&str; 2] = ["", ""];

const LISTENERS: [Case; 6] = [
    case("listener port", &[], &[("kubernetes_api", "{ port = 443 }")], ["ModifyListener"; 2]),
    case(
        "two listeners swap their ports",
        &[("kubernetes_api", "{ port = 7000 }"), ("talos_api", "{ port = 7001 }")],
        &[("kubernetes_api", "{ port = 7001 }"), ("talos_api", "{ port = 7000 }")],
        ["ModifyListener*3"; 2],
    ),
    case(
        "a listener takes the port that another one leaves",
        &[("kubernetes_api", "{ port = 7000 }"), ("talos_api", "{ port = 7001 }")],
        &[("kubernetes_api", "{ port = 7001 }"), ("talos_api", "{ port = 7002 }")],
        ["ModifyListener*2"; 2],
    ),
    Case {
        exchanged: (0, 2),
        ..case(
            "trustd",
            &[],
            &[("trustd", "{}")],
            [
                "AddTags CreateListener CreateTargetGroup ModifyTargetGroupAttributes",
                "DeleteListener DeleteTargetGroup",
            ],
        )
    },
    Case {
        exchanged: (2, 0),
        ..case(
            "Talos API switched off",
            &[],
            &[("talos_api", "{ enabled = false }")],
            [
                "DeleteListener DeleteTargetGroup",
                "AddTags CreateListener CreateTargetGroup ModifyTargetGroupAttributes",
            ],
        )
    },
    Case {
        exchanged: (0, 2),
        ..case(
            "worker listener",
            &[("worker_talos_api", "")],
            &[("worker_talos_api", "{ port = 50010 }")],
            [
                "AddTags CreateListener CreateTargetGroup ModifyTargetGroupAttributes",
                "DeleteListener DeleteTargetGroup",
            ],
        )
    },
];

const SETTINGS: [Case; 14] = [
    case(
        "common health check",
        &[],
        &[("health_check", "{ interval = 20, timeout = 6, healthy_threshold = 3, unhealthy_threshold = 4 }")],
        ["ModifyTargetGroup*3"; 2],
    ),
    case(
        "health check of one listener",
        &[],
        &[("kubernetes_api", "{ health_check = { interval = 15 } }")],
        ["ModifyTargetGroup"; 2],
    ),
    case(
        "protocol of a health check",
        &[],
        &[("kubernetes_api", r#"{ health_check = { protocol = "HTTPS", path = "/readyz", matcher = "200,401" } }"#)],
        ["ModifyTargetGroup"; 2],
    ),
    case("deregistration delay", &[], &[("deregistration_delay", "60")], ["ModifyTargetGroupAttributes*3"; 2]),
    case("connection termination", &[], &[("connection_termination", "false")], ["ModifyTargetGroupAttributes*3"; 2]),
    case(
        "connections to unhealthy targets",
        &[],
        &[(
            "target_health_state",
            "{ enable_unhealthy_connection_termination = false, unhealthy_draining_interval = 60 }",
        )],
        ["ModifyTargetGroupAttributes*3"; 2],
    ),
    case(
        "healthy targets that a zone needs",
        &[],
        &[(
            "target_group_health",
            r#"{ dns_failover = { minimum_healthy_targets_count = 2, minimum_healthy_targets_percentage = 50 },
               unhealthy_state_routing = { minimum_healthy_targets_count = 2 } }"#,
        )],
        ["ModifyTargetGroupAttributes*3"; 2],
    ),
    case(
        "routing by zone",
        &[],
        &[("dns_record_client_routing_policy", r#""availability_zone_affinity""#)],
        ["ModifyLoadBalancerAttributes"; 2],
    ),
    // Left out, it is as operators have set it.
    case("zonal shift", &[], &[("zonal_shift", "true")], ["ModifyLoadBalancerAttributes", ""]),
    case("client addresses", &[], &[("preserve_client_ip", "true")], ["ModifyTargetGroupAttributes*3"; 2]),
    case("idle timeout", &[], &[("tcp_idle_timeout", "400")], ["ModifyListenerAttributes*3"; 2]),
    case("cross zone", &[], &[("enable_cross_zone_load_balancing", "true")], ["ModifyLoadBalancerAttributes"; 2]),
    case("deletion protection", &[], &[("enable_deletion_protection", "true")], ["ModifyLoadBalancerAttributes"; 2]),
    case("address type", &[], &[("ip_address_type", r#""dualstack""#)], ["SetIpAddressType"; 2]),
];

const SURROUNDINGS: [Case; 6] = [
    case("subnets", &[], &[("subnet_ids", r#"["SUBNET_A", "SUBNET_B", "SUBNET_C"]"#)], ["SetSubnets"; 2]),
    case("another subnet", &[], &[("subnet_ids", r#"["SUBNET_A", "SUBNET_C"]"#)], ["SetSubnets"; 2]),
    case(
        "subnets as mappings",
        &[],
        &[("subnet_ids", ""), ("subnet_mappings", r#"[{ subnet_id = "SUBNET_A" }, { subnet_id = "SUBNET_B" }]"#)],
        SAME,
    ),
    case("host and version", &[], &[("host", r#""api.example.org""#), ("talos_version", r#""v1.12""#)], SAME),
    case("timeouts", &[], &[("timeouts", r#"{ create = "5m", delete = "20m" }"#)], SAME),
    case("permission to replace", &[], &[("allow_replacement", "true")], SAME),
];

const TAGS: [Case; 5] = [
    case("tags added", &[], &[("tags", r#"{ one = "1", two = "2" }"#)], ["AddTags", "RemoveTags"]),
    case(
        "a tag changed, one added, one removed",
        &[("tags", r#"{ one = "1", two = "2" }"#)],
        &[("tags", r#"{ one = "other", three = "3" }"#)],
        ["AddTags RemoveTags"; 2],
    ),
    case("default tags", &[], &[("provider", r#"default_tags = { team = "a" }"#)], ["AddTags", "RemoveTags"]),
    case(
        "a tag of its own over a default one",
        &[("provider", r#"default_tags = { team = "a" }"#)],
        &[("provider", r#"default_tags = { team = "a" }"#), ("tags", r#"{ team = "b" }"#)],
        ["AddTags"; 2],
    ),
    case(
        "a default tag becomes one of its own",
        &[("provider", r#"default_tags = { team = "a" }"#)],
        &[("tags", r#"{ team = "a" }"#)],
        SAME,
    ),
];

const GUARDED: [Case; 2] = [
    case(
        "security groups",
        &[("security_group_ids", r#"["GROUP_A"]"#)],
        &[("security_group_ids", r#"["GROUP_A", "GROUP_B"]"#)],
        ["SetSecurityGroups"; 2],
    ),
    case(
        "another security group",
        &[("security_group_ids", r#"["GROUP_A"]"#)],
        &[("security_group_ids", r#"["GROUP_B"]"#)],
        ["SetSecurityGroups"; 2],
    ),
];

#[test]
fn listeners_change_in_place() {
    run(&need!(Bench::start()), &LISTENERS);
}

#[test]
fn settings_change_in_place() {
    run(&need!(Bench::start()), &SETTINGS);
}

#[test]
fn surroundings_change_in_place() {
    run(&need!(Bench::start()), &SURROUNDINGS);
}

#[test]
fn security_groups_change_in_place() {
    run(&need!(Bench::start()), &GUARDED);
}

#[test]
fn tags_change_in_place_and_those_of_others_stay() {
    let bench = need!(Bench::start());
    bench.apply(&[]);
    let all: Vec<String> = arns(&bench.moto.inventory()).into_iter().collect();
    for arn in &all {
        let tag = [
            ("ResourceArns.member.1", arn.as_str()),
            ("Tags.member.1.Key", "backup"),
            ("Tags.member.1.Value", "daily"),
        ];
        bench.somebody("AddTags", &tag);
    }
    run_applied(&bench, &TAGS, &|| {
        let now = bench.moto.inventory();
        let parts = [&now.load_balancers, &now.target_groups, &now.listeners];
        assert!(
            parts.into_iter().flatten().all(|(_, part)| part.tags.get("backup").is_some_and(|value| value == "daily"))
        );
    });
    bench.destroy();
}

#[test]
fn an_unset_argument_returns_to_its_default() {
    let bench = need!(Bench::start());
    bench.apply(&[
        ("kubernetes_api", "{ port = 443, health_check = { interval = 30 } }"),
        ("deregistration_delay", "60"),
    ]);
    bench.apply(&[]);
    let made = bench.moto.inventory();
    assert_eq!(made.listener(6443).field("DefaultActions.1.TargetGroupArn"), bench.group_arn("kubernetes_api"));
    assert_eq!(made.target_group("lab-api-tg").field("HealthCheckIntervalSeconds"), "10");
    assert_eq!(made.target_group("lab-api-tg").attribute("deregistration_delay.timeout_seconds"), "30");
    bench.terraform.assert_settled();
    bench.destroy();
}

fn run(bench: &Bench, cases: &[Case]) {
    bench.apply(cases[0].before);
    run_applied(bench, cases, &|| {});
    bench.destroy();
}

/// Goes there and back for every case, on one endpoint.
fn run_applied(bench: &Bench, cases: &[Case], always: &dyn Fn()) {
    let mut now: Arguments = &[];
    for case in cases {
        let title = case.title;
        if now != case.before {
            bench.apply(case.before);
        }
        now = case.before;
        let before = arns(&bench.moto.inventory());
        let way = [(case.after, case.calls[0], "there"), (case.before, case.calls[1], "back")];
        for (arguments, calls, direction) in way {
            bench.apply(arguments);
            assert_eq!(bench.mutations(), calls, "{title}, {direction}");
            if direction == "there" {
                let now = arns(&bench.moto.inventory());
                let exchanged = (before.difference(&now).count(), now.difference(&before).count());
                assert_eq!(exchanged, case.exchanged, "{title}: parts gone and made");
                bench.terraform.assert_settled();
            }
            always();
        }
    }
    bench.terraform.assert_settled();
}
