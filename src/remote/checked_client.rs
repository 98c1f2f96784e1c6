//! What every call of AWS's query protocol (Elastic Load Balancing, EC2, STS) goes through on its way to the connector: answers that can't
//! be believed become errors that are repeated, connections that don't come about are given up early, and each attempt has its line in the
//! log.

use std::error::Error;
use std::time::{Duration, Instant};

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use aws_smithy_types::retry::ErrorKind;
use tokio::time::timeout;

use super::answer::{self, BrokenAnswer};
use super::call_log::CallLog;
use super::connect_error::ConnectError;
use super::error_chain::links;
use super::retries::CONNECT_ATTEMPTS;

/// The form of a request of the query protocol. Sources of credentials that aren't STS speak other ones.
const FORM: &str = "application/x-www-form-urlencoded";

/// An answer that has begun must be there within this time.
const BODY_LIMIT: Duration = Duration::from_secs(30);

/// `client`, with everything that holds for all calls.
pub fn checked(client: SharedHttpClient) -> SharedHttpClient {
    SharedHttpClient::new(Checked(client))
}

#[derive(Debug)]
struct Checked(SharedHttpClient);

impl HttpClient for Checked {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(CheckedConnector(self.0.http_connector(settings, components)))
    }
}

#[derive(Debug)]
struct CheckedConnector(SharedHttpConnector);

impl HttpConnector for CheckedConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let attempt = attempt(&request);
        let is_query = request.headers().get("content-type").is_some_and(|kind| kind.starts_with(FORM));
        let form = is_query.then(|| request.body().bytes().unwrap_or_default().to_vec());
        let log = CallLog::new(&request, form.as_deref(), attempt);
        let answer = self.0.call(request);
        HttpConnectorFuture::new(async move {
            let begun = Instant::now();
            let answer = match (answer.await, form) {
                (Ok(response), Some(form)) => whole(response, &form).await,
                (Err(error), _) => Err(limited(error, attempt)),
                (answer, None) => answer,
            };
            log.write(&answer, begun.elapsed());
            answer
        })
    }
}

/// The number of this attempt, from 1 on, which the SDK writes into a header: `attempt=2; max=25`.
fn attempt(request: &HttpRequest) -> u32 {
    let header = request.headers().get("amz-sdk-request").unwrap_or_default();
    let pairs = header.split(';').filter_map(|pair| pair.trim().split_once('='));
    let number = pairs.filter(|(name, _)| *name == "attempt").find_map(|(_, value)| value.parse().ok());
    number.unwrap_or(1)
}

/// The error, which is final where the last attempts that a connection is worth are made.
fn limited(error: ConnectorError, attempt: u32) -> ConnectorError {
    if attempt >= CONNECT_ATTEMPTS && is_of_connection(&error) {
        return ConnectorError::other(error.into(), None);
    }
    error
}

/// True where no connection came about, so that nothing was sent.
fn is_of_connection(error: &ConnectorError) -> bool {
    links(error).any(|link| {
        let unconnected = link.downcast_ref::<hyper_util::client::legacy::Error>();
        // The SDK's own time-out has a type that is private to it.
        unconnected.is_some_and(hyper_util::client::legacy::Error::is_connect)
            || link.is::<ConnectError>()
            || link.to_string().contains("HTTP connect timeout")
    })
}

/// The answer with its whole body, if that can be believed. A fault of the service is repeated whatever its body says.
async fn whole(mut response: HttpResponse, form: &[u8]) -> Result<HttpResponse, ConnectorError> {
    let status = response.status().as_u16();
    if status >= 500 {
        return Ok(response);
    }
    let expected = response.headers().get("content-length").and_then(|length| length.parse::<usize>().ok());
    let collected = timeout(BODY_LIMIT, ByteStream::new(response.take_body()).collect()).await;
    let collected = collected.map_err(|_| ConnectorError::timeout("the answer came to a halt".into()))?;
    let body = match collected {
        Ok(body) => body.into_bytes(),
        Err(error) => {
            let reason = links(&error as &(dyn Error + 'static)).last().map(ToString::to_string).unwrap_or_default();
            return Err(broken(BrokenAnswer(format!("the connection broke ({reason})"))));
        }
    };
    if let Some(expected) = expected.filter(|expected| *expected != body.len()) {
        return Err(broken(BrokenAnswer(format!("{} of {expected} bytes came", body.len()))));
    }
    answer::check(status, form, &body).map_err(broken)?;
    *response.body_mut() = SdkBody::from(body);
    Ok(response)
}

/// Repeated like a fault of the service.
fn broken(answer: BrokenAnswer) -> ConnectorError {
    ConnectorError::other(answer.into(), Some(ErrorKind::ServerError))
}

#[cfg(test)]
mod tests;
