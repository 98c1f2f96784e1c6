//! What AWS, or the way to it, said no to, and what the user should do.

use std::error::Error;

use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::credentials::Lack;
use super::obstacle::{Obstacle, innermost, links};
use super::refusal;

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
    /// No answer came: no route, connection refused, name not found.
    #[error("{0}")]
    Unreachable(String),
    /// Nothing was sent: a certificate was refused, or a proxy stood in the way.
    #[error("{0}")]
    Obstacle(Obstacle),
    /// No answer came in time.
    #[error("no answer in time")]
    TimedOut,
    /// There are no credentials to sign with.
    #[error("{0}")]
    NoCredentials(Lack),
    /// No region is set anywhere.
    #[error("no region is set")]
    NoRegion,
    /// A setting can't be used: what to tell the user.
    #[error("{title}")]
    Settings {
        /// A few words.
        title: String,
        /// The reason, and what to do.
        detail: String,
    },
    /// The answer was not what the service promises.
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
        if let Some(cause) = known(&error) {
            return AwsError::new(operation, cause);
        }
        let cause = match &error {
            SdkError::ServiceError(service) => Cause::Refused {
                code: service.err().code().unwrap_or("Unknown").to_owned(),
                message: service.err().message().unwrap_or("AWS gave no reason").to_owned(),
            },
            SdkError::TimeoutError(_) => Cause::TimedOut,
            SdkError::DispatchFailure(failure) if failure.is_timeout() => Cause::TimedOut,
            SdkError::DispatchFailure(_) => Cause::Unreachable(innermost(&error)),
            _ => Cause::Unusable(innermost(&error)),
        };
        AwsError::new(operation, cause)
    }

    /// Translates the failure to get credentials for a call.
    pub fn from_credentials(operation: &str, error: &CredentialsError) -> AwsError {
        let cause = known(error).unwrap_or_else(|| Cause::NoCredentials(Lack::of(error, None, None)));
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
            Cause::Refused { code, message } => refusal::explain(operation, code, message),
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
            Cause::Obstacle(obstacle) => obstacle.explain(operation),
            Cause::NoCredentials(lack) => lack.explain(operation),
            Cause::Settings { title, detail } => (title.clone(), detail.clone()),
            Cause::NoRegion => (
                "No AWS region".to_owned(),
                "No region is set. Set AWS_REGION, `region` in the profile, `aws = { region = \"…\" }` in the provider block, or `region` on \
                 the resource."
                    .to_owned(),
            ),
            Cause::Unusable(reason) => ("Unusable answer".to_owned(), format!("{operation}: {reason}.")),
        }
    }
}

/// What an error comes from, where our own client or our own sources of credentials found it out.
fn known(error: &(dyn Error + 'static)) -> Option<Cause> {
    links(error).find_map(|link| {
        let obstacle = link.downcast_ref().cloned().map(Cause::Obstacle);
        obstacle.or_else(|| link.downcast_ref().cloned().map(Cause::NoCredentials))
    })
}

/// An error and its causes on one line.
pub(super) fn causes(error: &(dyn Error + 'static)) -> String {
    match error.source() {
        Some(source) => format!("{error}: {}", causes(source)),
        None => error.to_string(),
    }
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
