//! What the error codes mean that any service may answer with.

use super::advice::{Advice, OwnAdvice};

/// A short title, and a paragraph with AWS's words and the remedy.
pub(super) fn explain(operation: &str, code: &str, message: &str, own: OwnAdvice) -> (String, String) {
    let said = format!("AWS refused {operation} ({code}): {}", message.trim_end_matches('.'));
    let name = code.strip_suffix("Exception").unwrap_or(code);
    let (title, remedy) = match name {
        "AccessDenied" | "UnauthorizedOperation" | "AccessDeniedFault" => {
            let action = denied_action(message).unwrap_or(operation);
            let remedy = match Limit::of(message) {
                Some(limit) => limit.remedy(action),
                None => format!(
                    "The credentials lack the permission `{action}`. Add it to the role or user that runs Terraform, \
                     then run again."
                ),
            };
            ("Access denied by AWS", remedy)
        }
        _ => {
            let Advice { title, remedy } = own(name).unwrap_or_else(|| advice(name));
            (title, remedy.to_owned())
        }
    };
    (title.to_owned(), format!("{said}.\n\n{remedy}"))
}

/// What denies an action whatever permissions the role or user has.
struct Limit {
    /// AWS's name for it: `service control policy`.
    policy: String,
    /// Whether it denies the action by name, instead of not allowing it.
    explicit: bool,
}

impl Limit {
    /// Read from AWS's words, by the forms that IAM documents ("Troubleshoot access denied error messages").
    fn of(message: &str) -> Option<Limit> {
        let explicit = message.split_once("with an explicit deny").map(|(_, rest)| (rest, true));
        let implicit = || message.split_once("because no ").map(|(_, rest)| (rest, false));
        let (rest, explicit) = explicit.or_else(implicit)?;
        let rest = rest.trim_start_matches(" in ").trim_start_matches("an ").trim_start_matches("a ");
        let end = |noun: &str| rest.find(noun).map(|start| start + noun.len());
        let end = end("policy").into_iter().chain(end("boundary")).min();
        let policy = end.map_or("policy", |end| &rest[..end]);
        // A permission in the role's or user's own policies is all that is missing.
        let is_own = ["identity-based policy", "resource-based policy"].contains(&policy);
        let is_limit = explicit || end.is_some() && !is_own;
        is_limit.then(|| Limit { policy: policy.to_owned(), explicit })
    }

    fn remedy(&self, action: &str) -> String {
        let Limit { policy, explicit } = self;
        let who = match policy.as_str() {
            "service control policy" | "resource control policy" => "Whoever administers the AWS organization",
            "permissions boundary" => "Whoever sets the boundary of the role or user",
            "session policy" => "Whoever opens the session (in the provider block, `policy` of `assume_role`)",
            "VPC endpoint policy" => "Whoever runs the VPC endpoint",
            "resource-based policy" => "The owner of the resource",
            _ => "Whoever administers the role or user in IAM",
        };
        let article = if policy.starts_with('i') { "An" } else { "A" };
        if *explicit {
            format!(
                "{article} {policy} denies `{action}` explicitly, and no further permission overrides that. {who} must \
                 lift the denial. Then run again."
            )
        } else {
            format!(
                "No {policy} allows `{action}`, and a permission of the role or user doesn't help without it. {who} \
                 must allow it there too. Then run again."
            )
        }
    }
}

/// The action that AWS says is denied. It is not always the one that was called: tags given to a create need a permission of their own.
fn denied_action(message: &str) -> Option<&str> {
    let (_, rest) = message.split_once("not authorized to perform: ")?;
    let action = rest.split(|c: char| c.is_whitespace() || c == ',').next()?.trim_end_matches('.');
    let (service, name) = action.split_once(':')?;
    let is_word = |word: &str| !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    (is_word(service) && is_word(name)).then_some(action)
}

fn advice(code: &str) -> Advice {
    let (title, remedy) = match code {
        "ExpiredToken" | "RequestExpired" => {
            ("AWS credentials have expired", "Renew the session (for example `aws sso login`) and run again.")
        }
        "InvalidClientTokenId"
        | "UnrecognizedClient"
        | "SignatureDoesNotMatch"
        | "AuthFailure"
        | "IncompleteSignature" => (
            "AWS does not accept the credentials",
            "The access key or its secret is wrong, switched off, or belongs to another partition. Check what \
             `aws sts get-caller-identity` answers.",
        ),
        "Throttling" | "RequestLimitExceeded" | "TooManyRequests" => (
            "AWS is throttling this account",
            "The call was repeated and still refused. Run again later, lower -parallelism, or raise `max_attempts` in \
             the provider block.",
        ),
        limit if limit.starts_with("TooMany") || limit.ends_with("LimitExceeded") || limit.ends_with("Limit") => (
            "An AWS quota is used up",
            "Remove what is no longer needed or ask for a higher quota (Service Quotas, Elastic Load Balancing), then \
             run again.",
        ),
        "CapacityReservationPending" | "PriorRequestNotComplete" => (
            "AWS is busy with an earlier change",
            "A change of the same load balancer is still going on. Run again in a few minutes.",
        ),
        "InvalidConfigurationRequest" | "ValidationError" | "InvalidScheme" | "InvalidLoadBalancerAction" => (
            "AWS does not accept the settings",
            "They are not allowed, or don't go together. Correct what AWS names and run again.",
        ),
        "InvalidTarget" => (
            "AWS does not accept a target",
            "The instance must be running, and in the VPC of the target group; an address must be inside the VPC or \
             private.",
        ),
        "ResourceInUse" => ("Still in use", "Something else still uses it. Remove that use and run again."),
        "LoadBalancerNotFound" | "TargetGroupNotFound" | "ListenerNotFound" => {
            ("Not found in AWS", "It was removed outside of Terraform, or it is in another region or account.")
        }
        _ => ("AWS refused the request", "Correct what AWS names and run again."),
    };
    Advice { title, remedy }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_denial_that_no_permission_overrides_names_who_can_lift_it() {
        let said = |reason: &str| {
            let message =
                format!("User: arn:aws:iam::1:user/t is not authorized to perform: ec2:X on resource: y {reason}");
            explain("ec2:X", "AccessDenied", &message, |_| None).1
        };
        for (reason, expected) in [
            ("with an explicit deny in a service control policy", "Whoever administers the AWS organization must lift"),
            (
                "with an explicit deny in a service control policy: arn:aws:organizations::1:policy/p",
                "A service control policy denies `ec2:X` explicitly",
            ),
            (
                "with an explicit deny in a resource control policy",
                "Whoever administers the AWS organization must lift",
            ),
            (
                "with an explicit deny in an identity-based policy",
                "An identity-based policy denies `ec2:X` explicitly, and no further permission overrides that. Whoever administers the role or user in IAM must lift",
            ),
            ("with an explicit deny in a permissions boundary", "Whoever sets the boundary"),
            ("with an explicit deny", "A policy denies `ec2:X` explicitly"),
            (
                "because no permissions boundary allows the ec2:X action",
                "No permissions boundary allows `ec2:X`, and a permission of the role or user doesn't help without it. \
                 Whoever sets the boundary of the role or user must allow it there too.",
            ),
            (
                "because no service control policy allows the ec2:X action",
                "Whoever administers the AWS organization must",
            ),
            ("because no session policy allows the ec2:X action", "`policy` of `assume_role`"),
            ("because no VPC endpoint policy allows the ec2:X action", "Whoever runs the VPC endpoint must"),
        ] {
            let detail = said(reason);
            assert!(detail.contains(expected) && !detail.contains("Add it to the role or user"), "{detail}");
        }
        for reason in ["because no identity-based policy allows the ec2:X action", ""] {
            assert!(said(reason).contains("Add it to the role or user"), "{reason}");
        }
    }

    #[test]
    fn the_denied_action_is_the_one_that_aws_names() {
        let said = "User: arn:aws:iam::1:user/t is not authorized to perform: elasticloadbalancing:AddTags on \
                    resource: arn:aws:x because no identity-based policy allows the elasticloadbalancing:AddTags \
                    action";
        assert_eq!(denied_action(said), Some("elasticloadbalancing:AddTags"));
        assert_eq!(denied_action("You are not authorized to perform: ec2:DescribeVpcs."), Some("ec2:DescribeVpcs"));
        for other in ["You are not authorized to perform this operation.", "not authorized to perform: it", "no"] {
            assert_eq!(denied_action(other), None, "{other}");
        }
    }
}
