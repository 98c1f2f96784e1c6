//! Load balancers, listeners and groups of hashicorp/aws, as AWS would describe them.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use crate::endpoint::nlb::model::schema::names;
use crate::framework::shown_state::Instance;
use crate::remote::elb::{HealthCheck, IPV4, Listener, LoadBalancer, Tags, TargetGroup, Zone, ZoneAddress};

/// All tags, those by hashicorp's `default_tags` included; none that are sensitive.
pub fn tags_of(instance: &Instance) -> Tags {
    if instance.is_sensitive("tags") || instance.is_sensitive("tags_all") {
        return Tags::new();
    }
    let tags = instance.value("tags_all").as_object().into_iter().flatten();
    tags.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))).collect()
}

/// The tags that all of them have.
pub fn common_tags<'a>(mut instances: impl Iterator<Item = &'a Instance>) -> Tags {
    let mut common = instances.next().map(tags_of).unwrap_or_default();
    for instance in instances {
        let other = tags_of(instance);
        common.retain(|key, value| other.get(key) == Some(value));
    }
    common
}

/// A load balancer.
pub fn described_balancer(instance: &Instance) -> LoadBalancer {
    let texts = |name: &str| -> Vec<String> {
        let items = instance.value(name).as_array().into_iter().flatten();
        items.filter_map(|item| item.as_str().map(str::to_owned)).collect()
    };
    let mappings = instance.value("subnet_mapping").as_array().into_iter().flatten();
    let mut zones: Vec<Zone> = mappings.map(zone).collect();
    if zones.is_empty() {
        let of = |subnet_id: String| Zone { subnet_id, ..Zone::default() };
        zones = texts("subnets").into_iter().map(of).collect();
    }
    let rules = instance.text(names::PRIVATE_LINK_RULES);
    LoadBalancer {
        arn: instance.text("arn"),
        name: instance.text("name"),
        kind: instance.text("load_balancer_type"),
        dns_name: instance.text("dns_name"),
        zone_id: instance.text("zone_id"),
        vpc_id: instance.text("vpc_id"),
        internal: instance.value("internal") == true,
        state: String::new(),
        reason: None,
        ip_address_type: instance.text("ip_address_type"),
        security_groups: texts("security_groups"),
        private_link_rules: (!rules.is_empty()).then_some(rules),
        zones,
    }
}

fn zone(mapping: &Json) -> Zone {
    let text = |name: &str| mapping[name].as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    let address = ZoneAddress {
        allocation_id: text("allocation_id"),
        private_ipv4_address: text("private_ipv4_address"),
        ipv6_address: text("ipv6_address"),
    };
    let addresses = if address == ZoneAddress::default() { Vec::new() } else { vec![address] };
    Zone { name: String::new(), subnet_id: text("subnet_id").unwrap_or_default(), addresses }
}

/// A target group.
pub fn described_group(instance: &Instance) -> TargetGroup {
    let check = instance.values.pointer("/health_check/0").unwrap_or(&Json::Null);
    let text = |name: &str| check[name].as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    let number = |name: &str| check[name].as_i64().unwrap_or_default();
    let family = instance.text("ip_address_type");
    TargetGroup {
        arn: instance.text("arn"),
        name: instance.text("name"),
        protocol: instance.text("protocol"),
        port: instance.value("port").as_i64().unwrap_or_default(),
        vpc_id: instance.text("vpc_id"),
        target_type: instance.text("target_type"),
        ip_address_type: if family.is_empty() { IPV4.to_owned() } else { family },
        health_check: HealthCheck {
            protocol: text("protocol").unwrap_or_default(),
            port: text("port").unwrap_or_default(),
            interval: number("interval"),
            timeout: number("timeout"),
            healthy_threshold: number("healthy_threshold"),
            unhealthy_threshold: number("unhealthy_threshold"),
            path: text("path"),
            matcher: text("matcher"),
        },
        load_balancer_arns: Vec::new(),
    }
}

/// A listener.
pub fn described_listener(instance: &Instance) -> Listener {
    let actions = instance.value("default_action").as_array().map_or(&[][..], Vec::as_slice);
    let groups: BTreeSet<&str> = actions.iter().flat_map(groups_of).collect();
    let only = if actions.len() == 1 && groups.len() == 1 { groups.first() } else { None };
    Listener {
        arn: instance.text("arn"),
        port: instance.value("port").as_i64().unwrap_or_default(),
        protocol: instance.text("protocol"),
        target_group_arn: only.map(|arn| (*arn).to_owned()),
    }
}

/// The groups of a forward: hashicorp writes a single one in one place, several in another, or one in both.
pub fn groups_of(action: &Json) -> impl Iterator<Item = &str> {
    let several = action.pointer("/forward/0/target_group").and_then(Json::as_array).into_iter().flatten();
    let several = several.filter_map(|group| group["arn"].as_str());
    action["target_group_arn"].as_str().filter(|arn| !arn.is_empty()).into_iter().chain(several)
}
