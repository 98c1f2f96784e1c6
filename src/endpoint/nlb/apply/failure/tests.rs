use super::super::permission;
use super::*;
use crate::endpoint::golden;
use crate::endpoint::nlb::sample::{config, in_full, nested};

/// Every failure in the words that the user reads.
#[test]
fn the_texts() {
    let refused = || {
        let cause = Cause::Service { code: "InvalidSubnet".into(), message: "The subnet is full.".into() };
        AwsError::new("elasticloadbalancing:CreateLoadBalancer", cause)
    };
    let in_use = || {
        let cause = Cause::Service { code: "ResourceInUse".into(), message: "A service uses it.".into() };
        AwsError::new("elasticloadbalancing:DeleteLoadBalancer", cause)
    };
    let all = [
        Failure::Aws(refused()),
        Failure::Aws(AwsError::new(
            "elasticloadbalancing:ModifyLoadBalancerAttributes",
            Cause::Service {
                code: "ValidationError".into(),
                message: "Load balancer attribute key 'zonal_shift.config.enabled' is not recognized".into(),
            },
        )),
        Failure::Interrupted(Interrupted::Stopped, "waiting for AWS".into()),
        Failure::Interrupted(Interrupted::TimedOut, "waiting for the load balancer to become active".into()),
        Failure::Foreign {
            what: "load balancer",
            name: "prod-api-nlb".into(),
            arn: "arn:lb".into(),
            balancer_arn: Some("arn:lb".into()),
        },
        Failure::Foreign { what: "target group", name: "prod-api-tg".into(), arn: "arn:tg".into(), balancer_arn: None },
        Failure::InUse {
            name: "prod-api-nlb".into(),
            balancer_arn: Some("arn:lb".into()),
            reason: "targets are registered in arn:tg".into(),
        },
        Failure::AnotherRun { name: "prod-api-nlb".into() },
        Failure::ForeignListener { port: 6443, arn: "arn:listener".into() },
        Failure::BalancerFailed { name: "prod-api-nlb".into(), reason: "no free addresses".into() },
        Failure::Unfinished { arn: "arn:lb".into() },
        Failure::NoZoneStays { zones: 1, pinned: false },
        Failure::NoZoneStays { zones: 3, pinned: true },
        Failure::SubnetsNotSet { error: refused(), restored: true },
        Failure::SubnetsNotSet { error: refused(), restored: false },
        Failure::NotRemoved { arn: "arn:lb".into(), error: in_use() },
        Failure::NeedsNewPlan("internal"),
    ];
    let text: String = all.into_iter().map(|failure| in_full(&failure.into())).collect();
    let warnings = [permission::add_tags(), permission::remove_tags(&[MARKER])].map(|said| in_full(&said.into()));
    let text = text + &warnings.concat();
    golden::check("nlb/failures.txt", &text);
}

/// The user reads of the argument that gives the name, not of `name`, which may not even be set.
#[test]
fn a_name_that_is_taken_is_reported_where_it_is_given() {
    let group = |role, name: &str| nested(role, [("target_group_name", name.into())]);
    let given = config([
        ("name", Value::Null),
        ("load_balancer_name", "k8s".into()),
        group("kubernetes_api", "six"),
        group("talos_api", "fifty"),
    ]);
    let foreign = |name: &str| Failure::Foreign {
        what: "target group",
        name: name.into(),
        arn: "arn:tg".into(),
        balancer_arn: None,
    };
    let in_use = Failure::InUse { name: "k8s".into(), balancer_arn: None, reason: "it serves".into() };
    let duplicate = |name: &str| {
        let message = format!("A target group with the same name '{name}' exists, but with different settings");
        let cause = Cause::Service { code: "DuplicateTargetGroupName".into(), message };
        Failure::Aws(AwsError::new("elasticloadbalancing:CreateTargetGroup", cause))
    };
    let group = "talos_api.target_group_name";
    for (failure, config, place) in [
        (foreign("fifty"), &given, group),
        (duplicate("fifty"), &given, group),
        (in_use, &given, "load_balancer_name"),
        (foreign("prod-api-tg"), &config([]), "name"),
        (duplicate("prod-api-tg"), &config([]), "name"),
    ] {
        let ours = matches!(failure, Failure::Foreign { .. } | Failure::InUse { .. });
        let text = in_full(&failure.in_terms_of(config));
        assert!(text.starts_with(&format!("{place}: The name is taken")), "{text}");
        assert!(!ours || text.contains(&format!("choose another `{place}`")), "{text}");
    }
}

#[test]
fn what_aws_does_not_accept_is_reported_at_its_argument() {
    let place = |code: &str, message: &str, config: &Object| {
        let cause = Cause::Service { code: code.into(), message: message.into() };
        let failure = Failure::Aws(AwsError::new("elasticloadbalancing:CreateTargetGroup", cause));
        failure.in_terms_of(config).iter().map(|said| said.path.to_string()).collect::<String>()
    };
    let plain = config([("vpc_id", "vpc-0a".into())]);
    let pinned = config([("subnet_ids", Value::Null), ("subnet_mappings", Value::set([]))]);
    for (code, message, config, expected) in [
        ("ValidationError", "The VPC ID 'vpc-0a' is not found", &plain, "vpc_id"),
        ("InvalidVpcID.NotFound", "The vpc ID 'vpc-0a' does not exist", &plain, "vpc_id"),
        ("ValidationError", "The VPC ID 'vpc-0b' is not found", &plain, ""),
        ("SubnetNotFoundException", "x", &plain, "subnet_ids"),
        ("InvalidSubnet", "x", &pinned, "subnet_mappings"),
        ("AllocationIdNotFound", "x", &pinned, "subnet_mappings"),
        ("InvalidSecurityGroup", "x", &plain, "security_group_ids"),
        ("AccessDenied", "x", &plain, ""),
    ] {
        assert_eq!(place(code, message, config), expected, "{code}: {message}");
    }
}
