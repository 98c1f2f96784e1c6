//! What must be true of an answer.

use crate::answer::Answer;
use crate::case::minor;

/// What a node's configuration must say, no more and no less. Pairs are an address and its link.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Virtual addresses.
    pub vips: Vec<(String, String)>,
    /// The node's own addresses, with prefix lengths.
    pub addresses: Vec<(String, String)>,
    /// Gateways.
    pub routes: Vec<(String, String)>,
    /// Links with DHCP.
    pub dhcp: Vec<String>,
    /// Whether other links lose the DHCP that they have by default; set by [`Wanted::in_form_of`].
    pub ends_default_dhcp: bool,
    /// What must be added to `machine.certSANs`.
    pub machine_cert_sans: Vec<String>,
    /// What must be added to the API server's names.
    pub api_server_cert_sans: Vec<String>,
}

impl Wanted {
    /// The same of a configuration in the usual form of a version contract: a document about a link or about DHCP, which there are from
    /// 1.12 on, ends DHCP on all other links. One about a VIP alone must not.
    pub fn in_form_of(mut self, contract: &str) -> Wanted {
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
        same("DHCP", format!("{:?}", view.dhcp), format!("{:?}", self.dhcp));
        if let Some(default_dhcp) = view.default_dhcp {
            same("DHCP by default", default_dhcp.to_string(), (!self.ends_default_dhcp).to_string());
        }
        let names = |names: &[String]| format!("{names:?}");
        same("machine.certSANs", names(&view.machine_cert_sans), names(&self.machine_cert_sans));
        same("names of the API server", names(&view.api_server_cert_sans), names(&self.api_server_cert_sans));
        for (name, expression) in &view.aliases {
            let used = view.vips.iter().any(|(_, link)| link == name);
            same(
                &format!("the alias of {expression}"),
                format!("carries a VIP: {used}"),
                "carries a VIP: true".to_owned(),
            );
        }
        problems
    }
}
