//! What the base configuration must do for the patches to work, and what they end there.

use crate::endpoint::vip::model::inputs::{Form, Inputs};
use crate::endpoint::vip::plan::base::{Base, Duty, Ended, base};
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::path::Path;
use crate::framework::reader::Maybe;

/// One warning for each argument and each thing that follows from it, whatever the number of nodes.
pub fn base_configuration(inputs: &Inputs, diagnostics: &mut Diagnostics) {
    let Maybe::Known(form) = inputs.form else { return };
    let nodes: Vec<(&str, Base)> =
        inputs.known_nodes().iter().filter_map(|node| Some((node.name.as_str(), base(inputs, node)?))).collect();
    let mut found: Vec<Found> = Vec::new();
    for (node, base) in &nodes {
        let duties = base.must.iter().map(|(path, duty)| (path, Cause::Duty(duty)));
        let ended = base.ended.iter().map(|(path, ended)| (path, Cause::Ended(ended)));
        for (path, cause) in duties.chain(ended) {
            let Some(title) = cause.title() else { continue };
            let same = found.iter().position(|one| one.path == path && one.title == title);
            let place = same.unwrap_or_else(|| {
                found.push(Found { path, title, cause, subjects: Vec::new(), nodes: Vec::new() });
                found.len() - 1
            });
            add(&mut found[place].subjects, cause.subject());
            add(&mut found[place].nodes, format!("`{node}`"));
        }
    }
    for Found { path, title, cause, subjects, nodes } in found {
        let of_nodes = match nodes.len() == inputs.known_nodes().len() {
            true => String::new(),
            false => format!(" This is about {}.", nodes.join(", ")),
        };
        let detail = cause.text(form, &subjects.join(", ")) + &of_nodes;
        diagnostics.push(Diagnostic::warning(path.clone(), title, detail));
    }
}

/// A warning in the making: the nodes have it in common.
struct Found<'a> {
    path: &'a Path,
    title: &'static str,
    cause: Cause<'a>,
    subjects: Vec<String>,
    nodes: Vec<String>,
}

fn add(texts: &mut Vec<String>, text: String) {
    if !texts.contains(&text) {
        texts.push(text);
    }
}

/// What there is to warn of.
#[derive(Clone, Copy)]
enum Cause<'a> {
    Duty(&'a Duty),
    Ended(&'a Ended),
}

impl Cause<'_> {
    /// None for what the legacy form has its own warning of: there it depends on what the user has said.
    fn title(self) -> Option<&'static str> {
        match self {
            Cause::Duty(duty) => title(duty),
            Cause::Ended(_) => Some("Default DHCP ends"),
        }
    }

    /// What differs between nodes.
    fn subject(self) -> String {
        match self {
            Cause::Duty(duty) => subject(duty),
            Cause::Ended(ended) => ended.to_string(),
        }
    }

    fn text(self, form: Form, subjects: &str) -> String {
        match self {
            Cause::Duty(duty) => text_of_duty(duty, form, subjects),
            Cause::Ended(ended) => text_of_end(ended, subjects),
        }
    }
}

fn title(duty: &Duty) -> Option<&'static str> {
    match duty {
        Duty::Address(_) => None,
        Duty::Vlan { .. } => Some("The base configuration must declare the VLAN"),
        Duty::Up(_) => Some("The base configuration must bring the link up"),
        Duty::OneKind(_) => Some("The link may be declared twice"),
        Duty::OneAlias(_) => Some("The device may have an alias already"),
        Duty::OneAddress(_) => Some("An address under an alias"),
        Duty::OneDevice => Some("The selector may find several devices"),
        Duty::NoVlanFound => Some("The selector finds the VLAN too"),
    }
}

fn subject(duty: &Duty) -> String {
    match duty {
        Duty::Vlan { name, id, parent } => format!("`{name}` (VLAN {id} on `{parent}`)"),
        Duty::Up(name) | Duty::OneKind(name) | Duty::OneAlias(name) | Duty::OneAddress(name) => format!("`{name}`"),
        Duty::Address(link) => link.clone(),
        Duty::OneDevice | Duty::NoVlanFound => String::new(),
    }
}

fn text_of_duty(duty: &Duty, form: Form, subjects: &str) -> String {
    match duty {
        Duty::Address(_) => String::new(),
        Duty::Vlan { .. } => format!(
            "In the document form these patches name {subjects} and don't declare it: a `VLANConfig` would end Talos' \
             default DHCP on all links of the node. Declare it in the base configuration, under this name and with the \
             link under it up; until then the virtual IP never comes up, without an error. The legacy form declares \
             VLANs in the patch: where `talos_version` is raised from 1.11, the declaration goes. With \
             `static_addressing`, or `dhcp = true` for a VLAN of `vip`, the patches declare it."
        ),
        Duty::Up(_) => format!(
            "These patches hold documents about links, and Talos then brings up only what a document names. {subjects} \
             may be a bond, a bridge or an alias, which only the base configuration can name rightly: it must hold its \
             `BondConfig` or `BridgeConfig`, or a `LinkConfig` for an alias. A VLAN is never up without the link under \
             it."
        ),
        Duty::OneKind(_) => format!(
            "{subjects} gets its address by a `LinkConfig`, and Talos refuses that beside a document of another kind \
             and the same name. If the base configuration declares it by `BondConfig`, `BridgeConfig` or the like, put \
             the addresses there and leave `static_addressing` out, or set `form = \"legacy\"`, which adds to the link \
             in either case. If it is an alias, the platform must not address the device as well: Talos doesn't merge \
             addresses of an alias with those of the device's own name."
        ),
        Duty::OneAlias(_) => format!(
            "The selected device gets the alias {subjects}, and a device has only one. If a `LinkAliasConfig` of the \
             base configuration (`net0`, `ethSel0`) finds it too, Talos takes one of them (1.12: that of the base \
             configuration; from 1.13 on: the first in the alphabet), and documents for the other do nothing, without \
             an error. In that case set `interface` to the alias of the base configuration. If there is none, set \
             `link_alias`, to this or another name: that confirms it, and ends this warning."
        ),
        Duty::OneAddress(_) => format!(
            "The nodes' addresses are for {subjects}, and Talos takes an alias for another link than the device's own \
             name when it merges addresses. Where the platform gives the device an address too (cloud-init, the kernel \
             argument `ip=`), both stay, and two default routes may replace one another without end. Let the platform \
             give none, or name the interface (`interface`): then these addresses and routes win over equal ones of \
             the platform."
        ),
        Duty::OneDevice if form == Form::Legacy => {
            "Nothing in the selector is the property of one device alone. Talos applies the patch to every device of \
             the node that fits: the virtual IP, and with `static_addressing` the node's address, is then on several \
             links at once. Write out `hardware_addr`, `permanent_addr` or `bus_path` in full, on each node, unless \
             nodes have one network device only."
                .to_owned()
        }
        Duty::OneDevice => "Nothing in the selector is the property of one device alone. Talos gives an alias only \
                            where exactly one device fits: with two the virtual IP never comes up, without an error. \
                            Write out `hardware_addr`, `permanent_addr` or `bus_path` in full, on each node, unless \
                            nodes have one network device only."
            .to_owned(),
        Duty::NoVlanFound => "A VLAN has the hardware address of the device under it, and in the legacy form Talos \
                              looks at all links: the selector finds the VLAN as well, and puts another VLAN and the \
                              virtual IP on that. Add `physical = true`, or select by `bus_path`."
            .to_owned(),
    }
}

fn text_of_end(ended: &Ended, subjects: &str) -> String {
    match ended {
        Ended::Everywhere => {
            "These patches hold documents about links. Talos then ends its default DHCP on every link of the node and \
             brings up only links that a document names. If the nodes have further links, declare each in the base \
             configuration: `DHCPv4Config` for DHCP, else `LinkConfig`."
                .to_owned()
        }
        Ended::On(_) => format!(
            "In the legacy form a patch that names an interface ends Talos' default DHCP there: {subjects}. If the \
             node has an address on it by DHCP, say so in the base configuration (`dhcp: true` for the same interface)."
        ),
    }
}
