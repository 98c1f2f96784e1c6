//! One cell: a fault at a call of a step, what the user does next, and what must hold.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{LazyLock, Mutex};

use lab::call::Call;
use lab::fake::{Account, Moment, watch};
use lab::inventory::Inventory;
use regex::Regex;

use crate::configuration::Configuration;
use crate::fault::Kind;
use crate::holdings;
use crate::lifecycle::{self, Act, GUEST, Step};
use crate::terraform::{Address, Outcome, State, Terraform};
use crate::wire::{Order, Wire};

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
    begin: World,
    foreign: Vec<String>,
    others: String,
    /// The calls of the step without a fault.
    pub calls: Vec<Call>,
    /// How many of them come before the apply: reads.
    reads: usize,
    /// What the account is to hold after each of the continuations.
    before: String,
    after: String,
    other: String,
    /// What has come of a continuation. Most faults lead to a world that another fault has led to.
    known: Mutex<BTreeMap<(String, Next), Result<(), Broken>>>,
}

/// What was broken, for a person.
pub type Broken = String;

/// An account and a state file.
#[derive(Clone)]
struct World {
    account: Moment,
    state: State,
}

impl World {
    fn of(terraform: &Terraform) -> World {
        World { account: terraform.wire.account.moment(), state: terraform.state.clone() }
    }

    fn enter(&self) -> Terraform {
        Terraform { wire: Wire::to(Account::at(&self.account)), state: self.state.clone() }
    }

    /// The same text for the same world, whatever the ids in it are.
    fn text(&self) -> String {
        let text = format!("{:?}\n{:?}", Account::at(&self.account).inventory(), self.state);
        let mut ids: Vec<&str> = Vec::new();
        let mut plain = String::new();
        let mut rest = 0;
        for found in ID.find_iter(&text) {
            let id = found.as_str();
            let number = ids.iter().position(|known| *known == id).unwrap_or_else(|| {
                ids.push(id);
                ids.len() - 1
            });
            plain += &text[rest..found.start()];
            plain += &format!("#{number}");
            rest = found.end();
        }
        plain + &text[rest..]
    }
}

/// Ids of the stand-in, and nonces.
static ID: LazyLock<Regex> = LazyLock::new(|| Regex::new("[0-9a-f]{16}").unwrap());

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
        if matches!(step.act, Act::Import(_)) {
            terraform.state.clear();
        }
        let begin = World::of(&terraform);
        let mut changed = begin.enter();
        well(&perform(&mut changed, &step.act).await, step.name);
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
            begin,
            step,
            foreign,
            calls,
            before,
            after: ours(&changed),
            other: ours(&other),
            known: Mutex::default(),
        }
    }

    /// The faults that make sense at this call.
    pub fn faults(&self, call: usize) -> Vec<Kind> {
        let of_apply = call >= self.reads;
        Kind::ALL.into_iter().filter(|kind| of_apply || !(kind.is_kill() || *kind == Kind::Stopped)).collect()
    }

    /// A fault at a call, and then each of these ways to go on.
    pub async fn run(&self, order: Order, ways: &[Next]) -> Vec<(Next, Result<(), Broken>)> {
        let mut terraform = self.begin.enter();
        terraform.wire.order(Some(order));
        let outcome = perform(&mut terraform, &self.step.act).await;
        let calls = terraform.wire.calls();
        if order.kind == Kind::KilledUnstored {
            terraform.state = self.begin.state.clone();
        }
        let at_once = self.check_fault(order.kind, &outcome, &calls, &terraform);
        let world = World::of(&terraform);
        let text = world.text();
        let mut results = Vec::new();
        for &next in ways {
            let result = match &at_once {
                Ok(()) => self.go_on(&world, &text, next).await,
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

    fn check_fault(&self, kind: Kind, outcome: &Outcome, calls: &[Call], terraform: &Terraform) -> Result<(), Broken> {
        let text = outcome.text();
        demand(!text.contains("bug in the provider"), || format!("the provider blames itself: {text}"))?;
        demand(!kind.passes() || !outcome.failed(), || format!("a fault that passes failed the command: {text}"))?;
        let inventory = terraform.wire.account.inventory();
        self.check_others(&inventory)?;
        if !outcome.failed() && !matches!(self.step.act, Act::Refresh(_)) {
            let (wanted, now) = (unmarked(&self.after), unmarked(&holdings::ours(&inventory)));
            demand(now == wanted, || {
                format!("success was reported, but the account holds\n{}", difference(&wanted, &now))
            })?;
        }
        if kind.is_broken_answer() {
            let own = ["AddTags", "RemoveTags", "DeleteListener"];
            let usual: BTreeSet<&str> = self.calls.iter().map(|call| call.action.as_str()).chain(own).collect();
            let odd = calls.iter().filter(|call| call.is_mutating() && !usual.contains(call.action.as_str()));
            let odd: Vec<String> = odd.map(shown).collect();
            demand(odd.is_empty(), || format!("steps were taken on a broken answer: {odd:?}"))?;
        }
        Ok(())
    }

    /// What comes of going on in a world, which depends on nothing else.
    async fn go_on(&self, world: &World, text: &str, next: Next) -> Result<(), Broken> {
        let key = (text.to_owned(), next);
        if let Some(known) = self.known.lock().unwrap().get(&key) {
            return known.clone();
        }
        let mut terraform = world.enter();
        let result = self.converge(&mut terraform, next).await.map_err(|broken| {
            let calls = terraform.wire.calls();
            let changing = calls.iter().filter(|call| call.is_mutating()).map(shown).collect::<Vec<_>>().join("\n  ");
            format!("{next:?}: {broken}\nChanging calls after the faulty command:\n  {changing}")
        });
        self.known.lock().unwrap().insert(key, result.clone());
        result
    }

    async fn converge(&self, terraform: &mut Terraform, next: Next) -> Result<(), Broken> {
        let none = Configuration::none();
        let (config, expected) = match next {
            Next::Again => (self.step.act.configuration(), self.after.as_str()),
            Next::Back => (&self.step.before, self.before.as_str()),
            Next::Other => (&self.step.other, self.other.as_str()),
            Next::Destroy => (&none, ""),
        };
        // A half-registered node is tainted: Terraform takes it out and puts it in again.
        let is_tainted = terraform.state.values().any(|known| known.tainted);
        let unknown = unknown(terraform);
        // What the state doesn't have, no destroy can find: an import or an apply comes first.
        let is_lost = !terraform.state.contains_key(&None) && !ours(terraform).is_empty();
        if matches!(self.step.act, Act::Import(_)) {
            succeed("the import", &import(terraform, self.step.act.configuration()).await)?;
        } else if is_lost && config.balancer.is_none() {
            self.apply(terraform, self.step.act.configuration()).await?;
        }
        self.apply(terraform, config).await?;
        let plan = terraform.plan(config).await;
        succeed("the next plan", &plan)?;
        demand(plan.changes.is_empty(), || format!("the next plan isn't empty: {}", plan.text()))?;
        let inventory = terraform.wire.account.inventory();
        let now = without(&holdings::ours(&inventory), &unknown);
        let expected = without(expected, &unknown);
        // A guest goes with the load balancer.
        let is_another =
            lifecycle::ours(&terraform.wire.account, "LoadBalancerName", "prod-api-nlb") != self.balancer();
        let guest = if is_another { vec![format!("\"{GUEST}:[0-9]+\"")] } else { Vec::new() };
        let (mut now, mut expected) = (without(&now, &guest), without(&expected, &guest));
        if next != Next::Again {
            // A group that has been given another name by a run that was killed keeps it.
            now = now.replace("prod-own", "prod-apid-tg");
            expected = expected.replace("prod-own", "prod-apid-tg");
        }
        demand(now == expected, || format!("the account holds\n{}", difference(&expected, &now)))?;
        self.check_others(&inventory)?;
        let snapshots = terraform.wire.account.snapshots();
        let lost = watch::first_loss(&snapshots, |view| view.registered);
        let may_lose = self.may_lose() || is_tainted || config.balancer.is_none();
        demand(may_lose || lost.is_none(), || format!("a listener lost its last target: {lost:#?}"))?;
        succeed("the destroy at the end", &terraform.apply(&none).await)?;
        let inventory = terraform.wire.account.inventory();
        let left = holdings::ours(&inventory);
        demand(left.is_empty(), || format!("the destroy at the end leaves {left}"))?;
        self.check_others(&inventory)
    }

    /// An apply that must work, or else say how to import what no state knows.
    async fn apply(&self, terraform: &mut Terraform, config: &Configuration) -> Result<(), Broken> {
        let is_lost = !terraform.state.contains_key(&None);
        let mut outcome = terraform.apply(config).await;
        if outcome.failed() && is_lost && outcome.text().contains("import {") && is_serving(terraform) {
            succeed("the import that an error proposes", &import(terraform, config).await)?;
            outcome = terraform.apply(config).await;
        }
        succeed("the next apply", &outcome)
    }

    /// The load balancer of the beginning.
    fn balancer(&self) -> Option<String> {
        lifecycle::ours(&Account::at(&self.begin.account), "LoadBalancerName", "prod-api-nlb")
    }

    /// Whether the step itself takes a listener's last target away.
    fn may_lose(&self) -> bool {
        ["detached", "other groups", "drift", "replaced", "destroy"].contains(&self.step.name)
    }

    fn check_others(&self, inventory: &Inventory) -> Result<(), Broken> {
        let now = holdings::of(inventory, &self.foreign);
        demand(now == self.others, || format!("something of others was touched:\n{}", difference(&self.others, &now)))
    }
}

fn ours(terraform: &Terraform) -> String {
    holdings::ours(&terraform.wire.account.inventory())
}

/// What a killed run has done that nothing tells from what others have done: a registration that no state knows, and a tag with a key
/// that no state knows.
fn unknown(terraform: &Terraform) -> Vec<String> {
    let known = |address: &Address, text: &str| format!("{:?}", terraform.state.get(address)).contains(text);
    let mut unknown = Vec::new();
    for (group, targets) in &terraform.wire.account.inventory().health {
        for target in targets.keys().filter(|target| !target.starts_with(GUEST)) {
            let (id, _) = target.split_once(':').unwrap_or((target, ""));
            let is_known =
                terraform.state.keys().any(|address| address.is_some() && known(address, id) && known(address, group));
            if !is_known {
                unknown.push(format!("{target:?}"));
            }
        }
    }
    if !known(&None, "\"new\": String") {
        unknown.push("\"new\": \"x\"".to_owned());
    }
    unknown
}

/// `text` without these members of its lists and maps, which are patterns.
fn without(text: &str, members: &[String]) -> String {
    members.iter().fold(text.to_owned(), |text, member| {
        let member = Regex::new(&format!("(, )?{member}")).unwrap();
        member.replace_all(&text, "").replace("[, ", "[").replace("{, ", "{")
    })
}

/// Whether a target of ours is registered: what serves is never taken over without being asked for.
fn is_serving(terraform: &Terraform) -> bool {
    ours(terraform).contains("targets [\"")
}

async fn perform(terraform: &mut Terraform, act: &Act) -> Outcome {
    match act {
        Act::Apply(config) => terraform.apply(config).await,
        Act::Refresh(_) => terraform.refresh().await,
        Act::Import(config) => {
            let outcome = import(terraform, config).await;
            if outcome.failed() { outcome } else { terraform.apply(config).await }
        }
    }
}

/// Imports what the configuration names and the state doesn't have.
async fn import(terraform: &mut Terraform, config: &Configuration) -> Outcome {
    if !terraform.state.contains_key(&None) {
        let account = terraform.wire.account.clone();
        let Some(arn) = lifecycle::ours(&account, "LoadBalancerName", "prod-api-nlb") else {
            return Outcome::default();
        };
        let outcome = terraform.import(&None, &arn).await;
        if outcome.failed() {
            return outcome;
        }
    }
    let balancer = terraform.state[&None].object.clone();
    for (name, node) in &config.attachments {
        let address = Some(name.clone());
        if terraform.state.contains_key(&address) {
            continue;
        }
        let config = node.config(&balancer);
        let groups = config.attribute("target_group_arns").and_then(|groups| groups.elements()).unwrap_or_default();
        let arns: Vec<&str> = groups.iter().filter_map(|arn| arn.as_str()).collect();
        let outcome = terraform.import(&address, &format!("{},{}", node.target, arns.join(","))).await;
        if outcome.failed() {
            return outcome;
        }
    }
    Outcome::default()
}

fn succeed(what: &str, outcome: &Outcome) -> Result<(), Broken> {
    demand(!outcome.failed(), || format!("{what} fails: {}", outcome.text()))
}

fn demand(holds: bool, broken: impl FnOnce() -> Broken) -> Result<(), Broken> {
    if holds { Ok(()) } else { Err(broken()) }
}

#[track_caller]
fn well(outcome: &Outcome, step: &str) {
    assert!(!outcome.failed(), "{step}, without a fault: {}", outcome.text());
}

/// Without the tags of ours that come off with the next read.
fn unmarked(text: &str) -> String {
    static MARKER: LazyLock<Regex> = LazyLock::new(|| Regex::new(r#""talosendpoint:[a-z]+": "[^"]*"(, )?"#).unwrap());
    MARKER.replace_all(text, "").replace(", }", "}")
}

/// A call on one line.
pub fn shown(call: &Call) -> String {
    let short = |value: &str| value.rsplit_once(":123456789012:").map_or(value.to_owned(), |(_, rest)| rest.to_owned());
    let params = call.params.iter().filter(|(key, _)| !key.starts_with("HealthCheck"));
    let params: Vec<String> =
        params.map(|(key, value)| format!("{}={}", key.replace(".member", ""), short(value))).collect();
    format!("{} {}", call.action, params.join(" "))
}

fn difference(wanted: &str, found: &str) -> String {
    let only = |left: &str, right: &str, sign: char| {
        let lines: Vec<&str> = right.lines().collect();
        left.lines().filter(|line| !lines.contains(line)).map(|line| format!("{sign} {line}\n")).collect::<String>()
    };
    only(wanted, found, '-') + &only(found, wanted, '+')
}
