//! What the tests of this endpoint begin with: the guide's two load balancers.

use std::collections::{BTreeMap, BTreeSet};

use super::model::desired::Desired;
use super::model::inventory::{FileFound, Inventory, Origin, Version};
use super::model::owner::Owner;
use super::model::record::{Record, ServiceState};
use super::model::schema::SCHEMA;
use super::model::schema::names::*;
use super::model::spec::Spec;
use super::plan::defaults;
use crate::endpoint::fingerprint;
use crate::endpoint::host_files::{HostFile, sha256};
use crate::framework::value::{Object, Value};

/// The random id of the guide's deployment.
pub const ID: &str = "0123456789abcdef";

/// A `haproxy.cfg` that hashes itself.
pub fn haproxy_cfg(maxconn: u32) -> String {
    let lines = |section: &str, lines: &[String]| {
        let lines: String = lines.iter().map(|line| format!("    {line}\n")).collect();
        format!("{section}\n{lines}")
    };
    fingerprint::embed(|own| {
        let own = own.map(|own| format!("description \"talosendpoint sha256:{own}\""));
        let global: Vec<String> =
            own.into_iter().chain(["log /dev/log local0 info".to_owned(), format!("maxconn {maxconn}")]).collect();
        let binds =
            [("frontend a", "bind *:6443"), ("frontend b", "bind *:50000"), ("frontend ops", "bind 127.0.0.1:8404")];
        let frontends = binds.map(|(section, bind)| lines(section, &[bind.to_owned()]));
        lines("global", &global) + &frontends.concat()
    })
}

/// A `keepalived.conf` that hashes itself.
pub fn keepalived_conf(host: &str, priority: u32) -> String {
    fingerprint::embed(|own| {
        let own = own.map(|own| format!("    router_id {host}-{own}\n")).unwrap_or_default();
        format!("global_defs {{\n{own}}}\nvrrp_instance a {{\n    priority {priority}\n}}\n")
    })
}

fn map(entries: impl IntoIterator<Item = (&'static str, Value)>) -> Value {
    Value::Map(entries.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

fn entries(entries: impl IntoIterator<Item = (&'static str, Value)>) -> Value {
    Value::Object(entries.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

/// A configuration.
pub fn config() -> Object {
    let mut config = SCHEMA.null_object();
    let address = |address: &str| entries([(ADDRESS, address.into())]);
    let haproxy = entries([
        (STATS_SOCKET, "/run/haproxy/admin.sock".into()),
        (CHROOT, "/var/lib/haproxy".into()),
        (USER, "haproxy".into()),
        (GROUP, "haproxy".into()),
    ]);
    let files = map([("lb-01", keepalived_conf("lb-01", 100).into()), ("lb-02", keepalived_conf("lb-02", 99).into())]);
    let endpoint = entries([
        (HAPROXY_CFG, haproxy_cfg(8000).into()),
        (KEEPALIVED_CONF, files),
        (LOAD_BALANCERS, map([("lb-01", address("192.0.2.21/24")), ("lb-02", address("192.0.2.22/24"))])),
        (VIP, "192.0.2.30".into()),
        (ADDITIONAL_VIPS, Value::Null),
        (HAPROXY, haproxy),
    ]);
    config.insert(ENDPOINT.to_owned(), endpoint);
    config
}

/// The same with another value somewhere in `endpoint`.
pub fn with_endpoint(name: &str, value: Value) -> Object {
    let mut config = config();
    if let Some(Value::Object(endpoint)) = config.get_mut(ENDPOINT) {
        match endpoint.get_mut(HAPROXY) {
            Some(Value::Object(haproxy)) if haproxy.contains_key(name) => drop(haproxy.insert(name.to_owned(), value)),
            _ => drop(endpoint.insert(name.to_owned(), value)),
        }
    }
    config
}

/// A single load balancer without a virtual IP.
pub fn without_vip() -> Object {
    let mut config = with_endpoint(VIP, Value::Null);
    if let Some(Value::Object(endpoint)) = config.get_mut(ENDPOINT) {
        endpoint.insert(KEEPALIVED_CONF.to_owned(), map([]));
        endpoint.insert(LOAD_BALANCERS.to_owned(), map([("lb-01", entries([(ADDRESS, "192.0.2.21/24".into())]))]));
    }
    config
}

/// A configuration with every default.
pub fn completed(config: &Object) -> Object {
    let mut object = config.clone();
    for attribute in &SCHEMA.attributes {
        if let (Some(Value::Null), Some(default)) = (config.get(attribute.name), attribute.default_value()) {
            object.insert(attribute.name.to_owned(), default);
        }
    }
    defaults::defaults(config, &mut object);
    object
}

/// The guide's configuration with every default.
pub fn object() -> Object {
    completed(&config())
}

/// The guide's deployment.
pub fn spec() -> Spec {
    Spec::read(&object()).expect("everything is known")
}

/// By what the guide's deployment is known to its state.
pub fn owner() -> Owner {
    Owner::new(Some(ID.to_owned()), [&spec().name])
}

/// By what a create knows it.
pub fn owner_at_create() -> Owner {
    Owner { id: None, ..owner() }
}

/// What the host has once it is deployed.
pub fn inventory(host: &str) -> Inventory {
    inventory_of(&spec(), host)
}

/// The same of another deployment.
pub fn inventory_of(spec: &Spec, host: &str) -> Inventory {
    let own = &spec.hosts[host];
    let desired = Desired::of(spec, own);
    let running = ServiceState { enabled: true, active: true };
    let services: BTreeMap<String, ServiceState> =
        desired.units.iter().map(|unit| ((*unit).to_owned(), running)).collect();
    let before = services.keys().map(|name| (name.clone(), ServiceState::default())).collect();
    Inventory {
        os: "debian 12".into(),
        programs: BTreeSet::from(
            ["systemd", "curl", "ss", "flock", "ip", "awk", "python3", "apt-get"].map(str::to_owned),
        ),
        haproxy: Some(Version(2, 6)),
        keepalived: Some(Version(2, 2)),
        files: desired.files.iter().map(|file| (file.path.clone(), regular(file))).collect(),
        records: vec![Record {
            id: Some(ID.to_owned()),
            is_of_cloud_init: false,
            owner: spec.name.clone(),
            files: desired.hashes(),
            originals: BTreeSet::new(),
            services: before,
        }],
        damaged_records: Vec::new(),
        services,
        live: Some(desired.fingerprint),
        addresses: [own.address].into(),
        listeners: desired.ports.iter().map(|port| (*port, "haproxy".to_owned())).collect(),
    }
}

/// A file as the deployment leaves it.
pub fn regular(file: &HostFile) -> FileFound {
    found(&file.text, file.mode.trim_start_matches('0'), Origin::Nobody)
}

/// A file of root's.
pub fn found(text: &str, mode: &str, origin: Origin) -> FileFound {
    FileFound::Regular {
        mode: mode.to_owned(),
        owner: "root:root".to_owned(),
        sha256: sha256(text.as_bytes()),
        origin,
        text: Some(text.to_owned()),
    }
}

/// A host on which nothing was deployed yet: HAProxy as its package brings it.
pub fn fresh(host: &str) -> Inventory {
    let default = found("# Debian's own\n", "644", Origin::Package);
    Inventory {
        files: [(crate::endpoint::host_files::HAPROXY_CFG.to_owned(), default)].into(),
        records: Vec::new(),
        services: [("haproxy".to_owned(), ServiceState { enabled: true, active: true })].into(),
        live: None,
        listeners: BTreeSet::new(),
        ..inventory(host)
    }
}
