//! One cell: a fault at a call of a step, what the user does next, and what must hold.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use lab::call::Call;
use lab::fake::Account;
use lab::inventory::{Inventory, Part};
use talosendpoint::endpoint::nlb::apply::group_replacement::PROBE_PORTS;

use crate::comparison::{difference, shown, unmarked};
use crate::continuation::{perform, plan};
use crate::fault::Kind;
use crate::holdings;
use crate::lifecycle::{self, Act, Step};
use crate::outcome::{Outcome, State};
use crate::process::Changes;
use crate::terraform::Terraform;
use crate::wire::{Order, Wire};
use crate::world::{World, ours};

/// What the user does after the fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Next {
    /// The same again.
    Again,
    /// Destroys everything.
    Destroy,
    /// Takes the change back.
    Back,
    /// Makes another change.
    Other,
}

impl Next {
    pub const ALL: [Next; 4] = [Next::Again, Next::Destroy, Next::Back, Next::Other];
}

/// A step whose beginning, calls and results are known.
pub struct Prepared {
    pub step: Step,
    pub begin: World,
    foreign: Vec<String>,
    others: String,
    /// The calls of the step without a fault.
    pub calls: Vec<Call>,
    /// How many of them come before the apply: reads.
    reads: usize,
    /// The moment between plan and apply. What goes wrong later begins here.
    planned: Option<Planned>,
    /// What the account is to hold after each of the continuations.
    pub before: String,
    pub after: String,
    pub other: String,
    /// What has come of a continuation. Most faults lead to a world that another fault has led to.
    pub known: Mutex<BTreeMap<(u64, Next), Verdict>>,
    /// What has come of a world in which everything is as configured.
    pub ends: Mutex<BTreeMap<(u64, Next, bool), Verdict>>,
}

/// The moment between plan and apply of a step without a fault.
struct Planned {
    world: World,
    changes: Changes,
    /// How many calls come before it.
    calls: usize,
}

/// What was broken, for a person.
pub type Broken = String;

/// Nothing, or what was broken.
pub type Verdict = Result<(), Broken>;

impl Prepared {
    /// Does the step without a fault.
    pub async fn new(step: Step) -> Prepared {
        let wire = Wire::to(Account::default());
        let foreign = lifecycle::foreign(&wire.account);
        let mut terraform = Terraform { wire: wire.clone(), state: State::new() };
        well(&terraform.apply(&step.before).await, step.name);
        lifecycle::guests(&wire.account);
        well(&terraform.refresh().await, step.name);
        let before = ours(&terraform);
        (step.outside)(&wire.account);
        wire.forget();
        if matches!(step.act, Act::Import(_)) {
            terraform.state.clear();
        }
        let begin = World::of(&terraform);
        let mut changed = begin.enter();
        let mut outcome = Outcome::default();
        let planned = plan(&mut changed, &step.act, &mut outcome).await.map(|changes| Planned {
            world: World::of(&changed),
            changes,
            calls: changed.wire.calls().len(),
        });
        if let Some(planned) = &planned {
            changed.carry_out(step.act.configuration(), planned.changes.clone(), &mut outcome).await;
        }
        well(&outcome, step.name);
        let calls = changed.wire.calls();
        well(&changed.refresh().await, step.name);
        let mut other = begin.enter();
        if matches!(step.act, Act::Import(_)) {
            well(&perform(&mut other, &step.act).await, step.name);
        }
        well(&other.apply(&step.other).await, step.name);
        well(&other.refresh().await, step.name);
        Prepared {
            others: holdings::of(&wire.account.inventory(), &foreign),
            reads: calls.iter().position(Call::is_mutating).unwrap_or(calls.len()),
            planned,
            begin,
            step,
            foreign,
            calls,
            before,
            after: ours(&changed),
            other: ours(&other),
            known: Mutex::default(),
            ends: Mutex::default(),
        }
    }

    /// The faults that make sense at this call.
    pub fn faults(&self, call: usize) -> Vec<Kind> {
        let of_apply = call >= self.reads;
        Kind::ALL.into_iter().filter(|kind| of_apply || !(kind.is_kill() || *kind == Kind::Stopped)).collect()
    }

    /// A fault at a call, and then each way to go on: they cost little, because most faults lead to a world that another one has led to.
    pub async fn run(&self, order: Order) -> Vec<(Next, Result<(), Broken>)> {
        let (mut terraform, outcome) = self.disturbed(order).await;
        let calls = terraform.wire.calls();
        if order.kind == Kind::KilledUnstored {
            terraform.state = self.begin.state.clone();
        }
        let at_once = self.check_fault(order.kind, &outcome, &calls, &terraform);
        let world = World::of(&terraform);
        let print = World::print_of(&terraform);
        let mut results = Vec::new();
        for next in Next::ALL {
            let result = match &at_once {
                Ok(()) => self.go_on(&world, print, next).await,
                Err(broken) => Err(broken.clone()),
            };
            let result = result.map_err(|broken| {
                let lines = calls.iter().map(shown).collect::<Vec<_>>().join("\n  ");
                format!("{broken}\n\nThe faulty command was told:\n{}\nIts calls:\n  {lines}\n", outcome.text())
            });
            results.push((next, result));
        }
        results
    }

    /// The step with a fault. Where that comes after the plan, so does the beginning: what is before it is the same each time.
    async fn disturbed(&self, order: Order) -> (Terraform, Outcome) {
        match self.planned.as_ref().filter(|planned| order.call >= planned.calls) {
            Some(Planned { world, changes, calls }) => {
                let (mut terraform, mut outcome) = (world.enter(), Outcome::default());
                terraform.wire.order(Some(Order { call: order.call - calls, ..order }));
                terraform.carry_out(self.step.act.configuration(), changes.clone(), &mut outcome).await;
                (terraform, outcome)
            }
            None => {
                let mut terraform = self.begin.enter();
                terraform.wire.order(Some(order));
                let outcome = perform(&mut terraform, &self.step.act).await;
                (terraform, outcome)
            }
        }
    }

    fn check_fault(&self, kind: Kind, outcome: &Outcome, calls: &[Call], terraform: &Terraform) -> Result<(), Broken> {
        let text = outcome.text();
        demand(!text.contains("bug in the provider"), || format!("the provider blames itself: {text}"))?;
        demand(!kind.passes() || !outcome.failed(), || format!("a fault that passes failed the command: {text}"))?;
        let inventory = terraform.wire.inventory();
        self.check_others(&inventory)?;
        if !outcome.failed() && !matches!(self.step.act, Act::Refresh(_)) {
            let (wanted, now) = (unmarked(&self.after), unmarked(&holdings::ours(&inventory)));
            demand(now == wanted, || {
                format!("success was reported, but the account holds\n{}", difference(&wanted, &now))
            })?;
        }
        if kind.is_broken_answer() {
            let usual = self.calls.iter().map(|call| call.action.as_str()).chain(["AddTags", "RemoveTags"]);
            let usual: BTreeSet<&str> = usual.collect();
            let before = &self.begin.inventory.listeners;
            let is_usual = |call: &Call| usual.contains(call.action.as_str()) || closes_probe(call, calls, before);
            let odd = calls.iter().filter(|call| call.is_mutating() && !is_usual(call));
            let odd: Vec<String> = odd.map(shown).collect();
            demand(odd.is_empty(), || format!("steps were taken on a broken answer: {odd:?}"))?;
        }
        Ok(())
    }

    pub fn check_others(&self, inventory: &Inventory) -> Result<(), Broken> {
        let now = holdings::of(inventory, &self.foreign);
        demand(now == self.others, || format!("something of others was touched:\n{}", difference(&self.others, &now)))
    }
}

/// Whether a call removes a probe listener: one that wasn't there before, in a command that has made one on a probe's port.
fn closes_probe(call: &Call, calls: &[Call], before: &BTreeMap<String, Part>) -> bool {
    let param =
        |call: &Call, name: &str| call.params.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
    let is_probe = |call: &Call| {
        let port = param(call, "Port").and_then(|port| port.parse().ok());
        call.action == "CreateListener" && port.is_some_and(|port: i64| PROBE_PORTS.contains(&port))
    };
    call.action == "DeleteListener"
        && param(call, "ListenerArn").is_some_and(|arn| !before.contains_key(&arn))
        && calls.iter().any(is_probe)
}

#[track_caller]
fn well(outcome: &Outcome, step: &str) {
    assert!(!outcome.failed(), "{step}, without a fault: {}", outcome.text());
}

/// Says what is `broken` unless something holds.
pub fn demand(holds: bool, broken: impl FnOnce() -> Broken) -> Result<(), Broken> {
    if holds { Ok(()) } else { Err(broken()) }
}
