//! An endpoint that moves: what clients dial changes, or where their name leads, and those who hold the old one lose their way.

use std::net::IpAddr;

use super::attributes::{
    ADDITIONAL_NAMES, ADDITIONAL_VIPS, API_SERVER_CERT_SANS, CONTROL_PLANE, HOST, HOST_ENTRY, KUBERNETES_API,
    KUBERNETES_API_ENDPOINT, LOAD_BALANCERS, MACHINE_CERT_SANS, TALOS_API, TALOS_API_ENDPOINT, VIP,
};
use super::behind::{Addresses, listed};
use crate::endpoint::address::bare;
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::path::Path;
use crate::framework::value::{Object, Value};

/// The inputs whose addresses are the host where the configuration sets none, and to which a name leads.
const ADDRESSES: [&str; 4] = [VIP, ADDITIONAL_VIPS, LOAD_BALANCERS, CONTROL_PLANE];

/// The output that holds the endpoint's own name, where it has one.
const OWN_NAME: &str = "dns_name";

/// What comes in place of an output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum New<'a> {
    This(&'a str),
    Nothing,
    Unknown,
}

/// What an output was, and what it becomes.
type Change<'a> = (&'a str, New<'a>);

/// A plan for an endpoint that exists.
#[derive(Clone, Copy)]
struct Plan<'a> {
    config: &'a Object,
    prior: &'a Object,
    planned: &'a Object,
    /// Why a virtual IP can't stay beside the new one; none where it can.
    only_one_fits: Option<&'a str>,
}

/// Warns where `planned` has another host, address or port than `prior` for clients to dial. `only_one_fits` says why a virtual IP can't stay
/// beside the new one, where that is so.
pub fn moved(
    config: &Object,
    prior: Option<&Object>,
    planned: &Object,
    only_one_fits: Option<&str>,
    diagnostics: &mut Diagnostics,
) {
    let Some(prior) = prior else { return };
    let plan = Plan { config, prior, planned, only_one_fits };
    if let Some(warning) = plan.dialled().or_else(|| plan.behind_name()) {
        diagnostics.push(warning);
    }
}

/// Warns of a replacement, in which the endpoint's own name ends before there is another one.
pub fn replaced(prior: &Object, diagnostics: &mut Diagnostics) {
    let text = |name: &str| prior.get(name).and_then(Value::as_str);
    let (Some(host), Some(own)) = (text(HOST), text(OWN_NAME)) else { return };
    let detail = match host.eq_ignore_ascii_case(own) {
        true => format!(
            "{own} ends with the load balancer, and the name of the new one is known only after apply. The old one is \
             in kubeconfigs, talosconfigs, and the cluster endpoint in every node's machine configuration: until they \
             have the new one, nobody reaches the control plane. To avoid that, first set `{HOST}` to a DNS name of \
             yours in a change of its own, and replace the load balancer when everybody dials that."
        ),
        false => format!(
            "Clients dial `{host}` as before, but {own}, the name behind it, ends with the load balancer, and the name \
             of the new one is known only after apply. Set a short TTL before, and lead the DNS record of `{host}` to \
             `{OWN_NAME}` of this resource in the same apply."
        ),
    };
    diagnostics.push(Diagnostic::warning(Path::of(HOST), "The endpoint moves", detail));
}

impl<'a> Plan<'a> {
    /// The warning where clients must dial something else.
    fn dialled(self) -> Option<Diagnostic> {
        let [kubernetes, talos] = [KUBERNETES_API_ENDPOINT, TALOS_API_ENDPOINT].map(|name| self.change(name));
        let changes: Vec<Change<'_>> = kubernetes.iter().chain(&talos).copied().collect();
        let (holders, held) = match (kubernetes, talos) {
            (None, None) => return None,
            (Some(_), None) => {
                ("kubeconfigs, and the cluster endpoint in every node's machine configuration", "kubeconfigs")
            }
            (None, Some(_)) => ("talosconfigs", "talosconfigs"),
            (Some(_), Some(_)) => (
                "kubeconfigs, talosconfigs, and the cluster endpoint in every node's machine configuration",
                "kubeconfigs and talosconfigs",
            ),
        };
        let what = sentences(&changes);
        if changes.iter().all(|(_, new)| *new == New::Nothing) {
            let path = Path::of(if kubernetes.is_some() { KUBERNETES_API } else { TALOS_API });
            let detail = format!("{what} It is in {holders}: replace it there before you apply this.");
            return Some(Diagnostic::warning(path, "API switched off", detail));
        }
        let is_sure = changes.iter().any(|(_, new)| matches!(new, New::This(_)));
        let (keep, end) = match self.change(HOST) {
            Some((old, new)) => {
                let (keep, end) = self.keep(old, true);
                (self.make_lead(new).into_iter().chain(keep).collect(), end)
            }
            None => (
                vec!["keep the old port served beside the new one, by a listener or a redirection".to_owned()],
                Some("end the old one".to_owned()),
            ),
        };
        let steps = [
            keep,
            vec!["apply the new machine configuration to all nodes".to_owned(), format!("replace {held}")],
            end.into_iter().collect(),
        ];
        let old = self.change(HOST).and_then(|(old, _)| bare(old));
        let only_one_fits = self.ends_at_once(&old.into_iter().collect::<Vec<_>>()).map_or_else(String::new, |why| {
            format!(
                " {why} To avoid that, first set `{HOST}` to a DNS name in a change of its own, and move the virtual \
                 IP when everybody dials that."
            )
        });
        Some(Diagnostic::warning(
            Path::of(self.mover()),
            if is_sure { "The endpoint moves" } else { "The endpoint may move" },
            format!(
                "{what} The old one is in {holders}. The order that keeps them connected: {}.{only_one_fits}",
                numbered(&steps.concat())
            ),
        ))
    }

    /// The warning where clients dial the same name, and that must lead elsewhere.
    fn behind_name(self) -> Option<Diagnostic> {
        let name = self.planned.get(HOST)?.as_str().filter(|host| bare(host).is_none())?;
        let [old, new] = [self.prior, self.planned].map(Addresses::behind_name);
        let gone = old.of_families_gone_in(&new);
        if gone.is_empty() {
            return None;
        }
        let (is_sure, becomes) = match new.is_open {
            false => (true, format!("changes from {} to {}", listed(&old.known), listed(&new.known))),
            true => (false, format!("was {}, and is known only after apply", listed(&old.known))),
        };
        let in_host_tables = self.prior.get(HOST_ENTRY).and_then(Value::as_bool) == Some(true);
        let kept = gone.iter().map(|ip| self.keep(&ip.to_string(), false));
        let (keep, end): (Vec<Vec<String>>, Vec<Option<String>>) = kept.unzip();
        let steps = [
            keep.concat(),
            vec![
                "apply the new machine configuration to all nodes".to_owned(),
                format!("change the DNS record of `{name}`, and wait until its TTL has passed"),
            ],
            end.into_iter().flatten().collect(),
        ];
        let only_one_fits = self.ends_at_once(&gone).map_or_else(String::new, |why| {
            format!(" {why} So change the DNS record at the same time, with a short TTL set before.")
        });
        let path = ADDRESSES.into_iter().find(|name| self.changes(name)).unwrap_or(HOST);
        Some(Diagnostic::warning(
            Path::of(path),
            if is_sure { "The endpoint moves" } else { "The endpoint may move" },
            format!(
                "Clients dial `{name}` as before, but the address behind it {becomes}. The old one is in DNS{}. The \
                 order that keeps them connected: {}.{only_one_fits}",
                if in_host_tables { " and in the host table of every node" } else { "" },
                numbered(&steps.concat()),
            ),
        ))
    }

    /// The change of an output that was there; none where it stays.
    fn change(self, name: &str) -> Option<Change<'a>> {
        let old = self.prior.get(name)?.as_str()?;
        match self.planned.get(name)? {
            Value::String(new) if old.eq_ignore_ascii_case(new) => None,
            Value::String(new) => Some((old, New::This(new))),
            Value::Unknown(_) => Some((old, New::Unknown)),
            _ => Some((old, New::Nothing)),
        }
    }

    /// What a new name of the user's own needs before anybody dials it.
    fn make_lead(self, new: New<'_>) -> Option<String> {
        match new {
            New::This(new) if self.sets_host() && bare(new).is_none() => {
                Some(format!("make `{new}` lead to the control plane"))
            }
            _ => None,
        }
    }

    /// How `old` goes on leading to the control plane, as far as that isn't done, and what ends it. `is_dialled`: it is what clients
    /// dial, and not just what their name leads to.
    fn keep(self, old: &str, is_dialled: bool) -> (Vec<String>, Option<String>) {
        let own = bare(old).filter(|ip| Addresses::virtual_ips(self.prior).has(*ip));
        if let Some(ip) = own {
            let vips = Addresses::virtual_ips(self.planned);
            let end = Some(format!("remove {ip} from `{ADDITIONAL_VIPS}`"));
            return match vips.known.iter().position(|vip| *vip == ip) {
                Some(0) => (Vec::new(), None), // the endpoint's own still
                Some(_) => (Vec::new(), end),
                None if self.only_one_fits.is_some() => (Vec::new(), None),
                None => (vec![format!("keep {ip}, in `{ADDITIONAL_VIPS}`")], end),
            };
        }
        if self.planned.get(OWN_NAME).and_then(Value::as_str).is_some_and(|own| own.eq_ignore_ascii_case(old)) {
            return (Vec::new(), None); // a load balancer's own name leads to it while it exists
        }
        let lead = format!("keep `{old}` leading to the control plane");
        let step = match is_dialled && !self.is_certified(old) {
            true => {
                format!("put \"{old}\" into `{ADDITIONAL_NAMES}`, so that certificates are good for both, and {lead}")
            }
            false => lead,
        };
        (vec![step], Some("end the old one".to_owned()))
    }

    /// Whether the planned certificates are good for `old`.
    fn is_certified(self, old: &str) -> bool {
        [API_SERVER_CERT_SANS, MACHINE_CERT_SANS].into_iter().any(|output| {
            let names = self.planned.get(output).and_then(Value::elements).unwrap_or_default();
            names.iter().any(|name| name.as_str().is_some_and(|name| name.eq_ignore_ascii_case(old)))
        })
    }

    /// What to say where virtual IPs among `old` can't stay beside the new ones.
    fn ends_at_once(self, old: &[IpAddr]) -> Option<String> {
        let why = self.only_one_fits?;
        let [prior, planned] = [self.prior, self.planned].map(Addresses::virtual_ips);
        let ends: Vec<IpAddr> = old.iter().copied().filter(|ip| prior.has(*ip) && !planned.has(*ip)).collect();
        (!ends.is_empty())
            .then(|| format!("{why} So {} ends when the nodes get their new machine configuration.", listed(&ends)))
    }

    fn sets_host(self) -> bool {
        self.config.get(HOST).is_some_and(|host| !host.is_null())
    }

    fn changes(self, name: &str) -> bool {
        self.planned.contains_key(name) && self.prior.get(name) != self.planned.get(name)
    }

    /// The input that moves it.
    fn mover(self) -> &'static str {
        let apis = [KUBERNETES_API, TALOS_API];
        let inputs = match self.change(HOST) {
            Some(_) if self.sets_host() => return HOST,
            Some(_) => &ADDRESSES[..],
            None => &apis[..],
        };
        inputs.iter().find(|name| self.changes(name)).copied().unwrap_or(HOST)
    }
}

/// What changes, in whole sentences.
fn sentences(changes: &[Change<'_>]) -> String {
    let [mut known, mut unknown, mut gone] = [const { Vec::new() }; 3];
    for (old, new) in changes {
        match new {
            New::This(new) => known.push(format!("from {old} to {new}")),
            New::Unknown => unknown.push((*old).to_owned()),
            New::Nothing => gone.push((*old).to_owned()),
        }
    }
    let all = [
        (known.join(", and "), "What clients dial changes ", "."),
        (unknown.join(" and "), "What takes the place of ", " is known only after apply."),
        (gone.join(" and "), "Nothing serves ", " any more."),
    ];
    let all = all.into_iter().filter(|(subject, ..)| !subject.is_empty());
    all.map(|(subject, before, after)| format!("{before}{subject}{after}")).collect::<Vec<_>>().join(" ")
}

/// `(1) a; (2) b`.
fn numbered(steps: &[String]) -> String {
    let steps = (1..).zip(steps).map(|(number, step)| format!("({number}) {step}"));
    steps.collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests;
