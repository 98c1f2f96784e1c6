//! An account and a state file: a moment that several continuations begin at, and what is asked of it.

use std::sync::LazyLock;

use lab::fake::{Account, Moment};
use regex::Regex;
use talosendpoint::endpoint::nlb::model::inventory::Inventory;

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
}

impl World {
    pub fn of(terraform: &Terraform) -> World {
        World { account: terraform.wire.account.moment(), state: terraform.state.clone() }
    }

    pub fn enter(&self) -> Terraform {
        Terraform { wire: Wire::to(Account::at(&self.account)), state: self.state.clone() }
    }

    /// The same text for the same world, whatever the ids in it are.
    pub fn text(&self) -> String {
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

/// What the account holds of ours.
pub fn ours(terraform: &Terraform) -> String {
    holdings::ours(&terraform.wire.account.inventory())
}

/// What a killed run has done that nothing tells from what others have done: a registration that no state knows, and a tag with a key
/// that no state knows.
pub fn unknown(terraform: &Terraform) -> Vec<String> {
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

/// Whether the state has no load balancer, or one of which nothing is left.
pub fn is_lost(terraform: &Terraform) -> bool {
    let stored = terraform.state.get(&None).and_then(|known| known.object.clone().into_object());
    let known = stored.map(|object| Inventory::from_state(&object).arns()).unwrap_or_default();
    let account = terraform.wire.account.inventory();
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
