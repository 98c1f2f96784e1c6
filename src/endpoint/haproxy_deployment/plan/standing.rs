//! How far a deployment has come on each host, where its create failed: the state has nothing that could say it.

use std::collections::BTreeMap;

use super::outputs::{found, wanted};
use crate::endpoint::enumeration::listed;
use crate::endpoint::haproxy_deployment::model::desired::Desired;
use crate::endpoint::haproxy_deployment::model::inventory::Inventory;
use crate::endpoint::haproxy_deployment::model::spec::Spec;

/// How far it has come on one host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Standing {
    /// It is as it is to be.
    Complete,
    /// Something of it is there.
    Begun,
    /// Nothing of it is there.
    Before,
    /// Nobody could ask.
    Unknown,
}

/// A sentence on all hosts; none where no host has anything of the deployment.
pub fn standing(spec: &Spec, inventories: &BTreeMap<String, Inventory>) -> Option<String> {
    let mut hosts: BTreeMap<Standing, Vec<&String>> = BTreeMap::new();
    for name in spec.hosts.keys() {
        hosts.entry(of_host(spec, name, inventories.get(name))).or_default().push(name);
    }
    if !hosts.contains_key(&Standing::Complete) && !hosts.contains_key(&Standing::Begun) {
        return None;
    }
    let parts = hosts.iter().map(|(standing, names)| {
        let is = if names.len() == 1 { "is" } else { "are" };
        let what = match standing {
            Standing::Complete => format!("{is} complete"),
            Standing::Begun => format!("{is} begun"),
            Standing::Before => format!("{is} as before"),
            Standing::Unknown => "couldn't be asked".to_owned(),
        };
        format!("{} {what}", listed(names))
    });
    Some(format!("{}.", parts.collect::<Vec<String>>().join("; ")))
}

fn of_host(spec: &Spec, name: &str, inventory: Option<&Inventory>) -> Standing {
    let (Some(host), Some(inventory)) = (spec.hosts.get(name), inventory) else { return Standing::Unknown };
    let desired = Desired::of(spec, host);
    if inventory.record(&spec.name).is_none() {
        Standing::Before
    } else if found(&desired, inventory, &spec.name) == wanted(&desired) {
        Standing::Complete
    } else {
        Standing::Begun
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoint::haproxy_deployment::sample::{fresh, inventory, spec};

    #[test]
    fn it_says_what_each_host_has() {
        let mut begun = inventory("lb-02");
        begun.services.clear();
        let of = |hosts: [(&str, Inventory); 2]| {
            standing(&spec(), &hosts.map(|(name, inventory)| (name.to_owned(), inventory)).into())
        };
        let said = of([("lb-01", inventory("lb-01")), ("lb-02", begun)]);
        assert_eq!(said.as_deref(), Some("lb-01 is complete; lb-02 is begun."));
        let said = of([("lb-01", inventory("lb-01")), ("lb-02", fresh("lb-02"))]);
        assert_eq!(said.as_deref(), Some("lb-01 is complete; lb-02 is as before."));
        assert_eq!(of([("lb-01", fresh("lb-01")), ("lb-02", fresh("lb-02"))]), None);
        let one = standing(&spec(), &[("lb-01".to_owned(), inventory("lb-01"))].into());
        assert_eq!(one.as_deref(), Some("lb-01 is complete; lb-02 couldn't be asked."));
    }
}
