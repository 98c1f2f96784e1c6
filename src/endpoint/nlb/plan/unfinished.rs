//! The inputs that a state has while a create or an update is not finished.

use crate::endpoint::nlb::model::inventory::Inventory;
use crate::endpoint::nlb::model::role::Role;
use crate::endpoint::nlb::model::settings::{SETTINGS, unguarded};
use crate::framework::value::{Object, Value};

/// The inputs to store, where `inventory` is what exists. Those of an update are those before it, since what was not done yet must stay a
/// difference, with the listeners whose parts are new or gone as planned: a part that exists must be named by the state. Those of a
/// create are the planned ones without what guards the load balancer, which is switched on last: what is half-made can be destroyed.
pub fn inputs(prior: Option<&Object>, planned: &Object, inventory: &Inventory) -> Object {
    let Some(prior) = prior else { return unguarded(SETTINGS, planned) };
    let before = Inventory::from_state(prior);
    let mut object = prior.clone();
    for role in Role::ALL {
        let exists = |all: &Inventory| all.groups.contains_key(&role) || all.listeners.contains_key(&role);
        let arn = |all: &Inventory| all.groups.get(&role).map(|group| group.arn.clone());
        let replaced = arn(&before).is_some() && arn(inventory).is_some() && arn(&before) != arn(inventory);
        if exists(&before) != exists(inventory) || replaced {
            object.insert(role.name().to_owned(), planned.get(role.name()).cloned().unwrap_or(Value::Null));
        }
    }
    object
}
