//! What a command has come to, and what it has stored.

use std::collections::BTreeMap;

use talosendpoint::framework::diagnostic::{Diagnostic, Diagnostics, Severity};
use talosendpoint::framework::engine::StateResponse;
use talosendpoint::framework::private::Private;
use talosendpoint::framework::value::Value;

/// `None` is the load balancer, a name is that attachment.
pub type Address = Option<String>;

/// What is stored of one resource.
#[derive(Clone, Debug)]
pub struct Stored {
    pub object: Value,
    pub private: Private,
    pub tainted: bool,
}

/// A state file.
pub type State = BTreeMap<Address, Stored>;

/// What a command has come to.
#[derive(Debug, Default)]
pub struct Outcome {
    pub diagnostics: Diagnostics,
    pub killed: bool,
    /// Not all was begun, because the user wanted to stop.
    pub cancelled: bool,
    /// What a plan wants to change.
    pub changes: Vec<String>,
}

impl Outcome {
    /// True if the command has ended with an error.
    pub fn failed(&self) -> bool {
        self.killed || self.cancelled || self.diagnostics.has_error()
    }

    pub fn hear(&mut self, diagnostics: &Diagnostics) {
        self.diagnostics.append(diagnostics.clone());
    }

    /// Stores what an apply answers. An error without an object keeps what was there.
    pub fn keep(&mut self, state: &mut State, address: &Address, answer: StateResponse, create: bool) {
        let failed = answer.diagnostics.has_error();
        self.hear(&answer.diagnostics);
        if answer.state.is_null() {
            if !failed || create {
                state.remove(address);
            }
            return;
        }
        let tainted = if create { failed } else { state.get(address).is_some_and(|known| known.tainted) };
        state.insert(address.clone(), Stored { object: answer.state, private: stored(&answer.private), tainted });
    }

    /// Everything said, a paragraph each.
    pub fn text(&self) -> String {
        let lines = self.diagnostics.iter().map(|said: &Diagnostic| {
            let severity = if said.severity == Severity::Error { "error" } else { "warning" };
            format!("{severity} at {:?}: {}: {}\n", said.path.to_string(), said.title, said.detail)
        });
        lines.collect::<String>()
            + &self.changes.concat()
            + if self.killed { "killed\n" } else { "" }
            + if self.cancelled { "cancelled\n" } else { "" }
    }
}

/// Private entries as they come back from the state file.
pub fn stored(private: &Private) -> Private {
    Private::from_bytes(&private.to_bytes()).unwrap()
}
