//! What the base configuration must do for the patches to work, and what they end there.

use crate::endpoint::enumeration::listed;
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
            let node = format!("`{node}`");
            for subject in cause.subjects() {
                found[place].add(subject, &node);
            }
            add(&mut found[place].nodes, &node);
        }
    }
    for found in found {
        let of_nodes = match found.nodes.len() == inputs.known_nodes().len() {
            true => String::new(),
            false => format!(" Nodes: {}.", found.nodes.join(", ")),
        };
        let detail = found.cause.text(form, &found.subjects()) + &of_nodes;
        diagnostics.push(Diagnostic::warning(found.path.clone(), found.title, detail));
    }
}

/// A warning in the making: the nodes have it in common.
struct Found<'a> {
    path: &'a Path,
    title: &'static str,
    cause: Cause<'a>,
    /// Each with the nodes of which it holds.
    subjects: Vec<(String, Vec<String>)>,
    nodes: Vec<String>,
}

impl Found<'_> {
    fn add(&mut self, subject: String, node: &str) {
        match self.subjects.iter_mut().find(|(other, _)| *other == subject) {
            Some((_, nodes)) => add(nodes, node),
            None => self.subjects.push((subject, vec![node.to_owned()])),
        }
    }

    /// What differs between nodes, with their names where it does.
    fn subjects(&self) -> Vec<String> {
        let shown = |(subject, nodes): &(String, Vec<String>)| match nodes.len() == self.nodes.len() {
            true => subject.clone(),
            false => format!("{subject} ({})", nodes.join(", ")),
        };
        self.subjects.iter().map(shown).collect()
    }
}

fn add(texts: &mut Vec<String>, text: &str) {
    if !texts.iter().any(|other| other == text) {
        texts.push(text.to_owned());
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

    /// The links that it is about.
    fn subjects(self) -> Vec<String> {
        match self {
            Cause::Duty(duty) => vec![subject(duty)],
            Cause::Ended(Ended::Everywhere { only_up }) => only_up.iter().map(|name| format!("`{name}`")).collect(),
            Cause::Ended(Ended::On(link)) => vec![format!("on {link}")],
        }
    }

    fn text(self, form: Form, subjects: &[String]) -> String {
        match self {
            Cause::Duty(duty) => text_of_duty(duty, form, &subjects.join(", ")),
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
        Duty::OneAddress(_) => Some("The address belongs to an alias"),
        Duty::OneDevice => Some("The selector may match several devices"),
        Duty::NoBond => Some("The selector matches every member of a bond"),
        Duty::NoVlanFound => Some("The selector matches the VLAN too"),
    }
}

fn subject(duty: &Duty) -> String {
    match duty {
        Duty::Vlan { name, id, parent } => format!("`{name}` (VLAN {id} on `{parent}`)"),
        Duty::Up(name) | Duty::OneKind(name) | Duty::OneAlias(name) | Duty::OneAddress(name) => format!("`{name}`"),
        Duty::Address(link) => link.clone(),
        Duty::OneDevice | Duty::NoBond | Duty::NoVlanFound => String::new(),
    }
}

fn text_of_duty(duty: &Duty, form: Form, subjects: &str) -> String {
    match duty {
        Duty::Address(_) => String::new(),
        Duty::Vlan { .. } => format!(
            "The patches put the virtual IP on {subjects} and don't declare it: in the document form a `VLANConfig` \
             would end Talos' default DHCP on every link of the node. Declare the VLAN in the base configuration, \
             under this name and with the link below it up; otherwise the virtual IP never comes up, without an error. \
             The legacy form declares VLANs in the patch, so raising `talos_version` from 1.11 drops the declaration. \
             With `static_addressing`, or with `dhcp = true` for a VLAN of `vip`, the patches declare it."
        ),
        Duty::Up(_) => format!(
            "The patches contain documents about links, so Talos brings up only links that a document names. \
             {subjects} may be a bond, a bridge or an alias, and a `LinkConfig` in the patches might conflict with its \
             document. Put its `BondConfig` or `BridgeConfig`, or a `LinkConfig` for an alias, into the base \
             configuration. A VLAN is never up without the link below it."
        ),
        Duty::OneKind(_) => format!(
            "The patches address {subjects} in a `LinkConfig`, which Talos refuses beside a document of another kind \
             with the same name. If the base configuration declares the link in a `BondConfig`, a `BridgeConfig` or \
             the like, put the addresses there and remove `static_addressing`, or set `form = \"legacy\"`, which fits \
             both. If it is an alias, the platform must not address the device too: Talos doesn't merge addresses of \
             an alias with those of the device's own name."
        ),
        Duty::OneAlias(_) => format!(
            "The selected device gets the alias {subjects}, and a device can have only one. If a `LinkAliasConfig` in \
             the base configuration (such as `net0` or `ethSel0`) matches it too, Talos keeps one of the two (1.12: \
             that of the base configuration; from 1.13 on: the first in alphabetical order), and documents for the \
             other do nothing, without an error. In that case set `interface` to the alias of the base configuration. \
             If there is no such alias, set `link_alias`, to this name or another: that ends the warning."
        ),
        Duty::OneAddress(_) => format!(
            "The patches address the nodes under {subjects}. When Talos merges addresses, an alias and the device's \
             own name count as two links. If the platform (cloud-init, the kernel argument `ip=`) addresses the device \
             too, both addresses stay, and two default routes may keep replacing each other. Let the platform assign \
             no address, or name the interface (`interface`): addresses and routes of the patches then win over equal \
             ones of the platform."
        ),
        Duty::OneDevice | Duty::NoBond => several_match(duty, form),
        Duty::NoVlanFound => "A VLAN has the hardware address of the device below it, and in the legacy form Talos \
                              matches all links: the selector matches the VLAN as well, and another VLAN with the \
                              virtual IP is put on top of that. Add `physical = true`, or select by `permanent_addr` \
                              or `bus_path`."
            .to_owned(),
    }
}

/// Why several devices may match, what Talos does then, and how to select one.
fn several_match(duty: &Duty, form: Form) -> String {
    let (why, instead) = match duty {
        Duty::NoBond => (
            "All members of a bond have the same hardware address.",
            "If the device is in a bond, set `interface` to the bond. Otherwise select by `permanent_addr`, which \
             every device keeps.",
        ),
        _ => (
            "No property in this selector belongs to one device alone.",
            "Write out `permanent_addr` or `bus_path` in full on each node, unless the nodes have only one network \
             device.",
        ),
    };
    let then = match form {
        Form::Legacy => {
            "Talos applies the patch to every device that matches: the virtual IP, and with `static_addressing` the \
             node's address, is then on several links at once."
        }
        Form::Document => {
            "Talos creates an alias only if exactly one device matches: with two the virtual IP never comes up, \
             without an error."
        }
    };
    format!("{why} {then} {instead}")
}

fn text_of_end(ended: &Ended, subjects: &[String]) -> String {
    match ended {
        Ended::Everywhere { .. } => {
            let bare = match subjects {
                [] => String::new(),
                [one] => format!(" This includes {one}, which the patches bring up without an address."),
                several => {
                    format!(" This includes {}, which the patches bring up without addresses.", listed(several))
                }
            };
            format!(
                "The patches contain documents about links. Talos then ends its default DHCP on every other link of \
                 the node and brings up only links that a document names.{bare} If a node needs such a link, declare \
                 it in the base configuration: in a `DHCPv4Config` for DHCP, otherwise in a `LinkConfig`."
            )
        }
        Ended::On(_) => format!(
            "In the legacy form a patch that names an interface ends Talos' default DHCP there: {}. If a node \
             gets an address there by DHCP, set `dhcp: true` for the interface in the base configuration.",
            subjects.join(", ")
        ),
    }
}
