//! What an apply has really done so far.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::private::Private;
use super::value::Object;

/// The object as it exists at this moment, told step by step by the resource that is being applied.
///
/// It outlives the resource's own function: a panic, an error or a stop answers Terraform with the last thing told.
pub struct Progress {
    told: Mutex<Told>,
}

/// The last thing told.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Told {
    /// The object; none if it doesn't exist.
    pub state: Option<Object>,
    /// What to store beside it.
    pub private: Private,
}

impl Progress {
    /// Begins with what existed before.
    pub fn new(state: Option<Object>, private: Private) -> Progress {
        Progress { told: Mutex::new(Told { state, private }) }
    }

    /// The object exists like this now.
    pub fn tell(&self, state: Object, private: Private) {
        *self.lock() = Told { state: Some(state), private };
    }

    /// The object exists no longer.
    pub fn gone(&self) {
        *self.lock() = Told::default();
    }

    /// The last thing told.
    pub fn told(&self) -> Told {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Told> {
        // A panic while the lock is held leaves a whole `Told` behind: assignment is the last thing done under it.
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
