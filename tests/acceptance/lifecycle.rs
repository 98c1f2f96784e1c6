//! From nothing to an endpoint and back.

use lab::log::counted;
use lab::need;

use crate::bench::{Bench, MARKER};

const ALL_FOUR: &[(&str, &str)] = &[
    ("trustd", "{}"),
    ("enable_cross_zone_load_balancing", "true"),
    ("tcp_idle_timeout", "600"),
    ("security_group_ids", r#"["GROUP_A"]"#),
    ("tags", r#"{ owner = "lab" }"#),
];

#[test]
fn a_create_makes_exactly_what_is_asked_for() {
    let bench = need!(Bench::start());
    bench.apply(ALL_FOUR);
    let expected = "CreateListener*4 CreateLoadBalancer CreateTargetGroup*4 ModifyListenerAttributes*4 \
                    ModifyLoadBalancerAttributes ModifyTargetGroupAttributes*4";
    assert_eq!(bench.mutations(), expected);

    let made = bench.moto.inventory();
    assert_eq!((made.load_balancers.len(), made.target_groups.len(), made.listeners.len()), (1, 4, 4));
    let balancer = made.load_balancer("lab-api-nlb");
    assert_eq!((balancer.field("Type"), balancer.field("Scheme")), ("network", "internal"));
    assert_eq!(balancer.attribute("load_balancing.cross_zone.enabled"), "true");
    assert_eq!(balancer.attribute("deletion_protection.enabled"), "false");
    assert_eq!(balancer.fields_like("AvailabilityZones.", ".SubnetId"), [bench.id("SUBNET_A"), bench.id("SUBNET_B")]);
    assert_eq!(balancer.fields_like("SecurityGroups.", ""), [bench.id("GROUP_A")]);
    for (group, port, listener) in [
        ("lab-api-tg", "6443", 6443),
        ("lab-apid-tg", "50000", 50000),
        ("lab-wk-apid-tg", "50000", 50010),
        ("lab-trustd-tg", "50001", 50001),
    ] {
        let group = made.target_group(group);
        assert_eq!(
            (group.field("Port"), group.field("Protocol"), group.field("TargetType")),
            (port, "TCP", "instance")
        );
        assert_eq!(group.field("VpcId"), bench.id("VPC"));
        let check = ["Protocol", "Port", "IntervalSeconds", "TimeoutSeconds"]
            .map(|name| group.field(&format!("HealthCheck{name}")));
        assert_eq!(check, ["TCP", "traffic-port", "10", "5"]);
        assert_eq!((group.field("HealthyThresholdCount"), group.field("UnhealthyThresholdCount")), ("2", "2"));
        assert_eq!(group.attribute("preserve_client_ip.enabled"), "false");
        assert_eq!(group.attribute("deregistration_delay.timeout_seconds"), "30");
        assert_eq!(group.attribute("deregistration_delay.connection_termination.enabled"), "true");
        let listener = made.listener(listener);
        assert_eq!(listener.field("Protocol"), "TCP");
        assert_eq!(listener.attribute("tcp.idle_timeout.seconds"), "600");
        assert_eq!(listener.field("DefaultActions.1.TargetGroupArn"), group.field("TargetGroupArn"));
    }
    let parts = [&made.load_balancers, &made.target_groups, &made.listeners];
    for (arn, part) in parts.into_iter().flatten() {
        assert_eq!(part.tags.get("owner").map(String::as_str), Some("lab"), "{arn}");
        assert!(!part.tags.contains_key(MARKER), "{arn}");
        assert_eq!(part.tags.len(), 1, "{arn}");
    }
    bench.destroy();
}

/// Until protection is on, a run that is ended can be cleared away; until a state is read that names it, it is recognised by its marker.
#[test]
fn protection_comes_last_and_the_marker_goes_with_the_next_plan() {
    let bench = need!(Bench::start());
    let marked = || {
        let made = bench.moto.inventory();
        let parts = made.load_balancers.values().chain(made.target_groups.values()).chain(made.listeners.values());
        parts.filter(|part| part.tags.contains_key(MARKER)).count()
    };
    bench.configure(&[("enable_deletion_protection", "true"), ("enable_cross_zone_load_balancing", "true")]);
    bench.terraform.apply().ok();
    let calls = bench.proxy.mutating();
    // On a busy machine the marker is renewed meanwhile.
    let last = calls.iter().rfind(|call| call.action != "AddTags").expect("a call");
    assert_eq!(last.pairs("Attributes", "Key", "Value"), [("deletion_protection.enabled", "true")]);
    assert_eq!(marked(), 7);
    bench.forget_calls();
    bench.terraform.assert_settled();
    let calls = bench.proxy.mutating();
    let [marker] = calls.as_slice() else { panic!("{}", bench.mutations()) };
    assert_eq!((marker.action.as_str(), marker.list("TagKeys")), ("RemoveTags", vec![MARKER]));
    assert_eq!((marker.list("ResourceArns").len(), marked()), (7, 0), "all parts at once");
    bench.forget_calls();
    bench.terraform.assert_settled();
    bench.terraform.apply().ok();
    assert_eq!(bench.mutations(), "", "once is enough");
    bench.apply(&[]);
    bench.destroy();
}

#[test]
fn the_state_says_what_exists() {
    let bench = need!(Bench::start());
    bench.apply(&[]);
    let made = bench.moto.inventory();
    let balancer = made.load_balancer("lab-api-nlb");
    let dns_name = balancer.field("DNSName");
    assert_eq!(bench.text("arn"), balancer.field("LoadBalancerArn"));
    assert_eq!(bench.text("id"), bench.text("arn"));
    assert_eq!(bench.text("dns_name"), dns_name);
    assert_eq!(bench.text("zone_id"), balancer.field("CanonicalHostedZoneId"));
    assert_eq!(bench.text("vpc_id"), bench.id("VPC"));
    assert_eq!(bench.text("region"), "us-east-1");
    assert_eq!(bench.text("host"), dns_name);
    assert_eq!(bench.text("kubernetes_api_endpoint"), format!("https://{dns_name}:6443"));
    assert_eq!(bench.text("talos_api_endpoint"), format!("{dns_name}:50000"));
    assert_eq!(bench.attribute("talosctl_endpoints"), serde_json::json!([dns_name]));
    assert_eq!(bench.attribute("machine_cert_sans"), serde_json::json!([dns_name]));
    assert_eq!(bench.group_arn("kubernetes_api"), made.target_group("lab-api-tg").field("TargetGroupArn"));
    assert_eq!(bench.text("worker_talos_api_target_group_arn"), bench.group_arn("worker_talos_api"));
    assert_eq!(bench.listener_arn("talos_api"), made.listener(50000).field("ListenerArn"));
    assert_eq!(bench.attribute("control_plane_target_group_arns").as_array().map(Vec::len), Some(2));
    bench.destroy();
}

#[test]
fn an_unchanged_endpoint_is_read_with_few_calls_and_never_written() {
    let bench = need!(Bench::start());
    bench.apply(&[]);
    bench.forget_calls();
    bench.terraform.assert_settled();
    let calls = bench.proxy.calls();
    assert!(calls.len() <= 11, "{}", counted(&calls));
    assert_eq!(bench.proxy.of("DescribeTags").len(), 1);
    assert_eq!(bench.mutations(), "");
    bench.forget_calls();
    bench.terraform.apply().ok();
    assert!(!bench.proxy.calls().is_empty());
    assert_eq!(bench.mutations(), "");
    bench.destroy();
}

#[test]
fn a_destroy_removes_the_load_balancer_before_the_groups() {
    let bench = need!(Bench::start());
    bench.apply(&[("vpc_id", r#""VPC""#)]);
    bench.forget_calls();
    bench.terraform.destroy().ok();
    let order: Vec<String> = bench.proxy.mutating().into_iter().map(|call| call.action).collect();
    assert_eq!(order, ["DeleteLoadBalancer", "DeleteTargetGroup", "DeleteTargetGroup", "DeleteTargetGroup"]);
    bench.assert_nothing_left();
}
