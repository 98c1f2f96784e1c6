//! Registrations, keyed by id and port, and their health.

use std::net::IpAddr;
use std::time::Instant;

use super::names::{number, required};
use super::refusal::{Answered, Refusal, refuse, unsupported};
use super::settings::Settings;
use super::state::{State, Target, TargetGroup};
use crate::call::Call;
use crate::xml::{leaf, list, node};

pub fn register(state: &mut State, call: &Call) -> Answered {
    let arn = required(call, "TargetGroupArn")?;
    let mut wanted = asked(call, state.target_group(arn)?)?;
    let group = state.target_group(arn)?.clone();
    for target in &wanted {
        check_target(state, &group, target)?;
    }
    let initial = (state.settings.initial_describes, state.settings.initial_time);
    wanted.iter_mut().for_each(|target| target.initial = initial);
    let part = state.target_group(arn)?;
    for new in wanted {
        match position(part, &new) {
            // Again: a draining target comes back, another one stays as it is.
            Some(known) if part.targets[known].draining.is_some() => part.targets[known] = new,
            Some(_) => {}
            None => part.targets.push(new),
        }
    }
    Ok(String::new())
}

/// Deregistering what isn't registered succeeds.
pub fn deregister(state: &mut State, call: &Call) -> Answered {
    let arn = required(call, "TargetGroupArn")?;
    let used = state.is_used(arn);
    let part = state.target_group(arn)?;
    for wanted in asked(call, part)? {
        let Some(known) = position(part, &wanted) else {
            continue;
        };
        if !used {
            part.targets.remove(known);
        } else if part.targets[known].draining.is_none() {
            part.targets[known].draining = Some((Instant::now(), 0));
        }
    }
    Ok(String::new())
}

pub fn health(state: &mut State, call: &Call) -> Answered {
    let arn = required(call, "TargetGroupArn")?;
    let used = state.is_used(arn);
    let settings = state.settings.clone();
    let part = state.target_group(arn)?;
    let wanted = asked(call, part)?;
    if !settings.shows_drained {
        part.targets.retain(|target| !is_drained(target, &settings, used));
    }
    let mut shown = Vec::new();
    for target in &wanted {
        if position(part, target).is_none() {
            shown.push(show(target, &not_registered()));
        }
    }
    let used_since = part.used_since;
    for target in &mut part.targets {
        let concerned = wanted.iter().any(|wanted| is_same(wanted, target));
        if concerned || wanted.is_empty() {
            shown.push(show(target, &state_of(target, &settings, used_since)));
            target.described += usize::from(used);
            if let Some((_, described)) = &mut target.draining {
                *described += 1;
            }
        }
    }
    Ok(list("TargetHealthDescriptions", shown))
}

/// How many targets of a group are registered (not draining), and how many of these are healthy now.
pub fn count(group: &TargetGroup, settings: &Settings) -> (usize, usize) {
    let registered = group.targets.iter().filter(|target| target.draining.is_none());
    let healthy = registered.clone().filter(|target| state_of(target, settings, group.used_since).0 == "healthy");
    (registered.count(), healthy.count())
}

type Health = (String, String);

fn state_of(target: &Target, settings: &Settings, used_since: Option<Instant>) -> Health {
    if target.draining.is_some() {
        if is_drained(target, settings, used_since.is_some()) {
            return not_registered();
        }
        return pair("draining", "Target.DeregistrationInProgress");
    }
    let Some(used_since) = used_since else {
        return pair("unused", "Target.NotInUse");
    };
    let since = used_since.max(target.registered);
    // As it was when the target came, so that a test can hold back new targets alone; shortened by later settings.
    let (describes, time) = target.initial;
    if target.described < settings.initial_describes.min(describes) || since.elapsed() < settings.initial_time.min(time)
    {
        return pair("initial", "Elb.InitialHealthChecking");
    }
    let own = settings.health_of.get(&target.id);
    own.unwrap_or(&settings.health).clone()
}

/// A group that no listener uses has nothing to drain.
fn is_drained(target: &Target, settings: &Settings, used: bool) -> bool {
    target.draining.is_some_and(|(since, described)| {
        let done = since.elapsed() >= settings.draining_time && described >= settings.draining_describes;
        done || !used
    })
}

/// The request's targets; a port left out is the group's.
fn asked(call: &Call, group: &TargetGroup) -> Result<Vec<Target>, Refusal> {
    let mut targets = Vec::new();
    for index in 1.. {
        let field = |name: &str| format!("Targets.member.{index}.{name}");
        let Some(id) = call.param(&field("Id")) else {
            break;
        };
        targets.push(Target {
            id: id.to_owned(),
            port: number(call, &field("Port"), 1, 65535)?.unwrap_or(group.port),
            zone: call.param(&field("AvailabilityZone")).map(str::to_owned),
            registered: Instant::now(),
            initial: Default::default(), // set on registration
            described: 0,
            draining: None,
        });
    }
    Ok(targets)
}

fn check_target(state: &mut State, group: &TargetGroup, target: &Target) -> Result<(), Refusal> {
    let id = &target.id;
    if group.target_type == "instance" {
        if !id.starts_with("i-") {
            return refuse("InvalidTarget", format!("The ID '{id}' is not a valid instance ID"));
        }
        if target.zone.is_some() {
            return unsupported("An Availability Zone cannot be specified for targets of type instance");
        }
    } else if group.target_type == "ip" && id.parse::<IpAddr>().is_err() {
        return refuse("InvalidTarget", format!("The ID '{id}' is not a valid IP address"));
    }
    if let Some(left) = state.settings.starting.get_mut(id).filter(|left| **left > 0) {
        *left -= 1;
        let why = "The following targets are not in a running state and cannot be registered";
        return refuse("InvalidTarget", format!("{why}: '{id}'"));
    }
    Ok(())
}

fn position(group: &TargetGroup, wanted: &Target) -> Option<usize> {
    let mut all = group.targets.iter();
    all.position(|known| is_same(known, wanted))
}

fn is_same(left: &Target, right: &Target) -> bool {
    left.id == right.id && left.port == right.port
}

fn not_registered() -> Health {
    pair("unused", "Target.NotRegistered")
}

fn pair(state: &str, reason: &str) -> Health {
    (state.to_owned(), reason.to_owned())
}

fn show(target: &Target, (state, reason): &Health) -> String {
    let mut key = leaf("Id", &target.id) + &leaf("Port", target.port);
    if let Some(zone) = &target.zone {
        key += &leaf("AvailabilityZone", zone);
    }
    let mut health = leaf("State", state);
    if !reason.is_empty() {
        health += &leaf("Reason", reason);
        health += &leaf("Description", format!("the stand-in's reason is {reason}"));
    }
    [node("Target", &key), leaf("HealthCheckPort", target.port), node("TargetHealth", &health)].concat()
}
