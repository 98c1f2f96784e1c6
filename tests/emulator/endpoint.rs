//! Where the tests run.

use std::env;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use lab::ministack::MiniStack;
use lab::skip::Missing;
use lab::venv::Venv;

/// What stands in AWS's place.
pub enum Endpoint {
    /// What the user has named: any host, somebody else's things in it.
    Named(String),
    /// One that the tests of this program share; it ends with the last of them.
    Own(Arc<MiniStack>),
}

impl Endpoint {
    /// The endpoint that the environment names, or a MiniStack.
    pub fn get() -> Result<Endpoint, Missing> {
        match env::var("TALOSENDPOINT_TEST_ENDPOINT") {
            Ok(url) if !url.is_empty() => Ok(Endpoint::Named(url)),
            _ => own(),
        }
    }

    /// `http://HOST:PORT`, every service behind it.
    pub fn url(&self) -> &str {
        match self {
            Endpoint::Named(url) => url,
            Endpoint::Own(ministack) => ministack.url(),
        }
    }
}

fn own() -> Result<Endpoint, Missing> {
    static SHARED: Mutex<Weak<MiniStack>> = Mutex::new(Weak::new());
    // A start that failed concerns only the test that tried it.
    let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(running) = shared.upgrade() {
        return Ok(Endpoint::Own(running));
    }
    let started = Arc::new(MiniStack::start(&Venv::ministack()?));
    *shared = Arc::downgrade(&started);
    Ok(Endpoint::Own(started))
}
