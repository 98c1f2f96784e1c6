//! What is remembered of an import beside the state: parts that nobody has asked for yet, and names that stay.

use serde_json::{Value as Json, json};

use super::assign::Assigned;
use super::names::{base_name, is_named};
use crate::endpoint::nlb::model::inventory::Parts;
use crate::endpoint::nlb::model::private::{IMPORTED, KEPT_NAMES};
use crate::endpoint::nlb::model::role::Role;
use crate::endpoint::nlb::model::spec::is_on;
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::path::Path;
use crate::framework::private::Private;
use crate::framework::reader::{Maybe, Reader};
use crate::framework::value::{Object, Value};
use crate::remote::elb::LoadBalancer;

/// Marks everything that was imported.
pub fn mark(balancer: &LoadBalancer, assigned: &Assigned) -> Private {
    let mut private = Private::new();
    set(&mut private, IMPORTED, assigned.roles.keys().copied());
    if let Some(base) = base_name(balancer) {
        let found = assigned.roles.iter();
        let others = found.filter(|(role, (_, group))| !is_named(group, &format!("{base}{}", role.group_suffix())));
        set(&mut private, KEPT_NAMES, others.map(|(role, _)| *role));
    }
    private
}

/// Plans the name that an imported group has where the configuration leaves it out: another name would need another group.
pub fn keep_names(config: &Object, prior: &Object, planned: &mut Object, private: &Private) {
    for role in roles(private, KEPT_NAMES) {
        let is_set = |object: &Object| {
            let name = object.get(role.name()).and_then(|listener| listener.attribute("target_group_name"));
            name.is_some_and(|name| !name.is_null())
        };
        let stored = prior.get(role.name()).and_then(|listener| listener.attribute("target_group_name")).cloned();
        let (Some(stored), Some(Value::Object(listener))) = (stored, planned.get_mut(role.name())) else { continue };
        if !is_set(config) && !config.get(role.name()).is_some_and(Value::is_unknown) && !stored.is_null() {
            listener.insert("target_group_name".to_owned(), stored);
        }
    }
}

/// The imported roles that `planned` doesn't want. They are left as they are: nobody has said that they may be removed.
pub fn let_go(prior: &Object, planned: &Object, private: &Private) -> Vec<Role> {
    let imported = roles(private, IMPORTED);
    unwanted(planned, &Parts::from_state(prior)).into_iter().filter(|role| imported.contains(role)).collect()
}

/// Says what is let go.
pub fn warn(let_go: &[Role], prior: &Object, diagnostics: &mut Diagnostics) {
    let parts = Parts::from_state(prior);
    for role in let_go {
        let listener = parts.listeners.get(role).map(|arn| format!("the listener {arn}"));
        let group = parts.groups.get(role).map(|facts| format!("the target group {}", facts.arn));
        let both: Vec<String> = listener.into_iter().chain(group).collect();
        diagnostics.push(Diagnostic::warning(
            Path::of(role.name()),
            "Imported, but not in the configuration",
            format!(
                "The first apply that changes something after an import removes nothing: {} stay as they are, and are no longer managed here. \
                 To keep managing them, set `{}`. To be rid of them, delete them in AWS after this apply.",
                both.join(" and "),
                role.name()
            ),
        ));
    }
}

/// What is remembered after an apply: the configuration has named what it wants.
pub fn settle(config: &Object, private: &mut Private) {
    private.remove(IMPORTED);
    let is_silent = |role: &Role| match config.get(role.name()) {
        Some(Value::Object(listener)) => listener.get("target_group_name").is_none_or(Value::is_null),
        // Left out as a whole: its default is on for some, and the others have no group any more.
        _ => [Role::KubernetesApi, Role::TalosApi].contains(role),
    };
    let kept: Vec<Role> = roles(private, KEPT_NAMES).into_iter().filter(is_silent).collect();
    set(private, KEPT_NAMES, kept.into_iter());
}

/// The roles of `parts` that `object` doesn't want.
fn unwanted(object: &Object, parts: &Parts) -> Vec<Role> {
    let reader = Reader::new(object);
    let is_off = |role: &Role| is_on(&reader, *role) == Maybe::Known(false);
    let exists = |role: &Role| parts.groups.contains_key(role) || parts.listeners.contains_key(role);
    Role::ALL.into_iter().filter(|role| exists(role) && is_off(role)).collect()
}

fn roles(private: &Private, key: &str) -> Vec<Role> {
    let names = private.get(key).and_then(Json::as_array).cloned().unwrap_or_default();
    names.iter().filter_map(|name| Role::named(name.as_str()?)).collect()
}

fn set(private: &mut Private, key: &str, roles: impl Iterator<Item = Role>) {
    let names: Vec<&str> = roles.map(Role::name).collect();
    match names.is_empty() {
        true => private.remove(key),
        false => private.set(key, json!(names)),
    }
}
