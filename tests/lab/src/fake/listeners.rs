//! Listeners: one per port, each forwarding to one group, each group serving one load balancer.

use super::attributes;
use super::load_balancers::check_provisioned;
use super::names::{number, required};
use super::paging::page;
use super::refusal::{Answered, Refusal, invalid, not_found, refuse, unsupported};
use super::state::{ACCOUNT, Listener, State};
use super::subnets::vpc_of;
use super::tags;
use crate::call::Call;
use crate::xml::{leaf, list, node};

/// AWS's quota, which can't be raised.
const MOST: usize = 50;

pub fn create(state: &mut State, call: &Call) -> Answered {
    let arn = required(call, "LoadBalancerArn")?;
    check_provisioned(state, call, arn)?;
    let balancer = state.load_balancer(arn)?.clone();
    let protocol = required(call, "Protocol")?;
    let Some(port) = number(call, "Port", 1, 65535)? else {
        return invalid("A port must be specified");
    };
    let Some(group) = forward(call) else {
        return invalid("A default action of type forward with one target group must be specified");
    };
    check_group(state, arn, group, protocol, &vpc_of(&balancer, &state.settings))?;
    let mut siblings = state.listeners.iter().filter(|known| known.load_balancer == arn);
    let count = siblings.clone().count();
    if let Some(known) = siblings.find(|known| known.port == port) {
        if known.protocol == protocol && known.target_group == group {
            return Ok(list("Listeners", [show(known)]));
        }
        return duplicate(arn);
    }
    if count >= MOST {
        return refuse("TooManyListeners", format!("There are {MOST} listeners already"));
    }
    let tags = tags::read(call)?;
    let id = state.new_id();
    let suffix = &balancer.suffix;
    let region = &call.region;
    let own = format!("arn:aws:elasticloadbalancing:{region}:{ACCOUNT}:listener/{suffix}/{id}");
    let new = Listener {
        common: state.common(own, attributes::of_listener(), tags),
        load_balancer: arn.to_owned(),
        port,
        protocol: protocol.to_owned(),
        target_group: group.to_owned(),
    };
    let shown = show(&new);
    state.listeners.push(new);
    state.note_use();
    Ok(list("Listeners", [shown]))
}

pub fn describe(state: &mut State, call: &Call) -> Answered {
    let arns = call.list("ListenerArns");
    let balancer = call.param("LoadBalancerArn");
    match balancer {
        Some(arn) if arns.is_empty() => drop(state.load_balancer(arn)?),
        None if !arns.is_empty() => {}
        _ => return invalid("You must specify either a load balancer ARN or listener ARNs"),
    }
    let mut missing = arns.clone();
    let mut shown = Vec::new();
    for part in &mut state.listeners {
        let concerned = match balancer {
            Some(arn) => part.load_balancer == arn,
            None => missing.contains(&part.common.arn.as_str()),
        };
        if concerned && part.common.is_visible() {
            missing.retain(|wanted| *wanted != part.common.arn);
            shown.push(show(part));
        }
    }
    if !missing.is_empty() {
        return not_found(":listener/");
    }
    page(call, state.settings.page_size, "Listeners", shown)
}

pub fn modify(state: &mut State, call: &Call) -> Answered {
    let arn = required(call, "ListenerArn")?;
    let mut changed = state.listener(arn)?.clone();
    check_provisioned(state, call, &changed.load_balancer)?;
    if let Some(port) = number(call, "Port", 1, 65535)? {
        changed.port = port;
    }
    if let Some(protocol) = call.param("Protocol") {
        protocol.clone_into(&mut changed.protocol);
    }
    if let Some(group) = forward(call) {
        group.clone_into(&mut changed.target_group);
    }
    let balancer = state.load_balancer(&changed.load_balancer)?.clone();
    let vpc = vpc_of(&balancer, &state.settings);
    check_group(state, &changed.load_balancer, &changed.target_group, &changed.protocol, &vpc)?;
    let taken = state.listeners.iter().any(|other| {
        other.load_balancer == changed.load_balancer && other.port == changed.port && other.common.arn != arn
    });
    if taken {
        return duplicate(&changed.load_balancer);
    }
    let shown = show(&changed);
    *state.listener(arn)? = changed;
    state.note_use();
    Ok(list("Listeners", [shown]))
}

pub fn delete(state: &mut State, call: &Call) -> Answered {
    let arn = required(call, "ListenerArn")?;
    let balancer = state.listener(arn)?.load_balancer.clone();
    check_provisioned(state, call, &balancer)?;
    state.listeners.retain(|part| part.common.arn != arn);
    state.note_use();
    Ok(String::new())
}

/// The group of the default action, in either of its two forms.
fn forward(call: &Call) -> Option<&str> {
    if call.param("DefaultActions.member.1.Type") != Some("forward") {
        return None;
    }
    let config = "DefaultActions.member.1.ForwardConfig.TargetGroups.member.1.TargetGroupArn";
    call.param("DefaultActions.member.1.TargetGroupArn").or_else(|| call.param(config))
}

fn check_group(state: &mut State, balancer: &str, group: &str, protocol: &str, vpc: &str) -> Result<(), Refusal> {
    let part = state.target_group(group)?.clone();
    if part.protocol != protocol {
        let text = format!("Protocols of listener ({protocol}) and target group ({}) differ", part.protocol);
        return refuse("IncompatibleProtocols", text);
    }
    if part.vpc_id != vpc {
        return unsupported(format!("Target group '{group}' is not in the load balancer's VPC '{vpc}'"));
    }
    let mut users = state.listeners.iter().filter(|user| user.target_group == group);
    if users.any(|user| user.load_balancer != balancer) {
        let text = "The following target groups cannot be associated with more than one load balancer";
        return refuse("TargetGroupAssociationLimit", format!("{text}: {group}"));
    }
    Ok(())
}

fn duplicate<T>(balancer: &str) -> Result<T, Refusal> {
    let text = "A listener already exists on this port for this load balancer";
    refuse("DuplicateListener", format!("{text} '{balancer}'"))
}

fn show(part: &Listener) -> String {
    let group = leaf("TargetGroupArn", &part.target_group);
    let config = list("TargetGroups", [group.clone()]);
    let action = leaf("Type", "forward") + &group + &leaf("Order", 1) + &node("ForwardConfig", &config);
    [
        leaf("ListenerArn", &part.common.arn),
        leaf("LoadBalancerArn", &part.load_balancer),
        leaf("Port", part.port),
        leaf("Protocol", &part.protocol),
        list("DefaultActions", [action]),
    ]
    .concat()
}
