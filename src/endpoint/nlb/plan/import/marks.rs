//! What is remembered of an import beside the state: parts that nobody has asked for yet, and names that stay.

use super::assign::Assigned;
use super::names::{base_name, is_named};
use crate::endpoint::enumeration::listed;
use crate::endpoint::nlb::model::inputs::is_on;
use crate::endpoint::nlb::model::inventory::Inventory;
use crate::endpoint::nlb::model::memory::Memory;
use crate::endpoint::nlb::model::role::Role;
use crate::endpoint::nlb::model::schema::names;
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::path::Path;
use crate::framework::reader::{Maybe, Reader};
use crate::framework::value::{Object, Value};
use crate::remote::elb::LoadBalancer;

/// Marks everything that was imported.
pub fn mark(balancer: &LoadBalancer, assigned: &Assigned) -> Memory {
    let mut memory = Memory { imported: assigned.roles.keys().copied().collect(), ..Memory::default() };
    if let Some(base) = base_name(balancer) {
        let found = assigned.roles.iter();
        let others = found.filter(|(role, (_, group))| !is_named(group, &format!("{base}{}", role.group_suffix())));
        memory.kept_names = others.map(|(role, _)| *role).collect();
    }
    memory
}

/// Plans the name that an imported group has where the configuration leaves it out: another name would need another group.
pub fn keep_names(config: &Object, prior: &Object, planned: &mut Object, memory: &Memory) {
    for role in &memory.kept_names {
        let is_set = |object: &Object| {
            let name = object.get(role.name()).and_then(|listener| listener.attribute(names::TARGET_GROUP_NAME));
            name.is_some_and(|name| !name.is_null())
        };
        let stored = prior.get(role.name()).and_then(|listener| listener.attribute(names::TARGET_GROUP_NAME)).cloned();
        let (Some(stored), Some(Value::Object(listener))) = (stored, planned.get_mut(role.name())) else { continue };
        if !is_set(config) && !config.get(role.name()).is_some_and(Value::is_unknown) && !stored.is_null() {
            listener.insert(names::TARGET_GROUP_NAME.to_owned(), stored);
        }
    }
}

/// The imported roles that `planned` doesn't want. They are left as they are: nothing permits their removal.
pub fn let_go(prior: &Object, planned: &Object, memory: &Memory) -> Vec<Role> {
    undesired(planned, &Inventory::from_state(prior))
        .into_iter()
        .filter(|role| memory.imported.contains(role))
        .collect()
}

/// Says what is let go.
pub fn warn(let_go: &[Role], prior: &Object, diagnostics: &mut Diagnostics) {
    let inventory = Inventory::from_state(prior);
    for role in let_go {
        let listener = inventory.listeners.get(role).map(|listener| format!("the listener {}", listener.arn));
        let group = inventory.groups.get(role).map(|group| format!("the target group {}", group.arn));
        let both: Vec<String> = listener.into_iter().chain(group).collect();
        diagnostics.push(Diagnostic::warning(
            Path::of(role.name()),
            "Imported, but not in the configuration",
            format!(
                "The first apply that changes something after an import removes nothing: {} stay as they are, and are \
                 no longer managed here. To keep managing them, set `{}`. Where another resource or configuration has \
                 them, nothing is to be done. Where nobody has them, delete them in AWS after this apply.",
                listed(both),
                role.name()
            ),
        ));
    }
}

/// What is remembered after an apply: the configuration has named what it wants.
pub fn forget_resolved(config: &Object, memory: &mut Memory) {
    memory.imported.clear();
    let is_silent = |role: &Role| match config.get(role.name()) {
        Some(Value::Object(listener)) => listener.get(names::TARGET_GROUP_NAME).is_none_or(Value::is_null),
        // Left out as a whole: its default is on for some, and the others have no group any more.
        _ => [Role::KubernetesApi, Role::TalosApi].contains(role),
    };
    memory.kept_names.retain(is_silent);
}

/// The roles of `inventory` that `object` doesn't want.
fn undesired(object: &Object, inventory: &Inventory) -> Vec<Role> {
    let reader = Reader::new(object);
    let is_off = |role: &Role| is_on(&reader, *role) == Maybe::Known(false);
    let exists = |role: &Role| inventory.groups.contains_key(role) || inventory.listeners.contains_key(role);
    Role::ALL.into_iter().filter(|role| exists(role) && is_off(role)).collect()
}
