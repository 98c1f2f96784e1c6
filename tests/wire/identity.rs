//! Both sides' certificates, as a host handles them.

use std::{io, sync::Arc};

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose, PKCS_ECDSA_P521_SHA512,
};
use rustls::{
    ClientConfig, RootCertStore, SupportedProtocolVersion,
    crypto::aws_lc_rs,
    version::{TLS12, TLS13},
};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName};
use tokio_rustls::TlsConnector;

use super::handshake::{Duplex, Handshake};

/// A client's certificate with its key.
#[derive(Clone)]
pub struct Identity {
    pub pem: String,
    pub chain: Vec<CertificateDer<'static>>,
    pub key: Arc<PrivateKeyDer<'static>>,
}

/// What Terraform's go-plugin makes for itself: P-521, self-signed, a CA.
pub fn client_parameters() -> CertificateParams {
    let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    params
        .distinguished_name
        .push(DnType::CommonName, "localhost");
    params
        .distinguished_name
        .push(DnType::OrganizationName, "HashiCorp");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.extended_key_usages = vec![
        ExtendedKeyUsagePurpose::ClientAuth,
        ExtendedKeyUsagePurpose::ServerAuth,
    ];
    params.key_usages = vec![
        KeyUsagePurpose::DigitalSignature,
        KeyUsagePurpose::KeyEncipherment,
        KeyUsagePurpose::KeyAgreement,
        KeyUsagePurpose::KeyCertSign,
    ];
    params
}

impl Identity {
    pub fn new() -> Self {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P521_SHA512).unwrap();
        let certificate = client_parameters().self_signed(&key).unwrap();
        Self {
            pem: certificate.pem(),
            ..Self::with(vec![certificate.der().clone()], &key)
        }
    }

    pub fn with(chain: Vec<CertificateDer<'static>>, key: &KeyPair) -> Self {
        let key = PrivatePkcs8KeyDer::from(key.serialize_der()).into();
        Self {
            pem: String::new(),
            chain,
            key: Arc::new(key),
        }
    }
}

/// How a client proves itself and checks the server.
#[derive(Clone)]
pub struct Tls {
    pub config: ClientConfig,
    pub server_name: &'static str,
}

pub const ALL_VERSIONS: &[&SupportedProtocolVersion] = &[&TLS12, &TLS13];

impl Tls {
    /// Trusts exactly the handshake's certificate; `identity` None presents nothing.
    pub fn new(
        handshake: &Handshake,
        identity: Option<&Identity>,
        versions: &[&'static SupportedProtocolVersion],
    ) -> Self {
        let mut roots = RootCertStore::empty();
        roots
            .add(
                handshake
                    .certificate
                    .clone()
                    .expect("a certificate in the handshake"),
            )
            .unwrap();
        let builder = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_protocol_versions(versions)
            .unwrap()
            .with_root_certificates(roots);
        let mut config = match identity {
            None => builder.with_no_client_auth(),
            Some(identity) => builder
                .with_client_auth_cert(identity.chain.clone(), identity.key.clone_key())
                .unwrap(),
        };
        config.alpn_protocols = vec![b"h2".to_vec()];
        Self {
            config,
            server_name: "localhost",
        }
    }

    /// The client's half of the handshake. With TLS 1.3 that says nothing yet about what the server thinks of us.
    pub async fn connect(
        self,
        raw: Box<dyn Duplex>,
    ) -> io::Result<tokio_rustls::client::TlsStream<Box<dyn Duplex>>> {
        let name = ServerName::try_from(self.server_name).unwrap();
        TlsConnector::from(Arc::new(self.config))
            .connect(name, raw)
            .await
    }
}
