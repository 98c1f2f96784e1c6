//! What a connection is told by its host on the way: its key, and messages to the one who logs in.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use russh::client::{self, Session};
use russh::keys::PublicKeyOrCertificate;

use super::host_key::{HostKeyError, Known};

/// Looks at the host's key, and keeps what was said for the one who connects.
pub struct Handler {
    known: Known,
    host: String,
    port: u16,
    said: Said,
}

/// What a host said while somebody logged in.
#[derive(Clone, Default)]
pub struct Said(Arc<Mutex<Words>>);

#[derive(Default)]
struct Words {
    refusal: Option<HostKeyError>,
    banner: Option<String>,
}

impl Said {
    /// What is wrong with its key.
    pub fn refusal(&self) -> Option<HostKeyError> {
        self.lock().refusal.take()
    }

    /// The last message to the user, such as what PAM says when it closes an account; on one line.
    pub fn banner(&self) -> Option<String> {
        self.lock().banner.take()
    }

    fn lock(&self) -> MutexGuard<'_, Words> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Handler {
    /// For the host `host`, which is known so.
    pub fn new(known: Known, host: String, port: u16, said: Said) -> Handler {
        Handler { known, host, port, said }
    }
}

impl client::Handler for Handler {
    type Error = russh::Error;

    async fn check_server_key(&mut self, presented: &PublicKeyOrCertificate) -> Result<bool, russh::Error> {
        match self.known.check(&self.host, self.port, presented) {
            Ok(()) => Ok(true),
            Err(error) => {
                self.said.lock().refusal = Some(error);
                Ok(false)
            }
        }
    }

    async fn auth_banner(&mut self, banner: &str, _session: &mut Session) -> Result<(), russh::Error> {
        let words: Vec<&str> = banner.split(|letter: char| letter.is_whitespace() || letter.is_control()).collect();
        let line = words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
        if !line.is_empty() {
            self.said.lock().banner = Some(line);
        }
        Ok(())
    }
}
