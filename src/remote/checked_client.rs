//! What every call of AWS's query protocol (Elastic Load Balancing, EC2, STS) goes through on its way to the connector: answers that can't
//! be believed become errors that are repeated, connections that don't come about are given up early, and each attempt has its line in the
//! log.

use std::collections::HashSet;
use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};
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
use super::unconnected::Unconnected;

/// The form of a request of the query protocol. Sources of credentials that aren't STS speak other ones.
const FORM: &str = "application/x-www-form-urlencoded";

/// An answer that has begun must be there within this time.
const BODY_LIMIT: Duration = Duration::from_secs(30);

/// `client`, with everything that holds for all calls.
pub fn checked(client: SharedHttpClient) -> SharedHttpClient {
    SharedHttpClient::new(Checked(client, Sent::default()))
}

#[derive(Debug)]
struct Checked(SharedHttpClient, Sent);

impl HttpClient for Checked {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(CheckedConnector(self.0.http_connector(settings, components), self.1.clone()))
    }
}

#[derive(Debug)]
struct CheckedConnector(SharedHttpConnector, Sent);

impl HttpConnector for CheckedConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let attempt = Attempt::of(&request);
        let sent = self.1.clone();
        let is_query = request.headers().get("content-type").is_some_and(|kind| kind.starts_with(FORM));
        let form = is_query.then(|| request.body().bytes().unwrap_or_default().to_vec());
        let log = CallLog::new(&request, form.as_deref(), attempt.number);
        let answer = self.0.call(request);
        HttpConnectorFuture::new(async move {
            let begun = Instant::now();
            let answer = match (answer.await, form) {
                (Ok(response), Some(form)) => whole(response, &form).await,
                (Err(error), _) => Err(limited(error, &attempt, &sent)),
                (answer, None) => answer,
            };
            sent.note(&attempt, &answer);
            log.write(&answer, begun.elapsed());
            answer
        })
    }
}

/// One attempt of a call.
struct Attempt {
    /// From 1 on.
    number: u32,
    /// How many there may be, if the SDK tells.
    most: Option<u32>,
    /// What all attempts of the call have in common.
    call: String,
    /// `HOST` or `HOST:PORT`.
    address: String,
}

impl Attempt {
    /// Read from the headers that the SDK writes: `amz-sdk-request: attempt=2; max=25`.
    fn of(request: &HttpRequest) -> Attempt {
        let header = request.headers().get("amz-sdk-request").unwrap_or_default();
        let number = |key: &str| {
            let mut pairs = header.split(';').filter_map(|pair| pair.trim().split_once('='));
            pairs.find(|(name, _)| *name == key).and_then(|(_, value)| value.parse().ok())
        };
        let (_, rest) = request.uri().split_once("://").unwrap_or_default();
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        Attempt {
            number: number("attempt").unwrap_or(1),
            most: number("max"),
            call: request.headers().get("amz-sdk-invocation-id").unwrap_or_default().to_owned(),
            address: authority.rsplit('@').next().unwrap_or_default().to_owned(),
        }
    }

    fn is_last(&self) -> bool {
        self.most.is_some_and(|most| self.number >= most)
    }
}

/// The calls of which an attempt may have reached AWS without an answer that says what came of it.
#[derive(Clone, Debug, Default)]
struct Sent(Arc<Mutex<HashSet<String>>>);

impl Sent {
    fn has(&self, attempt: &Attempt) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(&attempt.call)
    }

    /// A call is forgotten at its last attempt.
    fn note(&self, attempt: &Attempt, answer: &Result<HttpResponse, ConnectorError>) {
        let mut calls = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match answer {
            _ if attempt.is_last() => calls.remove(&attempt.call),
            Ok(response) if response.status().as_u16() < 400 => calls.remove(&attempt.call),
            Ok(response) if response.status().as_u16() < 500 => false,
            Err(error) if is_of_connection(error) => false,
            _ => calls.insert(attempt.call.clone()),
        };
    }
}

/// The error, which is final and names the address where the last attempts that a connection is worth are made, or where no other attempt
/// would come further.
fn limited(error: ConnectorError, attempt: &Attempt, sent: &Sent) -> ConnectorError {
    let refused = links(&error).find_map(|link| link.downcast_ref::<ConnectError>());
    let is_refused = refused.is_some_and(|refused| !refused.may_pass());
    if (attempt.number >= CONNECT_ATTEMPTS || attempt.is_last() || is_refused) && is_of_connection(&error) {
        let (address, may_have_been_sent) = (attempt.address.clone(), sent.has(attempt));
        return ConnectorError::other(Unconnected { address, may_have_been_sent, source: error.into() }.into(), None);
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
