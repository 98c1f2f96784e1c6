//! The few EC2 calls that go with load balancers.

use super::refusal::{Answered, Refusal, refuse};
use super::settings::VPC;
use super::state::State;
use super::subnets::subnet;
use crate::call::Call;
use crate::xml::{leaf, node};

pub fn act(state: &mut State, call: &Call) -> Answered {
    match call.action.as_str() {
        "DescribeNetworkInterfaces" => network_interfaces(state, call),
        "DescribeSubnets" => Ok(subnets(state)),
        "DescribeVpcs" => {
            let vpc = leaf("vpcId", VPC) + &leaf("isDefault", "true");
            Ok(node("vpcSet", &node("item", &vpc)))
        }
        other => refuse("InvalidAction", format!("The action {other} is not valid for this web service.")),
    }
}

/// The interfaces of living load balancers, and of deleted ones as long as the settings say.
fn network_interfaces(state: &mut State, call: &Call) -> Answered {
    let wanted = descriptions(call)?;
    let mut interfaces = Vec::new();
    for part in &state.load_balancers {
        if part.deleting.is_none() {
            let subnets = part.mappings.iter().map(|mapping| mapping.subnet.clone());
            interfaces.push((part.suffix.clone(), subnets.collect::<Vec<_>>()));
        }
    }
    for (suffix, subnets, left) in &mut state.remains {
        if *left > 0 && is_wanted(&wanted, suffix) {
            *left -= 1;
            interfaces.push((suffix.clone(), subnets.clone()));
        }
    }
    let mut items = String::new();
    for (suffix, subnets) in interfaces.iter().filter(|(suffix, _)| is_wanted(&wanted, suffix)) {
        for (index, id) in subnets.iter().enumerate() {
            let zone = subnet(&state.settings, id).map_or("", |subnet| &subnet.zone);
            let identity = suffix.rsplit('/').next().unwrap_or_default();
            let interface = [
                leaf("networkInterfaceId", format!("eni-{identity}{index}")),
                leaf("subnetId", id),
                leaf("vpcId", VPC),
                leaf("availabilityZone", zone),
                leaf("description", description(suffix)),
                leaf("status", "in-use"),
                leaf("interfaceType", "network_load_balancer"),
                leaf("privateIpAddress", format!("172.31.{index}.10")),
            ];
            items += &node("item", &interface.concat());
        }
    }
    Ok(node("networkInterfaceSet", &items))
}

/// The values of the filter `description`; no other filter is known here, and none means all.
fn descriptions(call: &Call) -> Result<Option<Vec<String>>, Refusal> {
    let mut wanted = None;
    for index in 1.. {
        match call.param(&format!("Filter.{index}.Name")) {
            None => break,
            Some("description") => {
                let values = call.list(&format!("Filter.{index}.Value"));
                wanted = Some(values.into_iter().map(str::to_owned).collect());
            }
            Some(other) => {
                return refuse("InvalidParameterValue", format!("The filter '{other}' is invalid"));
            }
        }
    }
    Ok(wanted)
}

fn is_wanted(wanted: &Option<Vec<String>>, suffix: &str) -> bool {
    let own = description(suffix);
    let matches = |value: &String| match value.strip_suffix('*') {
        Some(start) => own.starts_with(start),
        None => *value == own,
    };
    wanted.as_ref().is_none_or(|values| values.iter().any(matches))
}

fn description(suffix: &str) -> String {
    format!("ELB {suffix}")
}

fn subnets(state: &State) -> String {
    let items: String = state
        .settings
        .subnets
        .iter()
        .map(|subnet| {
            let fields = [
                leaf("subnetId", &subnet.id),
                leaf("vpcId", &subnet.vpc_id),
                leaf("availabilityZone", &subnet.zone),
                leaf("state", "available"),
            ];
            node("item", &fields.concat())
        })
        .collect();
    node("subnetSet", &items)
}
