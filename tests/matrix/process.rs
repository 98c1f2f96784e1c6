//! One process of the provider, and the walks that Terraform drives it through: references between resources, the order of the graph,
//! taint, and what is stored when.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::future::{join, join_all};
use talosendpoint::framework::engine::{
    ApplyRequest, Engine, PREFLIGHT_LIMIT, PlanRequest, PlanResponse, StateResponse,
};
use talosendpoint::framework::private::Private;
use talosendpoint::framework::value::Value;
use talosendpoint::provider::TalosEndpoint;
use talosendpoint::remote::connector::Transport;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::configuration::{ATTACHMENT, Configuration, NLB};
use crate::outcome::{Address, Outcome, State, Stored, stored};
use crate::wire::Wire;

/// What is planned.
pub type Changes = BTreeMap<Address, Change>;

/// A planned change of one resource.
#[derive(Clone)]
pub struct Change {
    config: Value,
    plan: PlanResponse,
    prior: Option<Stored>,
    pub action: Action,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Action {
    Nothing,
    Make,
    Replace,
    Delete,
}

/// One process of the provider: Terraform starts one for each walk.
pub struct Process {
    pub engine: Arc<Engine>,
    kill: CancellationToken,
    signal: tokio::task::JoinHandle<()>,
}

impl Drop for Process {
    fn drop(&mut self) {
        self.signal.abort();
    }
}

impl Process {
    /// A new process.
    pub async fn new(wire: &Wire) -> Process {
        let provider = TalosEndpoint::over(Transport::Given(wire.client()));
        let engine = Arc::new(Engine::new(Arc::new(provider)));
        let reported = engine.configure(settings(&engine, wire.attempts())).await;
        assert!(reported.is_empty(), "{reported:?}");
        let stopped = wire.stop();
        let stopping = Arc::clone(&engine);
        let signal = tokio::spawn(async move {
            stopped.cancelled().await;
            stopping.stop();
        });
        Process { engine, kill: wire.kill(), signal }
    }

    /// `work`, unless the process is killed.
    pub async fn hold<T>(&self, work: impl Future<Output = T>, outcome: &mut Outcome) -> Option<T> {
        tokio::select! {
            biased;
            () = self.kill.cancelled() => {
                outcome.killed = true;
                None
            }
            done = work => Some(done),
        }
    }

    pub fn upgrade(&self, state: &State) {
        for (address, known) in state {
            let version = self.engine.resources()[kind(address)].schema().version;
            let upgraded = self.engine.upgrade(kind(address), version, known.object.clone());
            assert!(upgraded.diagnostics.is_empty(), "{:?}", upgraded.diagnostics);
        }
    }

    pub async fn refresh(&self, state: &mut State, outcome: &mut Outcome) {
        self.upgrade(state);
        self.read(state, outcome).await;
    }

    /// Reads what is in `state`; what an import has just found is read without an upgrade.
    pub async fn read(&self, state: &mut State, outcome: &mut Outcome) {
        let reads = state.iter().map(|(address, known)| async move {
            (address.clone(), self.engine.read(kind(address), known.object.clone(), known.private.clone()).await)
        });
        let Some(found) = self.hold(join_all(reads), outcome).await else { return };
        for (address, read) in found {
            outcome.hear(&read.diagnostics);
            if read.diagnostics.has_error() {
                continue;
            }
            if read.state.is_null() {
                state.remove(&address);
            } else if let Some(known) = state.get_mut(&address) {
                known.object = read.state;
                known.private = stored(&read.private);
            }
        }
    }

    pub async fn plan(&self, state: &State, config: &Configuration, outcome: &mut Outcome) -> Changes {
        let mut changes = BTreeMap::new();
        let balancer = self.hold(self.change(&None, state, config.balancer.clone()), outcome).await;
        let Some(balancer) = balancer else { return changes };
        let planned = balancer.as_ref().map_or(Value::Null, |change| change.plan.planned.clone());
        let names: Vec<Address> = config
            .attachments
            .keys()
            .cloned()
            .map(Some)
            .chain(state.keys().filter(|address| address.is_some()).cloned())
            .collect();
        let plans = names.into_iter().map(|address| {
            let wanted =
                address.as_ref().and_then(|name| config.attachments.get(name)).map(|node| node.config(&planned));
            async move { (address.clone(), self.change(&address, state, wanted).await) }
        });
        let Some(plans) = self.hold(join_all(plans), outcome).await else { return changes };
        for (address, change) in [(None, balancer)].into_iter().chain(plans) {
            if let Some(change) = change {
                outcome.hear(&change.plan.diagnostics);
                changes.insert(address, change);
            }
        }
        changes
    }

    /// The plan of one resource; none where there is nothing, neither stored nor configured.
    async fn change(&self, address: &Address, state: &State, config: Option<Value>) -> Option<Change> {
        let prior = state.get(address).cloned();
        let Some(config) = config else {
            let known = prior?;
            let plan = self.ask(address, Value::Null, known.object.clone(), known.private.clone()).await;
            return Some(Change { config: Value::Null, plan, prior: Some(known), action: Action::Delete });
        };
        let validated = self.engine.validate_resource(kind(address), config.clone());
        assert!(!validated.has_error(), "{validated:?}");
        let Some(known) = prior else {
            let plan = self.ask(address, config.clone(), Value::Null, Private::new()).await;
            return Some(Change { config, plan, prior: None, action: Action::Make });
        };
        if known.tainted {
            let plan = self.ask(address, config.clone(), Value::Null, Private::new()).await;
            return Some(Change { config, plan, prior: Some(known), action: Action::Replace });
        }
        let plan = self.ask(address, config.clone(), known.object.clone(), known.private.clone()).await;
        if !plan.replace.is_empty() && !plan.diagnostics.has_error() {
            let private = plan.private.clone();
            let plan = self.ask(address, config.clone(), Value::Null, private).await;
            return Some(Change { config, plan, prior: Some(known), action: Action::Replace });
        }
        let action = if plan.planned == known.object { Action::Nothing } else { Action::Make };
        Some(Change { config, plan, prior: Some(known), action })
    }

    async fn ask(&self, address: &Address, config: Value, prior: Value, private: Private) -> PlanResponse {
        let request = PlanRequest { proposed: config.clone(), config, prior, private };
        let mut plan = self.engine.plan(kind(address), request, sleep(PREFLIGHT_LIMIT)).await;
        plan.private = stored(&plan.private);
        plan
    }

    /// The apply walk, in the order of Terraform's graph.
    pub async fn walk(&self, state: &mut State, config: &Configuration, mut changes: Changes, outcome: &mut Outcome) {
        let balancer = changes.remove(&None);
        let (leaving, staying): (Vec<_>, Vec<_>) =
            changes.into_iter().partition(|(_, change)| matches!(change.action, Action::Delete));
        let before = state.clone();
        let leave = join_all(leaving.iter().map(|(address, change)| self.delete(address, change, &before)));
        let is_leaving = balancer.as_ref().is_some_and(|change| change.action == Action::Delete);
        if is_leaving {
            let Some(gone) = self.hold(leave, outcome).await else { return };
            gone.into_iter().for_each(|(address, answer)| outcome.keep(state, &address, answer, false));
            outcome.cancelled |= self.engine_is_stopped();
            if !outcome.failed()
                && let Some(change) = &balancer
            {
                let Some((address, answer)) = self.hold(self.delete(&None, change, &before), outcome).await else {
                    return;
                };
                outcome.keep(state, &address, answer, false);
            }
            return;
        }
        let mut of_leaving = Outcome::default();
        let mut left = State::new();
        let ((), gone) = join(self.settle(&None, balancer, state, outcome), self.hold(leave, &mut of_leaving)).await;
        for (address, answer) in gone.unwrap_or_default() {
            left.insert(address.clone(), before[&address].clone());
            of_leaving.keep(&mut left, &address, answer, false);
            match left.remove(&address) {
                Some(known) => drop(state.insert(address, known)),
                None => drop(state.remove(&address)),
            }
        }
        let balancer_failed = outcome.failed();
        outcome.killed |= of_leaving.killed;
        outcome.diagnostics.append(of_leaving.diagnostics);
        // What depends on a resource that failed isn't begun; nor is anything of a killed run.
        if balancer_failed || outcome.killed {
            return;
        }
        if self.engine_is_stopped() {
            outcome.cancelled = true;
            return;
        }
        let made = state.get(&None).map_or(Value::Null, |known| known.object.clone());
        let work =
            staying.into_iter().filter(|(_, change)| change.action != Action::Nothing).map(|(address, mut change)| {
                if let Some(node) = address.as_ref().and_then(|name| config.attachments.get(name)) {
                    change.config = node.config(&made);
                }
                let (mut own, mut reported) = (before.clone(), Outcome::default());
                async move {
                    self.settle(&address, Some(change), &mut own, &mut reported).await;
                    (address.clone(), own.remove(&address), reported)
                }
            });
        for (address, known, reported) in join_all(work).await {
            match known {
                Some(known) => drop(state.insert(address, known)),
                None => drop(state.remove(&address)),
            }
            outcome.killed |= reported.killed;
            outcome.cancelled |= reported.cancelled;
            outcome.diagnostics.append(reported.diagnostics);
        }
    }

    /// Terraform begins nothing more once the user wants to stop.
    fn engine_is_stopped(&self) -> bool {
        self.signal.is_finished()
    }

    /// Makes, changes or replaces one resource, by a plan made anew: more is known now.
    async fn settle(&self, address: &Address, change: Option<Change>, state: &mut State, outcome: &mut Outcome) {
        let Some(change) = change.filter(|change| change.action != Action::Nothing) else { return };
        let mut prior = change.prior.clone();
        if change.action == Action::Replace {
            let Some((_, answer)) = self.hold(self.delete(address, &change, state), outcome).await else { return };
            outcome.keep(state, address, answer, false);
            outcome.cancelled |= self.engine_is_stopped();
            if outcome.failed() {
                return;
            }
            prior = None;
        }
        let (object, private) = match &prior {
            Some(known) => (known.object.clone(), known.private.clone()),
            None => (Value::Null, Private::new()),
        };
        let work = async {
            let plan = self.ask(address, change.config.clone(), object.clone(), private).await;
            if plan.diagnostics.has_error() {
                return Err(plan.diagnostics);
            }
            let request =
                ApplyRequest { config: change.config, prior: object, planned: plan.planned, private: plan.private };
            Ok(self.apply(address, request).await)
        };
        match self.hold(work, outcome).await {
            Some(Ok(answer)) => outcome.keep(state, address, answer, prior.is_none()),
            Some(Err(refused)) => outcome.hear(&refused),
            None => {}
        }
    }

    async fn delete(&self, address: &Address, change: &Change, state: &State) -> (Address, StateResponse) {
        let prior = state.get(address).map_or(Value::Null, |known| known.object.clone());
        let request =
            ApplyRequest { config: Value::Null, prior, planned: Value::Null, private: change.plan.private.clone() };
        (address.clone(), self.apply(address, request).await)
    }

    async fn apply(&self, address: &Address, request: ApplyRequest) -> StateResponse {
        self.engine.apply(kind(address), request).await
    }
}
pub fn kind(address: &Address) -> &'static str {
    if address.is_some() { ATTACHMENT } else { NLB }
}

pub fn describe(address: &Address, change: &Change) -> String {
    let name = address.clone().unwrap_or_else(|| "load balancer".to_owned());
    let mut text = format!("{:?} {name}:\n", change.action);
    if let (Some(Value::Object(before)), Value::Object(after)) =
        (change.prior.as_ref().map(|known| &known.object), &change.plan.planned)
    {
        for (key, value) in before.iter().filter(|(key, value)| after.get(*key) != Some(value)) {
            text += &format!("  {key}: {value:?} -> {:?}\n", after.get(key));
        }
    }
    text
}

/// A provider block that needs nothing of this machine.
fn settings(engine: &Engine, attempts: Option<i64>) -> Value {
    let schema = engine.provider_schema();
    let own = [("region", "us-east-1"), ("access_key", "AKIDMATRIX"), ("secret_key", "secret")];
    let here = [("endpoint_url", "http://127.0.0.1:1")];
    let given = own.into_iter().chain(here).map(|(name, value)| (name, Value::from(value)));
    let mut aws = schema.attribute("aws").unwrap().value_type().object_of(given);
    if let Some(attempts) = attempts {
        aws.insert("max_attempts".to_owned(), attempts.into());
    }
    for files in ["shared_config_files", "shared_credentials_files"] {
        aws.insert(files.to_owned(), Value::list(["/dev/null".into()]));
    }
    Value::Object(schema.object_type().object_of([("aws", Value::Object(aws))]))
}
