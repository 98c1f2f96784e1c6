//! The certificates of both sides: one authority, one certificate that servers and clients share.

use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, PKCS_ECDSA_P256_SHA256,
};
use rustls::crypto::aws_lc_rs;
use rustls::server::WebPkiClientVerifier;
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::{Value, json};

/// The name in the certificate.
pub const NAME: &str = "kubernetes";

/// All PEM that a host needs; travels to it as JSON.
#[derive(Debug, Clone)]
pub struct Authority {
    root: String,
    certificate: String,
    key: String,
}

impl Authority {
    /// A new authority with its one certificate.
    pub fn new() -> Authority {
        Authority::for_names(&[])
    }

    /// The same, with further names and addresses in the certificate.
    pub fn for_names(names: &[&str]) -> Authority {
        let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
        params.distinguished_name.push(DnType::CommonName, "drill");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
        let root = params.self_signed(&key).unwrap().pem();
        let issuer = Issuer::new(params, key);
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
        let mut params =
            CertificateParams::new([&[NAME], names].concat().into_iter().map(str::to_owned).collect::<Vec<_>>())
                .unwrap();
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        let certificate = params.signed_by(&key, &issuer).unwrap().pem();
        Authority { root, certificate, key: key.serialize_pem() }
    }

    /// As it travels.
    pub fn to_json(&self) -> Value {
        json!({"root": self.root, "certificate": self.certificate, "key": self.key})
    }

    /// As it arrived.
    pub fn from_json(value: &Value) -> Authority {
        let text = |name: &str| value[name].as_str().unwrap().to_owned();
        Authority { root: text("root"), certificate: text("certificate"), key: text("key") }
    }

    /// A server that takes every client.
    pub fn open_server(&self) -> Arc<ServerConfig> {
        let builder = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()));
        let builder = builder.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
        Arc::new(builder.with_single_cert(self.chain(), self.private_key()).unwrap())
    }

    /// A server that demands a client's certificate, as the Talos API does.
    pub fn mutual_server(&self) -> Arc<ServerConfig> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(self.roots()), provider.clone());
        let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let builder = builder.with_client_cert_verifier(verifier.build().unwrap());
        Arc::new(builder.with_single_cert(self.chain(), self.private_key()).unwrap())
    }

    /// A client that shows its certificate where it is asked, and never resumes a session.
    pub fn client(&self) -> Arc<ClientConfig> {
        let builder = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()));
        let builder = builder.with_safe_default_protocol_versions().unwrap().with_root_certificates(self.roots());
        let mut config = builder.with_client_auth_cert(self.chain(), self.private_key()).unwrap();
        config.resumption = rustls::client::Resumption::disabled();
        Arc::new(config)
    }

    fn roots(&self) -> RootCertStore {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(self.root.as_bytes()).unwrap()).unwrap();
        roots
    }

    fn chain(&self) -> Vec<CertificateDer<'static>> {
        vec![CertificateDer::from_pem_slice(self.certificate.as_bytes()).unwrap()]
    }

    fn private_key(&self) -> PrivateKeyDer<'static> {
        PrivateKeyDer::from_pem_slice(self.key.as_bytes()).unwrap()
    }
}
