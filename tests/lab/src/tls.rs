//! A company's own certificate authority, and servers that speak TLS with its certificates before the lab's plain ones.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls_pki_types::PrivatePkcs8KeyDer;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio_rustls::TlsAcceptor;

/// A certificate authority that nobody's machine knows.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

impl Authority {
    /// A new one, with a name of its own.
    pub fn new() -> Authority {
        static NUMBER: AtomicUsize = AtomicUsize::new(1);
        Authority::named(&format!("authority {} of the lab", NUMBER.fetch_add(1, Ordering::Relaxed)))
    }

    /// A new one.
    pub fn named(name: &str) -> Authority {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        let pem = params.self_signed(&key).unwrap().pem();
        Authority { issuer: Issuer::new(params, key), pem }
    }

    /// Its certificate.
    pub fn pem(&self) -> &str {
        &self.pem
    }

    /// Writes its certificate into a folder, and gives the file's path.
    pub fn write_to(&self, folder: &Path) -> PathBuf {
        let path = folder.join("authority.pem");
        std::fs::write(&path, &self.pem).unwrap();
        path
    }

    fn server(&self, certificate: CertificateParams) -> ServerConfig {
        let key = KeyPair::generate().unwrap();
        let certificate = certificate.signed_by(&key, &self.issuer).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], PrivatePkcs8KeyDer::from(key.serialize_der()).into())
            .unwrap()
    }
}

/// A server on a free port that takes the TLS off and passes everything on to a plain server.
pub struct Front {
    address: SocketAddr,
    runtime: Option<Runtime>,
}

impl Front {
    /// With a certificate for `names` (host names and addresses), before `target` (`http://127.0.0.1:PORT`).
    pub fn start(authority: &Authority, names: &[&str], target: &str) -> Front {
        Front::with(authority, parameters(names), target)
    }

    /// As [`Front::start`], with a certificate that expired long ago.
    pub fn expired(authority: &Authority, names: &[&str], target: &str) -> Front {
        let mut certificate = parameters(names);
        certificate.not_after = rcgen::date_time_ymd(2020, 1, 1);
        Front::with(authority, certificate, target)
    }

    fn with(authority: &Authority, certificate: CertificateParams, target: &str) -> Front {
        let acceptor = TlsAcceptor::from(Arc::new(authority.server(certificate)));
        let target: SocketAddr = target.strip_prefix("http://").unwrap().parse().unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let socket = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
        socket.set_nonblocking(true).unwrap();
        let address = socket.local_addr().unwrap();
        runtime.spawn(async move {
            let listener = TcpListener::from_std(socket).unwrap();
            while let Ok((raw, _)) = listener.accept().await {
                let acceptor = acceptor.clone();
                tokio::spawn(async move {
                    // A client that doesn't trust us hangs up in the middle: that is what a test wants to see of it.
                    let Ok(mut outside) = acceptor.accept(raw).await else { return };
                    let Ok(mut inside) = TcpStream::connect(target).await else { return };
                    let _closed = tokio::io::copy_bidirectional(&mut outside, &mut inside).await;
                });
            }
        });
        Front { address, runtime: Some(runtime) }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `https://HOST:PORT`.
    pub fn url(&self, host: &str) -> String {
        format!("https://{host}:{}", self.address.port())
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

fn parameters(names: &[&str]) -> CertificateParams {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    CertificateParams::new(names).unwrap()
}
