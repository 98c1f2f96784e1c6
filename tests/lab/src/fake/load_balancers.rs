//! Network load balancers: made once per name, provisioned, changed in place, deleted unless protected.

use std::time::Instant;

use super::attributes;
use super::names::{check_name, required};
use super::paging::page;
use super::refusal::{Answered, Refusal, invalid, not_found, refuse, unsupported};
use super::settings::Settings;
use super::state::{ACCOUNT, LoadBalancer, Mapping, State};
use super::subnets::{mappings, vpc_of, zones};
use super::tags;
use crate::call::Call;
use crate::xml::{leaf, list, node};

/// The hosted zone of network load balancers in us-east-1, whatever the region.
const ZONE_ID: &str = "Z26RNL4JYFTOTI";

pub fn create(state: &mut State, call: &Call) -> Answered {
    let name = required(call, "Name")?;
    check_name("Load balancer", name)?;
    if name.starts_with("internal-") {
        return invalid(format!("The load balancer name '{name}' cannot begin with 'internal-'"));
    }
    if call.param("Type") != Some("network") {
        return unsupported("this stand-in knows network load balancers only");
    }
    state.sweep();
    let wanted = wanted(state, call, name)?;
    if let Some(index) = state.load_balancers.iter().position(|known| known.name == name) {
        let known = &state.load_balancers[index];
        if known.deleting.is_none() && wanted.is_like(known) {
            let shown = show(known, &state.settings);
            return Ok(list("LoadBalancers", [shown]));
        }
        let text = "exists, but with different settings";
        let text = format!("A load balancer with the same name '{name}' {text}");
        return refuse("DuplicateLoadBalancerName", text);
    }
    let tags = tags::read(call)?;
    let new = wanted.build(state, call, name, tags);
    let shown = show(&new, &state.settings);
    state.load_balancers.push(new);
    Ok(list("LoadBalancers", [shown]))
}

/// What a CreateLoadBalancer asks for, beside its name and tags.
struct Wanted {
    scheme: String,
    ip_address_type: String,
    mappings: Vec<Mapping>,
    security_groups: Vec<String>,
}

fn wanted(state: &State, call: &Call, name: &str) -> Result<Wanted, Refusal> {
    let scheme = call.param("Scheme").unwrap_or("internet-facing");
    if !["internet-facing", "internal"].contains(&scheme) {
        return refuse("InvalidScheme", format!("The scheme '{scheme}' is not valid"));
    }
    let security_groups = security_groups(call)?;
    let known = state.load_balancers.iter().find(|known| known.name == name);
    Ok(Wanted {
        scheme: scheme.to_owned(),
        ip_address_type: ip_address_type(call.param("IpAddressType").unwrap_or("ipv4"))?,
        mappings: mappings(state, call, scheme, known)?,
        security_groups,
    })
}

impl Wanted {
    fn is_like(&self, known: &LoadBalancer) -> bool {
        let same_groups = sorted(&self.security_groups) == sorted(&known.security_groups);
        same_groups
            && self.scheme == known.scheme
            && self.ip_address_type == known.ip_address_type
            && sorted(&self.mappings) == sorted(&known.mappings)
    }

    fn build(
        self,
        state: &mut State,
        call: &Call,
        name: &str,
        tags: std::collections::BTreeMap<String, String>,
    ) -> LoadBalancer {
        let region = &call.region;
        let id = state.new_id();
        let suffix = format!("net/{name}/{id}");
        let arn = format!("arn:aws:elasticloadbalancing:{region}:{ACCOUNT}:loadbalancer/{suffix}");
        let attributes = attributes::of_load_balancer(&self.scheme);
        LoadBalancer {
            common: state.common(arn, attributes, tags),
            name: name.to_owned(),
            dns_name: format!("{name}-{id}.elb.{region}.amazonaws.com"),
            suffix,
            scheme: self.scheme,
            ip_address_type: self.ip_address_type,
            mappings: self.mappings,
            security_groups: self.security_groups,
            private_link: "on".to_owned(),
            created: Instant::now(),
            described: 0,
            deleting: None,
        }
    }
}

pub fn describe(state: &mut State, call: &Call) -> Answered {
    let arns = call.list("LoadBalancerArns");
    let names = call.list("Names");
    if arns.len() + names.len() > 20 {
        return invalid("The maximum number of load balancers is 20");
    }
    let asked = !arns.is_empty() || !names.is_empty();
    let mut shown = Vec::new();
    let mut missing: Vec<&str> = arns.iter().chain(&names).copied().collect();
    let settings = state.settings.clone();
    state.sweep();
    for part in &mut state.load_balancers {
        let own = [part.common.arn.clone(), part.name.clone()];
        let matches = |wanted: &str| own.iter().any(|own| own == wanted);
        if asked && !missing.iter().any(|wanted| matches(wanted)) {
            continue;
        }
        if !part.common.is_visible() {
            continue;
        }
        missing.retain(|wanted| !matches(wanted));
        if let Some(left) = &mut part.deleting {
            *left -= 1;
        }
        shown.push(show(part, &settings));
        part.described += 1;
    }
    if !missing.is_empty() {
        return not_found(":loadbalancer/");
    }
    page(call, settings.page_size, "LoadBalancers", shown)
}

pub fn delete(state: &mut State, call: &Call) -> Answered {
    let arn = required(call, "LoadBalancerArn")?;
    let associated = state.settings.endpoint_service;
    let Ok(part) = state.load_balancer(arn) else {
        return Ok(String::new());
    };
    if part.common.attributes["deletion_protection.enabled"] == "true" {
        let why = "cannot be deleted because deletion protection is enabled";
        return refuse("OperationNotPermitted", format!("Load balancer '{arn}' {why}"));
    }
    if associated {
        let why = "cannot be deleted because it is currently associated with another service";
        return refuse("ResourceInUse", format!("Load balancer '{arn}' {why}"));
    }
    check_provisioned(state, call, arn)?;
    let deleting = state.settings.deleting_describes;
    let interfaces = state.settings.interface_describes;
    let part = state.load_balancer(arn)?;
    part.deleting = Some(deleting);
    let subnets = part.mappings.iter().map(|mapping| mapping.subnet.clone()).collect();
    let remains = (part.suffix.clone(), subnets, interfaces);
    state.remains.push(remains);
    state.sweep();
    state.listeners.retain(|listener| listener.load_balancer != arn);
    state.note_use();
    Ok(String::new())
}

pub fn set_security_groups(state: &mut State, call: &Call) -> Answered {
    let arn = required(call, "LoadBalancerArn")?;
    check_provisioned(state, call, arn)?;
    let groups = security_groups(call)?;
    let flag = "EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic";
    let enforce = call.param(flag);
    if enforce.is_some_and(|word| !["on", "off"].contains(&word)) {
        return invalid(format!("{flag} must be 'on' or 'off'"));
    }
    let part = state.load_balancer(arn)?;
    if part.security_groups.is_empty() {
        return unsupported(
            "You cannot set security groups on a Network Load Balancer that was created without security groups",
        );
    }
    if groups.is_empty() {
        return unsupported("You cannot remove all security groups from a Network Load Balancer");
    }
    part.security_groups = groups;
    if let Some(word) = enforce {
        word.clone_into(&mut part.private_link);
    }
    let ids = part.security_groups.iter().map(ToString::to_string);
    Ok(list("SecurityGroupIds", ids) + &leaf(flag, &part.private_link))
}

pub fn set_ip_address_type(state: &mut State, call: &Call) -> Answered {
    let arn = required(call, "LoadBalancerArn")?;
    check_provisioned(state, call, arn)?;
    let kind = ip_address_type(required(call, "IpAddressType")?)?;
    state.load_balancer(arn)?.ip_address_type.clone_from(&kind);
    Ok(leaf("IpAddressType", kind))
}

/// What the settings refuse while a load balancer is young.
pub fn check_provisioned(state: &mut State, call: &Call, arn: &str) -> Result<(), Refusal> {
    let settings = state.settings.clone();
    let part = state.load_balancer(arn)?;
    let young = part.state(&settings).0 == "provisioning";
    if young && settings.refused_while_provisioning.contains(&call.action) {
        let why = format!("Load balancer '{arn}' is not in the active state");
        return refuse("OperationNotPermitted", why);
    }
    Ok(())
}

fn security_groups(call: &Call) -> Result<Vec<String>, Refusal> {
    let groups = call.list("SecurityGroups");
    match groups.iter().find(|id| !id.starts_with("sg-")) {
        Some(bad) => refuse("InvalidSecurityGroup", format!("The security group '{bad}' does not exist")),
        None => Ok(groups.into_iter().map(str::to_owned).collect()),
    }
}

/// Checks an address type.
pub fn ip_address_type(word: &str) -> Result<String, Refusal> {
    match word {
        "ipv4" | "dualstack" => Ok(word.to_owned()),
        other => unsupported(format!("The IP address type '{other}' is not supported for network load balancers")),
    }
}

fn sorted<T: Ord + Clone>(items: &[T]) -> Vec<T> {
    let mut items = items.to_vec();
    items.sort();
    items
}

fn show(part: &LoadBalancer, settings: &Settings) -> String {
    let (code, reason) = part.state(settings);
    let mut state = leaf("Code", code);
    if !reason.is_empty() {
        state += &leaf("Reason", reason);
    }
    let mut shown = [
        leaf("LoadBalancerArn", &part.common.arn),
        leaf("LoadBalancerName", &part.name),
        leaf("DNSName", &part.dns_name),
        leaf("CanonicalHostedZoneId", ZONE_ID),
        leaf("CreatedTime", "2026-01-01T00:00:00.000Z"),
        leaf("Scheme", &part.scheme),
        leaf("Type", "network"),
        leaf("VpcId", vpc_of(part, settings)),
        leaf("IpAddressType", &part.ip_address_type),
        node("State", &state),
        zones(part, settings),
    ]
    .concat();
    if !part.security_groups.is_empty() {
        shown += &list("SecurityGroups", part.security_groups.iter().map(ToString::to_string));
        shown += &leaf("EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic", &part.private_link);
    }
    shown
}
