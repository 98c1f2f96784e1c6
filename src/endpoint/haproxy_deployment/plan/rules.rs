//! Rules between attributes.

use std::collections::{BTreeMap, BTreeSet};

use crate::endpoint::address::Address;
use crate::endpoint::config_token::Token;
use crate::endpoint::enumeration::{listed, quoted};
use crate::endpoint::haproxy_deployment::model::schema::names::*;
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::path::Path;
use crate::framework::reader::{Maybe, Reader};
use crate::framework::value::Object;

/// Settings that may be empty in a container, and what HAProxy does without them.
const OF_CONTAINERS: [(&str, &str); 3] = [
    (USER, "HAProxy would stay root"),
    (GROUP, "HAProxy would stay in root's group"),
    (CHROOT, "HAProxy would see the whole file system"),
];

/// Reports what can't work.
pub fn rules(config: &Object, diagnostics: &mut Diagnostics) {
    let config = Reader::new(config);
    let Maybe::Known(Some(endpoint)) = config.nested(ENDPOINT) else { return };
    hosts(&config, &endpoint, diagnostics);
    machines(&config, &endpoint, diagnostics);
    files(&endpoint, diagnostics);
    containers(&endpoint, diagnostics);
}

/// `hosts` and `keepalived_conf` are about load balancers that there are.
fn hosts(config: &Reader<'_>, endpoint: &Reader<'_>, diagnostics: &mut Diagnostics) {
    let Maybe::Known(Some(balancers)) = endpoint.nested_map(LOAD_BALANCERS) else { return };
    let names: BTreeSet<&str> = balancers.keys().copied().collect();
    if let Maybe::Known(Some(hosts)) = config.nested_map(HOSTS) {
        for name in hosts.keys().filter(|name| !names.contains(**name)) {
            diagnostics.push(Diagnostic::invalid(
                Path::of(HOSTS).key(name),
                "Unknown load balancer",
                format!(
                    "`hosts` has `{name}`, and the endpoint has {}. Write the name of one of them, or add `{name}` to \
                     the `load_balancers` of the `talosendpoint_haproxy`.",
                    quoted(&names)
                ),
            ));
        }
    }
    let files = endpoint.value(KEEPALIVED_CONF).entries().filter(|files| !files.is_empty());
    let Some(files) = files else { return };
    let without: Vec<&&str> = names.iter().filter(|name| !files.contains_key(**name)).collect();
    if !without.is_empty() {
        diagnostics.push(Diagnostic::invalid(
            Path::of(ENDPOINT).attribute(KEEPALIVED_CONF),
            "Not a talosendpoint_haproxy",
            format!(
                "Some load balancers have a file for Keepalived, and {} {} none. Set `endpoint` to a whole \
                 `talosendpoint_haproxy`.",
                listed(&without),
                if without.len() == 1 { "has" } else { "have" }
            ),
        ));
    }
}

/// Each load balancer is a machine of its own.
fn machines(config: &Reader<'_>, endpoint: &Reader<'_>, diagnostics: &mut Diagnostics) {
    let Maybe::Known(Some(balancers)) = endpoint.nested_map(LOAD_BALANCERS) else { return };
    let Maybe::Known(hosts) = config.nested_map(HOSTS) else { return };
    let hosts = hosts.unwrap_or_default();
    let mut reached: BTreeMap<(String, Option<i64>, Option<String>), &str> = BTreeMap::new();
    for (name, balancer) in &balancers {
        let own = hosts.get(name);
        let other = own.and_then(|own| own.text(ADDRESS).present()).map(str::to_owned);
        let is_unknown = own.is_some_and(|own| matches!(own.text(ADDRESS), Maybe::Unknown));
        let address = || Some(Address::parse(balancer.text(ADDRESS).present()?)?.ip.to_string());
        let Some(address) = other.or_else(address).filter(|_| !is_unknown) else { continue };
        let port = own.and_then(|own| own.number(PORT).present());
        let bastion = own.and_then(|own| own.nested(BASTION).present()?.text(HOST).present().map(str::to_owned));
        if let Some(first) = reached.insert((address.clone(), port, bastion), name) {
            diagnostics.push(Diagnostic::invalid(
                Path::of(HOSTS).key(name),
                "One machine for two load balancers",
                format!(
                    "`{first}` and `{name}` are both reached at {address}. Set the address of each one's own machine."
                ),
            ));
        }
    }
}

/// The files are those that `talosendpoint_haproxy` writes, which report a fingerprint of themselves.
fn files(endpoint: &Reader<'_>, diagnostics: &mut Diagnostics) {
    use crate::endpoint::haproxy_deployment::model::desired::{fingerprint, router_id};
    let is_text = |text: &str| text.ends_with('\n') && !text.contains(['\0', '\r']);
    let mut without: Vec<Path> = Vec::new();
    if let Maybe::Known(Some(text)) = endpoint.text(HAPROXY_CFG)
        && !(is_text(text) && fingerprint(text).is_some())
    {
        without.push(Path::of(ENDPOINT).attribute(HAPROXY_CFG));
    }
    for (name, file) in endpoint.value(KEEPALIVED_CONF).entries().into_iter().flatten() {
        if file.as_str().is_some_and(|text| !(is_text(text) && router_id(text).is_some())) {
            without.push(Path::of(ENDPOINT).attribute(KEEPALIVED_CONF).key(name));
        }
    }
    // Once, whatever the number of files: the reason and the remedy are the same.
    let named = quoted(&without);
    let (these, them) = if without.len() == 1 { ("has", "itself") } else { ("have", "themselves") };
    if let Some(first) = without.into_iter().next() {
        diagnostics.push(Diagnostic::invalid(
            first,
            "Not a talosendpoint_haproxy",
            format!(
                "{named} {these} no fingerprint of {them}, by which the running program would show that it has read \
                 the file. Set `endpoint` to a whole `talosendpoint_haproxy`."
            ),
        ));
    }
}

/// On a machine HAProxy gives up root's rights.
fn containers(endpoint: &Reader<'_>, diagnostics: &mut Diagnostics) {
    let Maybe::Known(Some(haproxy)) = endpoint.nested(HAPROXY) else { return };
    let place = |name| Path::of(ENDPOINT).attribute(HAPROXY).attribute(name);
    for (name, consequence) in OF_CONTAINERS {
        let Maybe::Known(Some(text)) = haproxy.text(name) else { continue };
        if text.is_empty() || name != CHROOT && text == "root" {
            diagnostics.push(Diagnostic::invalid(
                place(name),
                "Setting for a container",
                format!(
                    "`haproxy.{name}` of the endpoint is empty or root, which is for a container; on a machine \
                     {consequence}. Remove `{name}` from the `talosendpoint_haproxy`: packages make what its default \
                     names."
                ),
            ));
        }
    }
    if let Maybe::Known(Some(socket)) = haproxy.text(STATS_SOCKET)
        && Token::socket(socket).is_none()
    {
        diagnostics.push(Diagnostic::invalid(
            place(STATS_SOCKET),
            "Not a talosendpoint_haproxy",
            "HAProxy can't have its socket at this path. Set `endpoint` to a whole `talosendpoint_haproxy`.",
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoint::haproxy_deployment::sample::{config, with_endpoint};
    use crate::framework::value::Value;

    fn reported(config: &Object) -> Vec<String> {
        let mut diagnostics = Diagnostics::new();
        rules(config, &mut diagnostics);
        diagnostics.iter().map(|one| format!("{}: {}", one.path, one.title)).collect()
    }

    #[test]
    fn a_whole_resource_is_taken() {
        assert_eq!(reported(&config()), Vec::<String>::new());
    }

    #[test]
    fn each_misfit_stands_at_its_place() {
        let hosts = |config: &mut Object| {
            let host = [ADDRESS, PORT, USER, HOST_KEY, BASTION].map(|name| (name.to_owned(), Value::Null));
            let host = Value::Object(host.into());
            config.insert(HOSTS.to_owned(), Value::Map([("lb-09".to_owned(), host)].into()));
        };
        let mut other = config();
        hosts(&mut other);
        assert_eq!(reported(&other), ["hosts[\"lb-09\"]: Unknown load balancer"]);
        let mut same = config();
        let host = [(PORT, Value::Null), (USER, Value::Null), (HOST_KEY, Value::Null), (BASTION, Value::Null)];
        let mut host: Object = host.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        host.insert(ADDRESS.to_owned(), "192.0.2.22".into());
        same.insert(HOSTS.to_owned(), Value::Map([("lb-01".to_owned(), host.into())].into()));
        assert_eq!(reported(&same), ["hosts[\"lb-02\"]: One machine for two load balancers"]);
        let one = Value::Map([("lb-01".to_owned(), "router_id a-b\n".into())].into());
        let cases: [(&str, Value, &str); 4] = [
            (KEEPALIVED_CONF, one, "endpoint.keepalived_conf: Not a talosendpoint_haproxy"),
            (HAPROXY_CFG, "global\n".into(), "endpoint.haproxy_cfg: Not a talosendpoint_haproxy"),
            (
                HAPROXY_CFG,
                "global\n    description \"talosendpoint sha256:00\"".into(),
                "endpoint.haproxy_cfg: Not a talosendpoint_haproxy",
            ),
            (USER, "root".into(), "endpoint.haproxy.user: Setting for a container"),
        ];
        for (name, value, expected) in cases {
            assert_eq!(reported(&with_endpoint(name, value)), [expected]);
        }
        let mut none = with_endpoint(HAPROXY_CFG, "global\n".into());
        let files = [("lb-01", "x\n"), ("lb-02", "y\n")].map(|(name, text)| (name.to_owned(), Value::from(text)));
        if let Some(Value::Object(endpoint)) = none.get_mut(ENDPOINT) {
            endpoint.insert(KEEPALIVED_CONF.to_owned(), Value::Map(files.into()));
        }
        assert_eq!(reported(&none), ["endpoint.haproxy_cfg: Not a talosendpoint_haproxy"], "one for all of them");
        let socket = with_endpoint(STATS_SOCKET, "/etc/passwd".into());
        assert_eq!(reported(&socket), ["endpoint.haproxy.stats_socket: Not a talosendpoint_haproxy"]);
    }

    #[test]
    fn what_is_not_known_is_no_error() {
        assert_eq!(reported(&with_endpoint(HAPROXY_CFG, Value::UNKNOWN)), Vec::<String>::new());
        let mut unknown = config();
        unknown.insert(ENDPOINT.to_owned(), Value::UNKNOWN);
        assert_eq!(reported(&unknown), Vec::<String>::new());
    }
}
