//! What the file can't say: what stays where it is, and what becomes of attributes that have no counterpart.

use std::collections::BTreeSet;

use super::aws_attributes::{ATTACHMENTS, BALANCERS, GROUPS, LISTENERS, attributes, without_counterpart};
use super::described::{common_tags, tags_of};
use super::layout::{Endpoint, Layout};
use crate::endpoint::nlb::model::schema::names;
use crate::endpoint::nlb::model::settings::{Part, SETTINGS};
use crate::framework::shown_state::{Instance, ShownState};
use crate::framework::value::Value;

/// The attributes whose values are written into the file.
const WRITTEN: [&str; 8] =
    ["name", "subnets", "subnet_mapping", "security_groups", "health_check", "port", "deregistration_delay", "arn"];

/// A sentence each, without repetition.
pub fn notes(state: &ShownState, layout: &Layout<'_>) -> Vec<String> {
    let mut notes: Vec<String> =
        layout.left.iter().map(|left| format!("{} {}", left.instance.address, left.why)).collect();
    notes.extend(state.instances.iter().filter(|instance| is_of_layout(instance)).filter_map(unfinished));
    for endpoint in &layout.endpoints {
        notes.extend(of_endpoint(endpoint));
    }
    let taken = layout.taken();
    notes.extend(taken.iter().flat_map(|instance| without_counterpart(instance)));
    notes.extend(taken.iter().flat_map(|instance| sensitive(instance)));
    let mut seen = BTreeSet::new();
    notes.retain(|note| seen.insert(note.clone()));
    notes
}

fn is_of_layout(instance: &Instance) -> bool {
    [BALANCERS, GROUPS, LISTENERS, ATTACHMENTS].iter().any(|kinds| kinds.contains(&instance.address.kind.as_str()))
}

fn unfinished(instance: &Instance) -> Option<String> {
    let address = &instance.address;
    if instance.deposed {
        return Some(format!(
            "{address} has a deposed object, which Terraform still has to destroy. Apply the old configuration first: \
             what the state forgets stays in AWS."
        ));
    }
    instance.tainted.then(|| {
        format!("{address} is tainted: Terraform was about to replace it. It comes over as it is, and is not replaced.")
    })
}

fn of_endpoint(endpoint: &Endpoint<'_>) -> Vec<String> {
    let address = &endpoint.balancer.address;
    let mut notes = Vec::new();
    let is = |name: &str, value: bool| endpoint.config.get(name) == Some(&Value::Bool(value));
    // Whatever is left out is the default: true for `internal`.
    if is(names::PRESERVE_CLIENT_IP, true) && !is(names::INTERNAL, false) {
        notes.push(format!(
            "{address}: client addresses are preserved on an internal load balancer, as before. A node that dials its \
             own endpoint and is led to itself gets no answer: delete the line `preserve_client_ip = true` to switch \
             it off."
        ));
    }
    notes.extend(differences(endpoint));
    let parts = || {
        let pairs = endpoint.roles.values().flat_map(|pair| [pair.listener, pair.group]);
        std::iter::once(endpoint.balancer).chain(pairs)
    };
    let common = common_tags(parts());
    let other: BTreeSet<String> =
        parts().flat_map(|part| tags_of(part).into_keys()).filter(|key| !common.contains_key(key)).collect();
    if !other.is_empty() {
        let keys: Vec<String> = other.into_iter().collect();
        notes.push(format!(
            "{address}: not all parts of the endpoint have the same value of these tags: {}. They stay as they are, \
             and are no longer managed: `tags` holds for all parts.",
            keys.join(", ")
        ));
    }
    notes
}

/// Settings that groups or listeners have once each, and an endpoint once for all.
fn differences(endpoint: &Endpoint<'_>) -> Vec<String> {
    let mut notes = Vec::new();
    for setting in SETTINGS.iter().filter(|setting| setting.part != Part::LoadBalancer) {
        let parts = endpoint.roles.values().map(|pair| match setting.part {
            Part::Listener => pair.listener,
            _ => pair.group,
        });
        let at_birth = |part: &Instance| setting.at_birth(&part.text("target_type")).to_owned();
        let values: Vec<(String, String)> = parts
            .map(|part| {
                let value = attributes(part).remove(setting.key).unwrap_or_else(|| at_birth(part));
                (part.address.to_string(), value)
            })
            .collect();
        notes.extend(difference(endpoint, &setting.attribute.join("."), &values));
    }
    for name in [names::TARGET_TYPE, names::IP_ADDRESS_TYPE] {
        let values: Vec<(String, String)> =
            endpoint.roles.values().map(|pair| (pair.group.address.to_string(), pair.group.text(name))).collect();
        notes.extend(difference(endpoint, name, &values));
    }
    notes
}

fn difference(endpoint: &Endpoint<'_>, name: &str, values: &[(String, String)]) -> Option<String> {
    let (_, first) = values.first()?;
    values.iter().any(|(_, value)| value != first).then(|| {
        let shown: Vec<String> = values.iter().map(|(address, value)| format!("{value} in {address}")).collect();
        format!(
            "{}: `{name}` is one value for all parts here, and is {}. The first apply sets the value of the new block \
             in all of them: choose it there.",
            endpoint.balancer.address,
            shown.join(", ")
        )
    })
}

fn sensitive(instance: &Instance) -> Vec<String> {
    let mut notes = Vec::new();
    let written: Vec<&str> = WRITTEN.into_iter().filter(|name| instance.is_sensitive(name)).collect();
    if !written.is_empty() {
        notes.push(format!(
            "{}: {} is sensitive, and in the file all the same. Write your own expressions in place of the values.",
            instance.address,
            written.join(", ")
        ));
    }
    if instance.is_sensitive("tags") || instance.is_sensitive("tags_all") {
        notes.push(format!(
            "{}: its tags are sensitive, and not in the file. They stay as they are; add them to `tags` to manage \
             them.",
            instance.address
        ));
    }
    notes
}
