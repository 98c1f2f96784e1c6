//! Target groups and their health checks.

use super::attributes;
use super::names::{check_name, number, required};
use super::paging::page;
use super::refusal::{Answered, Refusal, invalid, not_found, refuse, unsupported};
use super::state::{ACCOUNT, HealthCheck, State, TargetGroup};
use super::tags;
use crate::call::Call;
use crate::xml::{leaf, list, node};

pub fn create(state: &mut State, call: &Call) -> Answered {
    let name = required(call, "Name")?;
    check_name("Target group", name)?;
    let new = wanted(state, call, name)?;
    if let Some(known) = state.target_groups.iter().find(|known| known.name == name) {
        if is_like(&new, known) {
            return Ok(list("TargetGroups", [show(state, known)]));
        }
        let text = "exists, but with different settings";
        let text = format!("A target group with the same name '{name}' {text}");
        return refuse("DuplicateTargetGroupName", text);
    }
    let shown = show(state, &new);
    state.target_groups.push(new);
    Ok(list("TargetGroups", [shown]))
}

pub fn describe(state: &mut State, call: &Call) -> Answered {
    let arns = call.list("TargetGroupArns");
    let names = call.list("Names");
    let balancer = call.param("LoadBalancerArn");
    let ways = [!arns.is_empty(), !names.is_empty(), balancer.is_some()];
    if ways.into_iter().filter(|way| *way).count() > 1 {
        return invalid("Load balancer ARN, target group ARNs and names are mutually exclusive");
    }
    let of_balancer = match balancer {
        Some(arn) => {
            state.load_balancer(arn)?;
            let listeners = state.listeners.iter().filter(|listener| listener.load_balancer == arn);
            Some(listeners.map(|listener| listener.target_group.clone()).collect::<Vec<_>>())
        }
        None => None,
    };
    let asked = !arns.is_empty() || !names.is_empty();
    let mut missing: Vec<&str> = arns.iter().chain(&names).copied().collect();
    let mut found = Vec::new();
    for part in &mut state.target_groups {
        let own = [part.common.arn.clone(), part.name.clone()];
        let matches = |wanted: &str| own.iter().any(|own| own == wanted);
        let concerned = match &of_balancer {
            Some(groups) => groups.contains(&part.common.arn),
            None => !asked || missing.iter().any(|wanted| matches(wanted)),
        };
        if !concerned || !part.common.is_visible() {
            continue;
        }
        missing.retain(|wanted| !matches(wanted));
        found.push(part.clone());
    }
    if !missing.is_empty() {
        return not_found(":targetgroup/");
    }
    let shown = found.iter().map(|part| show(state, part)).collect();
    page(call, state.settings.page_size, "TargetGroups", shown)
}

pub fn modify(state: &mut State, call: &Call) -> Answered {
    let arn = required(call, "TargetGroupArn")?;
    let current = state.target_group(arn)?.clone();
    let check = check(call, Some(&current.check))?;
    let part = state.target_group(arn)?;
    part.check = check;
    let part = part.clone();
    Ok(list("TargetGroups", [show(state, &part)]))
}

/// Deleting a missing group succeeds: the API models no other error than ResourceInUse.
pub fn delete(state: &mut State, call: &Call) -> Answered {
    let arn = required(call, "TargetGroupArn")?;
    let used = state.is_used(arn);
    let Some(part) = state.target_groups.iter_mut().find(|part| part.common.arn == arn) else {
        return Ok(String::new());
    };
    if used || part.in_use > 0 {
        part.in_use = part.in_use.saturating_sub(1);
        let why = "is currently in use by a listener or a rule";
        return refuse("ResourceInUse", format!("Target group '{arn}' {why}"));
    }
    state.target_groups.retain(|part| part.common.arn != arn);
    Ok(String::new())
}

fn wanted(state: &mut State, call: &Call, name: &str) -> Result<TargetGroup, Refusal> {
    let protocol = required(call, "Protocol")?;
    if !["TCP", "TLS", "UDP", "TCP_UDP", "QUIC", "TCP_QUIC"].contains(&protocol) {
        return unsupported(format!("The protocol '{protocol}' is not one of a network load balancer"));
    }
    let Some(port) = number(call, "Port", 1, 65535)? else {
        return invalid("A port must be specified");
    };
    let target_type = call.param("TargetType").unwrap_or("instance");
    if !["instance", "ip", "alb"].contains(&target_type) {
        return unsupported(format!("The target type '{target_type}' is not supported"));
    }
    let Some(vpc_id) = call.param("VpcId") else {
        return invalid("A VPC ID must be specified");
    };
    if !state.settings.subnets.iter().any(|subnet| subnet.vpc_id == vpc_id) {
        return invalid(format!("The VPC ID '{vpc_id}' is not found"));
    }
    let check = check(call, None)?;
    let tags = tags::read(call)?;
    let id = state.new_id();
    let region = &call.region;
    let arn = format!("arn:aws:elasticloadbalancing:{region}:{ACCOUNT}:targetgroup/{name}/{id}");
    Ok(TargetGroup {
        common: state.common(arn, attributes::of_target_group(target_type), tags),
        name: name.to_owned(),
        protocol: protocol.to_owned(),
        port,
        vpc_id: vpc_id.to_owned(),
        target_type: target_type.to_owned(),
        ip_address_type: call.param("IpAddressType").unwrap_or("ipv4").to_owned(),
        check,
        targets: Vec::new(),
        used_since: None,
        in_use: 0,
    })
}

/// The health check that a create or modify asks for: what it leaves out stays, or has its default.
fn check(call: &Call, current: Option<&HealthCheck>) -> Result<HealthCheck, Refusal> {
    let kept = |read: fn(&HealthCheck) -> String| current.map(read);
    let protocol = call.param("HealthCheckProtocol").map(str::to_owned);
    let protocol = protocol.or_else(|| kept(|check| check.protocol.clone()));
    let protocol = protocol.unwrap_or_else(|| "TCP".to_owned());
    if !["TCP", "HTTP", "HTTPS"].contains(&protocol.as_str()) {
        return unsupported(format!("Health check protocol '{protocol}' is not supported"));
    }
    let http = protocol != "TCP";
    let port = call.param("HealthCheckPort").map(str::to_owned);
    let port = port.or_else(|| kept(|check| check.port.clone()));
    let port = port.unwrap_or_else(|| "traffic-port".to_owned());
    if port != "traffic-port" && !port.parse::<u32>().is_ok_and(|port| (1..=65535).contains(&port)) {
        return invalid(format!("Health check port '{port}' must be 'traffic-port' or from 1 to 65535"));
    }
    if call.param("HealthCheckEnabled") == Some("false") {
        return unsupported("Health check enabled must be true for this target type");
    }
    let default_timeout = if protocol == "HTTP" { 6 } else { 10 };
    let checked = HealthCheck {
        interval: limited(call, "HealthCheckIntervalSeconds", 5, 300, current.map_or(30, |check| check.interval))?,
        timeout: limited(
            call,
            "HealthCheckTimeoutSeconds",
            2,
            120,
            current.map_or(default_timeout, |check| check.timeout),
        )?,
        healthy: limited(call, "HealthyThresholdCount", 2, 10, current.map_or(5, |check| check.healthy))?,
        unhealthy: limited(call, "UnhealthyThresholdCount", 2, 10, current.map_or(2, |check| check.unhealthy))?,
        path: of_http(call, http, "HealthCheckPath", current.and_then(|check| check.path.clone()), "/")?,
        matcher: of_http(call, http, "Matcher.HttpCode", current.and_then(|check| check.matcher.clone()), "200-399")?,
        protocol,
        port,
    };
    if checked.timeout > checked.interval {
        return invalid(format!(
            "Health check timeout '{}' must be smaller than or equal to the interval '{}'",
            checked.timeout, checked.interval
        ));
    }
    Ok(checked)
}

fn limited(call: &Call, name: &str, min: u32, max: u32, otherwise: u32) -> Result<u32, Refusal> {
    Ok(number(call, name, min, max)?.unwrap_or(otherwise))
}

/// A setting that only HTTP and HTTPS checks have.
fn of_http(
    call: &Call,
    http: bool,
    name: &str,
    kept: Option<String>,
    default: &str,
) -> Result<Option<String>, Refusal> {
    match call.param(name) {
        Some(_) if !http => unsupported(format!("{name} is not supported for health checks with protocol TCP")),
        Some(value) => Ok(Some(value.to_owned())),
        None if http => Ok(kept.or_else(|| Some(default.to_owned()))),
        None => Ok(None),
    }
}

fn is_like(new: &TargetGroup, known: &TargetGroup) -> bool {
    new.protocol == known.protocol
        && new.port == known.port
        && new.vpc_id == known.vpc_id
        && new.target_type == known.target_type
        && new.ip_address_type == known.ip_address_type
        && new.check == known.check
}

fn show(state: &State, part: &TargetGroup) -> String {
    let mut balancers: Vec<String> = state
        .listeners
        .iter()
        .filter(|listener| listener.target_group == part.common.arn)
        .map(|listener| listener.load_balancer.clone())
        .collect();
    balancers.dedup();
    let check = &part.check;
    let mut shown = [
        leaf("TargetGroupArn", &part.common.arn),
        leaf("TargetGroupName", &part.name),
        leaf("Protocol", &part.protocol),
        leaf("Port", part.port),
        leaf("VpcId", &part.vpc_id),
        leaf("TargetType", &part.target_type),
        leaf("IpAddressType", &part.ip_address_type),
        leaf("HealthCheckEnabled", "true"),
        leaf("HealthCheckProtocol", &check.protocol),
        leaf("HealthCheckPort", &check.port),
        leaf("HealthCheckIntervalSeconds", check.interval),
        leaf("HealthCheckTimeoutSeconds", check.timeout),
        leaf("HealthyThresholdCount", check.healthy),
        leaf("UnhealthyThresholdCount", check.unhealthy),
        list("LoadBalancerArns", balancers),
    ]
    .concat();
    if let Some(path) = &check.path {
        shown += &leaf("HealthCheckPath", path);
    }
    if let Some(codes) = &check.matcher {
        shown += &node("Matcher", &leaf("HttpCode", codes));
    }
    shown
}
