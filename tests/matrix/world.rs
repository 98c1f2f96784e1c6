//! An account and a state file: a moment that several continuations begin at, and what is asked of it.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, LazyLock};

use lab::fake::{Account, Moment};
use lab::inventory::Inventory;
use regex::Regex;
use talosendpoint::endpoint::nlb::model::inventory::Inventory as Known;

use crate::holdings;
use crate::lifecycle::GUEST;
use crate::outcome::{Address, State};
use crate::terraform::Terraform;
use crate::wire::Wire;

/// An account and a state file.
#[derive(Clone)]
pub struct World {
    pub account: Moment,
    pub state: State,
    pub inventory: Arc<Inventory>,
}

impl World {
    pub fn of(terraform: &Terraform) -> World {
        World {
            account: terraform.wire.account.moment(),
            state: terraform.state.clone(),
            inventory: terraform.wire.inventory(),
        }
    }

    pub fn enter(&self) -> Terraform {
        let wire = Wire::known(Account::at(&self.account), Arc::clone(&self.inventory));
        Terraform { wire, state: self.state.clone() }
    }

    /// The same number for the same world, whatever the ids in it are, and how often a marker was renewed.
    pub fn print_of(terraform: &Terraform) -> u64 {
        let text = format!("{:?}\n{:?}", terraform.wire.inventory(), terraform.state);
        let mut ids: BTreeMap<&str, usize> = BTreeMap::new();
        let mut hasher = DefaultHasher::new();
        let mut rest = 0;
        for found in ID.captures_iter(&text) {
            let (whole, next) = (found.get(0).unwrap(), ids.len());
            let number = *ids.entry(found.get(1).unwrap().as_str()).or_insert(next);
            (&text[rest..whole.start()], number).hash(&mut hasher);
            rest = whole.end();
        }
        text[rest..].hash(&mut hasher);
        hasher.finish()
    }
}

/// Ids of the stand-in, and nonces with the counter of a marker.
static ID: LazyLock<Regex> = LazyLock::new(|| Regex::new("([0-9a-f]{16})(?:/[0-9]+)?").unwrap());

/// What the account holds of ours.
pub fn ours(terraform: &Terraform) -> String {
    holdings::ours(&terraform.wire.inventory())
}

/// What a killed run has done that nothing tells from what others have done: a registration that no state knows, and a tag with a key
/// that no state knows.
pub fn unknown(terraform: &Terraform) -> Vec<String> {
    let known = |address: &Address, text: &str| format!("{:?}", terraform.state.get(address)).contains(text);
    let mut unknown = Vec::new();
    for (group, targets) in &terraform.wire.inventory().health {
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

/// Whether the state has no load balancer, or one of which nothing is left.
pub fn is_lost(terraform: &Terraform) -> bool {
    let stored = terraform.state.get(&None).and_then(|known| known.object.clone().into_object());
    let known = stored.map(|object| Known::from_state(&object).arns()).unwrap_or_default();
    let account = terraform.wire.inventory();
    let exists = |arn: &String| {
        account.load_balancers.contains_key(arn)
            || account.target_groups.contains_key(arn)
            || account.listeners.contains_key(arn)
    };
    !known.iter().any(exists)
}

/// Whether a target of ours is registered: what serves is never taken over without being asked for.
pub fn is_serving(terraform: &Terraform) -> bool {
    ours(terraform).contains("targets [\"")
}
