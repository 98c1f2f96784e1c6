//! Names and addresses that an endpoint no longer has beside what clients dial: somebody may dial them still.

use super::attributes::{
    ADDITIONAL_NAMES, ADDITIONAL_VIPS, ADDRESS, API_SERVER_CERT_SANS, HOST, KUBERNETES_API_ENDPOINT, MACHINE_CERT_SANS,
};
use super::behind::{Addresses, Behind};
use super::change::Change;
use crate::endpoint::address::{bare, canonical};
use crate::endpoint::enumeration::listed;
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::path::Path;
use crate::framework::value::{Object, Value};

/// Warns of further names and of additional virtual IPs that go, the former where no certificate has them any more.
pub fn removed(change: Change<'_>, diagnostics: &mut Diagnostics) {
    let found = [names(change), virtual_ips(change)];
    found.into_iter().flatten().for_each(|warning| diagnostics.push(warning));
}

fn names(change: Change<'_>) -> Option<Diagnostic> {
    let have = [ADDITIONAL_NAMES, API_SERVER_CERT_SANS, MACHINE_CERT_SANS].map(|list| texts(change.planned, list));
    let [Some(..), Some(api_server), Some(machine)] = have.clone() else { return None };
    let host = change.planned.get(HOST)?.as_str()?;
    let has = |name: &String| {
        let same = |other: &str| canonical(other).eq_ignore_ascii_case(&canonical(name));
        same(host) || api_server.iter().chain(&machine).any(|other| same(other))
    };
    let gone: Vec<String> = texts(change.prior, ADDITIONAL_NAMES)?.into_iter().filter(|name| !has(name)).collect();
    if gone.is_empty() {
        return None;
    }
    let them = if gone.len() == 1 { "it" } else { "them" };
    Some(Diagnostic::warning(
        Path::of(ADDITIONAL_NAMES),
        "Names leave the certificates",
        format!(
            "Certificates are no longer good for {} once the nodes have their new machine configuration: kubectl and \
             talosctl refuse to connect by {them}. Before you apply this, make sure that no kubeconfig and no \
             talosconfig has {them}.",
            listed(gone)
        ),
    ))
}

/// The texts of a list; none where one isn't known.
fn texts(object: &Object, name: &str) -> Option<Vec<String>> {
    match object.get(name) {
        None | Some(Value::Null) => Some(Vec::new()),
        Some(list) => list.elements()?.iter().map(|text| text.as_str().map(str::to_owned)).collect(),
    }
}

fn virtual_ips(change: Change<'_>) -> Option<Diagnostic> {
    let planned = Addresses::virtual_ips(change.planned);
    if planned.is_open {
        return None;
    }
    let moves = change.output(KUBERNETES_API_ENDPOINT).is_some() || change.output(HOST).is_some();
    let host = change.prior.get(HOST).and_then(Value::as_str)?;
    // Where a name leads there, or it is what clients dial, another warning says more.
    let behind = match (change.kind.behind_name)(change.prior) {
        Behind::Addresses(addresses) if bare(host).is_none() => addresses,
        _ => Addresses::default(),
    };
    let additional = change.prior.get(ADDITIONAL_VIPS).and_then(Value::elements).unwrap_or_default();
    let additional = additional.iter().filter_map(|vip| bare(vip.attribute(ADDRESS)?.as_str()?));
    let is_told = |ip| behind.has(ip) && !moves || bare(host) == Some(ip);
    let gone: Vec<_> = additional.filter(|ip| !planned.has(*ip) && !is_told(*ip)).collect();
    if gone.is_empty() {
        return None;
    }
    let (them, end) = if gone.len() == 1 { ("it", "ends") } else { ("them", "end") };
    Some(Diagnostic::warning(
        Path::of(ADDITIONAL_VIPS),
        "Additional virtual IPs end",
        format!(
            "{} {end} as soon as the new configuration is in place. Before you apply this, make sure that nobody dials \
             {them} any more.",
            listed(gone)
        ),
    ))
}

#[cfg(test)]
mod tests {
    use super::super::kind::Kind;
    use super::*;

    const KIND: Kind<'_> = Kind {
        behind_name: |object| Behind::Addresses(Addresses::virtual_ips(object).one_of_each_family()),
        ..Kind::PLAIN
    };

    fn endpoint(host: &str, vips: &[&str], names: &[&str]) -> Object {
        let vip = |vip: &&str| Value::Object([(ADDRESS.to_owned(), (*vip).into())].into());
        let texts = |texts: &[&str]| Value::list(texts.iter().map(|text| (*text).into()));
        let members = [
            (HOST, host.into()),
            (super::super::attributes::VIP, vips[0].into()),
            (ADDITIONAL_VIPS, Value::list(vips[1..].iter().map(vip))),
            (ADDITIONAL_NAMES, texts(names)),
            (API_SERVER_CERT_SANS, texts(&[&vips[1..], names].concat())),
            (MACHINE_CERT_SANS, texts(names)),
        ];
        members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }

    fn warned(prior: &Object, planned: &Object) -> String {
        let mut diagnostics = Diagnostics::new();
        removed(Change { kind: &KIND, config: planned, prior, planned }, &mut diagnostics);
        let all = diagnostics.iter().map(|warning| format!("{}: {}: {}", warning.path, warning.title, warning.detail));
        all.collect::<Vec<_>>().join("\n")
    }

    const VIP: &str = "192.0.2.30";
    const NAME: &str = "api.example.com";

    #[test]
    fn names_that_leave_the_certificates() {
        let before = endpoint(NAME, &[VIP], &["vpn.example.com", "2001:DB8::5", "b.example.com"]);
        let warning = warned(&before, &endpoint(NAME, &[VIP], &["B.example.com"]));
        let begin = "additional_names: Names leave the certificates: Certificates are no longer good for vpn.example.com \
                     and 2001:DB8::5 once";
        assert!(warning.starts_with(begin) && warning.contains("refuse to connect by them"), "{warning}");
        // It is what clients dial now, or it is the address of a virtual IP: certificates have it.
        let after = endpoint("vpn.example.com", &[VIP, "2001:db8::5"], &["b.example.com"]);
        assert_eq!(warned(&before, &after), "");
        let mut open = before.clone();
        open.insert(ADDITIONAL_NAMES.to_owned(), Value::UNKNOWN);
        assert_eq!(warned(&before, &open), "");
    }

    #[test]
    fn virtual_ips_that_end() {
        let warning = warned(&endpoint(VIP, &[VIP, "192.0.2.32"], &[]), &endpoint(VIP, &[VIP], &[]));
        assert!(
            warning.starts_with("additional_vips: Additional virtual IPs end: 192.0.2.32 ends as soon"),
            "{warning}"
        );
        assert_eq!(warned(&endpoint(VIP, &[VIP, "192.0.2.32"], &[]), &endpoint(VIP, &["192.0.2.32"], &[])), "");
        // A name leads there, or clients dial it: that is warned of as a move.
        let both = endpoint(NAME, &[VIP, "2001:db8::30"], &[]);
        assert_eq!(warned(&both, &endpoint(NAME, &[VIP, "2001:db8::29"], &[])), "");
        assert_eq!(warned(&endpoint("192.0.2.32", &[VIP, "192.0.2.32"], &[]), &endpoint(VIP, &[VIP], &[])), "");
    }
}
