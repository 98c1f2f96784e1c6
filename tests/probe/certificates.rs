//! Authorities and what servers show of themselves.

use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, Issuer, KeyPair};
use rustls::crypto::aws_lc_rs;
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, SupportedProtocolVersion};
use rustls_pki_types::{CertificateDer, PrivatePkcs8KeyDer};

/// Both versions of TLS.
pub const BOTH: &[&SupportedProtocolVersion] = rustls::ALL_VERSIONS;

/// An authority with this organization for a name, or without a name.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: CertificateDer<'static>,
}

/// Who a server wants for a client.
#[derive(Clone, Copy)]
pub enum Client<'a> {
    /// Anybody; it doesn't ask.
    Anybody,
    /// Anybody, but it asks for a certificate of this authority.
    Asked(&'a Authority),
    /// Nobody without one.
    Required(&'a Authority),
}

impl Authority {
    /// As Talos makes it for a cluster.
    pub fn talos() -> Authority {
        Authority::named(Some("talos"))
    }

    /// As Talos makes it for the cluster's Kubernetes.
    pub fn kubernetes() -> Authority {
        Authority::named(Some("kubernetes"))
    }

    /// With that organization; `None` is what a node in maintenance mode makes for itself.
    pub fn named(organization: Option<&str>) -> Authority {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name = DistinguishedName::new();
        if let Some(name) = organization {
            params.distinguished_name.push(DnType::OrganizationName, name);
        }
        let certificate = params.self_signed(&key).unwrap().der().clone();
        Authority { issuer: Issuer::new(params, key), certificate }
    }

    /// A server with a certificate for `names`.
    pub fn server(
        &self,
        names: &[&str],
        client: Client,
        versions: &[&'static SupportedProtocolVersion],
    ) -> Arc<ServerConfig> {
        self.server_with(names, |_| {}, client, versions)
    }

    /// The same with another certificate.
    pub fn server_with(
        &self,
        names: &[&str],
        change: impl FnOnce(&mut CertificateParams),
        client: Client,
        versions: &[&'static SupportedProtocolVersion],
    ) -> Arc<ServerConfig> {
        let mut params = parameters(names);
        change(&mut params);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        configuration(certificate.der(), &key, client, versions)
    }
}

/// A server that has issued its certificate itself.
pub fn self_signed(names: &[&str]) -> Arc<ServerConfig> {
    let key = KeyPair::generate().unwrap();
    let certificate = parameters(names).self_signed(&key).unwrap();
    configuration(certificate.der(), &key, Client::Anybody, BOTH)
}

fn parameters(names: &[&str]) -> CertificateParams {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    CertificateParams::new(names).unwrap()
}

fn configuration(
    certificate: &CertificateDer<'static>,
    key: &KeyPair,
    client: Client,
    versions: &[&'static SupportedProtocolVersion],
) -> Arc<ServerConfig> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let verifier = |authority: &Authority| {
        let mut roots = RootCertStore::empty();
        roots.add(authority.certificate.clone()).unwrap();
        WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
    };
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider)).with_protocol_versions(versions).unwrap();
    let builder = match client {
        Client::Anybody => builder.with_no_client_auth(),
        Client::Asked(authority) => {
            builder.with_client_cert_verifier(verifier(authority).allow_unauthenticated().build().unwrap())
        }
        Client::Required(authority) => builder.with_client_cert_verifier(verifier(authority).build().unwrap()),
    };
    let key = PrivatePkcs8KeyDer::from(key.serialize_der()).into();
    Arc::new(builder.with_single_cert(vec![certificate.clone()], key).unwrap())
}
