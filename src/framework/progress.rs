//! What an apply has really done so far.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::private::Private;
use super::value::Object;

/// The object as it exists at this moment, reported step by step by the resource that is being applied.
///
/// It outlives the resource's own function: a panic, an error or a stop answers Terraform with the last thing reported.
pub struct Progress {
    reported: Mutex<Reported>,
}

/// The last thing reported.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reported {
    /// The object; none if it doesn't exist.
    pub state: Option<Object>,
    /// What to store beside it.
    pub private: Private,
}

impl Progress {
    /// Begins with what existed before.
    pub fn new(state: Option<Object>, private: Private) -> Progress {
        Progress { reported: Mutex::new(Reported { state, private }) }
    }

    /// The object exists like this now.
    pub fn report(&self, state: Object, private: Private) {
        *self.lock() = Reported { state: Some(state), private };
    }

    /// The object exists no longer.
    pub fn gone(&self) {
        *self.lock() = Reported::default();
    }

    /// The last thing reported.
    pub fn reported(&self) -> Reported {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Reported> {
        // A panic while the lock is held leaves a whole `Reported` behind: assignment is the last thing done under it.
        self.reported.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
