//! What a connection does with what its host sends on the way: it checks the key, and keeps messages to the one who logs in.

use russh::client::{self, DisconnectReason, Session};
use russh::keys::PublicKeyOrCertificate;

use super::host_key::Known;
use super::transcript::Transcript;

/// Checks the host's key, and keeps what the host says.
pub struct Handler {
    known: Known,
    host: String,
    port: u16,
    transcript: Transcript,
}

impl Handler {
    /// For the host `host`, which is known so.
    pub fn new(known: Known, host: String, port: u16, transcript: Transcript) -> Handler {
        Handler { known, host, port, transcript }
    }
}

impl client::Handler for Handler {
    type Error = russh::Error;

    async fn check_server_key(&mut self, presented: &PublicKeyOrCertificate) -> Result<bool, russh::Error> {
        match self.known.check(&self.host, self.port, presented) {
            Ok(()) => Ok(true),
            Err(error) => {
                self.transcript.refuse(error);
                Ok(false)
            }
        }
    }

    async fn auth_banner(&mut self, banner: &str, _session: &mut Session) -> Result<(), russh::Error> {
        self.transcript.add_banner(banner);
        Ok(())
    }

    async fn disconnected(&mut self, reason: DisconnectReason<russh::Error>) -> Result<(), russh::Error> {
        match reason {
            DisconnectReason::ReceivedDisconnect(info) => {
                self.transcript.add_end(&info);
                Ok(())
            }
            DisconnectReason::Error(russh::Error::NoAuthMethod) => {
                self.transcript.add_refusal();
                Err(russh::Error::NoAuthMethod)
            }
            DisconnectReason::Error(error) => Err(error),
        }
    }
}
