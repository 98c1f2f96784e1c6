//! What the user does after a fault, and what must hold then.

use lab::fake::watch;

use crate::cell::{Broken, Next, Prepared, demand};
use crate::comparison::{difference, shown, unmarked, without, without_guest};
use crate::configuration::Configuration;
use crate::holdings;
use crate::lifecycle::{self, Act};
use crate::outcome::Outcome;
use crate::process::Changes;
use crate::terraform::Terraform;
use crate::world::{World, is_lost, is_serving, ours, unknown};

impl Prepared {
    /// What comes of going on in a world, which depends on nothing else.
    pub async fn go_on(&self, world: &World, print: u64, next: Next) -> Result<(), Broken> {
        let key = (print, next);
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
        let (mut config, mut expected) = match next {
            Next::Again => (self.step.act.configuration(), self.after.as_str()),
            Next::Back => (&self.step.before, self.before.as_str()),
            Next::Other => (&self.step.other, self.other.as_str()),
            Next::Destroy => (&none, ""),
        };
        // A half-registered node is tainted: Terraform takes it out and puts it in again.
        let is_tainted = terraform.state.values().any(|known| known.tainted);
        let unknown = unknown(terraform);
        // What the state doesn't have, no destroy can find: an import or an apply comes first.
        let is_lost = is_lost(terraform) && !ours(terraform).is_empty();
        if matches!(self.step.act, Act::Import(_)) {
            succeed("the import", &import(terraform, self.step.act.configuration()).await)?;
        } else if is_lost && config.balancer.is_none() {
            self.apply(terraform, self.step.act.configuration()).await?;
        }
        let is_imported = self.apply(terraform, config).await?;
        if is_imported && next == Next::Other {
            // What is imported and not configured is let go: that another change takes it away can't be asked for.
            (config, expected) = (self.step.act.configuration(), self.after.as_str());
        } else if is_imported {
            succeed("the apply after an import", &terraform.apply(config).await)?;
        }
        let inventory = terraform.wire.inventory();
        let now = without(&unmarked(&holdings::ours(&inventory)), &unknown);
        let expected = without(expected, &unknown);
        // A guest goes with the load balancer.
        let is_another = lifecycle::ours(&inventory, "LoadBalancerName", "prod-api-nlb") != self.balancer();
        let guests = |text: String| if is_another { without_guest(&text) } else { text };
        let (mut now, mut expected) = (guests(now), guests(expected));
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
        self.end(terraform, config, (World::print_of(terraform), next, is_imported)).await
    }

    /// What must hold where everything is as configured: nothing is left to do, and a destroy leaves nothing.
    async fn end(
        &self,
        terraform: &mut Terraform,
        config: &Configuration,
        key: (u64, Next, bool),
    ) -> Result<(), Broken> {
        if let Some(known) = self.ends.lock().unwrap().get(&key) {
            return known.clone();
        }
        let result = self.plan_and_destroy(terraform, config).await;
        self.ends.lock().unwrap().insert(key, result.clone());
        result
    }

    async fn plan_and_destroy(&self, terraform: &mut Terraform, config: &Configuration) -> Result<(), Broken> {
        let plan = terraform.plan(config).await;
        succeed("the next plan", &plan)?;
        demand(plan.changes.is_empty(), || format!("the next plan isn't empty: {}", plan.text()))?;
        let now = ours(terraform);
        demand(now == unmarked(&now), || format!("tags of a run that is over stay: {now}"))?;
        succeed("the destroy at the end", &terraform.apply(&Configuration::none()).await)?;
        let inventory = terraform.wire.inventory();
        let left = holdings::ours(&inventory);
        demand(left.is_empty(), || format!("the destroy at the end leaves {left}"))?;
        self.check_others(&inventory)
    }

    /// An apply that must work, with what its warnings ask for. Or else it says how to import what no state knows: then that is done
    /// instead, so that what was begun is complete, and true is answered.
    async fn apply(&self, terraform: &mut Terraform, config: &Configuration) -> Result<bool, Broken> {
        let is_lost = is_lost(terraform);
        let outcome = terraform.apply(config).await;
        if outcome.text().contains("Parts of another update were left alone") {
            // They serve, and the warning says how to have them removed: configure them again first.
            succeed("the apply with a warning", &outcome)?;
            demand(is_serving(terraform), || "what serves nobody was left alone".to_owned())?;
            succeed("the apply that takes them over", &terraform.apply(self.step.act.configuration()).await)?;
            return succeed("the apply after that", &terraform.apply(config).await).map(|()| false);
        }
        if !(outcome.failed() && is_lost && outcome.text().contains("import {") && is_serving(terraform)) {
            return succeed("the next apply", &outcome).map(|()| false);
        }
        let begun = self.step.act.configuration();
        terraform.refresh().await;
        succeed("the import that an error proposes", &import(terraform, begun).await)?;
        succeed("the apply after an import", &terraform.apply(begun).await)?;
        Ok(true)
    }

    /// The load balancer of the beginning.
    fn balancer(&self) -> Option<String> {
        lifecycle::ours(&self.begin.inventory, "LoadBalancerName", "prod-api-nlb")
    }

    /// Whether the step itself takes a listener's last target away.
    fn may_lose(&self) -> bool {
        ["detached", "other groups", "drift", "replaced", "destroy"].contains(&self.step.name)
    }
}

/// What the user does.
pub async fn perform(terraform: &mut Terraform, act: &Act) -> Outcome {
    let mut outcome = Outcome::default();
    if let Some(changes) = plan(terraform, act, &mut outcome).await {
        terraform.carry_out(act.configuration(), changes, &mut outcome).await;
    }
    outcome
}

/// The same up to the changes, which are the answer; none where there is nothing to change.
pub async fn plan(terraform: &mut Terraform, act: &Act, outcome: &mut Outcome) -> Option<Changes> {
    match act {
        Act::Apply(config) => terraform.refresh_and_plan(config, outcome).await,
        Act::Refresh(_) => {
            *outcome = terraform.refresh().await;
            None
        }
        Act::Import(config) => {
            *outcome = import(terraform, config).await;
            if outcome.failed() { None } else { terraform.refresh_and_plan(config, outcome).await }
        }
    }
}

/// Imports what the configuration names and the state doesn't have.
async fn import(terraform: &mut Terraform, config: &Configuration) -> Outcome {
    if !terraform.state.contains_key(&None) {
        let Some(arn) = lifecycle::ours(&terraform.wire.inventory(), "LoadBalancerName", "prod-api-nlb") else {
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
