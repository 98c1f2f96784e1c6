//! What the user reads when AWS, or the way to it, fails a call: what happened, and what to do. In reading order:
//!
//! This is what holds for every resource on AWS. What an error means for one kind of resource, that kind says itself, in its own
//! attributes' names: its [`Advice`] wins.

mod advice;
mod service;
mod connect;
mod credentials;
mod settings;

pub use advice::{Advice, OwnAdvice, none};
pub use settings::bundle;

use crate::framework::diagnostic::Diagnostic;
use crate::remote::aws_error::{AwsError, Cause};

/// An error of a call, for the user.
pub fn diagnostic(error: &AwsError, own: OwnAdvice) -> Diagnostic {
    let (title, detail) = explain(error, own);
    Diagnostic::failed(title, detail)
}

/// What a call that changes something may have done although no answer says so.
fn lost(operation: &str) -> String {
    let step = operation.split(':').next_back().unwrap_or_default();
    let only_reads = ["Describe", "Get", "Assume"].iter().any(|prefix| step.starts_with(prefix));
    if only_reads {
        String::new()
    } else {
        format!(" AWS may have carried out {step}; the next apply finds out and continues.")
    }
}

/// A short title, and a paragraph with the reason and the remedy.
pub fn explain(error: &AwsError, own: OwnAdvice) -> (String, String) {
    let operation = &error.operation;
    match &error.cause {
        Cause::Service { code, message } => service::explain(operation, code, message, own),
        Cause::Connect { error, may_have_been_sent } => {
            connect::explain(operation, error, &if *may_have_been_sent { lost(operation) } else { String::new() })
        }
        Cause::NoCredentials(failure) => credentials::explain(operation, failure),
        Cause::Settings(error) => settings::explain(error),
        Cause::NoRegion => settings::no_region(),
        Cause::Unreachable(reason) | Cause::Lost(reason) => (
            "AWS cannot be reached".to_owned(),
            format!(
                "{operation} got no answer: {reason}.{}\n\nCheck the network, the name of the region (nothing has the \
                 address of one that doesn't exist), the proxy settings (HTTPS_PROXY, NO_PROXY) and, where set, \
                 endpoint_url or AWS_ENDPOINT_URL. Then run again.",
                if matches!(error.cause, Cause::Lost(_)) { lost(operation) } else { String::new() }
            ),
        ),
        Cause::TimedOut => (
            "AWS did not answer in time".to_owned(),
            format!("{operation} got no answer in time.{}\n\nCheck the network and run again.", lost(operation)),
        ),
        Cause::ServerError { status, code, message } => (
            "AWS failed to carry out the call".to_owned(),
            format!(
                "{operation} was answered with an internal error each time it was repeated (status {status}, {code}): \
                 {}.{}\n\nRun again later. The AWS Health Dashboard shows whether the service is impaired.",
                message.trim_end_matches('.'),
                lost(operation)
            ),
        ),
        Cause::BrokenAnswer(reason) => (
            "Incomplete answer from AWS".to_owned(),
            format!(
                "{operation} was not answered in full, each time it was repeated: {}. Nothing was concluded from what \
                 came.{}\n\nCheck the network, and any proxy in between (HTTPS_PROXY), then run again.",
                reason.trim_end_matches('.'),
                lost(operation)
            ),
        ),
    }
}

#[cfg(test)]
mod tests;
