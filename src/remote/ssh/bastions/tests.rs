//! A bastion and a host behind it, on this machine.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use futures_util::future::join_all;
use russh::Channel;
use russh::keys::key::safe_rng;
use russh::keys::{Algorithm, PrivateKey};
use russh::server::{self, Auth, ChannelOpenHandle, PublicKeyOffer, Session, VerifiedPublicKey};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

use super::*;
use crate::remote::ssh::connect;
use crate::remote::ssh::settings::Target;
use crate::secret::Secret;

/// A server that lets everybody in, or nobody, and forwards.
#[derive(Clone, Default)]
struct Server {
    logins: Arc<AtomicU32>,
    attempts: Arc<AtomicU32>,
    is_closed: Arc<AtomicBool>,
    /// Ends all connections.
    end: Arc<Notify>,
}

impl server::Handler for Server {
    type Error = russh::Error;

    async fn auth_none(&mut self, _: &str) -> Result<Auth, russh::Error> {
        self.attempts.fetch_add(1, Ordering::SeqCst);
        Ok(Auth::reject())
    }

    async fn auth_publickey_offered(&mut self, _: &str, _: PublicKeyOffer<'_>) -> Result<Auth, russh::Error> {
        Ok(if self.is_closed.load(Ordering::SeqCst) { Auth::reject() } else { Auth::Accept })
    }

    async fn auth_publickey(&mut self, _: &str, _: VerifiedPublicKey<'_>) -> Result<Auth, russh::Error> {
        self.logins.fetch_add(1, Ordering::SeqCst);
        Ok(Auth::Accept)
    }

    async fn channel_open_direct_tcpip(
        &mut self,
        channel: Channel<server::Msg>,
        host: &str,
        port: u32,
        _: &str,
        _: u32,
        reply: ChannelOpenHandle,
        _: &mut Session,
    ) -> Result<(), russh::Error> {
        let mut there = TcpStream::connect((host, u16::try_from(port).unwrap())).await?;
        reply.accept().await;
        tokio::spawn(async move {
            let _ended = tokio::io::copy_bidirectional(&mut channel.into_stream(), &mut there).await;
        });
        Ok(())
    }
}

impl Server {
    /// Serves, and gives the way there.
    async fn serve(&self) -> Hop {
        let key = PrivateKey::random(&mut safe_rng(), Algorithm::Ed25519).unwrap();
        let host_key = Some(key.public_key().to_openssh().unwrap());
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = Some(listener.local_addr().unwrap().port());
        let config = Arc::new(server::Config {
            keys: vec![key],
            auth_rejection_time: Duration::ZERO,
            ..server::Config::default()
        });
        let server = self.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (config, server) = (config.clone(), server.clone());
                tokio::spawn(async move {
                    let end = server.end.clone();
                    let Ok(session) = server::run_stream(config, stream, server).await else { return };
                    let handle = session.handle();
                    tokio::select! {
                        _ = session => {}
                        () = end.notified() => {
                            let reason = russh::Disconnect::ByApplication;
                            let _ended = handle.disconnect(reason, "going down".to_owned(), String::new()).await;
                        }
                    }
                });
            }
        });
        Hop { host: "127.0.0.1".to_owned(), port, user: None, host_key }
    }

    fn logins(&self) -> u32 {
        self.logins.load(Ordering::SeqCst)
    }
}

/// A bastion, and how a host behind it is reached.
struct Lab {
    bastion: Server,
    host: Server,
    target: Target,
    settings: SshSettings,
    bastions: Bastions,
}

impl Lab {
    async fn new() -> Lab {
        let (bastion, host) = (Server::default(), Server::default());
        let target = Target { hop: host.serve().await, bastion: Some(bastion.serve().await) };
        let own = PrivateKey::random(&mut safe_rng(), Algorithm::Ed25519).unwrap();
        let private_key = Secret::new(own.to_openssh(russh::keys::ssh_key::LineEnding::LF).unwrap().as_str());
        let settings =
            SshSettings { user: Some("root".to_owned()), private_key: Some(private_key), ..SshSettings::default() };
        Lab { bastion, host, target, settings, bastions: Bastions::default() }
    }

    /// As many hosts at once.
    async fn connect(&self, hosts: usize) -> Vec<Result<crate::remote::ssh::session::Session, SshError>> {
        let limit = Duration::from_secs(20);
        let all = (0..hosts).map(|_| connect(&self.settings, &self.bastions, &self.target, limit));
        join_all(all).await
    }
}

#[tokio::test]
async fn hosts_behind_a_bastion_share_one_login_until_it_ends() {
    let lab = Lab::new().await;
    let open = lab.connect(5).await;
    assert!(open.iter().all(Result::is_ok), "{:?}", open.iter().filter_map(|one| one.as_ref().err()).next());
    assert_eq!((lab.bastion.logins(), lab.host.logins()), (1, 5));
    drop(open);
    assert!(lab.connect(1).await[0].is_ok());
    assert_eq!(lab.bastion.logins(), 1, "it lingers");

    lab.bastion.end.notify_waiters();
    let again = lab.connect(3).await;
    assert!(again.iter().all(Result::is_ok), "{:?}", again.iter().filter_map(|one| one.as_ref().err()).next());
    assert_eq!(lab.bastion.logins(), 2);
}

#[tokio::test]
async fn a_bastion_that_refuses_is_asked_once_for_all_hosts() {
    let lab = Lab::new().await;
    lab.bastion.is_closed.store(true, Ordering::SeqCst);
    let refused = lab.connect(5).await;
    for one in &refused {
        let said = one.as_ref().err().map(ToString::to_string).unwrap_or_default();
        assert!(said.starts_with("the bastion 127.0.0.1:") && said.contains("doesn't let root in"), "{said}");
    }
    assert_eq!(lab.bastion.attempts.load(Ordering::SeqCst), 1);
    // What was refused once is asked anew by the next.
    lab.bastion.is_closed.store(false, Ordering::SeqCst);
    assert!(lab.connect(1).await[0].is_ok());
}
