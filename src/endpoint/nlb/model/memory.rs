//! What the resource remembers beside its state, unseen by the user: one entry of the private state, with a version.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};

use super::marker::nonce;
use super::role::Role;
use crate::framework::private::Private;

/// The key of our entry in the private state.
const ENTRY: &str = "nlb";

/// The version of its form. A later one is read as far as it is understood.
const VERSION: u64 = 1;

/// The entries of builds before there was a version, one for each field.
const EARLIER: [&str; 8] =
    ["successors", "retired", "misrouted", "uneven", "creating", "failed", "imported", "kept_names"];

/// What a later read, plan or apply must know and no attribute shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Memory {
    /// Target groups that are to take over and aren't behind their listener yet.
    pub successors: BTreeMap<Role, KnownGroup>,
    /// The ARNs of target groups that wait for their removal.
    pub retired: Vec<String>,
    /// Listeners that a read found forwarding elsewhere.
    pub misrouted: Vec<Role>,
    /// A read found parts that are not set alike.
    pub mixed_settings: bool,
    /// The nonces of runs whose marker may still be on something, and which the next read or update takes off: what a state names needs
    /// no marker.
    pub markers: Vec<String>,
    /// The tag that a read found on the load balancer, or that a failed run has left there: a run that makes parts is not finished.
    pub handover: Option<String>,
    /// The nonce of a create that failed: its marker must stay, so that what it has made can be told from what serves somebody. An update
    /// finds it only where the user has said that the half-made object is to be kept (`untaint`): then that is completed.
    pub failed: Option<String>,
    /// Roles that were imported and not yet applied: where the configuration doesn't name them, they are let go.
    pub imported: Vec<Role>,
    /// Roles whose group keeps the name that it was found with while the configuration says nothing of it.
    pub kept_names: Vec<Role>,
}

/// A target group that only the private state names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KnownGroup {
    /// The ARN that AWS gave it when it was made.
    pub arn: String,
    /// The name that it was made with, which AWS can't change.
    pub name: String,
    /// The port of its targets.
    pub port: i64,
}

impl Memory {
    /// True if an apply has something to finish that may show in no attribute.
    pub fn is_unfinished(&self) -> bool {
        self.mixed_settings
            || self.handover.is_some()
            || self.failed.is_some()
            || !self.successors.is_empty()
            || !self.retired.is_empty()
    }

    /// True if it was imported, and nothing was applied since.
    pub fn is_imported(&self) -> bool {
        !self.imported.is_empty()
    }

    /// True if a tag with this value is that of a run whose answer is stored: the next read takes it off.
    pub fn is_stored(&self, value: &str) -> bool {
        nonce(value).is_some_and(|nonce| self.markers.iter().any(|known| known == nonce))
    }

    /// True if a tag with this value is that of a run of this state: one whose answer is stored, or the create that failed.
    pub fn knows(&self, value: &str) -> bool {
        self.is_stored(value) || self.failed.as_deref().is_some_and(|failed| nonce(value) == Some(failed))
    }

    /// Notes the tag that a read has `found` on the load balancer. That of a run whose answer is stored is not noted: nothing is searched for.
    pub fn note_handover(&mut self, found: Option<&str>) {
        if self.handover.is_some() || !found.is_some_and(|value| self.is_stored(value)) {
            self.handover = found.map(str::to_owned);
        }
    }

    /// Reads what this build or an earlier one has written. What can't be read is not remembered.
    pub fn read(private: &Private) -> Memory {
        match private.get(ENTRY).and_then(Json::as_object) {
            Some(entry) => decode(|field| entry.get(field)),
            None => decode(|field| private.get(if field == "mixed_settings" { "uneven" } else { field })),
        }
    }

    /// Writes it; nothing where nothing is remembered.
    pub fn write(&self, private: &mut Private) {
        EARLIER.into_iter().for_each(|key| private.remove(key));
        let entry = self.encode();
        match entry.is_empty() {
            true => private.remove(ENTRY),
            false => {
                let version = [("version".to_owned(), json!(VERSION))];
                private.set(ENTRY, Json::Object(version.into_iter().chain(entry).collect()));
            }
        }
    }

    fn encode(&self) -> Map<String, Json> {
        // Every field is named: one that is added and forgotten here doesn't compile.
        let Memory { successors, retired, misrouted, mixed_settings, markers, handover, failed, imported, kept_names } =
            self;
        let groups: Map<String, Json> = successors
            .iter()
            .map(|(role, KnownGroup { arn, name, port })| {
                (role.name().to_owned(), json!({"arn": arn, "name": name, "port": port}))
            })
            .collect();
        let roles = |roles: &[Role]| {
            (!roles.is_empty()).then(|| json!(roles.iter().map(|role| role.name()).collect::<Vec<_>>()))
        };
        let fields = [
            ("successors", (!groups.is_empty()).then_some(Json::Object(groups))),
            ("retired", (!retired.is_empty()).then(|| json!(retired))),
            ("misrouted", roles(misrouted)),
            ("mixed_settings", mixed_settings.then_some(Json::Bool(true))),
            ("creating", (!markers.is_empty()).then(|| json!(markers))),
            ("handover", handover.as_ref().map(|tag| json!(tag))),
            ("failed", failed.as_ref().map(|nonce| json!(nonce))),
            ("imported", roles(imported)),
            ("kept_names", roles(kept_names)),
        ];
        fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
    }
}

fn decode<'a>(field: impl Fn(&str) -> Option<&'a Json>) -> Memory {
    let text = |name: &str| field(name).and_then(Json::as_str).map(str::to_owned);
    let texts = |name: &str| -> Vec<String> {
        let elements = field(name).and_then(Json::as_array).into_iter().flatten();
        elements.filter_map(|element| element.as_str().map(str::to_owned)).collect()
    };
    let roles = |name: &str| texts(name).iter().filter_map(|name| Role::named(name)).collect();
    let groups = field("successors").and_then(Json::as_object).into_iter().flatten();
    Memory {
        successors: groups.filter_map(|(role, group)| Some((Role::named(role)?, known_group(group)?))).collect(),
        retired: texts("retired"),
        misrouted: roles("misrouted"),
        mixed_settings: field("mixed_settings") == Some(&Json::Bool(true)),
        // Builds without a version knew one.
        markers: text("creating").map_or_else(|| texts("creating"), |nonce| vec![nonce]),
        handover: text("handover"),
        failed: text("failed"),
        imported: roles("imported"),
        kept_names: roles("kept_names"),
    }
}

fn known_group(group: &Json) -> Option<KnownGroup> {
    Some(KnownGroup {
        arn: group.get("arn")?.as_str()?.to_owned(),
        name: group.get("name")?.as_str()?.to_owned(),
        port: group.get("port")?.as_i64()?,
    })
}

#[cfg(test)]
mod tests;
