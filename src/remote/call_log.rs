//! One line in the log for each attempt of a call, without bodies and without secrets.

use std::time::Duration;

use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use http::Uri;

/// What a line says before the answer is there.
pub(super) struct CallLog {
    service: String,
    action: String,
    attempt: u32,
}

impl CallLog {
    /// A request; `form` is its body where it is one of the query protocol.
    pub(super) fn new(request: &HttpRequest, form: Option<&[u8]>, attempt: u32) -> CallLog {
        let value = |name: &str| {
            let mut fields = form_urlencoded::parse(form.unwrap_or_default());
            fields.find(|(own, _)| own == name).map(|(_, value)| value.into_owned())
        };
        let service = value("Version").and_then(|version| service(&version)).map(str::to_owned);
        // A source of credentials: its path may hold names, its query codes.
        let host = || request.uri().parse::<Uri>().ok().and_then(|uri| uri.host().map(str::to_owned));
        CallLog {
            service: service.or_else(host).unwrap_or_default(),
            action: value("Action").unwrap_or_else(|| request.method().to_owned()),
            attempt,
        }
    }

    /// Writes the line.
    pub(super) fn write(&self, answer: &Result<HttpResponse, ConnectorError>, took: Duration) {
        let CallLog { service, action, attempt } = self;
        let duration_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        match answer {
            Ok(response) => {
                let id = ["x-amzn-requestid", "x-amz-request-id"].iter().find_map(|name| response.headers().get(*name));
                let (status, request_id) = (response.status().as_u16(), id.unwrap_or_default());
                tracing::debug!(service, action, attempt, status, request_id, duration_ms, "call of AWS");
            }
            Err(error) => {
                let reason = super::error_chain::innermost(error);
                tracing::debug!(service, action, attempt, reason, duration_ms, "call of AWS failed");
            }
        }
    }
}

/// The service of an API version, in the form of IAM policies.
fn service(version: &str) -> Option<&'static str> {
    match version {
        "2015-12-01" => Some("elasticloadbalancing"),
        "2016-11-15" => Some("ec2"),
        "2011-06-15" => Some("sts"),
        _ => None,
    }
}
