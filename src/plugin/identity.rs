//! Who is who on the connection: our certificate for one process, and the one client that we serve.
//!
//! The host makes a certificate for itself, hands it over in the environment, and trusts exactly the certificate that we
//! print. We trust exactly its certificate in turn. Two facts shape this file:
//!
//! - The host's certificate is a CA (`basicConstraints CA:true`), which webpki, and so every ready-made verifier, refuses
//!   as an end entity. Comparing bytes needs no chain, no names and no dates, and is stricter than a chain could be.
//! - Its key is on P-521, which `ring` can't verify: then Go sends no certificate at all. Hence aws-lc-rs.

use std::sync::Arc;

use rcgen::{CertificateParams, DnType, ExtendedKeyUsagePurpose, KeyPair, PKCS_ECDSA_P256_SHA256};
use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, Error as TlsError, ServerConfig,
    SignatureScheme,
    client::danger::HandshakeSignatureValid,
    crypto::{
        CryptoProvider, WebPkiSupportedAlgorithms, aws_lc_rs, verify_tls12_signature,
        verify_tls13_signature,
    },
    server::{
        NoServerSessionStorage,
        danger::{ClientCertVerified, ClientCertVerifier},
    },
};
use rustls_pki_types::{CertificateDer, PrivatePkcs8KeyDer, UnixTime, pem::PemObject};

/// The name that go-plugin hosts check in our certificate, whatever the address.
const SERVER_NAME: &str = "localhost";

/// Why mutual TLS could not be prepared.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// The host's certificate can't be read.
    #[error("PLUGIN_CLIENT_CERT holds no PEM certificate: {0}")]
    ClientCertificate(#[from] rustls_pki_types::pem::Error),
    /// Our own certificate can't be made.
    #[error("can't make a certificate for this process: {0}")]
    ServerCertificate(#[from] rcgen::Error),
    /// rustls doesn't take what we made.
    #[error("can't set up TLS: {0}")]
    Tls(#[from] TlsError),
}

/// A certificate and key that live as long as this process, with the settings that use them.
#[derive(Debug)]
pub struct EphemeralIdentity {
    /// DER of our certificate, for the handshake line.
    pub certificate: CertificateDer<'static>,
    /// Serves the one client and nobody else: TLS 1.2 and 1.3, ALPN `h2`.
    pub tls: Arc<ServerConfig>,
}

impl EphemeralIdentity {
    /// Makes a new identity that serves only the client whose certificate is the first in `client_pem`.
    ///
    /// # Errors
    /// When the PEM holds no certificate, or key generation fails.
    pub fn for_client(client_pem: &str) -> Result<Self, IdentityError> {
        let client = CertificateDer::from_pem_slice(client_pem.as_bytes())?;
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let certificate = self_signed(&key)?;
        let provider = Arc::new(aws_lc_rs::default_provider());
        let mut tls = ServerConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()?
            .with_client_cert_verifier(Arc::new(ExactClient::new(client, &provider)))
            .with_single_cert(
                vec![certificate.clone()],
                PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
            )?;
        // Newer gRPC clients hang up on a server that doesn't agree on h2.
        tls.alpn_protocols = vec![b"h2".to_vec()];
        // Each connection proves itself afresh: a resumed session would skip the check below.
        tls.session_storage = Arc::new(NoServerSessionStorage {});
        tls.send_tls13_tickets = 0;
        Ok(Self {
            certificate,
            tls: Arc::new(tls),
        })
    }
}

/// Valid from 1975 to 4096 (rcgen's default): the certificate dies with the process, and a wrong clock must not stop it.
fn self_signed(key: &KeyPair) -> Result<CertificateDer<'static>, rcgen::Error> {
    let mut params = CertificateParams::new(vec![SERVER_NAME.to_owned()])?;
    params
        .distinguished_name
        .push(DnType::CommonName, SERVER_NAME);
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    Ok(params.self_signed(key)?.der().clone())
}

/// Accepts one certificate, byte for byte, from whoever also holds its key.
#[derive(Debug)]
struct ExactClient {
    certificate: CertificateDer<'static>,
    algorithms: WebPkiSupportedAlgorithms,
}

impl ExactClient {
    fn new(certificate: CertificateDer<'static>, provider: &CryptoProvider) -> Self {
        Self {
            certificate,
            algorithms: provider.signature_verification_algorithms,
        }
    }
}

impl ClientCertVerifier for ExactClient {
    /// No hint: the client has one certificate, and an empty list means "any".
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn client_auth_mandatory(&self) -> bool {
        true
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, TlsError> {
        if *end_entity == self.certificate {
            Ok(ClientCertVerified::assertion())
        } else {
            Err(TlsError::InvalidCertificate(
                CertificateError::UnknownIssuer,
            ))
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        verify_tls12_signature(message, certificate, signature, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        verify_tls13_signature(message, certificate, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_process_has_a_certificate_of_its_own() {
        let client = KeyPair::generate().unwrap();
        let pem = CertificateParams::new(vec!["localhost".to_owned()])
            .unwrap()
            .self_signed(&client)
            .unwrap()
            .pem();
        let (one, two) = (
            EphemeralIdentity::for_client(&pem).unwrap(),
            EphemeralIdentity::for_client(&pem).unwrap(),
        );
        assert_ne!(one.certificate, two.certificate);
    }

    #[test]
    fn a_client_certificate_that_is_none_stops_the_start() {
        for pem in [
            "junk",
            "-----BEGIN CERTIFICATE-----\n!!\n-----END CERTIFICATE-----\n",
        ] {
            let error = EphemeralIdentity::for_client(pem).unwrap_err();
            assert!(
                matches!(error, IdentityError::ClientCertificate(_)),
                "{error}"
            );
        }
    }
}
