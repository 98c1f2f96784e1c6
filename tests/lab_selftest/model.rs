use lab::call::{Call, ELBV2};
use lab::form;
use lab::model::{Kind, Model, Models};
use lab::need;
use lab::server::Request;
use lab::venv::Venv;

const ARN: &str = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/a/0123456789abcdef";

#[test]
fn a_long_valid_request_has_no_violation() {
    let model = Model::load(&need!(Venv::get()), ELBV2);
    let group = call(
        ELBV2,
        "CreateTargetGroup",
        &[
            ("Name", "prod-talos-api-tg"),
            ("Protocol", "TCP"),
            ("Port", "6443"),
            ("VpcId", "vpc-0123456789abcdef0"),
            ("HealthCheckProtocol", "HTTPS"),
            ("HealthCheckPort", "traffic-port"),
            ("HealthCheckEnabled", "true"),
            ("HealthCheckPath", "/readyz"),
            ("HealthCheckIntervalSeconds", "300"),
            ("HealthCheckTimeoutSeconds", "2"),
            ("HealthyThresholdCount", "10"),
            ("UnhealthyThresholdCount", "2"),
            ("Matcher.HttpCode", "200,401"),
            ("TargetType", "instance"),
            ("Tags.member.1.Key", "talosendpoint:creating"),
            ("Tags.member.1.Value", "0a1b/3 ü"),
            ("Tags.member.2.Key", "empty"),
            ("Tags.member.2.Value", ""),
            ("IpAddressType", "ipv4"),
        ],
    );
    assert_eq!(model.check(&group), []);
    let listener = call(
        ELBV2,
        "CreateListener",
        &[
            ("LoadBalancerArn", ARN),
            ("Protocol", "TCP"),
            ("Port", "65535"),
            ("DefaultActions.member.1.Type", "forward"),
            ("DefaultActions.member.1.ForwardConfig.TargetGroups.member.1.TargetGroupArn", ARN),
            ("DefaultActions.member.1.ForwardConfig.TargetGroups.member.1.Weight", "1"),
        ],
    );
    assert_eq!(model.check(&listener), []);
}

/// Action, parameters, and the only violation to be found: its path and kind.
type Case<'a> = (&'a str, Params<'a>, &'a str, Kind);
type Params<'a> = &'a [(&'a str, &'a str)];

#[test]
fn every_kind_of_violation_is_found() {
    let model = Model::load(&need!(Venv::get()), ELBV2);
    let named = ("Name", "a");
    let tags = &[("ResourceArns.member.1", ARN), ("Tags", "")];
    let cases: [Case; 17] = [
        ("CreateLoadbalancer", &[named], "", Kind::UnknownOperation),
        ("CreateTargetGroup", &[named, ("Prot", "TCP")], "Prot", Kind::UnknownMember),
        ("CreateTargetGroup", &[named, ("Matcher.Http", "2")], "Matcher.Http", Kind::UnknownMember),
        ("CreateTargetGroup", &[], "Name", Kind::MissingMember),
        (
            "RegisterTargets",
            &[("TargetGroupArn", ARN), ("Targets.member.1.Port", "1")],
            "Targets.member.1.Id",
            Kind::MissingMember,
        ),
        ("CreateTargetGroup", &[named, ("Port", "http")], "Port", Kind::WrongType),
        ("CreateTargetGroup", &[named, ("HealthCheckEnabled", "True")], "HealthCheckEnabled", Kind::WrongType),
        ("CreateLoadBalancer", &[named, ("Subnets", "subnet-1")], "Subnets", Kind::WrongType),
        ("CreateLoadBalancer", &[named, ("Subnets.1", "subnet-1")], "Subnets", Kind::WrongType),
        ("CreateLoadBalancer", &[named, ("Subnets.member.2", "subnet-1")], "Subnets", Kind::WrongType),
        ("CreateTargetGroup", &[named, ("Matcher", "200")], "Matcher", Kind::WrongType),
        ("CreateTargetGroup", &[named, ("Port", "0")], "Port", Kind::BelowMinimum),
        ("AddTags", tags, "Tags", Kind::BelowMinimum),
        (
            "CreateTargetGroup",
            &[named, ("HealthCheckIntervalSeconds", "999")],
            "HealthCheckIntervalSeconds",
            Kind::AboveMaximum,
        ),
        ("CreateTargetGroup", &[named, ("Protocol", "BOGUS")], "Protocol", Kind::NotInEnum),
        ("CreateTargetGroup", &[named, ("Tags.member.1.Key", "no*star")], "Tags.member.1.Key", Kind::PatternMismatch),
        ("CreateTargetGroup", &[named, ("Tags.member.1.Key", "")], "Tags.member.1.Key", Kind::BelowMinimum),
    ];
    for (action, params, path, kind) in cases {
        let found = model.check(&call(ELBV2, action, params));
        let found: Vec<(&str, Kind)> =
            found.iter().map(|violation| (violation.path.as_str(), violation.kind)).collect();
        assert_eq!(found, [(path, kind)], "{action} {params:?}");
    }
}

#[test]
fn lengths_of_strings_and_lists_have_a_maximum() {
    let model = Model::load(&need!(Venv::get()), ELBV2);
    let long = "/".repeat(1025);
    let path = call(ELBV2, "CreateTargetGroup", &[("Name", "a"), ("HealthCheckPath", &long)]);
    assert_eq!(kinds(&model, &path), [Kind::AboveMaximum]);

    let names: Vec<String> = (1..=21).map(|index| format!("Attributes.member.{index}.Key")).collect();
    let mut params = vec![("LoadBalancerArn", ARN)];
    params.extend(names.iter().map(|name| (name.as_str(), "k")));
    let attributes = call(ELBV2, "ModifyLoadBalancerAttributes", &params);
    assert_eq!(kinds(&model, &attributes), [Kind::AboveMaximum]);
}

#[test]
fn another_version_of_the_service_is_another_service() {
    let model = Model::load(&need!(Venv::get()), ELBV2);
    let mut classic = call(ELBV2, "DescribeLoadBalancers", &[]);
    assert_eq!(kinds(&model, &classic), []);
    classic.version = "2012-06-01".to_owned();
    assert_eq!(kinds(&model, &classic), [Kind::UnknownOperation]);
}

#[test]
fn ec2_lists_are_flat_and_sts_patterns_are_java_s() {
    let models = Models::load(&need!(Venv::get()));
    let description = [("Filter.1.Name", "description"), ("Filter.1.Value.1", "ELB net/a/0123456789abcdef")];
    let valid = call("ec2", "DescribeNetworkInterfaces", &description);
    let session = [("RoleArn", "arn:aws:iam::123456789012:role/ü𐀀"), ("RoleSessionName", "a@b")];
    let role = call("sts", "AssumeRole", &session);
    models.assert_valid(&[valid, role, call("sts", "GetCallerIdentity", &[])]);

    let nested = [("Filter.member.1.Name", "description")];
    let nested = call("ec2", "DescribeNetworkInterfaces", &nested);
    let unicode = [("RoleArn", "arn:aws:iam::123456789012:role/a"), ("RoleSessionName", "üü")];
    let unicode = call("sts", "AssumeRole", &unicode);
    let extra = call("sts", "GetCallerIdentity", &[("A", "b")]);
    let foreign = call("s3", "ListBuckets", &[]);
    let found = models.check(&[nested, unicode, extra, foreign]);
    let found: Vec<Kind> = found.iter().map(|violation| violation.kind).collect();
    let expected = [Kind::WrongType, Kind::PatternMismatch, Kind::UnknownMember, Kind::UnknownService];
    assert_eq!(found, expected);
}

/// A pattern beyond this crate's means must not look like one that matched.
#[test]
fn an_unusable_pattern_is_reported() {
    let model = Model::from_json(
        r#"{
            "metadata": {"apiVersion": "2015-12-01", "protocol": "query"},
            "operations": {"Do": {"input": {"shape": "DoInput"}}},
            "shapes": {
                "DoInput": {"type": "structure", "members": {
                    "Odd": {"shape": "Odd"}, "Map": {"shape": "Map"}}},
                "Odd": {"type": "string", "pattern": "(?=a).*"},
                "Map": {"type": "map"}
            }
        }"#,
    );
    let odd = call(ELBV2, "Do", &[("Odd", "a")]);
    assert_eq!(kinds(&model, &odd), [Kind::PatternUnusable]);
    let map = call(ELBV2, "Do", &[("Map", "a")]);
    assert_eq!(kinds(&model, &map), [Kind::WrongType]);
}

fn kinds(model: &Model, call: &Call) -> Vec<Kind> {
    let found = model.check(call);
    found.iter().map(|violation| violation.kind).collect()
}

fn call(service: &str, action: &str, params: &[(&str, &str)]) -> Call {
    let version = match service {
        "ec2" => "2016-11-15",
        "sts" => "2011-06-15",
        _ => "2015-12-01",
    };
    let mut all = vec![("Action", action), ("Version", version)];
    all.extend_from_slice(params);
    let scope = format!("AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/{service}/aws4_request, x");
    Call::from_request(&Request {
        method: "POST".to_owned(),
        path: "/".to_owned(),
        headers: vec![("authorization".to_owned(), scope)],
        body: form::encode(&all).into_bytes(),
    })
}
