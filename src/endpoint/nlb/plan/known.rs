//! What an update begins with: what the state and the private state name.

use super::import::marks;
use crate::endpoint::nlb::model::desired::Desired;
use crate::endpoint::nlb::model::inventory::Inventory;
use crate::endpoint::nlb::model::memory::Memory;
use crate::endpoint::nlb::model::settings::SETTINGS;
use crate::endpoint::nlb::model::spec::Spec;
use crate::framework::value::Object;

/// What `prior` and `memory` name, set as the stored inputs ask for; what nobody wants any longer waits for its removal, and what an
/// import has left to others is not in it.
pub fn known(prior: &Object, planned: &Object, desired: &Desired, memory: &Memory) -> Inventory {
    let mut inventory = Inventory::from_state(prior).recalled(memory);
    if let Some(spec) = Spec::read(prior, SETTINGS) {
        inventory = inventory.set_as(&Desired::of(&spec));
    }
    for (role, group) in &mut inventory.groups {
        // The state has the family of all groups once. Where a run has ended half-way, a group's name says whether it was replaced.
        if let Some(want) = desired.groups.get(role).filter(|want| want.name == group.settings.name) {
            group.settings.ip_address_type.clone_from(&want.ip_address_type);
        }
    }
    inventory.retire_undesired(|role| desired.groups.get(&role).map(|settings| settings.name.as_str()));
    for role in marks::let_go(prior, planned, memory) {
        inventory.groups.remove(&role);
        inventory.listeners.remove(&role);
    }
    inventory
}
