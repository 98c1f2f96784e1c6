//! Why an operation on an attachment failed, and what the user reads.

use std::collections::{BTreeMap, BTreeSet};

use crate::endpoint::aws_diagnostic::{self, Advice};
use crate::endpoint::deadline::Interrupted;
use crate::endpoint::interruption::interrupted;
use crate::endpoint::nlb_attachment::model::schema::names::{TARGET_GROUP_ARNS, TARGET_ID};
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::path::Path;
use crate::remote::aws_error::AwsError;
use crate::remote::elb::Target;

/// Why a step failed.
#[derive(Clone, Debug, PartialEq)]
pub enum Failure {
    /// AWS or the way to it said no about this group.
    Aws(AwsError, String),
    /// The operation was ended early while doing this, and what AWS had last said no to.
    Interrupted(Interrupted, String, Option<AwsError>),
}

/// Every failure as a diagnostic; what is the same for several groups is one. Each names the target and the groups: in a destroy Terraform
/// doesn't name the resource.
pub fn diagnostics(failures: Vec<Failure>, target: &Target) -> Diagnostics {
    let mut groups: BTreeMap<(String, String), BTreeSet<String>> = BTreeMap::new();
    let key = |error: &AwsError| (error.operation.clone(), error.cause.to_string());
    for failure in &failures {
        if let Failure::Aws(error, group) = failure {
            groups.entry(key(error)).or_default().insert(group.clone());
        }
    }
    let mut all = Diagnostics::new();
    for failure in failures {
        let of_error = match &failure {
            Failure::Aws(error, _) => groups.get(&key(error)).cloned().unwrap_or_default(),
            Failure::Interrupted(..) => BTreeSet::new(),
        };
        let reported = diagnostic(failure);
        let detail = format!("{}\n\n{}", reported.detail, whereabouts(target, &of_error));
        all.push(Diagnostic { detail, ..reported });
    }
    all
}

/// `Target: i-0123 (port 6443). Target group: ARN`
fn whereabouts(target: &Target, groups: &BTreeSet<String>) -> String {
    let port = target.port.map(|port| format!(" (port {port})")).unwrap_or_default();
    let named = format!("Target: {}{port}.", target.id);
    match groups.len() {
        0 => named,
        1 => format!("{named} Target group: {}", groups.iter().cloned().collect::<String>()),
        _ => format!("{named} Target groups: {}", groups.iter().cloned().collect::<Vec<_>>().join(", ")),
    }
}

fn diagnostic(failure: Failure) -> Diagnostic {
    match failure {
        Failure::Aws(error, _) => {
            let (title, detail) = explain(&error);
            Diagnostic::failed(title, detail).at(place(&error))
        }
        Failure::Interrupted(why, doing, None) => interrupted(why, &doing),
        Failure::Interrupted(why, doing, Some(error)) => {
            let reported = interrupted(why, &doing);
            let (_, said) = explain(&error);
            let detail = format!("{}\n\n{said}", reported.detail);
            Diagnostic { detail, ..reported }
        }
    }
}

/// A failed call: a short title, and a paragraph with the reason and the remedy.
pub fn explain(error: &AwsError) -> (String, String) {
    aws_diagnostic::explain(error, advice)
}

/// What AWS's error codes mean for a target and its groups.
fn advice(code: &str) -> Option<Advice> {
    let (title, remedy) = match code {
        "TooManyRegistrationsForTargetId" | "TooManyTargets" => (
            "An AWS quota is used up",
            "A target group takes only so many targets, and a target only so many registrations. Remove what is no \
             longer needed or ask for a higher quota (Service Quotas, Elastic Load Balancing), then run again.",
        ),
        "TargetGroupNotFound" => (
            "Not found in AWS",
            "The target group was removed outside of Terraform, or it is in another region or account. Correct \
             `target_group_arns`.",
        ),
        _ => return None,
    };
    Some(Advice { title, remedy })
}

fn place(error: &AwsError) -> Path {
    match error {
        error if error.is("InvalidTarget") => Path::of(TARGET_ID),
        error if error.is_not_found() => Path::of(TARGET_GROUP_ARNS),
        _ => Path::root(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoint::nlb_attachment::model::schema::SCHEMA;
    use crate::remote::aws_error::Cause;

    fn refused(code: &str) -> AwsError {
        let cause = Cause::Service { code: code.to_owned(), message: "words".to_owned() };
        AwsError::new("elasticloadbalancing:RegisterTargets", cause)
    }

    fn target() -> Target {
        Target { id: "i-0123".to_owned(), port: Some(6443), availability_zone: None }
    }

    #[test]
    fn each_names_its_target_and_its_groups() {
        let aws = |code, group: &str| Failure::Aws(refused(code), group.to_owned());
        let failures = vec![aws("AccessDenied", "b"), aws("AccessDenied", "a"), aws("ResourceInUse", "c")];
        let details: Vec<String> = diagnostics(failures, &target()).into_iter().map(|one| one.detail).collect();
        let [denied, in_use] = details.as_slice() else { panic!("{details:#?}") };
        assert!(denied.ends_with("\n\nTarget: i-0123 (port 6443). Target groups: a, b"), "{denied}");
        assert!(in_use.ends_with("\n\nTarget: i-0123 (port 6443). Target group: c"), "{in_use}");
    }

    fn check(failures: Vec<Failure>, expected: &[(&str, &str)]) {
        let reported = diagnostics(failures, &target());
        let reported: Vec<(String, String)> =
            reported.into_iter().map(|one| (one.path.to_string(), one.title)).collect();
        let reported: Vec<(&str, &str)> =
            reported.iter().map(|(path, title)| (path.as_str(), title.as_str())).collect();
        assert_eq!(reported, expected);
    }

    #[test]
    fn the_same_is_said_once_and_at_its_place() {
        let aws = |code, group: &str| Failure::Aws(refused(code), group.to_owned());
        check(vec![aws("AccessDenied", "a"), aws("AccessDenied", "b")], &[("", "Access denied by AWS")]);
        check(vec![aws("InvalidTarget", "a")], &[("target_id", "AWS does not accept a target")]);
        let gone = [("target_group_arns", "Not found in AWS")];
        check(vec![aws("TargetGroupNotFound", "a"), aws("TargetGroupNotFound", "b")], &gone);
    }

    #[test]
    fn no_error_gives_the_advice_of_a_load_balancer() {
        let of_the_service = [
            "AllocationIdNotFound",
            "AvailabilityZoneNotSupported",
            "DuplicateListener",
            "DuplicateLoadBalancerName",
            "DuplicateTargetGroupName",
            "InsufficientCapacity",
            "InvalidConfigurationRequest",
            "InvalidSecurityGroup",
            "InvalidSubnet",
            "InvalidTarget",
            "ListenerNotFound",
            "LoadBalancerNotFound",
            "OperationNotPermitted",
            "ResourceInUse",
            "SubnetNotFound",
            "TargetGroupAssociationLimit",
            "TargetGroupNotFound",
            "TooManyRegistrationsForTargetId",
            "TooManyTargets",
            "ValidationError",
            "SomethingNew",
        ];
        for code in of_the_service {
            let (_, detail) = explain(&refused(code));
            let (_, advice) = detail.split_once("\n\n").unwrap();
            for word in advice.split('`').skip(1).step_by(2) {
                assert!(
                    SCHEMA.attribute(word).is_some(),
                    "{code} speaks of `{word}`, which an attachment doesn't have: {advice}"
                );
            }
        }
    }

    #[test]
    fn a_wait_that_ends_says_what_aws_said() {
        let waited = Failure::Interrupted(Interrupted::TimedOut, "waiting".to_owned(), Some(refused("InvalidTarget")));
        let reported: Vec<Diagnostic> = diagnostics(vec![waited], &target()).into_iter().collect();
        assert_eq!(reported[0].path, Path::of("timeouts"));
        assert!(
            reported[0].detail.contains("while waiting") && reported[0].detail.contains("InvalidTarget"),
            "{reported:?}"
        );
    }
}
