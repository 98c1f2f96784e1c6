//! What Terraform does with a provider, for one load balancer and its attachments: each command is one or two walks.

use crate::configuration::Configuration;
use crate::outcome::{Address, Outcome, State, Stored, stored};
use crate::process::{Action, Changes, Process, describe, kind};
use crate::wire::Wire;

/// A configuration directory.
#[derive(Clone)]
pub struct Terraform {
    pub wire: Wire,
    pub state: State,
}

impl Terraform {
    /// `terraform plan`. What its refresh finds is not stored.
    pub async fn plan(&self, config: &Configuration) -> Outcome {
        let process = Process::new(&self.wire).await;
        let mut state = self.state.clone();
        let mut outcome = Outcome::default();
        process.refresh(&mut state, &mut outcome).await;
        if !outcome.failed() {
            let changes = process.plan(&state, config, &mut outcome).await;
            let wanted = changes.iter().filter(|(_, change)| change.action != Action::Nothing);
            outcome.changes = wanted.map(|(address, change)| describe(address, change)).collect();
        }
        outcome
    }

    /// `terraform apply -refresh-only`
    pub async fn refresh(&mut self) -> Outcome {
        let process = Process::new(&self.wire).await;
        let mut outcome = Outcome::default();
        let mut state = self.state.clone();
        process.refresh(&mut state, &mut outcome).await;
        if !outcome.failed() {
            self.state = state;
        }
        outcome
    }

    /// `terraform apply`; with an empty configuration `terraform destroy`.
    pub async fn apply(&mut self, config: &Configuration) -> Outcome {
        let mut outcome = Outcome::default();
        let planned = self.refresh_and_plan(config, &mut outcome).await;
        if let Some(changes) = planned {
            self.carry_out(config, changes, &mut outcome).await;
        }
        outcome
    }

    /// The first half of an apply, which a process of its own does; none where it ends there.
    pub async fn refresh_and_plan(&mut self, config: &Configuration, outcome: &mut Outcome) -> Option<Changes> {
        let process = Process::new(&self.wire).await;
        let mut state = self.state.clone();
        process.refresh(&mut state, outcome).await;
        if outcome.failed() {
            return None;
        }
        let changes = process.plan(&state, config, outcome).await;
        if outcome.failed() {
            return None;
        }
        self.state = state;
        changes.values().any(|change| change.action != Action::Nothing).then_some(changes)
    }

    /// The second half.
    pub async fn carry_out(&mut self, config: &Configuration, changes: Changes, outcome: &mut Outcome) {
        let process = Process::new(&self.wire).await;
        process.upgrade(&self.state);
        process.walk(&mut self.state, config, changes, outcome).await;
    }

    /// `terraform import`, which reads what it has found.
    pub async fn import(&mut self, address: &Address, id: &str) -> Outcome {
        let process = Process::new(&self.wire).await;
        let mut outcome = Outcome::default();
        let Some(found) = process.hold(process.engine.import(kind(address), id.to_owned()), &mut outcome).await else {
            return outcome;
        };
        outcome.hear(&found.diagnostics);
        if found.state.is_null() {
            return outcome;
        }
        let mut state = State::new();
        state.insert(address.clone(), Stored { object: found.state, private: stored(&found.private), tainted: false });
        process.read(&mut state, &mut outcome).await;
        if !outcome.failed() {
            self.state.append(&mut state);
        }
        outcome
    }
}
