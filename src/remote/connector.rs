//! The HTTP client for everything of AWS, credentials included: whom it trusts, which proxy it takes, and what it says when it fails.

use std::error::Error;
use std::sync::Arc;

use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext};
use aws_smithy_http_client::{Builder, Connector};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use http::Uri;

use super::checked_client::checked;
use super::connect_error::{ConnectContext, ConnectError, ProxyFault};
use super::proxy::{Proxies, Proxy};
use super::trust::Authorities;

/// What a forward proxy answers to who hasn't said who he is (RFC 9110, section 15.5.8). No server but a proxy does.
const PROXY_AUTHENTICATION_REQUIRED: u16 = 407;

/// What carries requests.
#[derive(Clone, Debug, Default)]
pub enum Transport {
    /// Connections, over TLS and through proxies, as the machine is set up.
    #[default]
    Network,
    /// A client in the network's place. Everything above it stays as it is: signing, repeats, time-outs, what is made of an answer.
    Given(SharedHttpClient),
}

/// A client that trusts `context` and takes `proxies`.
pub fn http_client(context: &TlsContext, authorities: Authorities, proxies: Proxies) -> SharedHttpClient {
    let direct = plain(context, ProxyConfig::disabled());
    let proxied = if proxies.any() { plain(context, ProxyConfig::from_env()) } else { direct.clone() };
    checked(SharedHttpClient::new(Client { direct, proxied, knows: Arc::new(Knowledge { authorities, proxies }) }))
}

/// A client whose requests `carrier` takes, whatever proxies the environment names.
pub fn over(carrier: &SharedHttpClient) -> SharedHttpClient {
    let knows = Arc::new(Knowledge { authorities: Authorities::Machine, proxies: Proxies::none() });
    checked(SharedHttpClient::new(Client { direct: carrier.clone(), proxied: carrier.clone(), knows }))
}

fn plain(context: &TlsContext, proxy: ProxyConfig) -> SharedHttpClient {
    let context = context.clone();
    Builder::new().build_with_connector_fn(move |settings, components| {
        let mut connector = Connector::builder()
            .proxy_config(proxy.clone())
            .tls_provider(Provider::Rustls(CryptoMode::AwsLc))
            .tls_context(context.clone());
        connector.set_connector_settings(settings.cloned());
        connector.set_sleep_impl(components.and_then(|components| components.sleep_impl()));
        connector.build()
    })
}

#[derive(Debug)]
struct Knowledge {
    authorities: Authorities,
    proxies: Proxies,
}

/// The SDK's client, once with proxies and once without.
#[derive(Debug)]
struct Client {
    direct: SharedHttpClient,
    proxied: SharedHttpClient,
    knows: Arc<Knowledge>,
}

impl HttpClient for Client {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(Fork {
            direct: self.direct.http_connector(settings, components),
            proxied: self.proxied.http_connector(settings, components),
            knows: Arc::clone(&self.knows),
        })
    }
}

/// Sends each request the way that is meant for its host, and says what stopped it.
#[derive(Debug)]
struct Fork {
    direct: SharedHttpConnector,
    proxied: SharedHttpConnector,
    knows: Arc<Knowledge>,
}

impl HttpConnector for Fork {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let uri: Uri = request.uri().parse().unwrap_or_default();
        let proxy = self.knows.proxies.of(&uri);
        let answer = if proxy.is_some() { self.proxied.call(request) } else { self.direct.call(request) };
        let knows = Arc::clone(&self.knows);
        HttpConnectorFuture::new(async move {
            match answer.await {
                Ok(response) => admitted(response, &uri, proxy),
                Err(error) => Err(knows.explain(error, &uri, proxy.as_ref())),
            }
        })
    }
}

/// The answer, unless it is a forward proxy's refusal.
fn admitted(response: HttpResponse, uri: &Uri, proxy: Option<Proxy>) -> Result<HttpResponse, ConnectorError> {
    match proxy {
        Some(proxy) if response.status().as_u16() == PROXY_AUTHENTICATION_REQUIRED => {
            let refused = ConnectError::Proxy { proxy, host: host(uri), fault: ProxyFault::WantsPassword };
            Err(ConnectorError::other(refused.into(), None))
        }
        _ => Ok(response),
    }
}

impl Knowledge {
    fn explain(&self, error: ConnectorError, uri: &Uri, proxy: Option<&Proxy>) -> ConnectorError {
        let host = host(uri);
        let at = ConnectContext {
            host: &host,
            encrypted: uri.scheme_str() == Some("https"),
            proxy,
            authorities: &self.authorities,
            timed_out: error.is_timeout(),
        };
        match ConnectError::recognise(&error as &(dyn Error + 'static), &at) {
            Some(found) if found.may_pass() => ConnectorError::io(found.into()),
            Some(found) => ConnectorError::other(found.into(), None),
            None => error,
        }
    }
}

/// `HOST:PORT`, as a proxy is asked for it.
fn host(uri: &Uri) -> String {
    let port = uri.port_u16().unwrap_or(if uri.scheme_str() == Some("http") { 80 } else { 443 });
    format!("{}:{port}", uri.host().unwrap_or_default())
}
