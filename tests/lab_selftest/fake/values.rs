use lab::fake::Fake;
use lab::faults::Fault;
use lab::http::query;

use super::{Pair, ask, balancer, get, group, group_params, listener, refused, state};

#[test]
fn values_outside_of_aws_s_ranges_are_refused() {
    let fake = Fake::start();
    let wrong = [
        (("HealthCheckIntervalSeconds", "4"), "ValidationError"),
        (("HealthCheckIntervalSeconds", "301"), "ValidationError"),
        (("HealthCheckTimeoutSeconds", "1"), "ValidationError"),
        (("HealthyThresholdCount", "11"), "ValidationError"),
        (("UnhealthyThresholdCount", "1"), "ValidationError"),
        // The default timeout of 10 s doesn't fit.
        (("HealthCheckIntervalSeconds", "5"), "ValidationError"),
        (("HealthCheckPath", "/"), "InvalidConfigurationRequest"),
        (("Matcher.HttpCode", "200"), "InvalidConfigurationRequest"),
        (("HealthCheckPort", "70000"), "ValidationError"),
        (("TargetType", "lambda"), "InvalidConfigurationRequest"),
        (("Tags", ""), "ValidationError"),
    ];
    for (pair, code) in wrong {
        let mut params = group_params("tg");
        params.push(pair);
        assert_eq!(refused(&fake, "CreateTargetGroup", &params), code, "{pair:?}");
    }
    let too_long = "x".repeat(33);
    for name in [too_long.as_str(), "-a", "a-", "a_b"] {
        assert_eq!(refused(&fake, "CreateTargetGroup", &group_params(name)), "ValidationError");
    }
    let arn = balancer(&fake, "nlb", &[]);
    let group = group(&fake, "tg");
    let port = listener(&fake, &arn, &group, "443");
    let wrong = [
        ("TargetGroup", &group, "deregistration_delay.timeout_seconds", "3601"),
        ("TargetGroup", &group, "target_health_state.unhealthy.draining_interval_seconds", "1"),
        ("TargetGroup", &group, "slow_start.duration_seconds", "30"),
        ("Listener", &port, "tcp.idle_timeout.seconds", "59"),
        ("Listener", &port, "tcp.idle_timeout.seconds", "6001"),
        ("LoadBalancer", &arn, "load_balancing.cross_zone.enabled", "yes"),
        ("LoadBalancer", &arn, "idle_timeout.timeout_seconds", "60"),
    ];
    for (kind, arn, key, value) in wrong {
        let owner = format!("{kind}Arn");
        let params =
            [(owner.as_str(), arn.as_str()), ("Attributes.member.1.Key", key), ("Attributes.member.1.Value", value)];
        refused(&fake, &format!("Modify{kind}Attributes"), &params);
    }
    let inventory = fake.inventory();
    assert_eq!(inventory.target_group("tg").attribute("deregistration_delay.timeout_seconds"), "300");
    assert_eq!(inventory.target_group("tg").attribute("preserve_client_ip.enabled"), "true");
    assert_eq!(inventory.target_group("tg").field("HealthCheckTimeoutSeconds"), "10");
    assert_eq!(inventory.listener(443).attribute("tcp.idle_timeout.seconds"), "350");
}

#[test]
fn a_check_that_turns_to_http_and_back_keeps_what_it_has() {
    let fake = Fake::start();
    let arn = group(&fake, "tg");
    let modify = |name: &str, value: &str| {
        ask(&fake, "ModifyTargetGroup", &[("TargetGroupArn", &arn), (name, value)]).result();
        let inventory = fake.inventory();
        let part = inventory.target_group("tg");
        let fields = ["HealthCheckPath", "Matcher.HttpCode", "HealthCheckTimeoutSeconds"];
        fields.map(|field| part.field(field).to_owned())
    };
    assert_eq!(modify("HealthCheckProtocol", "HTTPS"), ["/", "200-399", "10"]);
    assert_eq!(modify("Matcher.HttpCode", "200,401"), ["/", "200,401", "10"]);
    assert_eq!(modify("HealthCheckProtocol", "TCP"), ["", "", "10"]);
}

#[test]
fn a_batch_with_one_missing_part_fails_as_a_whole() {
    let fake = Fake::start();
    let arn = balancer(&fake, "nlb", &[]);
    let group = group(&fake, "tg");
    let gone = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/no/0";
    let both = [("TargetGroupArns.member.1", group.as_str()), ("TargetGroupArns.member.2", gone)];
    assert_eq!(refused(&fake, "DescribeTargetGroups", &both), "TargetGroupNotFound");
    assert_eq!(refused(&fake, "DescribeLoadBalancers", &[("Names.member.1", "no")]), "LoadBalancerNotFound");
    let tags = [("ResourceArns.member.1", arn.as_str()), ("ResourceArns.member.2", gone)];
    assert_eq!(refused(&fake, "DescribeTags", &tags), "TargetGroupNotFound");
    let mut add = tags.to_vec();
    add.extend([("Tags.member.1.Key", "k"), ("Tags.member.1.Value", "v")]);
    assert_eq!(refused(&fake, "AddTags", &add), "TargetGroupNotFound");
    assert!(fake.inventory().load_balancer("nlb").tags.is_empty());
    add[1].1 = &group;
    ask(&fake, "AddTags", &add).result();
    assert_eq!(fake.inventory().target_group("tg").tags["k"], "v");
    let remove = [add[0], add[1], ("TagKeys.member.1", "k")];
    ask(&fake, "RemoveTags", &remove).result();
    assert!(fake.inventory().target_group("tg").tags.is_empty());
    let arns: Vec<String> = (1..=21).map(|index| format!("ResourceArns.member.{index}")).collect();
    let many: Vec<Pair> = arns.iter().map(|name| (name.as_str(), arn.as_str())).collect();
    assert_eq!(refused(&fake, "DescribeTags", &many), "ValidationError");
    let of_balancer = [("LoadBalancerArn", arn.as_str())];
    assert_eq!(get(&fake, "DescribeTargetGroups", &of_balancer, "TargetGroupArn"), "");
}

#[test]
fn small_pages_are_followed_by_their_markers() {
    let fake = Fake::start();
    fake.set(|settings| settings.page_size = 2);
    for name in ["a", "b", "c"] {
        group(&fake, name);
    }
    let first = ask(&fake, "DescribeTargetGroups", &[]);
    assert_eq!(first.result().members("TargetGroups").len(), 2);
    let marker = first.result().text_of("NextMarker").expect("a marker").to_owned();
    let rest = ask(&fake, "DescribeTargetGroups", &[("Marker", &marker)]);
    assert_eq!(rest.result().members("TargetGroups").len(), 1);
    assert_eq!(rest.result().text_of("NextMarker"), None);
    assert_eq!(refused(&fake, "DescribeTargetGroups", &[("Marker", "x")]), "ValidationError");
    assert_eq!(fake.inventory().target_groups.len(), 3);
}

#[test]
fn ordered_faults_throttle_deny_and_hide() {
    let fake = Fake::start();
    fake.fail(Fault::throttling("DescribeTargetGroups").times(2));
    for _ in 0..2 {
        assert_eq!(refused(&fake, "DescribeTargetGroups", &[]), "Throttling");
    }
    ask(&fake, "DescribeTargetGroups", &[]).result();
    fake.fail(Fault::access_denied("DescribeTags"));
    assert_eq!(ask(&fake, "DescribeTags", &[]).status, 403);
    fake.set(|settings| settings.not_found_after_create = 2);
    let arn = group(&fake, "tg");
    let this = [("TargetGroupArns.member.1", arn.as_str())];
    assert_eq!(refused(&fake, "DescribeTargetGroups", &this), "TargetGroupNotFound");
    let attributes = [("TargetGroupArn", arn.as_str())];
    assert_eq!(refused(&fake, "DescribeTargetGroupAttributes", &attributes), "TargetGroupNotFound");
    ask(&fake, "DescribeTargetGroups", &this).result();
    fake.set(|settings| {
        settings.unknown_attributes.insert("preserve_client_ip.enabled".to_owned());
    });
    let modify = [
        attributes[0],
        ("Attributes.member.1.Key", "preserve_client_ip.enabled"),
        ("Attributes.member.1.Value", "false"),
    ];
    refused(&fake, "ModifyTargetGroupAttributes", &modify);
    assert_eq!(refused(&fake, "NoSuchAction", &[]), "InvalidAction");
    let identity = query(&fake.url(), "sts", "GetCallerIdentity", &[]);
    assert_eq!(identity.result().text_of("Account"), Some("123456789012"));
}

#[test]
fn looking_at_the_inventory_counts_nowhere() {
    let fake = Fake::start();
    let arn = balancer(&fake, "nlb", &[]);
    for _ in 0..3 {
        assert_eq!(fake.inventory().load_balancer("nlb").field("State.Code"), "provisioning");
    }
    assert_eq!(fake.network().subnets.len(), 4);
    assert_eq!(state(&fake, &arn), "provisioning");
    assert_eq!(state(&fake, &arn), "active");
    let expected = ["CreateLoadBalancer", "DescribeLoadBalancers", "DescribeLoadBalancers"];
    assert_eq!(fake.sequence(), expected);
}
