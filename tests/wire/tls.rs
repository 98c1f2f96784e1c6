//! Who may drive a plugin: the one client, and nobody else.

use std::{io, sync::Arc};

use rcgen::{CertificateParams, Issuer, KeyPair, PKCS_ECDSA_P521_SHA512};
use rustls::{
    ProtocolVersion,
    client::ResolvesClientCert,
    crypto::aws_lc_rs::sign::any_supported_type,
    sign::CertifiedKey,
    version::{TLS12, TLS13},
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::{
    client::{Launch, Plugin},
    fixture::providers,
    identity::{ALL_VERSIONS, Identity, Tls, client_parameters},
};

/// What every HTTP/2 client says first, with an empty SETTINGS frame.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";

/// Connects and waits for the server's first byte. A server that refuses us answers with an alert instead.
async fn probe(plugin: &Plugin, tls: Tls) -> io::Result<ProtocolVersion> {
    let raw = plugin.handshake.dial().await?;
    let mut stream = tls.connect(raw).await?;
    // With TLS 1.3 the refusal may have closed the socket before we write; its reason can still be read.
    let _ = stream.write_all(PREFACE).await;
    stream.read_u8().await?;
    let session = stream.get_ref().1;
    assert_eq!(session.alpn_protocol(), Some(&b"h2"[..]));
    Ok(session.protocol_version().unwrap())
}

// --- 3: the right client -----------------------------------------------------------------------------

#[tokio::test]
async fn the_right_client_is_served_over_both_versions_and_transports() {
    for provider in providers() {
        for tcp in ["", "1"] {
            let mut plugin = Launch::of(provider).env("TALOSENDPOINT_TCP", tcp).start().await;
            for (versions, expected) in [
                (&[&TLS12][..], ProtocolVersion::TLSv1_2),
                (&[&TLS13], ProtocolVersion::TLSv1_3),
                (ALL_VERSIONS, ProtocolVersion::TLSv1_3),
            ] {
                let tls = Tls::new(&plugin.handshake, plugin.identity.as_ref(), versions);
                assert_eq!(probe(&plugin, tls.clone()).await.unwrap(), expected);
                plugin.channel_with(Some(tls)).await.unwrap();
            }
            plugin.serves().await.unwrap();
            assert!(plugin.shutdown().await.0.success());
        }
    }
}

#[tokio::test]
async fn the_server_is_localhost_and_nobody_else() {
    for provider in providers() {
        let plugin = Launch::of(provider).start().await;
        let mut tls = plugin.tls().unwrap();
        tls.server_name = "example.com";
        let error = probe(&plugin, tls).await.unwrap_err();
        assert!(error.to_string().contains("not valid for name"), "{error}");
    }
}

// --- 4: everybody else -------------------------------------------------------------------------------

async fn assert_refused(plugin: &Plugin, who: &str, tls: impl Fn(&Plugin, bool) -> Tls, alert: &str) {
    for old in [false, true] {
        let error = probe(plugin, tls(plugin, old)).await.expect_err(who).to_string();
        assert!(error.contains(alert), "{who}, TLS 1.2 {old}: {error}");
        // The server goes on serving the right client.
        plugin.serves().await.unwrap_or_else(|error| panic!("after {who}: {error}"));
    }
}

fn versions(old: bool) -> &'static [&'static rustls::SupportedProtocolVersion] {
    const OLD: &[&rustls::SupportedProtocolVersion] = &[&TLS12];
    const NEW: &[&rustls::SupportedProtocolVersion] = &[&TLS13];
    if old { OLD } else { NEW }
}

#[tokio::test]
async fn nobody_else_is_served() {
    for provider in providers() {
        let mut plugin = Launch::of(provider).start().await;
        let right = plugin.identity.clone().unwrap();
        let present = |identity: Option<Identity>| {
            move |plugin: &Plugin, old: bool| Tls::new(&plugin.handshake, identity.as_ref(), versions(old))
        };

        assert_refused(&plugin, "no certificate", present(None), "ertificate").await;

        // The same names, the same kind of key, another certificate.
        assert_refused(&plugin, "a stranger", present(Some(Identity::new())), "UnknownCA").await;

        // The host's certificate is a CA; what it signs is still not the host.
        let issuer_key = KeyPair::try_from(&*right.key).unwrap();
        let issuer = Issuer::new(client_parameters(), issuer_key);
        let key = KeyPair::generate_for(&PKCS_ECDSA_P521_SHA512).unwrap();
        let parameters = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        let child = parameters.signed_by(&key, &issuer).unwrap().der().clone();
        let family = Identity::with(vec![child, right.chain[0].clone()], &key);
        assert_refused(&plugin, "a child of the right one", present(Some(family)), "UnknownCA").await;

        // The right certificate is no secret; its key is.
        let thief = |plugin: &Plugin, old: bool| {
            let mut tls = Tls::new(&plugin.handshake, None, versions(old));
            let key = any_supported_type(&Identity::new().key).unwrap();
            let chain = plugin.identity.as_ref().unwrap().chain.clone();
            tls.config.client_auth_cert_resolver = Arc::new(Present(Arc::new(CertifiedKey::new(chain, key))));
            tls
        };
        assert_refused(&plugin, "a thief of the certificate", thief, "DecryptError").await;

        assert!(plugin.shutdown().await.0.success());
    }
}

/// Presents a certificate without asking whether the key belongs to it.
#[derive(Debug)]
struct Present(Arc<CertifiedKey>);

impl ResolvesClientCert for Present {
    fn resolve(&self, _: &[&[u8]], _: &[rustls::SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        Some(self.0.clone())
    }

    fn has_certs(&self) -> bool {
        true
    }
}

#[tokio::test]
async fn plain_text_is_refused_where_tls_was_asked_for() {
    for provider in providers() {
        let mut plugin = Launch::of(provider).start().await;
        let mut raw = plugin.handshake.dial().await.unwrap();
        raw.write_all(PREFACE).await.unwrap();
        let mut answer = Vec::new();
        // An alert (type 21) and the end, or just the end; never an HTTP/2 frame.
        let _ = raw.read_to_end(&mut answer).await;
        assert!(answer.is_empty() || answer[0] == 21, "{answer:?}");

        match plugin.channel_with(None).await {
            Err(_) => (),
            Ok(channel) => {
                let request = talosendpoint::plugin::pb::health::HealthCheckRequest::default();
                let mut health = talosendpoint::plugin::pb::health::health_client::HealthClient::new(channel);
                health.check(request).await.expect_err("plain text");
            }
        }
        plugin.serves().await.unwrap();
        assert!(plugin.shutdown().await.0.success());
    }
}

// --- 5: plain text -----------------------------------------------------------------------------------

#[tokio::test]
async fn without_a_client_certificate_the_plugin_speaks_plain_text() {
    for provider in providers() {
        for launch in [
            Launch::of(provider).plaintext(),
            Launch::of(provider).plaintext().env("PLUGIN_CLIENT_CERT", ""),
            Launch::of(provider).plaintext().env("TALOSENDPOINT_TCP", "1"),
        ] {
            let mut plugin = launch.start().await;
            assert_eq!(plugin.handshake.fields[5], "");
            assert_eq!(plugin.handshake.fields.len(), 6);
            plugin.serves().await.unwrap();
            assert!(plugin.shutdown().await.0.success());
        }
    }
}

#[tokio::test]
async fn a_broken_client_certificate_never_means_plain_text() {
    for provider in providers() {
        let output = Launch::of(provider).env("PLUGIN_CLIENT_CERT", "junk").output().await;
        assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0));
        assert!(String::from_utf8_lossy(&output.stderr).contains("PLUGIN_CLIENT_CERT"));
    }
}
