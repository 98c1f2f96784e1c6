//! What takes the place of references to the old resources, and who refers to them.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::blocks::{Block, VARIABLE};
use super::layout::{Endpoint, Layout};
use crate::endpoint::nlb::model::role::Role;
use crate::endpoint::nlb::model::schema::names;
use crate::framework::shown_state::{Instance, ShownState};

/// What of an `aws_lb` others read, which has the same name here.
const OF_BALANCER: [&str; 7] =
    [names::ARN, names::ID, names::ARN_SUFFIX, names::DNS_NAME, names::ZONE_ID, names::VPC_ID, names::SUBNET_IDS];

/// Old and new, one a line.
pub fn table(block: &Block<'_>, endpoint: &Endpoint<'_>) -> Vec<(String, String)> {
    let new = block.object(endpoint);
    let old = |instance: &Instance| in_module(instance, &block.module);
    let theirs = |name: &str| if name == names::SUBNET_IDS { "subnets".to_owned() } else { name.to_owned() };
    let row = |instance: &Instance, attribute: &str, new: String| -> (String, String) {
        let old = old(instance);
        let is_switched = block.is_switched && instance.address.module == block.module;
        let place = if instance.address.key.is_none() { "[0]" } else { "" };
        let new = if is_switched { format!("var.{VARIABLE} ? {new} : {old}{place}.{attribute}") } else { new };
        (format!("{old}.{attribute}"), new)
    };
    let mut rows: Vec<(String, String)> =
        OF_BALANCER.iter().map(|name| row(endpoint.balancer, &theirs(name), format!("{new}.{name}"))).collect();
    for (role, pair) in &endpoint.roles {
        let entry = format!("{new}.{}[\"{}\"]", names::TARGET_GROUPS, role.name());
        // In another module, only an output of the load balancer's can say it.
        let by = |part: &Instance| match part.address.module == block.module {
            true => String::new(),
            false => format!(", by an output of {}", endpoint.balancer.address.module_name()),
        };
        let (of_group, of_listener) = (by(pair.group), by(pair.listener));
        let listener_arn = format!("{new}.{}[\"{}\"]", names::LISTENER_ARNS, role.name());
        rows.push(row(pair.group, "arn", format!("{new}.{}{of_group}", group_arn(*role))));
        rows.push(row(pair.group, "name", format!("{entry}.name{of_group}")));
        rows.push(row(pair.listener, "arn", format!("{listener_arn}{of_listener}")));
        rows.push(row(pair.listener, "port", format!("{new}.{}.port{of_listener}", role.name())));
    }
    rows
}

/// The output that is the ARN of a role's group.
pub fn group_arn(role: Role) -> String {
    match role {
        Role::KubernetesApi => names::KUBERNETES_API_TARGET_GROUP_ARN.to_owned(),
        Role::TalosApi => names::TALOS_API_TARGET_GROUP_ARN.to_owned(),
        Role::WorkerTalosApi => names::WORKER_TALOS_API_TARGET_GROUP_ARN.to_owned(),
        Role::Trustd => format!("{}[\"{}\"].arn", names::TARGET_GROUPS, role.name()),
    }
}

/// The resources that stay and refer to what goes, and the outputs that hold something of it.
pub fn referrers(state: &ShownState, layout: &Layout<'_>) -> Vec<String> {
    let taken = layout.taken();
    let going: BTreeSet<String> = taken.iter().map(|instance| instance.address.of_configuration()).collect();
    let others = state.instances.iter().filter(|instance| !going.contains(&instance.address.of_configuration()));
    let refers = |instance: &&Instance| instance.depends_on.iter().any(|address| going.contains(address));
    let resources: BTreeSet<String> =
        others.filter(refers).map(|instance| instance.address.of_configuration()).collect();
    let known: Vec<String> = taken
        .iter()
        .flat_map(|instance| [instance.text("arn"), instance.text("dns_name")])
        .filter(|text| !text.is_empty())
        .collect();
    let outputs = state.outputs.iter().filter(|(_, value)| holds(value, &known));
    resources.into_iter().chain(outputs.map(|(name, _)| format!("output.{name}"))).collect()
}

/// The module of a role's group may be another one than the load balancer's.
fn in_module(instance: &Instance, module: &str) -> String {
    let address = &instance.address;
    let inside = if address.module == module { address.text.strip_prefix(module) } else { None };
    inside.map_or(address.text.as_str(), |inside| inside.trim_start_matches('.')).to_owned()
}

fn holds(value: &Json, known: &[String]) -> bool {
    match value {
        Json::String(text) => known.iter().any(|known| text.contains(known.as_str())),
        Json::Array(items) => items.iter().any(|item| holds(item, known)),
        Json::Object(members) => members.values().any(|member| holds(member, known)),
        _ => false,
    }
}
