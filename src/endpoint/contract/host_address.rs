//! A `host` that is an address: that of the endpoint, or of something that leads to it, and of no machine beside.

use std::net::IpAddr;

use super::attributes::HOST;
use super::kind::Kind;
use crate::endpoint::address::bare;
use crate::endpoint::enumeration::listed;
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::path::Path;
use crate::framework::reader::Reader;
use crate::framework::value::{Object, Value};

/// What to do about such a host, where an endpoint has an address of its own.
pub const OWN_INSTEAD: &str =
    "Remove `host`, so that they dial the endpoint's own address, or set a DNS name that leads there.";

/// Refuses a host that is the address of one of `machines`, each with what it is, unless it is one of the endpoint's `own`. `remedy` is
/// a sentence.
pub fn host_of_a_machine(
    config: &Reader<'_>,
    own: &[IpAddr],
    machines: &[(String, IpAddr)],
    remedy: &str,
    diagnostics: &mut Diagnostics,
) {
    let Some(host) = config.text(HOST).present().and_then(bare).filter(|host| !own.contains(host)) else { return };
    let Some((machine, _)) = machines.iter().find(|(_, ip)| *ip == host) else { return };
    diagnostics.push(Diagnostic::invalid(
        Path::of(HOST),
        "The host is a machine's own address",
        format!(
            "{host} is the address of {machine}: clients that dial it reach this machine alone, and nothing while it \
             is down. {remedy}"
        ),
    ));
}

/// Warns of a host that is an address which the endpoint doesn't have, or no longer has.
pub fn foreign_host(kind: &Kind<'_>, prior: Option<&Object>, planned: &Object) -> Option<Diagnostic> {
    let (host, own) = foreign(kind, planned)?;
    if prior.and_then(|prior| foreign(kind, prior)).is_some_and(|(before, _)| before == host) {
        return None;
    }
    let had = prior.and_then(kind.own_addresses).is_some_and(|before| before.has(host));
    let (title, what) = match had {
        true => (
            "The endpoint leaves its host",
            format!("Clients go on dialling {host}, which the endpoint has no longer: its own is {own}."),
        ),
        false => (
            "The host is another address",
            format!("Clients are to dial {host}, which the endpoint doesn't have: its own is {own}."),
        ),
    };
    Some(Diagnostic::warning(
        Path::of(HOST),
        title,
        format!(
            "{what} That works only where something else, such as address translation, leads from {host} to the \
             endpoint. If nothing does, remove `{HOST}`, or set a DNS name that leads to the endpoint."
        ),
    ))
}

/// The host that is an address of something else, and the endpoint's own ones, as far as all of this is known.
fn foreign(kind: &Kind<'_>, object: &Object) -> Option<(IpAddr, String)> {
    let host = object.get(HOST).and_then(Value::as_str).and_then(bare)?;
    let own = (kind.own_addresses)(object).filter(|own| !own.is_open && !own.known.is_empty() && !own.has(host))?;
    Some((host, listed(own.known.iter().map(|one| one.ip))))
}

#[cfg(test)]
mod tests {
    use super::super::attributes::VIP;
    use super::super::behind::Addresses;
    use super::*;

    const KIND: Kind<'_> = Kind { own_addresses: |object| Some(Addresses::virtual_ips(object)), ..Kind::PLAIN };

    fn endpoint(host: &str, vip: Value) -> Object {
        [(HOST.to_owned(), host.into()), (VIP.to_owned(), vip)].into()
    }

    #[test]
    fn a_host_that_the_endpoint_leaves_or_never_had() {
        let warned = |prior: Option<&Object>, planned: &Object| {
            foreign_host(&KIND, prior, planned)
                .map_or_else(String::new, |warning| warning.title + ": " + &warning.detail)
        };
        let own = endpoint("192.0.2.30", "192.0.2.30".into());
        let left = endpoint("192.0.2.30", "192.0.2.40".into());
        assert_eq!(warned(None, &own), "");
        let begin = "The endpoint leaves its host: Clients go on dialling 192.0.2.30, which the endpoint has no \
                     longer: its own is 192.0.2.40. ";
        let warning = warned(Some(&own), &left);
        assert!(warning.starts_with(begin) && warning.contains("remove `host`"), "{warning}");
        assert!(warned(None, &left).starts_with("The host is another address: Clients are to dial 192.0.2.30"));
        assert_eq!(warned(Some(&left), &left), "", "said when it came");
        assert_eq!(warned(None, &endpoint("192.0.2.30", Value::UNKNOWN)), "");
        assert_eq!(warned(None, &endpoint("api.example.com", "192.0.2.40".into())), "");
    }

    #[test]
    fn a_host_is_no_machine_s_own_address() {
        let [node, own] = ["192.0.2.11", "192.0.2.30"].map(|ip| bare(ip).unwrap());
        let check = |host: &str| {
            let mut diagnostics = Diagnostics::new();
            let machines = [("node `cp-1`".to_owned(), node), ("the load balancer `lb-1`".to_owned(), own)];
            host_of_a_machine(
                &Reader::new(&endpoint(host, Value::Null)),
                &[own],
                &machines,
                OWN_INSTEAD,
                &mut diagnostics,
            );
            diagnostics.iter().map(|error| error.detail.clone()).collect::<String>()
        };
        assert!(check("192.0.2.11").starts_with("192.0.2.11 is the address of node `cp-1`: clients"));
        assert_eq!(check("192.0.2.30") + &check("192.0.2.50") + &check("api.example.com"), "");
    }
}
