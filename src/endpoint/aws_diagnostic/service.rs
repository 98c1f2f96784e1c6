//! What the error codes mean that any service may answer with.

use super::advice::{Advice, OwnAdvice};

/// A short title, and a paragraph with AWS's words and the remedy.
pub(super) fn explain(operation: &str, code: &str, message: &str, own: OwnAdvice) -> (String, String) {
    let said = format!("AWS refused {operation} ({code}): {}", message.trim_end_matches('.'));
    let name = code.strip_suffix("Exception").unwrap_or(code);
    let (title, remedy) = match name {
        "AccessDenied" | "UnauthorizedOperation" | "AccessDeniedFault" => {
            let action = denied_action(message).unwrap_or(operation);
            let remedy = format!(
                "The credentials lack the permission `{action}`. Add it to the role or user that runs Terraform, then \
                 run again."
            );
            ("Access denied by AWS", remedy)
        }
        _ => {
            let Advice { title, remedy } = own(name).unwrap_or_else(|| advice(name));
            (title, remedy.to_owned())
        }
    };
    (title.to_owned(), format!("{said}.\n\n{remedy}"))
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
