//! What must be true of an answer.

use std::net::IpAddr;

use serde_json::Value as Json;

use crate::answer::{Answer, texts};

/// What a node's configuration must say. What is `None` isn't known from the case, and only the golden answers show it.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Virtual addresses, each with the link that must carry it.
    pub vips: Vec<(String, Option<String>)>,
    /// The node's own addresses with their links.
    pub addresses: Option<Vec<(String, String)>>,
    /// An address that is the node's, where the patch gives it any.
    pub own: Option<String>,
    /// Links with DHCP.
    pub dhcp: Option<Vec<String>>,
    /// What must be added to `machine.certSANs`.
    pub machine_cert_sans: Vec<String>,
    /// What must be added to the API server's names.
    pub api_server_cert_sans: Vec<String>,
}

impl Wanted {
    /// What a resource's outputs promise of its `node`th node, the first being 0: all its addresses but the nodes' own are virtual.
    pub fn promised(outputs: &Json, node: usize) -> Wanted {
        let api_server_cert_sans = texts(&outputs["api_server_cert_sans"]);
        let host = outputs["host"].as_str().unwrap().to_owned();
        let names = [host].into_iter().chain(api_server_cert_sans.clone());
        let dialled = texts(&outputs["talosctl_endpoints"]);
        let nodes = outputs["patches"].as_object().map_or(0, |patches| patches.len());
        Wanted {
            vips: names.filter(|name| name.parse::<IpAddr>().is_ok()).map(|ip| (ip, None)).collect(),
            own: dialled.get(node).filter(|_| dialled.len() == nodes).filter(|name| name.parse::<IpAddr>().is_ok()).cloned(),
            machine_cert_sans: texts(&outputs["machine_cert_sans"]),
            api_server_cert_sans,
            ..Wanted::default()
        }
    }

    /// What of it isn't true.
    pub fn problems(&self, answer: &Answer) -> Vec<String> {
        if answer.failed.is_some() {
            return vec![answer.error()];
        }
        let view = &answer.view;
        let mut problems = Vec::new();
        let mut check = |good: bool, what: String| {
            if !good {
                problems.push(what);
            }
        };
        check(answer.warnings.is_empty(), format!("Talos warns: {:?}", answer.warnings));
        for (ip, link) in &self.vips {
            let links: Vec<&String> = view.vips.iter().filter(|(seen, _)| seen == ip).map(|(_, link)| link).collect();
            check(links.len() == 1, format!("the VIP {ip} is on the links {links:?}"));
            let right = link.as_ref().is_none_or(|link| links.iter().all(|seen| *seen == link));
            check(right, format!("the VIP {ip} is on {links:?} instead of {link:?}"));
            let own = view.addresses.iter().any(|(_, address)| address.split('/').next() == Some(ip));
            check(!own, format!("the VIP {ip} is an address of the node's own"));
        }
        check(view.vips.len() == self.vips.len(), format!("more or fewer VIPs than {:?}: {:?}", self.vips, view.vips));
        for (ip, link) in &view.vips {
            let carried = !link.is_empty() && link != "selector";
            check(carried, format!("nothing carries the VIP {ip}"));
        }
        for (name, expression) in &view.aliases {
            let used = view.vips.iter().any(|(_, link)| link == name) || view.links.contains(name);
            check(used, format!("nothing uses the alias {name} of {expression}"));
        }
        if let Some(addresses) = &self.addresses {
            check(view.addresses == *addresses, format!("addresses {:?} instead of {addresses:?}", view.addresses));
        }
        if let (Some(own), false) = (&self.own, view.addresses.is_empty()) {
            let has = view.addresses.iter().any(|(_, address)| address.split('/').next() == Some(own));
            check(has, format!("{own} is not among the node's addresses {:?}", view.addresses));
        }
        if let Some(dhcp) = &self.dhcp {
            check(view.dhcp == *dhcp, format!("DHCP on {:?} instead of {dhcp:?}", view.dhcp));
        }
        let sans = (&self.machine_cert_sans, &view.machine_cert_sans);
        check(sans.0 == sans.1, format!("machine.certSANs {:?} instead of {:?}", sans.1, sans.0));
        let sans = (&self.api_server_cert_sans, &view.api_server_cert_sans);
        check(sans.0 == sans.1, format!("names of the API server {:?} instead of {:?}", sans.1, sans.0));
        problems
    }
}
