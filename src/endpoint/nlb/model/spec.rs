//! What the user wants, all of it known.

use std::collections::BTreeMap;

use super::health_check;
use super::role::Role;
use super::schema::names;
use super::settings::{Part, Setting};
use crate::framework::reader::{Maybe, Reader};
use crate::framework::value::Object;
use crate::remote::elb::{Attributes, HealthCheck, IPV4, SubnetMapping};

/// A wholly known endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spec {
    /// Base of all names.
    pub name: Option<String>,
    /// The load balancer's name as it is.
    pub load_balancer_name: Option<String>,
    /// The VPC, where the user sets it or AWS has reported it.
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
    /// `ipv4` or `ipv6`.
    pub target_ip_address_type: String,
    /// What the parts carry as AWS's attributes. What AWS is to decide is left out.
    pub settings: BTreeMap<Part, Attributes>,
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
    pub fn read(object: &Object, settings: &[Setting]) -> Option<Spec> {
        let reader = Reader::new(object);
        let text = |name: &str| reader.text(name).present().map(str::to_owned);
        Some(Spec {
            name: optional_text(&reader, names::NAME)?,
            load_balancer_name: optional_text(&reader, names::LOAD_BALANCER_NAME)?,
            vpc_id: text(names::VPC_ID),
            internal: reader.bool(names::INTERNAL).present()?,
            subnets: subnets(&reader)?,
            security_groups: known_texts(&reader, names::SECURITY_GROUP_IDS)?,
            private_link_rules: optional_text(&reader, names::PRIVATE_LINK_RULES)?,
            ip_address_type: text(names::IP_ADDRESS_TYPE)?,
            target_type: text(names::TARGET_TYPE)?,
            // What an earlier build has stored says nothing of it, and was made without.
            target_ip_address_type: optional_text(&reader, names::TARGET_IP_ADDRESS_TYPE)?
                .unwrap_or_else(|| IPV4.to_owned()),
            settings: attributes(object, settings)?,
            listeners: listeners(&reader)?,
            tags: reader.text_map(names::TAGS_ALL).known()?.unwrap_or_default(),
        })
    }
}

fn attributes(object: &Object, settings: &[Setting]) -> Option<BTreeMap<Part, Attributes>> {
    let mut all: BTreeMap<Part, Attributes> = BTreeMap::new();
    for setting in settings {
        let value = setting.get(object);
        if value.is_unknown() {
            return None;
        }
        let attributes = all.entry(setting.part).or_default();
        attributes.extend(setting.text_of(value).map(|text| (setting.key.to_owned(), text)));
    }
    Some(all)
}

fn listeners(reader: &Reader<'_>) -> Option<BTreeMap<Role, ListenerSpec>> {
    let mut on = BTreeMap::new();
    for role in Role::ALL {
        let Some(listener) = reader.nested(role.name()).known()? else { continue };
        if listener.bool(names::ENABLED).known()? != Some(false) {
            on.insert(role, ListenerSpec::read(&listener)?);
        }
    }
    Some(on)
}

impl ListenerSpec {
    fn read(listener: &Reader<'_>) -> Option<ListenerSpec> {
        Some(ListenerSpec {
            port: listener.number(names::PORT).present()?,
            target_port: listener.number(names::TARGET_PORT).present()?,
            target_group_name: listener.text(names::TARGET_GROUP_NAME).present()?.to_owned(),
            health_check: health_check::read(&listener.nested(names::HEALTH_CHECK).present()?)?,
        })
    }
}

fn subnets(reader: &Reader<'_>) -> Option<Vec<SubnetMapping>> {
    let plain = known_texts(reader, names::SUBNET_IDS)?.into_iter();
    let mut subnets: Vec<SubnetMapping> =
        plain.map(|subnet_id| SubnetMapping { subnet_id, ..SubnetMapping::default() }).collect();
    for mapping in reader.nested_items(names::SUBNET_MAPPINGS).known()?.unwrap_or_default() {
        subnets.push(SubnetMapping {
            subnet_id: mapping.text(names::SUBNET_ID).present()?.to_owned(),
            allocation_id: optional_text(&mapping, names::ALLOCATION_ID)?,
            private_ipv4_address: optional_text(&mapping, names::PRIVATE_IPV4_ADDRESS)?,
            ipv6_address: optional_text(&mapping, names::IPV6_ADDRESS)?,
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
