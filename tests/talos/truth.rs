//! What must be true of an answer.

use crate::answer::Answer;
use crate::case::minor;

/// What a node's configuration must say, no more and no less. Pairs are an address and its link.
#[derive(Clone, Debug, Default)]
pub struct ExpectedPatch {
    /// Virtual addresses.
    pub vips: Vec<(String, String)>,
    /// The node's own addresses, with prefix lengths.
    pub addresses: Vec<(String, String)>,
    /// Gateways.
    pub routes: Vec<(String, String)>,
    /// The metric of the routes that have a gateway; 0 is Talos' own.
    pub metric: u64,
    /// VLANs that are declared, as `NAME=ID@PARENT`.
    pub vlans: Vec<String>,
    /// Links under a VLAN that the base configuration must bring up.
    pub left_down: Vec<String>,
    /// Whether an alias may find several devices, and the plan has warned.
    pub may_find_several: bool,
    /// Links with DHCP.
    pub dhcp: Vec<String>,
    /// Whether other links lose the DHCP that they have by default; set by [`ExpectedPatch::in_form_of`].
    pub ends_default_dhcp: bool,
    /// What must be added to `machine.certSANs`.
    pub machine_cert_sans: Vec<String>,
    /// What must be added to the API server's names.
    pub api_server_cert_sans: Vec<String>,
}

impl ExpectedPatch {
    /// The same of a configuration in the usual form of a version contract: a document about a link or about DHCP, which there are from
    /// 1.12 on, ends DHCP on all other links. One about a VIP alone must not.
    pub fn in_form_of(mut self, contract: &str) -> ExpectedPatch {
        self.ends_default_dhcp = minor(contract) >= 12 && !(self.addresses.is_empty() && self.dhcp.is_empty());
        self
    }

    /// What of it isn't true.
    pub fn problems(&self, answer: &Answer) -> Vec<String> {
        if answer.failed.is_some() {
            return vec![answer.error()];
        }
        let view = &answer.view;
        let mut problems = Vec::new();
        let mut same = |what: &str, seen: String, wanted: String| {
            if seen != wanted {
                problems.push(format!("{what}: Talos sees {seen} instead of {wanted}"));
            }
        };
        same("warnings", format!("{:?}", answer.warnings), "[]".to_owned());
        same("VIPs", format!("{:?}", view.vips), format!("{:?}", self.vips));
        same("addresses", format!("{:?}", view.addresses), format!("{:?}", self.addresses));
        same("routes", format!("{:?}", view.gateways()), format!("{:?}", self.routes));
        same("VLANs", format!("{:?}", view.vlans), format!("{:?}", self.vlans));
        let other_metrics: Vec<&u64> = view.metrics.iter().filter(|metric| **metric != self.metric).collect();
        same("metrics", format!("{other_metrics:?}"), "[]".to_owned());
        same("DHCP", format!("{:?}", view.dhcp), format!("{:?}", self.dhcp));
        if let Some(default_dhcp) = view.default_dhcp {
            same("DHCP by default", default_dhcp.to_string(), (!self.ends_default_dhcp).to_string());
        }
        let names = |names: &[String]| format!("{names:?}");
        same("machine.certSANs", names(&view.machine_cert_sans), names(&self.machine_cert_sans));
        same("names of the API server", names(&view.api_server_cert_sans), names(&self.api_server_cert_sans));
        for (name, expression) in &view.aliases {
            let on_it = |link: &str| link == name || link.starts_with(&format!("{name}."));
            let used = view.vips.iter().any(|(_, link)| on_it(link));
            same(
                &format!("the alias of {expression}"),
                format!("carries a VIP: {used}"),
                "carries a VIP: true".to_owned(),
            );
        }
        for ((_, expression), devices) in view.aliases.iter().zip(&view.devices) {
            if devices.len() > 1 && !self.may_find_several {
                problems.push(format!("{expression}: finds {devices:?}, and nothing has warned"));
            }
        }
        // A VLAN is up only while what is under it is.
        for vlan in &view.vlans {
            let parent = vlan.split_once('@').map(|(_, parent)| parent.to_owned()).unwrap();
            if !view.links.contains(&parent) && !self.left_down.contains(&parent) {
                problems.push(format!("VLANs: nothing brings {parent} up, which is under {vlan}"));
            }
        }
        problems
    }
}
