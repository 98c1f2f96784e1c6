//! What the user wants, all of it known.

use std::collections::BTreeMap;

use super::role::Role;
use crate::framework::reader::{Maybe, Reader};
use crate::framework::value::Object;
use crate::remote::elb::{HealthCheck, SubnetMapping};

/// A wholly known endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spec {
    /// Base of all names.
    pub name: Option<String>,
    /// The load balancer's name as it is.
    pub load_balancer_name: Option<String>,
    /// The VPC, where the user or AWS has said it.
    pub vpc_id: Option<String>,
    /// True for private addresses only.
    pub internal: bool,
    /// Subnets and what is pinned in them, sorted.
    pub subnets: Vec<SubnetMapping>,
    /// Security groups, sorted.
    pub security_groups: Vec<String>,
    /// `on` or `off`; none without security groups.
    pub private_link_rules: Option<String>,
    /// `ipv4` or `dualstack`.
    pub ip_address_type: String,
    /// `instance` or `ip`.
    pub target_type: String,
    /// Whether AWS refuses to delete the load balancer.
    pub deletion_protection: bool,
    /// Whether each zone sends to the targets of all zones.
    pub cross_zone: bool,
    /// Whether targets see the client's address.
    pub preserve_client_ip: bool,
    /// Seconds that a removed target may finish.
    pub deregistration_delay: i64,
    /// Whether connections are cut at the end of it.
    pub connection_termination: bool,
    /// Seconds after which an idle connection is dropped.
    pub tcp_idle_timeout: i64,
    /// The listeners that are on.
    pub listeners: BTreeMap<Role, ListenerSpec>,
    /// The managed tags.
    pub tags: BTreeMap<String, String>,
}

/// A listener that is on, and its group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListenerSpec {
    /// The listener's port.
    pub port: i64,
    /// The port of its targets.
    pub target_port: i64,
    /// The name of its group.
    pub target_group_name: String,
    /// How its targets are checked.
    pub health_check: HealthCheck,
}

impl Spec {
    /// Reads a planned or stored object; `None` while something in it is unknown or missing.
    pub fn read(object: &Object) -> Option<Spec> {
        let reader = Reader::new(object);
        let bool = |name: &str| reader.bool(name).present();
        let number = |name: &str| reader.number(name).present();
        let text = |name: &str| reader.text(name).present().map(str::to_owned);
        Some(Spec {
            name: optional_text(&reader, "name")?,
            load_balancer_name: optional_text(&reader, "load_balancer_name")?,
            vpc_id: text("vpc_id"),
            internal: bool("internal")?,
            subnets: subnets(&reader)?,
            security_groups: known_texts(&reader, "security_group_ids")?,
            private_link_rules: optional_text(&reader, "enforce_security_group_inbound_rules_on_private_link_traffic")?,
            ip_address_type: text("ip_address_type")?,
            target_type: text("target_type")?,
            deletion_protection: bool("enable_deletion_protection")?,
            cross_zone: bool("enable_cross_zone_load_balancing")?,
            preserve_client_ip: bool("preserve_client_ip")?,
            deregistration_delay: number("deregistration_delay")?,
            connection_termination: bool("connection_termination")?,
            tcp_idle_timeout: number("tcp_idle_timeout")?,
            listeners: listeners(&reader)?,
            tags: reader.text_map("tags_all").known()?.unwrap_or_default(),
        })
    }
}

/// Whether a listener exists or is to exist.
pub fn is_on(object: &Reader<'_>, role: Role) -> Maybe<bool> {
    match object.nested(role.name()) {
        Maybe::Known(Some(listener)) => listener.bool("enabled").map(|enabled| enabled.unwrap_or(true)),
        Maybe::Known(None) => Maybe::Known(false),
        Maybe::Unknown => Maybe::Unknown,
    }
}

fn listeners(reader: &Reader<'_>) -> Option<BTreeMap<Role, ListenerSpec>> {
    let mut on = BTreeMap::new();
    for role in Role::ALL {
        let Some(listener) = reader.nested(role.name()).known()? else { continue };
        if listener.bool("enabled").known()? != Some(false) {
            on.insert(role, ListenerSpec::read(&listener)?);
        }
    }
    Some(on)
}

impl ListenerSpec {
    fn read(listener: &Reader<'_>) -> Option<ListenerSpec> {
        let check = listener.nested("health_check").present()?;
        let number = |name: &str| check.number(name).present();
        let text = |name: &str| check.text(name).present().map(str::to_owned);
        Some(ListenerSpec {
            port: listener.number("port").present()?,
            target_port: listener.number("target_port").present()?,
            target_group_name: listener.text("target_group_name").present()?.to_owned(),
            health_check: HealthCheck {
                protocol: text("protocol")?,
                port: text("port")?,
                interval: number("interval")?,
                timeout: number("timeout")?,
                healthy_threshold: number("healthy_threshold")?,
                unhealthy_threshold: number("unhealthy_threshold")?,
                path: optional_text(&check, "path")?,
                matcher: optional_text(&check, "matcher")?,
            },
        })
    }
}

fn subnets(reader: &Reader<'_>) -> Option<Vec<SubnetMapping>> {
    let plain = known_texts(reader, "subnet_ids")?.into_iter();
    let mut subnets: Vec<SubnetMapping> =
        plain.map(|subnet_id| SubnetMapping { subnet_id, ..SubnetMapping::default() }).collect();
    for mapping in reader.nested_items("subnet_mappings").known()?.unwrap_or_default() {
        subnets.push(SubnetMapping {
            subnet_id: mapping.text("subnet_id").present()?.to_owned(),
            allocation_id: optional_text(&mapping, "allocation_id")?,
            private_ipv4_address: optional_text(&mapping, "private_ipv4_address")?,
            ipv6_address: optional_text(&mapping, "ipv6_address")?,
        });
    }
    subnets.sort();
    Some(subnets)
}

fn known_texts(reader: &Reader<'_>, name: &str) -> Option<Vec<String>> {
    let elements = reader.texts(name).known()?.unwrap_or_default().into_iter();
    elements.map(|element| element.map(str::to_owned).known()).collect()
}

/// The outer `None` means unknown.
fn optional_text(reader: &Reader<'_>, name: &str) -> Option<Option<String>> {
    match reader.text(name) {
        Maybe::Known(text) => Some(text.map(str::to_owned)),
        Maybe::Unknown => None,
    }
}
