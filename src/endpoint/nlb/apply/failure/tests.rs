use super::super::permission;
use super::*;
use crate::endpoint::golden;
use crate::endpoint::nlb::sample::in_full;

/// Every failure in the words that the user reads.
#[test]
fn the_texts() {
    let refused = || {
        let cause = Cause::Service { code: "InvalidSubnet".into(), message: "The subnet is full.".into() };
        AwsError::new("elasticloadbalancing:CreateLoadBalancer", cause)
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
        Failure::NeedsNewPlan("internal"),
    ];
    let text: String = all.into_iter().map(|failure| in_full(&failure.into())).collect();
    let warnings = [permission::add_tags(), permission::remove_tags(&[MARKER])].map(|said| in_full(&said.into()));
    let text = text + &warnings.concat();
    golden::check("nlb/failures.txt", &text);
}
