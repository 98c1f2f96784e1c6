//! How far a run that failed has come on each host.

use std::collections::BTreeMap;

use super::outputs::{found, stored, wanted};
use super::shown::shown;
use crate::endpoint::enumeration::listed;
use crate::endpoint::haproxy_deployment::model::desired::Desired;
use crate::endpoint::haproxy_deployment::model::inventory::{FileFound, Inventory};
use crate::endpoint::haproxy_deployment::model::owner::Owner;
use crate::endpoint::haproxy_deployment::model::schema::names;
use crate::endpoint::haproxy_deployment::model::spec::Spec;
use crate::endpoint::host_files::{HAPROXY_CFG, KEEPALIVED_CONF};
use crate::framework::value::{Object, Value};

/// How far it has come on one host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Standing {
    /// It is as it is to be.
    Complete,
    /// Something has changed.
    Begun,
    /// Nothing has changed.
    Before,
    /// Nobody could ask.
    Unknown,
}

/// A sentence on all hosts; none where no host has anything of what was wanted. `prior` is the stored object, none for a create.
pub fn standing(
    spec: &Spec,
    prior: Option<&Object>,
    owner: &Owner,
    inventories: &BTreeMap<String, Inventory>,
) -> Option<String> {
    let mut hosts: BTreeMap<Standing, Vec<&String>> = BTreeMap::new();
    for name in spec.hosts.keys() {
        hosts.entry(of_host(spec, prior, owner, name, inventories.get(name))).or_default().push(name);
    }
    if !hosts.contains_key(&Standing::Complete) && !hosts.contains_key(&Standing::Begun) {
        return None;
    }
    let parts = hosts.iter().map(|(standing, names)| {
        let is = if names.len() == 1 { "is" } else { "are" };
        let what = match standing {
            Standing::Complete => format!("{is} as planned"),
            Standing::Begun => format!("{is} changed in part"),
            Standing::Before => format!("{is} as before"),
            Standing::Unknown => "couldn't be asked".to_owned(),
        };
        format!("{} {what}", listed(names))
    });
    Some(format!("{}.", parts.collect::<Vec<String>>().join("; ")))
}

/// Main files that the state knows otherwise, by host: somebody has changed them since the plan, or the plan didn't ask.
pub fn changed_since(
    spec: &Spec,
    prior: &Object,
    owner: &Owner,
    inventories: &BTreeMap<String, Inventory>,
) -> BTreeMap<String, Vec<&'static str>> {
    let changed = inventories.iter().filter_map(|(name, inventory)| {
        let (host, stored) = (spec.hosts.get(name)?, stored(Some(prior), name)?);
        let desired = Desired::of(spec, host);
        // A machine in place of another has nothing of it, and what was in the plan may stand below a note.
        let is_recorded = |path: &str| inventory.records_of(owner).any(|record| record.files.contains_key(path));
        let is_changed = |attribute: &str, path: &str| {
            let Some(FileFound::Regular { text: Some(text), .. }) = inventory.files.get(path) else { return false };
            let planned = stored.attribute(attribute).and_then(Value::as_str).unwrap_or_default();
            is_recorded(path)
                && !planned.ends_with(&shown(text))
                && desired.file(path).is_some_and(|wanted| wanted.text != *text)
        };
        let files = [(names::HAPROXY_CFG, HAPROXY_CFG), (names::KEEPALIVED_CONF, KEEPALIVED_CONF)];
        let files: Vec<&str> =
            files.into_iter().filter(|(name, path)| is_changed(name, path)).map(|(_, path)| path).collect();
        (!files.is_empty()).then(|| (name.clone(), files))
    });
    changed.collect()
}

fn of_host(spec: &Spec, prior: Option<&Object>, owner: &Owner, name: &str, inventory: Option<&Inventory>) -> Standing {
    let (Some(host), Some(inventory)) = (spec.hosts.get(name), inventory) else { return Standing::Unknown };
    let desired = Desired::of(spec, host);
    let found = found(&desired, inventory, owner);
    let is_before = match prior {
        Some(_) => stored(prior, name) == Some(&found),
        None => inventory.records_of(owner).next().is_none(),
    };
    if is_before {
        Standing::Before
    } else if found == wanted(&desired) {
        Standing::Complete
    } else {
        Standing::Begun
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoint::haproxy_deployment::model::inventory::Origin;
    use crate::endpoint::haproxy_deployment::model::schema::names::HAPROXY_CFG;
    use crate::endpoint::haproxy_deployment::plan::outputs::outputs;
    use crate::endpoint::haproxy_deployment::sample::{
        self, completed, fresh, haproxy_cfg, inventory, inventory_of, object, owner, spec, with_endpoint,
    };

    #[test]
    fn it_says_what_each_host_has() {
        let mut begun = inventory("lb-02");
        begun.services.clear();
        let of = |hosts: [(&str, Inventory); 2]| {
            standing(&spec(), None, &owner(), &hosts.map(|(name, inventory)| (name.to_owned(), inventory)).into())
        };
        let said = of([("lb-01", inventory("lb-01")), ("lb-02", begun)]);
        assert_eq!(said.as_deref(), Some("lb-01 is as planned; lb-02 is changed in part."));
        let said = of([("lb-01", inventory("lb-01")), ("lb-02", fresh("lb-02"))]);
        assert_eq!(said.as_deref(), Some("lb-01 is as planned; lb-02 is as before."));
        assert_eq!(of([("lb-01", fresh("lb-01")), ("lb-02", fresh("lb-02"))]), None);
        let one = standing(&spec(), None, &owner(), &[("lb-01".to_owned(), inventory("lb-01"))].into());
        assert_eq!(one.as_deref(), Some("lb-01 is as planned; lb-02 couldn't be asked."));
    }

    #[test]
    fn what_was_changed_since_the_plan_is_known() {
        let mut prior = object();
        outputs(&mut prior, None, &[]);
        let of =
            |inventory: Inventory| changed_since(&spec(), &prior, &owner(), &[("lb-01".to_owned(), inventory)].into());
        assert!(of(inventory("lb-01")).is_empty());
        let mut edited = inventory("lb-01");
        edited.files.insert(super::HAPROXY_CFG.into(), sample::found("# by hand\n", "644", Origin::Nobody));
        assert_eq!(of(edited.clone())["lb-01"], [super::HAPROXY_CFG]);
        // Another machine of that name.
        edited.records.clear();
        assert!(of(edited).is_empty());
    }

    #[test]
    fn an_update_is_compared_with_what_the_state_has() {
        let mut prior = object();
        outputs(&mut prior, None, &[]);
        let changed = Spec::read(&completed(&with_endpoint(HAPROXY_CFG, haproxy_cfg(9000).into()))).unwrap();
        let both = |one: Inventory| {
            let hosts = [("lb-01".to_owned(), one), ("lb-02".to_owned(), inventory("lb-02"))];
            standing(&changed, Some(&prior), &owner(), &hosts.into())
        };
        assert_eq!(both(inventory("lb-01")), None);
        let said = both(inventory_of(&changed, "lb-01"));
        assert_eq!(said.as_deref(), Some("lb-01 is as planned; lb-02 is as before."));
    }
}
