//! Proxy loops: HAProxy must not be its own backend. One request would go round until every connection is taken.

use std::net::IpAddr;

use crate::endpoint::address::{Address, bare};
use crate::endpoint::contract::{ADDITIONAL_NAMES, CONTROL_PLANE, HOST, additional_names};
use crate::endpoint::enumeration::listed;
use crate::endpoint::haproxy::model::inputs::{Listening, On, hosts, listening, node_path, vips};
use crate::endpoint::haproxy::model::schema::names::{ADDITIONAL_SERVICES, ADDRESS, PORT, SERVERS};
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::reader::{Maybe, Reader};

/// Nodes, and servers of services, at addresses where HAProxy listens on a port that it sends to.
pub fn rules(planned: &Reader<'_>, diagnostics: &mut Diagnostics) {
    let listening = listening(planned);
    let place = Place::read(planned);
    nodes(planned, &place, &listening, diagnostics);
    services(planned, &place, &listening, diagnostics);
}

/// Where HAProxy runs, and under which names it is reached.
struct Place<'a> {
    hosts: Vec<(&'a str, Address)>,
    vips: Vec<IpAddr>,
    names: Vec<String>,
    /// The host, where it is an address.
    host: Option<IpAddr>,
}

/// What the text of an address leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Leads<'a> {
    /// To a load balancer's own address.
    Host(&'a str, IpAddr),
    /// To a virtual IP.
    Vip(IpAddr),
    /// To the load balancers, by a name of the endpoint.
    Name,
    /// To another machine.
    Elsewhere,
}

impl<'a> Place<'a> {
    fn read(planned: &Reader<'a>) -> Place<'a> {
        let names = additional_names(planned).known().unwrap_or_default().into_iter().filter_map(Maybe::known);
        Place {
            hosts: hosts(planned),
            vips: vips(planned).into_iter().map(|(_, vip)| vip).collect(),
            host: planned.text(HOST).present().and_then(bare),
            names: planned.text(HOST).present().map(str::to_owned).into_iter().chain(names).collect(),
        }
    }

    fn of(&self, text: &str) -> Leads<'a> {
        let Some(ip) = Address::parse(text).map(|address| address.ip) else {
            let named = self.names.iter().any(|name| name.eq_ignore_ascii_case(text));
            return if named { Leads::Name } else { Leads::Elsewhere };
        };
        match self.hosts.iter().find(|(_, own)| own.ip == ip) {
            Some((name, _)) => Leads::Host(name, ip),
            None if self.vips.contains(&ip) => Leads::Vip(ip),
            None if self.names.iter().any(|name| bare(name) == Some(ip)) => Leads::Name,
            None => Leads::Elsewhere,
        }
    }
}

/// Where a listener can be reached, does `leads` reach it?
fn reaches(leads: Leads<'_>, on: On) -> bool {
    match (leads, on) {
        (Leads::Elsewhere, _) | (_, On::Unknown) => false,
        (Leads::Host(..), On::Any | On::Own) => true,
        (Leads::Host(..), _) => false,
        (Leads::Vip(vip), On::Only(own)) => vip == own,
        (Leads::Vip(_), On::Any | On::Vips) | (Leads::Name, _) => true,
        (Leads::Vip(_), On::Own) => false,
    }
}

fn nodes(planned: &Reader<'_>, place: &Place<'_>, listening: &[Listening<'_>], diagnostics: &mut Diagnostics) {
    let sent_to = |port: i64| listening.iter().any(|to| to.role.is_some() && to.target_port == Some(port));
    for (node, entry) in planned.nested_map(CONTROL_PLANE).present().unwrap_or_default() {
        let Some(text) = entry.text(ADDRESS).present() else { continue };
        let leads = place.of(text);
        // That the host is this node's address is the host's fault, and has an error there.
        if leads == Leads::Name && Address::parse(text).is_some_and(|own| Some(own.ip) == place.host) {
            continue;
        }
        let back = |from: &&Listening<'_>| from.port.is_some_and(sent_to) && reaches(leads, from.on);
        let back: Vec<&Listening<'_>> = listening.iter().filter(back).collect();
        if back.is_empty() {
            continue;
        }
        let ports = listed(back.iter().map(|from| format!("{} (`{}`)", from.port.unwrap_or_default(), from.place)));
        let detail = match leads {
            Leads::Host(balancer, _) => format!(
                "{node} has the address of the load balancer {balancer}, where HAProxy itself would listen on port \
                 {ports}: it would be its own backend. Set the address of {node}; or, where {balancer} runs on that \
                 control-plane node, have HAProxy listen on another port: set {}.",
                listed(back.iter().map(|from| format!("`{}`", from.place.attribute(PORT))))
            ),
            _ => format!(
                "{node} has {}, where HAProxy itself listens on port {ports}: it would be its own backend. Set the \
                 node's own address.",
                described(leads, text)
            ),
        };
        diagnostics.push(Diagnostic::invalid(node_path(node), "Proxy loop", detail));
    }
}

/// A server that is where HAProxy listens on the server's own port.
fn services(planned: &Reader<'_>, place: &Place<'_>, listening: &[Listening<'_>], diagnostics: &mut Diagnostics) {
    for service in listening.iter().filter(|service| service.role.is_none()) {
        let services = planned.nested_map(ADDITIONAL_SERVICES).present().unwrap_or_default().remove(service.name);
        let servers = services.and_then(|service| service.nested_map(SERVERS).present()).unwrap_or_default();
        for (server, entry) in servers {
            let Some(text) = entry.text(ADDRESS).present() else { continue };
            let leads = place.of(text);
            let back =
                |one: &&Listening<'_>| one.port.is_some() && one.port == service.target_port && reaches(leads, one.on);
            if let Some(one) = listening.iter().find(back) {
                diagnostics.push(Diagnostic::invalid(
                    service.place.attribute(SERVERS).key(server).attribute(ADDRESS),
                    "Proxy loop",
                    format!(
                        "{server} has {}, where HAProxy itself listens on port {} (`{}`): it would be its own backend. \
                         Set the server's own address, or another port.",
                        described(leads, text),
                        one.port.unwrap_or_default(),
                        one.place
                    ),
                ));
            }
        }
    }
}

fn described(leads: Leads<'_>, text: &str) -> String {
    match leads {
        Leads::Host(balancer, ip) => format!("{ip}, the address of the load balancer {balancer}"),
        Leads::Vip(vip) => format!("{vip}, a virtual IP"),
        Leads::Name | Leads::Elsewhere => format!("{text}, a name of the endpoint (`{HOST}` or `{ADDITIONAL_NAMES}`)"),
    }
}
