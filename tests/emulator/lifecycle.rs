//! From nothing to an endpoint, its changes, and back.

use lab::need;

use crate::stage::{Arguments, MARKER, Stage};

#[test]
fn from_nothing_to_an_endpoint_and_back() {
    let stage = need!(Stage::start());
    stage.create(&[], "");
    let expected = "CreateListener*3 CreateLoadBalancer CreateTargetGroup*3 ModifyListenerAttributes*3 \
                    ModifyLoadBalancerAttributes ModifyTargetGroupAttributes*3";
    assert_eq!(stage.mutations(), expected);
    assert_made(&stage);

    stage.forget_calls();
    stage.terraform.assert_settled();
    let calls = stage.proxy.sequence();
    assert!(!calls.is_empty() && calls.len() <= 11, "{calls:?}");
    stage.terraform.apply().ok();
    assert_eq!(stage.mutations(), "");

    stage.forget_calls();
    stage.destroy();
    let order: Vec<String> = stage.proxy.mutating().into_iter().map(|call| call.action).collect();
    assert_eq!(order, ["DeleteLoadBalancer", "DeleteTargetGroup", "DeleteTargetGroup", "DeleteTargetGroup"]);
}

fn assert_made(stage: &Stage) {
    let made = stage.inventory();
    assert_eq!((made.load_balancers.len(), made.target_groups.len(), made.listeners.len()), (1, 3, 3));
    let balancer = made.load_balancer(&format!("{}-api-nlb", stage.name));
    assert_eq!((balancer.field("Type"), balancer.field("Scheme")), ("network", "internal"));
    assert_eq!(balancer.attribute("load_balancing.cross_zone.enabled"), "true");
    let subnets = [stage.with_ids("SUBNET_A"), stage.with_ids("SUBNET_B")];
    assert_eq!(balancer.fields_like("AvailabilityZones.", ".SubnetId"), subnets);
    for (group, port, listener) in [("api", "6443", 6443), ("apid", "50000", 50000), ("wk-apid", "50000", 50010)] {
        let group = made.target_group(&format!("{}-{group}-tg", stage.name));
        let settings = ["Port", "Protocol", "TargetType", "HealthCheckProtocol", "HealthCheckIntervalSeconds"];
        assert_eq!(settings.map(|name| group.field(name)), [port, "TCP", "instance", "TCP", "10"]);
        assert_eq!(group.field("VpcId"), stage.with_ids("VPC"));
        assert_eq!(group.attribute("preserve_client_ip.enabled"), "false");
        assert_eq!(group.attribute("deregistration_delay.timeout_seconds"), "30");
        let listener = made.listener(listener);
        assert_eq!(listener.attribute("tcp.idle_timeout.seconds"), "600");
        assert_eq!(listener.field("DefaultActions.1.TargetGroupArn"), group.field("TargetGroupArn"));
    }
    let parts = [&made.load_balancers, &made.target_groups, &made.listeners];
    for (arn, part) in parts.into_iter().flatten() {
        assert_eq!(part.tags.get("owner").map(String::as_str), Some("lab"), "{arn}");
        assert!(!part.tags.contains_key(MARKER), "{arn}");
    }
    let dns_name = balancer.field("DNSName");
    assert_eq!(stage.in_state("arn"), balancer.field("LoadBalancerArn"));
    assert_eq!(stage.in_state("kubernetes_api_endpoint"), format!("https://{dns_name}:6443"));
    assert_eq!(stage.in_state("talosctl_endpoints"), serde_json::json!([dns_name]));
}

/// What changes, and the mutating calls of the change from the one before.
const CHANGES: [(Arguments, &str); 6] = [
    (&[("kubernetes_api", "{ port = 443 }")], "ModifyListener"),
    (
        &[("health_check", "{ interval = 20, timeout = 6 }"), ("deregistration_delay", "60")],
        "ModifyListener ModifyTargetGroup*3 ModifyTargetGroupAttributes*3",
    ),
    (&[("tags", r#"{ owner = "somebody", more = "1" }"#)], "AddTags ModifyTargetGroup*3 ModifyTargetGroupAttributes*3"),
    (&[("subnet_ids", r#"["SUBNET_A", "SUBNET_B", "SUBNET_C"]"#)], "AddTags RemoveTags SetSubnets"),
    (
        &[("trustd", "{}"), ("tcp_idle_timeout", "400")],
        "AddTags CreateListener CreateTargetGroup ModifyListenerAttributes*4 ModifyTargetGroupAttributes SetSubnets",
    ),
    (&[], "DeleteListener DeleteTargetGroup ModifyListenerAttributes*3"),
];

#[test]
fn changes_are_made_in_place() {
    let stage = need!(Stage::start());
    stage.create(&[], "");
    let before = stage.inventory();
    for (arguments, calls) in CHANGES {
        stage.apply(arguments);
        assert_eq!(stage.mutations(), calls, "to {arguments:?}");
        let now = stage.inventory();
        assert!(before.load_balancers.keys().eq(now.load_balancers.keys()), "{arguments:?}");
        for (arn, _) in before.target_groups.iter().chain(&before.listeners) {
            assert!(now.target_groups.contains_key(arn) || now.listeners.contains_key(arn), "{arguments:?}: {arn}");
        }
        stage.terraform.assert_settled();
    }
    let now = stage.inventory();
    assert!(now.load_balancers == before.load_balancers && now.listeners.len() == 3, "{now:#?}");
    stage.destroy();
}

#[test]
fn deletion_protection_stops_a_destroy_before_it_begins() {
    let stage = need!(Stage::start());
    stage.create(&[("enable_deletion_protection", "true")], "");
    stage.forget_calls();
    let said = stage.terraform.destroy().with_status(1).flat();
    assert!(said.contains("Error: Deletion protection is on"), "{said}");
    assert_eq!(stage.mutations(), "");
    stage.apply(&[]);
    stage.destroy();
}
