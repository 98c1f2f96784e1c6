//! What AWS, or the way to it, said no to, and what the user should do.

use std::error::Error;

use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

/// A refused or failed call.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{operation}: {cause}")]
pub struct AwsError {
    /// The call, `SERVICE:Operation` in the form that IAM policies use.
    pub operation: String,
    /// Why.
    pub cause: Cause,
}

/// Why a call failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Cause {
    /// AWS answered with an error.
    #[error("{code}: {message}")]
    Refused {
        /// The code on the wire, such as `DuplicateLoadBalancerName`.
        code: String,
        /// AWS's own words.
        message: String,
    },
    /// No answer came: no route, connection refused, name not found, TLS refused.
    #[error("{0}")]
    Unreachable(String),
    /// No answer came in time.
    #[error("no answer in time")]
    TimedOut,
    /// No credentials were found, or those found could not be used.
    #[error("{0}")]
    NoCredentials(String),
    /// No region is set anywhere.
    #[error("no region is set")]
    NoRegion,
    /// The answer was not what the service promises, or the settings can't be used.
    #[error("{0}")]
    Unusable(String),
}

impl AwsError {
    /// An error without an answer from AWS.
    pub fn new(operation: impl Into<String>, cause: Cause) -> AwsError {
        AwsError { operation: operation.into(), cause }
    }

    /// Translates an SDK error.
    pub fn from_sdk<E, R>(operation: &str, error: SdkError<E, R>) -> AwsError
    where
        E: Error + ProvideErrorMetadata + Send + Sync + 'static,
        R: std::fmt::Debug + Send + Sync + 'static,
    {
        let cause = match &error {
            SdkError::ServiceError(service) => Cause::Refused {
                code: service.err().code().unwrap_or("Unknown").to_owned(),
                message: service.err().message().unwrap_or("AWS gave no reason").to_owned(),
            },
            SdkError::TimeoutError(_) => Cause::TimedOut,
            _ if credentials_error(&error).is_some() => {
                Cause::NoCredentials(credentials_error(&error).unwrap_or_default())
            }
            SdkError::DispatchFailure(failure) if failure.is_timeout() => Cause::TimedOut,
            SdkError::DispatchFailure(_) => Cause::Unreachable(innermost(&error)),
            _ => Cause::Unusable(innermost(&error)),
        };
        AwsError::new(operation, cause)
    }

    /// The wire code, if AWS answered.
    pub fn code(&self) -> Option<&str> {
        match &self.cause {
            Cause::Refused { code, .. } => Some(code),
            _ => None,
        }
    }

    /// True if AWS answered with `code`, with or without the suffix `Exception`.
    pub fn is(&self, code: &str) -> bool {
        self.code().is_some_and(|own| own == code || own.strip_suffix("Exception") == Some(code))
    }

    /// True if the thing that the call named doesn't exist.
    pub fn is_not_found(&self) -> bool {
        ["LoadBalancerNotFound", "TargetGroupNotFound", "ListenerNotFound"].iter().any(|code| self.is(code))
    }

    /// True if AWS refused because too much was asked of it.
    pub fn is_throttling(&self) -> bool {
        ["Throttling", "RequestLimitExceeded", "TooManyRequests"].iter().any(|code| self.is(code))
    }

    /// True if it can't be known whether the call had its effect.
    pub fn is_ambiguous(&self) -> bool {
        matches!(self.cause, Cause::Unreachable(_) | Cause::TimedOut | Cause::Unusable(_))
    }

    /// A short title, and a paragraph with the reason and the remedy.
    pub fn explain(&self) -> (String, String) {
        let operation = &self.operation;
        match &self.cause {
            Cause::Refused { code, message } => explain_refusal(operation, code, message),
            Cause::Unreachable(reason) => (
                "AWS cannot be reached".to_owned(),
                format!(
                    "{operation} got no answer: {reason}.\n\nCheck the network, the proxy settings (HTTPS_PROXY, NO_PROXY) and, where set, \
                     endpoint_url or AWS_ENDPOINT_URL. Then run again."
                ),
            ),
            Cause::TimedOut => (
                "AWS did not answer in time".to_owned(),
                format!(
                    "{operation} got no answer in time. The call may have had its effect all the same; the next run finds out.\n\n\
                     Check the network and run again."
                ),
            ),
            Cause::NoCredentials(reason) => (
                "No usable AWS credentials".to_owned(),
                format!(
                    "{operation} could not be signed: {reason}.\n\nSet AWS_PROFILE, AWS_ACCESS_KEY_ID with AWS_SECRET_ACCESS_KEY, an instance \
                     role, or the fields of `aws` in the provider block. `aws sts get-caller-identity` shows whether the machine has any."
                ),
            ),
            Cause::NoRegion => (
                "No AWS region".to_owned(),
                "No region is set. Set AWS_REGION, `region` in the profile, `aws = { region = \"…\" }` in the provider block, or `region` on \
                 the resource."
                    .to_owned(),
            ),
            Cause::Unusable(reason) => ("Unusable answer or settings".to_owned(), format!("{operation}: {reason}.")),
        }
    }
}

fn explain_refusal(operation: &str, code: &str, message: &str) -> (String, String) {
    let said = format!("AWS refused {operation} ({code}): {}", message.trim_end_matches('.'));
    let (title, remedy) = match code.strip_suffix("Exception").unwrap_or(code) {
        "AccessDenied" | "UnauthorizedOperation" | "AccessDeniedFault" => (
            "Access denied by AWS",
            format!("The credentials lack the permission `{operation}`. Add it to the role or user that runs Terraform, then run again."),
        ),
        "ExpiredToken" | "RequestExpired" => {
            ("AWS credentials have expired", "Renew the session (for example `aws sso login`) and run again.".to_owned())
        }
        "InvalidClientTokenId" | "UnrecognizedClient" | "SignatureDoesNotMatch" | "AuthFailure" | "IncompleteSignature" => (
            "AWS does not accept the credentials",
            "The access key or its secret is wrong, switched off, or belongs to another partition. Check what \
             `aws sts get-caller-identity` answers."
                .to_owned(),
        ),
        "Throttling" | "RequestLimitExceeded" | "TooManyRequests" => (
            "AWS is throttling this account",
            "The call was repeated and still refused. Run again later, lower -parallelism, or raise `max_attempts` in the provider block."
                .to_owned(),
        ),
        "TargetGroupAssociationLimit" => (
            "The target group serves another load balancer",
            "A target group works with one load balancer only. Choose another `target_group_name`.".to_owned(),
        ),
        limit if limit.starts_with("TooMany") || limit.ends_with("LimitExceeded") || limit.ends_with("Limit") => (
            "An AWS quota is used up",
            "Remove what is no longer needed or ask for a higher quota (Service Quotas, Elastic Load Balancing), then run again.".to_owned(),
        ),
        "DuplicateLoadBalancerName" | "DuplicateTargetGroupName" => (
            "The name is taken",
            "Something with this name and other settings exists in this account and region. Choose another `name`, or import what exists."
                .to_owned(),
        ),
        "DuplicateListener" => (
            "The port is taken",
            "Another listener of this load balancer has this port. Choose another `port`, or remove that listener.".to_owned(),
        ),
        "SubnetNotFound" | "InvalidSubnet" | "InvalidSubnetID.NotFound" => (
            "AWS does not accept a subnet",
            "Each subnet must exist in this region, in the same VPC as the others, one per Availability Zone, with at least 8 free addresses."
                .to_owned(),
        ),
        "InvalidSecurityGroup" => (
            "AWS does not accept a security group",
            "Each security group must exist in the VPC of the load balancer. A load balancer created without one can never be given one."
                .to_owned(),
        ),
        "AvailabilityZoneNotSupported" => (
            "AWS does not accept a subnet",
            "The Availability Zone of a subnet does not take load balancers. Choose a subnet in another one.".to_owned(),
        ),
        "AllocationIdNotFound" => (
            "AWS does not accept an Elastic IP",
            "Each `allocation_id` must be that of an Elastic IP in this account and region.".to_owned(),
        ),
        "CapacityReservationPending" | "PriorRequestNotComplete" => (
            "AWS is busy with an earlier change",
            "A change of the same load balancer is still going on. Run again in a few minutes.".to_owned(),
        ),
        "InsufficientCapacity" => (
            "AWS has no capacity for this",
            "Run again later, or choose subnets in other Availability Zones.".to_owned(),
        ),
        "InvalidConfigurationRequest" | "ValidationError" | "InvalidScheme" | "InvalidLoadBalancerAction" => (
            "AWS does not accept the settings",
            "They are not allowed, or don't go together. Correct what AWS names and run again.".to_owned(),
        ),
        "OperationNotPermitted" => (
            "AWS does not permit this now",
            "Most often deletion protection is on: apply `enable_deletion_protection = false` first.".to_owned(),
        ),
        "ResourceInUse" => (
            "Still in use",
            "Something else still uses it: for a load balancer a VPC endpoint service, for a target group a listener, for an Elastic IP \
             another load balancer. Remove that use and run again."
                .to_owned(),
        ),
        "InvalidTarget" => (
            "AWS does not accept a target",
            "The instance must be running, and in the VPC of the target group; an address must be inside the VPC or private.".to_owned(),
        ),
        "LoadBalancerNotFound" | "TargetGroupNotFound" | "ListenerNotFound" => {
            ("Not found in AWS", "It was removed outside of Terraform, or it is in another region or account.".to_owned())
        }
        _ => ("AWS refused the request", "Correct what AWS names and run again.".to_owned()),
    };
    (title.to_owned(), format!("{said}.\n\n{remedy}"))
}

fn credentials_error(error: &(dyn Error + 'static)) -> Option<String> {
    let mut current = Some(error);
    while let Some(cause) = current {
        if cause.downcast_ref::<CredentialsError>().is_some() {
            return Some(innermost(cause));
        }
        current = cause.source();
    }
    None
}

/// An error and its causes on one line.
pub(super) fn causes(error: &(dyn Error + 'static)) -> String {
    match error.source() {
        Some(source) => format!("{error}: {}", causes(source)),
        None => error.to_string(),
    }
}

/// The text of the deepest cause, which says what happened; the outer ones say where.
fn innermost(error: &(dyn Error + 'static)) -> String {
    let mut current = error;
    while let Some(source) = current.source() {
        current = source;
    }
    current.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(code: &str) -> AwsError {
        let cause = Cause::Refused { code: code.into(), message: "words.".into() };
        AwsError::new("elasticloadbalancing:CreateLoadBalancer", cause)
    }

    #[test]
    fn a_refusal_names_the_action_and_the_remedy() {
        let (title, detail) = refused("AccessDenied").explain();
        assert_eq!(title, "Access denied by AWS");
        assert_eq!(
            detail,
            "AWS refused elasticloadbalancing:CreateLoadBalancer (AccessDenied): words.\n\nThe credentials lack the permission \
             `elasticloadbalancing:CreateLoadBalancer`. Add it to the role or user that runs Terraform, then run again."
        );
        assert_eq!(refused("TooManyTargetGroups").explain().0, "An AWS quota is used up");
        assert_eq!(refused("DuplicateLoadBalancerName").explain().0, "The name is taken");
        assert_eq!(refused("SomethingNew").explain().0, "AWS refused the request");
    }

    #[test]
    fn codes_match_with_and_without_their_suffix() {
        assert!(refused("LoadBalancerNotFoundException").is_not_found());
        assert!(refused("LoadBalancerNotFound").is_not_found());
        assert!(!refused("ResourceInUse").is_not_found());
        assert!(refused("ThrottlingException").is_throttling() && !refused("AccessDenied").is_throttling());
    }
}
