//! The HTTP client for AWS: which certificates are trusted, and which proxy is used.

use std::path::Path;

use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_http_client::{Builder, Connector};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;

/// Why no client could be made.
#[derive(Debug, thiserror::Error)]
pub enum ConnectorError {
    /// The CA bundle cannot be read.
    #[error("the CA bundle {path} cannot be read")]
    Unreadable {
        /// Its path.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// The CA bundle holds no usable certificate. The connector below would panic on it.
    #[error("the CA bundle {path} holds no certificate in PEM form")]
    NoCertificate {
        /// Its path.
        path: String,
    },
    /// The TLS settings were refused.
    #[error("the TLS settings are not usable: {0}")]
    Tls(String),
}

/// A client that trusts `ca_bundle` alone where one is given, else the machine's certificates, else (an empty root has none) those of
/// Mozilla that are built in. The proxy comes from HTTPS_PROXY, HTTP_PROXY and NO_PROXY.
///
/// # Errors
/// If the bundle can't be used.
pub fn http_client(ca_bundle: Option<&str>) -> Result<SharedHttpClient, ConnectorError> {
    let trust = match ca_bundle {
        Some(path) => TrustStore::empty().with_pem_certificate(read_bundle(path)?),
        None if machine_has_roots() => TrustStore::empty().with_native_roots(true),
        None => built_in_roots(),
    };
    let context = TlsContext::builder()
        .with_trust_store(trust)
        .build()
        .map_err(|error| ConnectorError::Tls(error.to_string()))?;
    Ok(Builder::new().build_with_connector_fn(move |settings, components| {
        let mut connector = Connector::builder()
            .proxy_config(ProxyConfig::from_env())
            .tls_provider(Provider::Rustls(CryptoMode::AwsLc))
            .tls_context(context.clone());
        connector.set_connector_settings(settings.cloned());
        connector.set_sleep_impl(components.and_then(|components| components.sleep_impl()));
        connector.build()
    }))
}

fn read_bundle(path: &str) -> Result<Vec<u8>, ConnectorError> {
    let pem = std::fs::read(Path::new(path))
        .map_err(|source| ConnectorError::Unreadable { path: path.to_owned(), source })?;
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
    match certificates {
        Ok(found) if !found.is_empty() => Ok(pem),
        _ => Err(ConnectorError::NoCertificate { path: path.to_owned() }),
    }
}

fn machine_has_roots() -> bool {
    !rustls_native_certs::load_native_certs().certs.is_empty()
}

fn built_in_roots() -> TrustStore {
    let mut pem = String::new();
    for certificate in webpki_root_certs::TLS_SERVER_ROOT_CERTS {
        pem.push_str("-----BEGIN CERTIFICATE-----\n");
        pem.push_str(&base64::Engine::encode(&base64::engine::general_purpose::STANDARD, certificate));
        pem.push_str("\n-----END CERTIFICATE-----\n");
    }
    TrustStore::empty().with_pem_certificate(pem.into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bundle_without_certificates_is_an_error() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "not PEM").unwrap();
        let path = file.path().to_str().unwrap();
        assert!(matches!(http_client(Some(path)), Err(ConnectorError::NoCertificate { .. })));
        assert!(matches!(http_client(Some("/does/not/exist")), Err(ConnectorError::Unreadable { .. })));
    }

    #[test]
    fn the_built_in_roots_are_usable() {
        let context = TlsContext::builder().with_trust_store(built_in_roots()).build().unwrap();
        drop(Connector::builder().tls_provider(Provider::Rustls(CryptoMode::AwsLc)).tls_context(context).build());
    }
}
