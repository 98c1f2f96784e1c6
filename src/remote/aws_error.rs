//! Why a call to AWS failed.

use std::error::Error;

use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::answer::BrokenAnswer;
use super::connect_error::ConnectError;
use super::credentials_failure::CredentialsFailure;
use super::error_chain::{innermost, links};
use super::settings_error::SettingsError;
use super::unconnected::Unconnected;

/// A failed call.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{operation}: {cause}")]
pub struct AwsError {
    /// The call, `SERVICE:Operation` in the form that IAM policies use.
    pub operation: String,
    /// What kept it from having an answer, or the error that is its answer.
    pub cause: Cause,
}

/// Why a call failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Cause {
    /// The service answered with an error.
    #[error("{code}: {message}")]
    Service {
        /// The code on the wire, such as `DuplicateLoadBalancerName`.
        code: String,
        /// AWS's own words.
        message: String,
    },
    /// Nothing was sent: no route, connection refused, name not found.
    #[error("{0}")]
    Unreachable(String),
    /// The connection ended before an answer came. The call may have had its effect.
    #[error("{0}")]
    Lost(String),
    /// A certificate was refused, or a proxy stood in the way, so that nothing was sent at last.
    #[error("{error}")]
    Connect {
        /// What it was.
        error: ConnectError,
        /// Whether an earlier attempt of the same call may have had its effect.
        may_have_been_sent: bool,
    },
    /// No answer came in time.
    #[error("no answer in time")]
    TimedOut,
    /// There are no credentials to sign with.
    #[error("{0}")]
    NoCredentials(CredentialsFailure),
    /// No region is set anywhere.
    #[error("no region is set")]
    NoRegion,
    /// A setting can't be used.
    #[error("{0}")]
    Settings(SettingsError),
    /// The service failed, by its own account or that of what stands before it: a status of 500 or more.
    #[error("{status} {code}: {message}")]
    ServerError {
        /// The status of the answer.
        status: u16,
        /// The code on the wire, `Unknown` where there is none.
        code: String,
        /// The service's own words.
        message: String,
    },
    /// The answer can't be believed: it ends early, or lacks what the service promises.
    #[error("{0}")]
    BrokenAnswer(String),
}

impl AwsError {
    /// An error without an answer from AWS.
    pub fn new(operation: impl Into<String>, cause: Cause) -> AwsError {
        AwsError { operation: operation.into(), cause }
    }

    /// Translates an SDK error.
    pub fn from_sdk<E>(operation: &str, error: SdkError<E, HttpResponse>) -> AwsError
    where
        E: Error + ProvideErrorMetadata + Send + Sync + 'static,
    {
        if let Some(cause) = known(&error) {
            return AwsError::new(operation, cause);
        }
        if let Some(unconnected) = links(&error).find_map(|link| link.downcast_ref::<Unconnected>()) {
            let reason = unconnected.to_string();
            let lost = unconnected.may_have_been_sent;
            return AwsError::new(operation, if lost { Cause::Lost(reason) } else { Cause::Unreachable(reason) });
        }
        let cause = match &error {
            SdkError::ServiceError(service) => answered(service.err(), service.raw().status().as_u16()),
            SdkError::TimeoutError(_) => Cause::TimedOut,
            SdkError::DispatchFailure(failure) if failure.is_timeout() => Cause::TimedOut,
            SdkError::DispatchFailure(failure) if failure.is_user() => Cause::Unreachable(innermost(&error)),
            SdkError::DispatchFailure(_) => Cause::Lost(innermost(&error)),
            _ => Cause::BrokenAnswer(innermost(&error)),
        };
        AwsError::new(operation, cause)
    }

    /// Translates the failure to get credentials for a call.
    pub fn from_credentials(operation: &str, error: &CredentialsError) -> AwsError {
        let cause = known(error).unwrap_or_else(|| Cause::NoCredentials(CredentialsFailure::of(error, None, None)));
        AwsError::new(operation, cause)
    }

    /// The wire code, if AWS answered.
    pub fn code(&self) -> Option<&str> {
        match &self.cause {
            Cause::Service { code, .. } => Some(code),
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

    /// True if the credentials lack the permission for the call.
    pub fn is_denied(&self) -> bool {
        ["AccessDenied", "UnauthorizedOperation", "AccessDeniedFault"].iter().any(|code| self.is(code))
    }

    /// True if the service refused because too much was asked of it.
    pub fn is_throttling(&self) -> bool {
        self.code().is_some_and(is_throttling)
    }

    /// True if it can't be known whether the call had its effect.
    pub fn is_ambiguous(&self) -> bool {
        matches!(
            self.cause,
            Cause::Unreachable(_)
                | Cause::Lost(_)
                | Cause::TimedOut
                | Cause::Connect { may_have_been_sent: true, .. }
                | Cause::ServerError { .. }
                | Cause::BrokenAnswer(_)
        )
    }
}

/// Codes of a status of 500 or more that say no more than the status. Others (`InsufficientCapacity`) say what is wrong.
const SAYS_NOTHING: [&str; 6] =
    ["Unknown", "InternalFailure", "InternalError", "InternalServerError", "ServiceUnavailable", "Unavailable"];

/// An answer that is an error. What is throttled may have any status.
fn answered(error: &impl ProvideErrorMetadata, status: u16) -> Cause {
    let code = error.code().unwrap_or("Unknown").to_owned();
    let message = error.message().unwrap_or("AWS gave no reason").to_owned();
    let says_nothing = SAYS_NOTHING.contains(&code.strip_suffix("Exception").unwrap_or(&code));
    if status >= 500 && says_nothing {
        return Cause::ServerError { status, code, message };
    }
    Cause::Service { code, message }
}

fn is_throttling(code: &str) -> bool {
    let code = code.strip_suffix("Exception").unwrap_or(code);
    ["Throttling", "RequestLimitExceeded", "TooManyRequests"].contains(&code)
}

/// What an error comes from, where our own client or our own sources of credentials found it out.
fn known(error: &(dyn Error + 'static)) -> Option<Cause> {
    let last = links(error).find_map(|link| link.downcast_ref::<Unconnected>());
    let may_have_been_sent = last.is_some_and(|unconnected| unconnected.may_have_been_sent);
    links(error).find_map(|link| {
        let unconnected = link.downcast_ref().cloned().map(|error| Cause::Connect { error, may_have_been_sent });
        let broken = || link.downcast_ref::<BrokenAnswer>().map(|broken| Cause::BrokenAnswer(broken.0.clone()));
        unconnected.or_else(broken).or_else(|| link.downcast_ref().cloned().map(Cause::NoCredentials))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn service_error(code: &str) -> AwsError {
        let cause = Cause::Service { code: code.into(), message: "words.".into() };
        AwsError::new("elasticloadbalancing:CreateLoadBalancer", cause)
    }

    #[test]
    fn codes_match_with_and_without_their_suffix() {
        assert!(service_error("LoadBalancerNotFoundException").is_not_found());
        assert!(service_error("LoadBalancerNotFound").is_not_found());
        assert!(!service_error("ResourceInUse").is_not_found());
        assert!(service_error("AccessDeniedException").is_denied() && !service_error("Throttling").is_denied());
        assert!(service_error("ThrottlingException").is_throttling() && !service_error("AccessDenied").is_throttling());
    }
}
