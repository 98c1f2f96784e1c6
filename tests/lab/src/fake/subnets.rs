//! The subnets of load balancers and the addresses pinned in them.

use super::load_balancers::{check_provisioned, ip_address_type};
use super::names::required;
use super::refusal::{Answered, Refusal, invalid, refuse, unsupported};
use super::settings::{Settings, Subnet};
use super::state::{LoadBalancer, Mapping, State};
use crate::call::Call;
use crate::xml::{leaf, list};

/// SetSubnets: the whole list anew, but no zone's subnet exchanged in one call.
pub fn set(state: &mut State, call: &Call) -> Answered {
    let arn = required(call, "LoadBalancerArn")?;
    check_provisioned(state, call, arn)?;
    let current = state.load_balancer(arn)?.clone();
    let mut mappings = mappings(state, call, &current.scheme, Some(&current))?;
    let zone = |id: &str| subnet(&state.settings, id).map(|subnet| subnet.zone.clone());
    for new in mappings.iter().filter(|new| !has_subnet(&current, &new.subnet)) {
        let its_zone = zone(&new.subnet)?;
        for old in &current.mappings {
            if zone(&old.subnet)? == its_zone {
                return zone_is_taken(&its_zone, &new.subnet);
            }
        }
    }
    let kept = |old: &Mapping| mappings.iter().any(|new| new.subnet == old.subnet);
    if state.settings.endpoint_service && !current.mappings.iter().all(kept) {
        return refuse("ResourceInUse", "subnets in use by a VPC endpoint service cannot be removed");
    }
    if state.settings.keeps_addresses {
        for mapping in &mut mappings {
            if let Some(old) = current.mappings.iter().find(|old| old.subnet == mapping.subnet) {
                mapping.clone_from(old);
            }
        }
    }
    let ip_address_type = ip_address_type(call.param("IpAddressType").unwrap_or(&current.ip_address_type))?;
    let part = state.load_balancer(arn)?;
    part.mappings = mappings;
    part.ip_address_type = ip_address_type;
    let zones = zones(&part.clone(), &state.settings);
    let kind = state.load_balancer(arn)?.ip_address_type.clone();
    Ok(zones + &leaf("IpAddressType", kind))
}

fn zone_is_taken<T>(zone: &str, subnet: &str) -> Result<T, Refusal> {
    unsupported(format!(
        "You cannot specify an additional subnet from an Availability Zone that is already associated with the load balancer. The \
         Availability Zone '{zone}' corresponding to the new subnet '{subnet}' is already associated with the load balancer."
    ))
}

/// The subnet of that id.
pub fn subnet<'a>(settings: &'a Settings, id: &str) -> Result<&'a Subnet, Refusal> {
    match settings.subnets.iter().find(|subnet| subnet.id == id) {
        Some(subnet) => Ok(subnet),
        None => refuse("SubnetNotFound", format!("The subnet ID '{id}' does not exist")),
    }
}

/// The VPC of a load balancer, which is its subnets'.
pub fn vpc_of(part: &LoadBalancer, settings: &Settings) -> String {
    let first = part.mappings.first();
    let found = first.and_then(|mapping| subnet(settings, &mapping.subnet).ok());
    found.map_or_else(String::new, |subnet| subnet.vpc_id.clone())
}

/// Reads and checks either form of subnets. `current` is the load balancer that has them now.
pub fn mappings(
    state: &State,
    call: &Call,
    scheme: &str,
    current: Option<&LoadBalancer>,
) -> Result<Vec<Mapping>, Refusal> {
    let plain = call.list("Subnets").into_iter().map(|id| Mapping {
        subnet: id.to_owned(),
        allocation: None,
        private_ipv4: None,
        ipv6: None,
    });
    let mut mappings: Vec<Mapping> = plain.collect();
    let pinned: Vec<Mapping> = (1..).map_while(|index| mapping(call, index)).collect();
    if mappings.is_empty() == pinned.is_empty() {
        return invalid("Exactly one of subnets and subnet mappings must be specified");
    }
    mappings.extend(pinned);
    let mut zones = Vec::new();
    for mapping in &mappings {
        let zone = &subnet(&state.settings, &mapping.subnet)?.zone;
        if zones.contains(&zone) && call.action == "SetSubnets" {
            return zone_is_taken(zone, &mapping.subnet);
        }
        if zones.contains(&zone) {
            return unsupported("A load balancer cannot be attached to multiple subnets in the same Availability Zone");
        }
        zones.push(zone);
        check_addresses(state, mapping, scheme, current)?;
    }
    Ok(mappings)
}

fn mapping(call: &Call, index: usize) -> Option<Mapping> {
    let field = |name: &str| {
        let found = call.param(&format!("SubnetMappings.member.{index}.{name}"));
        found.map(str::to_owned)
    };
    Some(Mapping {
        subnet: field("SubnetId")?,
        allocation: field("AllocationId"),
        private_ipv4: field("PrivateIPv4Address"),
        ipv6: field("IPv6Address"),
    })
}

fn check_addresses(
    state: &State,
    mapping: &Mapping,
    scheme: &str,
    current: Option<&LoadBalancer>,
) -> Result<(), Refusal> {
    if mapping.private_ipv4.is_some() && scheme != "internal" {
        return unsupported("Private IPv4 addresses can be specified for internal load balancers only");
    }
    let Some(allocation) = &mapping.allocation else {
        return Ok(());
    };
    if scheme != "internet-facing" {
        return unsupported("Elastic IP addresses can be specified for internet-facing load balancers only");
    }
    if !allocation.starts_with("eipalloc-") {
        return refuse("AllocationIdNotFound", format!("The allocation ID '{allocation}' does not exist"));
    }
    let others = state
        .load_balancers
        .iter()
        .filter(|other| current.is_none_or(|current| current.common.arn != other.common.arn));
    let mut used = others.flat_map(|other| &other.mappings);
    if used.any(|other| other.allocation.as_ref() == Some(allocation)) {
        return refuse("ResourceInUse", "The allocation IDs are not available for use");
    }
    Ok(())
}

/// The zones as Describe and SetSubnets show them.
pub fn zones(part: &LoadBalancer, settings: &Settings) -> String {
    let zones = part.mappings.iter().map(|mapping| {
        let zone = subnet(settings, &mapping.subnet).map_or("", |subnet| &subnet.zone);
        let mut address = String::new();
        if let Some(id) = &mapping.allocation {
            address += &leaf("AllocationId", id);
            address += &leaf("IpAddress", "203.0.113.10");
        }
        if let Some(ip) = &mapping.private_ipv4 {
            address += &leaf("PrivateIPv4Address", ip);
        }
        if let Some(ip) = &mapping.ipv6 {
            address += &leaf("IPv6Address", ip);
        }
        let addresses = Some(address).filter(|address| !address.is_empty());
        leaf("ZoneName", zone) + &leaf("SubnetId", &mapping.subnet) + &list("LoadBalancerAddresses", addresses)
    });
    list("AvailabilityZones", zones)
}
fn has_subnet(part: &LoadBalancer, id: &str) -> bool {
    part.mappings.iter().any(|mapping| mapping.subnet == id)
}
