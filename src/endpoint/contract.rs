//! The endpoint contract: what every endpoint exports, with the same names and types, so that the rest of a configuration doesn't care
//! which kind it is.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde_json::json;

use crate::framework::reader::Maybe;
use crate::framework::schema::Attribute;
use crate::framework::ty::Type;
use crate::framework::validator::{Validator, text};
use crate::framework::value::{Object, Refinement, Value};

/// The input and output that says what clients dial.
pub const HOST: &str = "host";
/// The input that holds the nodes by name.
pub const CONTROL_PLANE: &str = "control_plane";
/// The input that holds the version contract.
pub const TALOS_VERSION: &str = "talos_version";
/// The input that describes the Kubernetes API.
pub const KUBERNETES_API: &str = "kubernetes_api";
/// The input that describes the Talos API.
pub const TALOS_API: &str = "talos_api";
/// The output that holds the names in the certificate of the Talos API.
pub const MACHINE_CERT_SANS: &str = "machine_cert_sans";
/// The output that holds the names in the certificate of the API server.
pub const API_SERVER_CERT_SANS: &str = "api_server_cert_sans";
/// The output that holds what every control-plane node needs.
pub const CONTROL_PLANE_CONFIG_PATCHES: &str = "control_plane_config_patches";
/// The output that holds everything each node needs.
pub const PATCHES: &str = "patches";

/// Of the input and output `host`.
pub const HOST_DESCRIPTION: &str = "What clients dial: a DNS name of yours in front of the endpoint, or else the endpoint's own name or \
                                    address. Default: the endpoint's own.";

/// Of the input `talos_version`.
pub const TALOS_VERSION_DESCRIPTION: &str = "Version contract of the machine configuration, such as `v1.12`, from 1.9 on. Needed only \
                                             where a patch has another form in another version.";

/// The port of the Talos API that talosctl dials without being told.
const TALOS_API_PORT: i64 = 50000;

/// The outputs beside `host`, which is an input too.
pub fn outputs() -> Vec<Attribute> {
    let texts = Type::list(Type::String);
    vec![
        Attribute::string("kubernetes_api_endpoint")
            .computed()
            .describe("URL of the Kubernetes API, `https://HOST:PORT`; null where it is switched off."),
        Attribute::string("talos_api_endpoint")
            .computed()
            .describe("`HOST:PORT` of the Talos API; null where it is switched off."),
        Attribute::plain("talosctl_endpoints", texts.clone())
            .computed()
            .describe("For `talosctl config endpoint` and `talos_client_configuration.endpoints`."),
        Attribute::plain(MACHINE_CERT_SANS, texts.clone())
            .computed()
            .describe("Names and addresses that `machine.certSANs` of the control planes must carry."),
        Attribute::plain(API_SERVER_CERT_SANS, texts.clone())
            .computed()
            .describe("Names and addresses that the API server's certificate must carry beside `host`, which Talos adds by itself."),
        Attribute::plain(CONTROL_PLANE_CONFIG_PATCHES, texts.clone())
            .computed()
            .describe("These names as machine configuration patches for every control-plane node, one document each."),
        Attribute::plain(PATCHES, Type::map(texts))
            .computed()
            .describe("Everything each node needs, by node; empty where the resource has no `control_plane`."),
    ]
}

/// The facts behind the outputs; what is not known yet is unknown.
#[derive(Clone, Debug)]
pub struct Contract {
    /// What clients dial.
    pub host: Maybe<String>,
    /// Other names and addresses of the endpoint, in declaration order.
    pub other_names: Vec<Maybe<String>>,
    /// The port of the Kubernetes API; none where it is off.
    pub kubernetes_api_port: Maybe<Option<i64>>,
    /// The port of the Talos API; none where it is off.
    pub talos_api_port: Maybe<Option<i64>>,
    /// The version contract.
    pub talos_version: Maybe<Option<TalosVersion>>,
    /// The nodes of `control_plane`, by name; none where the resource has no such input.
    pub nodes: Maybe<Vec<String>>,
}

/// Where an endpoint differs from what follows from its [`Contract`]. Lists are unknown where not even their length is known.
#[derive(Clone, Debug)]
pub struct Exceptions {
    /// What talosctl dials instead of the host.
    pub talosctl_endpoints: Maybe<Vec<Maybe<String>>>,
    /// The output `machine_cert_sans`.
    pub machine_cert_sans: Maybe<Vec<Maybe<String>>>,
    /// The output `api_server_cert_sans`.
    pub api_server_cert_sans: Maybe<Vec<Maybe<String>>>,
    /// What each node needs beside the patches that all have, by its name.
    pub node_patches: Maybe<BTreeMap<String, Maybe<Vec<Maybe<String>>>>>,
}

/// A version contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TalosVersion {
    major: u32,
    minor: u32,
}

impl TalosVersion {
    /// From 1.14 on the API server has a document of its own, and a patch of `cluster.apiServer` is refused by the node.
    const KUBERNETES_DOCUMENTS: TalosVersion = TalosVersion { major: 1, minor: 14 };

    /// From 1.12 on the network has documents of its own.
    const NETWORK_DOCUMENTS: TalosVersion = TalosVersion { major: 1, minor: 12 };

    /// The oldest contract that is served.
    const OLDEST: TalosVersion = TalosVersion { major: 1, minor: 9 };

    /// Parses `v?MAJOR.MINOR[.anything]`.
    pub fn parse(text: &str) -> Option<TalosVersion> {
        let mut parts = text.strip_prefix('v').unwrap_or(text).splitn(3, '.');
        let mut number = || parts.next().filter(|part| part.bytes().all(|b| b.is_ascii_digit()))?.parse().ok();
        let version = TalosVersion { major: number()?, minor: number()? };
        (version >= TalosVersion::OLDEST).then_some(version)
    }

    /// True if `Layer2VIPConfig`, `LinkConfig` and their like exist.
    pub fn has_network_documents(self) -> bool {
        self >= TalosVersion::NETWORK_DOCUMENTS
    }
}

/// Accepts what [`TalosVersion::parse`] does.
pub fn talos_version() -> Validator {
    text("must be a version contract such as `v1.12`, from 1.9 on", |text| TalosVersion::parse(text).is_some())
}

/// A DNS name or an address.
pub fn host_name() -> Validator {
    text("must be a DNS name or an IP address, without scheme, port or brackets", is_host)
}

/// True for a DNS name or an address.
pub fn is_host(host: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let all_numeric = host.split('.').next_back().is_some_and(|last| last.bytes().all(|b| b.is_ascii_digit()));
    host.parse::<IpAddr>().is_ok() || (host.len() <= 253 && !all_numeric && host.split('.').all(is_label))
}

impl Contract {
    /// Sets the outputs, `host` included.
    pub fn write(&self, object: &mut Object) {
        let sans = self.machine_sans();
        let extra: Vec<Maybe<String>> = sans.iter().skip(1).cloned().collect();
        let patches = list(Maybe::Known(self.patches(&sans, &extra)));
        self.write_urls(object);
        let mut set = |name: &str, value: Value| {
            object.insert(name.to_owned(), value);
        };
        set("talosctl_endpoints", self.talosctl_endpoints());
        set(PATCHES, self.by_node(&patches));
        set(CONTROL_PLANE_CONFIG_PATCHES, patches);
        set(MACHINE_CERT_SANS, Value::list(sans.into_iter().map(Value::from)));
        set(API_SERVER_CERT_SANS, Value::list(extra.into_iter().map(Value::from)));
    }

    /// The same with exceptions.
    pub fn write_except(&self, exceptions: Exceptions, object: &mut Object) {
        let Exceptions { talosctl_endpoints, machine_cert_sans, api_server_cert_sans, node_patches } = exceptions;
        let common = match (&machine_cert_sans, &api_server_cert_sans) {
            (Maybe::Known(machine), Maybe::Known(api_server)) => Maybe::Known(self.patches(machine, api_server)),
            _ => Maybe::Unknown,
        };
        let with_common = |own: Maybe<Vec<Maybe<String>>>| match (own, &common) {
            (Maybe::Known(own), Maybe::Known(common)) => Maybe::Known([own, common.clone()].concat()),
            _ => Maybe::Unknown,
        };
        let patches = node_patches.map(|nodes| {
            let nodes = nodes.into_iter().map(|(node, own)| (node, list(with_common(own))));
            Value::Map(nodes.collect())
        });
        self.write_urls(object);
        let mut set = |name: &str, value: Value| {
            object.insert(name.to_owned(), value);
        };
        set(PATCHES, patches.known().unwrap_or(Value::UNKNOWN_NOT_NULL));
        set(CONTROL_PLANE_CONFIG_PATCHES, list(common));
        set("talosctl_endpoints", list(talosctl_endpoints));
        set(MACHINE_CERT_SANS, list(machine_cert_sans));
        set(API_SERVER_CERT_SANS, list(api_server_cert_sans));
    }

    fn write_urls(&self, object: &mut Object) {
        let mut set = |name: &str, value: Value| {
            object.insert(name.to_owned(), value);
        };
        set(HOST, self.host.clone().into());
        set("kubernetes_api_endpoint", self.url(self.kubernetes_api_port.clone(), "https://"));
        set("talos_api_endpoint", self.url(self.talos_api_port.clone(), ""));
    }

    /// The same for every node.
    fn by_node(&self, patches: &Value) -> Value {
        let nodes = self.nodes.as_ref().map(|nodes| nodes.iter().map(|node| (node.clone(), patches.clone())).collect());
        nodes.map(Value::Map).known().unwrap_or(Value::UNKNOWN_NOT_NULL)
    }

    /// True if a patch depends on the version contract and there is none.
    pub fn lacks_talos_version(&self) -> bool {
        self.talos_version.is_absent() && self.machine_sans().len() > 1
    }

    /// `host` first, then the others, without repetition.
    fn machine_sans(&self) -> Vec<Maybe<String>> {
        let mut sans = vec![self.host.clone()];
        for name in &self.other_names {
            if matches!(name, Maybe::Unknown) || !sans.contains(name) {
                sans.push(name.clone());
            }
        }
        sans
    }

    fn url(&self, port: Maybe<Option<i64>>, scheme: &str) -> Value {
        match (port, &self.host) {
            (Maybe::Known(None), _) => Value::Null,
            (Maybe::Known(Some(port)), Maybe::Known(host)) => format!("{scheme}{}", host_port(host, port)).into(),
            (Maybe::Known(Some(_)), Maybe::Unknown) => Value::UNKNOWN_NOT_NULL,
            (Maybe::Unknown, _) => Value::UNKNOWN,
        }
    }

    fn talosctl_endpoints(&self) -> Value {
        match (&self.talos_api_port, &self.host) {
            (Maybe::Known(None), _) => Value::list([]),
            (Maybe::Known(Some(TALOS_API_PORT)), host) => Value::list([host.clone().into()]),
            (Maybe::Known(Some(port)), Maybe::Known(host)) => Value::list([host_port(host, *port).into()]),
            (Maybe::Known(Some(_)), Maybe::Unknown) => Value::list([Value::UNKNOWN_NOT_NULL]),
            (Maybe::Unknown, _) => Value::Unknown(Refinement { not_null: true, min_length: 0 }),
        }
    }

    /// One JSON object for each document: it is valid YAML, has no quoting trap, and reads well in a plan.
    fn patches(&self, machine: &[Maybe<String>], api_server: &[Maybe<String>]) -> Vec<Maybe<String>> {
        let document = |names: &[Maybe<String>], build: &dyn Fn(Vec<String>) -> serde_json::Value| {
            let known: Option<Vec<String>> = names.iter().cloned().map(Maybe::known).collect();
            known.map_or(Maybe::Unknown, |names| Maybe::Known(build(names).to_string()))
        };
        let mut documents = Vec::new();
        if !machine.is_empty() {
            documents.push(document(machine, &|names| json!({"machine": {"certSANs": names}})));
        }
        if !api_server.is_empty() {
            documents.push(match self.talos_version {
                Maybe::Known(Some(version)) if version >= TalosVersion::KUBERNETES_DOCUMENTS => document(
                    api_server,
                    &|names| json!({"apiVersion": "v1alpha1", "kind": "KubeAPIServerConfig", "certExtraSANs": names}),
                ),
                Maybe::Known(Some(_)) => {
                    document(api_server, &|names| json!({"cluster": {"apiServer": {"certSANs": names}}}))
                }
                Maybe::Known(None) | Maybe::Unknown => Maybe::Unknown,
            });
        }
        documents
    }
}

/// A list of texts that will not be null.
fn list(elements: Maybe<Vec<Maybe<String>>>) -> Value {
    let element = |text: Maybe<String>| text.map(Value::String).known().unwrap_or(Value::UNKNOWN_NOT_NULL);
    let elements = elements.map(|elements| Value::list(elements.into_iter().map(element)));
    elements.known().unwrap_or(Value::UNKNOWN_NOT_NULL)
}

/// `HOST:PORT`, IPv6 in brackets.
pub fn host_port(host: &str, port: i64) -> String {
    if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contract(host: Maybe<String>, others: Vec<Maybe<String>>, version: Option<&str>) -> Contract {
        Contract {
            host,
            other_names: others,
            kubernetes_api_port: Maybe::Known(Some(6443)),
            talos_api_port: Maybe::Known(Some(50000)),
            talos_version: Maybe::Known(version.and_then(TalosVersion::parse)),
            nodes: Maybe::Known(vec![]),
        }
    }

    fn written(contract: &Contract) -> Object {
        let mut object = Object::new();
        contract.write(&mut object);
        object
    }

    #[test]
    fn a_plain_endpoint() {
        let object =
            written(&contract(Maybe::Known("lb.example".into()), vec![Maybe::Known("lb.example".into())], None));
        assert_eq!(object["kubernetes_api_endpoint"], "https://lb.example:6443".into());
        assert_eq!(object["talos_api_endpoint"], "lb.example:50000".into());
        assert_eq!(object["talosctl_endpoints"], Value::list(["lb.example".into()]));
        assert_eq!(object["api_server_cert_sans"], Value::list([]));
        assert_eq!(
            object["control_plane_config_patches"],
            Value::list([r#"{"machine":{"certSANs":["lb.example"]}}"#.into()])
        );
    }

    #[test]
    fn ipv6_is_bracketed_in_urls_only() {
        let mut facts = contract(Maybe::Known("2001:db8::1".into()), vec![], None);
        facts.talos_api_port = Maybe::Known(Some(50010));
        let object = written(&facts);
        assert_eq!(object["host"], "2001:db8::1".into());
        assert_eq!(object["kubernetes_api_endpoint"], "https://[2001:db8::1]:6443".into());
        assert_eq!(object["talosctl_endpoints"], Value::list(["[2001:db8::1]:50010".into()]));
    }

    #[test]
    fn extra_names_take_the_form_of_the_version() {
        let names = vec![Maybe::Known("nlb.aws".into())];
        let host = Maybe::Known("api.example".to_owned());
        let last = |version| {
            let object = written(&contract(host.clone(), names.clone(), version));
            object["control_plane_config_patches"].elements().unwrap().last().cloned().unwrap()
        };
        assert_eq!(last(Some("v1.13")), r#"{"cluster":{"apiServer":{"certSANs":["nlb.aws"]}}}"#.into());
        assert_eq!(
            last(Some("1.14.0-rc.1")),
            r#"{"apiVersion":"v1alpha1","certExtraSANs":["nlb.aws"],"kind":"KubeAPIServerConfig"}"#.into()
        );
        assert!(contract(host.clone(), names.clone(), None).lacks_talos_version());
        assert!(!contract(host, vec![], None).lacks_talos_version());
    }

    #[test]
    fn lists_have_a_known_length_before_the_name_is_known() {
        let object = written(&contract(Maybe::Known("api.example".into()), vec![Maybe::Unknown], Some("v1.12")));
        assert_eq!(object["machine_cert_sans"], Value::list(["api.example".into(), Value::UNKNOWN]));
        assert_eq!(object["control_plane_config_patches"].elements().unwrap().len(), 2);
    }

    #[test]
    fn each_node_gets_the_patches() {
        let mut facts = contract(Maybe::Known("api.example".into()), vec![], None);
        facts.nodes = Maybe::Known(vec!["cp-01".into(), "cp-02".into()]);
        let object = written(&facts);
        let patches = object["patches"].entries().unwrap();
        assert_eq!(patches.keys().collect::<Vec<_>>(), ["cp-01", "cp-02"]);
        assert!(patches.values().all(|patches| *patches == object["control_plane_config_patches"]));
        facts.nodes = Maybe::Unknown;
        assert_eq!(written(&facts)["patches"], Value::UNKNOWN_NOT_NULL);
    }

    #[test]
    fn switched_off_is_null_and_empty() {
        let mut facts = contract(Maybe::Known("x".into()), vec![], None);
        facts.talos_api_port = Maybe::Known(None);
        assert_eq!(written(&facts)["talos_api_endpoint"], Value::Null);
        assert_eq!(written(&facts)["talosctl_endpoints"], Value::list([]));
    }

    #[test]
    fn versions_and_hosts() {
        for good in ["v1.9", "1.12.3", "v1.14.0-rc.1", "2.0"] {
            assert!(TalosVersion::parse(good).is_some(), "{good}");
        }
        for bad in ["1.8", "v1", "latest", "1.x", "", "v1.+9"] {
            assert!(TalosVersion::parse(bad).is_none(), "{bad}");
        }
        assert!(is_host("api.example.com") && is_host("10.0.0.1") && is_host("2001:db8::1"));
        assert!(
            !is_host("https://x") && !is_host("x:6443") && !is_host("[::1]") && !is_host("") && !is_host("10.0.0.300")
        );
    }
}
