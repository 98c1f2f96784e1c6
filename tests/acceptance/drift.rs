//! What somebody changes outside of Terraform: every managed setting is seen and put right, everything else is left alone.

use lab::need;

use crate::bench::{Arguments, Bench};

/// What moto holds before each change.
const ARGUMENTS: Arguments = &[
    ("kubernetes_api", r#"{ health_check = { protocol = "HTTPS", path = "/readyz" } }"#),
    ("security_group_ids", r#"["GROUP_A"]"#),
    ("tags", r#"{ owner = "lab" }"#),
];

/// A request of somebody else, `BALANCER`, `GROUP` and `LISTENER` standing for ARNs (of the Kubernetes API), and the mutating calls of
/// its repair.
const CHANGES: [(&str, &str); 23] = [
    (
        "ModifyLoadBalancerAttributes LoadBalancerArn=BALANCER \
         Attributes.member.1.Key=load_balancing.cross_zone.enabled Attributes.member.1.Value=true",
        "ModifyLoadBalancerAttributes",
    ),
    (
        "ModifyLoadBalancerAttributes LoadBalancerArn=BALANCER \
         Attributes.member.1.Key=deletion_protection.enabled Attributes.member.1.Value=true",
        "ModifyLoadBalancerAttributes",
    ),
    (
        "SetSubnets LoadBalancerArn=BALANCER Subnets.member.1=SUBNET_A Subnets.member.2=SUBNET_B Subnets.member.3=SUBNET_C",
        "SetSubnets",
    ),
    ("SetSecurityGroups LoadBalancerArn=BALANCER SecurityGroups.member.1=GROUP_B", "SetSecurityGroups"),
    ("SetIpAddressType LoadBalancerArn=BALANCER IpAddressType=dualstack", "SetIpAddressType"),
    // Common to all groups in the configuration: only the one that deviates is written.
    (
        "ModifyTargetGroupAttributes TargetGroupArn=GROUP \
         Attributes.member.1.Key=preserve_client_ip.enabled Attributes.member.1.Value=true",
        "ModifyTargetGroupAttributes",
    ),
    (
        "ModifyTargetGroupAttributes TargetGroupArn=GROUP \
         Attributes.member.1.Key=deregistration_delay.timeout_seconds Attributes.member.1.Value=77",
        "ModifyTargetGroupAttributes",
    ),
    (
        "ModifyTargetGroupAttributes TargetGroupArn=GROUP \
         Attributes.member.1.Key=deregistration_delay.connection_termination.enabled Attributes.member.1.Value=false",
        "ModifyTargetGroupAttributes",
    ),
    (
        "ModifyTargetGroupAttributes TargetGroupArn=GROUP \
         Attributes.member.1.Key=target_health_state.unhealthy.connection_termination.enabled \
         Attributes.member.1.Value=false",
        "ModifyTargetGroupAttributes",
    ),
    (
        "ModifyTargetGroupAttributes TargetGroupArn=GROUP \
         Attributes.member.1.Key=target_group_health.unhealthy_state_routing.minimum_healthy_targets.count \
         Attributes.member.1.Value=2",
        "ModifyTargetGroupAttributes",
    ),
    (
        "ModifyLoadBalancerAttributes LoadBalancerArn=BALANCER \
         Attributes.member.1.Key=dns_record.client_routing_policy \
         Attributes.member.1.Value=availability_zone_affinity",
        "ModifyLoadBalancerAttributes",
    ),
    ("ModifyTargetGroup TargetGroupArn=GROUP HealthCheckIntervalSeconds=30", "ModifyTargetGroup"),
    ("ModifyTargetGroup TargetGroupArn=GROUP HealthCheckTimeoutSeconds=7", "ModifyTargetGroup"),
    ("ModifyTargetGroup TargetGroupArn=GROUP HealthyThresholdCount=5", "ModifyTargetGroup"),
    ("ModifyTargetGroup TargetGroupArn=GROUP UnhealthyThresholdCount=5", "ModifyTargetGroup"),
    ("ModifyTargetGroup TargetGroupArn=GROUP HealthCheckPort=8080", "ModifyTargetGroup"),
    ("ModifyTargetGroup TargetGroupArn=GROUP HealthCheckPath=/livez", "ModifyTargetGroup"),
    ("ModifyTargetGroup TargetGroupArn=GROUP HealthCheckProtocol=TCP", "ModifyTargetGroup"),
    ("ModifyListener ListenerArn=LISTENER Port=7443", "ModifyListener"),
    (
        "ModifyListener ListenerArn=LISTENER DefaultActions.member.1.Type=forward \
         DefaultActions.member.1.TargetGroupArn=OTHER",
        "ModifyListener",
    ),
    (
        "ModifyListenerAttributes ListenerArn=LISTENER \
         Attributes.member.1.Key=tcp.idle_timeout.seconds Attributes.member.1.Value=99",
        "ModifyListenerAttributes",
    ),
    ("AddTags ResourceArns.member.1=GROUP Tags.member.1.Key=owner Tags.member.1.Value=somebody", "AddTags"),
    ("RemoveTags ResourceArns.member.1=LISTENER TagKeys.member.1=owner", "AddTags"),
];

const UNREPORTED_OF_LOAD_BALANCERS: &[(&str, &str)] = &[("dns_record.client_routing_policy", "any_availability_zone")];

const UNREPORTED_OF_TARGET_GROUPS: &[(&str, &str)] = &[
    ("target_health_state.unhealthy.connection_termination.enabled", "true"),
    ("target_group_health.unhealthy_state_routing.minimum_healthy_targets.count", "1"),
];

#[test]
fn every_managed_setting_is_seen_and_put_right() {
    let bench = need!(Bench::start());
    bench.apply(ARGUMENTS);
    // AWS reports them of every part; moto only where they were set once.
    let now = bench.moto.inventory();
    let parts = now.load_balancers.keys().map(|arn| ("LoadBalancer", arn, UNREPORTED_OF_LOAD_BALANCERS));
    let groups = now.target_groups.keys().map(|arn| ("TargetGroup", arn, UNREPORTED_OF_TARGET_GROUPS));
    for (kind, arn, attributes) in parts.chain(groups) {
        for (key, value) in attributes {
            let owner = format!("{kind}Arn");
            let params = [
                (owner.as_str(), arn.as_str()),
                ("Attributes.member.1.Key", key),
                ("Attributes.member.1.Value", value),
            ];
            bench.somebody(&format!("Modify{kind}Attributes"), &params);
        }
    }
    let before = bench.moto.inventory();
    for (request, repair) in CHANGES {
        somebody(&bench, request);
        let planned = bench.terraform.plan();
        assert_eq!(planned.status, 2, "not seen: {request}\n{}", planned.said());
        bench.apply(ARGUMENTS);
        assert_eq!(bench.mutations(), repair, "after {request}");
        let now = bench.moto.inventory();
        assert!(now == before, "after {request}: {now:#?}");
    }
    bench.terraform.assert_settled();
    bench.destroy();
}

#[test]
fn what_others_put_there_is_left_alone() {
    let bench = need!(Bench::start());
    bench.apply(&[]);
    let group = bench.somebody_makes(
        "CreateTargetGroup",
        "TargetGroupArn",
        &[("Name", "theirs"), ("Protocol", "TCP"), ("Port", "80"), ("VpcId", bench.id("VPC"))],
    );
    let balancer = bench.text("arn");
    let listener = bench.somebody_makes(
        "CreateListener",
        "ListenerArn",
        &[
            ("LoadBalancerArn", &balancer),
            ("Protocol", "TCP"),
            ("Port", "8080"),
            ("DefaultActions.member.1.Type", "forward"),
            ("DefaultActions.member.1.TargetGroupArn", &group),
        ],
    );
    somebody(&bench, "AddTags ResourceArns.member.1=BALANCER Tags.member.1.Key=backup Tags.member.1.Value=daily");
    bench.terraform.assert_settled();
    bench.apply(&[("kubernetes_api", "{ port = 443 }"), ("tags", r#"{ owner = "lab" }"#)]);
    let now = bench.moto.inventory();
    assert_eq!(now.listeners[&listener].field("Port"), "8080");
    assert_eq!(now.listeners[&listener].tags.len(), 0);
    assert_eq!(now.target_groups[&group].tags.len(), 0);
    assert_eq!(now.load_balancers[&balancer].tags["backup"], "daily");
    bench.terraform.assert_settled();
    bench.terraform.destroy().ok();
    assert!(bench.moto.inventory().target_groups.contains_key(&group), "removed with ours");
    bench.somebody("DeleteTargetGroup", &[("TargetGroupArn", &group)]);
    bench.assert_nothing_left();
}

/// Sends `ACTION NAME=VALUE …` past the proxy.
fn somebody(bench: &Bench, request: &str) {
    let ids = [
        ("BALANCER", bench.text("arn")),
        ("GROUP", bench.group_arn("kubernetes_api")),
        ("LISTENER", bench.listener_arn("kubernetes_api")),
        ("OTHER", bench.group_arn("talos_api")),
        ("SUBNET_A", bench.id("SUBNET_A").to_owned()),
        ("SUBNET_B", bench.id("SUBNET_B").to_owned()),
        ("SUBNET_C", bench.id("SUBNET_C").to_owned()),
        ("GROUP_B", bench.id("GROUP_B").to_owned()),
    ];
    let mut words = request.split(' ');
    let action = words.next().expect("an action");
    let params: Vec<(&str, &str)> = words
        .filter_map(|word| word.split_once('='))
        .map(|(name, value)| match ids.iter().find(|(placeholder, _)| *placeholder == value) {
            Some((_, id)) => (name, id.as_str()),
            None => (name, value),
        })
        .collect();
    bench.somebody(action, &params);
}
