//! Executes the steps by which a successor takes over the targets and the listener of a group: at every moment the group behind the
//! listener has its targets.

use std::collections::BTreeMap;

use super::create;
use super::failure::Failure;
use super::recovery::is_registered;
use super::session::Session;
use crate::endpoint::nlb::model::desired::GroupSettings;
use crate::endpoint::nlb::model::inventory::Existing;
use crate::endpoint::nlb::model::marker::MARKER;
use crate::endpoint::nlb::model::role::Role;
use crate::endpoint::nlb::model::schema::names;
use crate::framework::diagnostic::Diagnostic;
use crate::framework::path::Path;
use crate::remote::elb::{Listener, Target, TargetHealth};

/// The last port that a probe listener tries, and the first.
pub const PROBE_PORTS: std::ops::RangeInclusive<i64> = 65_000..=65_535;

/// AWS's reason for a target whose group no listener uses. Such targets are not checked (user guide, target health status).
const NOT_IN_USE: &str = "Target.NotInUse";

/// Registers the targets of the present group in its successor: those on the group's own port on the successor's, others as they
/// are. Targets that are leaving are left out.
pub async fn copy_targets(session: &Session<'_>, role: Role) -> Result<(), Failure> {
    let Some((present, successor)) = pair(session, role) else { return Ok(()) };
    let targets: Vec<Target> = session
        .elb
        .target_health(&present.arn)
        .await?
        .into_iter()
        .filter(is_registered)
        .map(|health| moved(health.target, present.settings.port, successor.settings.port))
        .collect();
    if !targets.is_empty() {
        session.elb.register_targets(&successor.arn, &targets).await?;
    }
    Ok(())
}

/// Waits until as many targets of the successor are healthy as of the present group; without any there is nothing to wait for.
///
/// AWS checks only groups that a listener uses, so a probe listener on a port that nobody uses leads to the successor meanwhile.
pub async fn await_healthy(session: &Session<'_>, role: Role) -> Result<(), Failure> {
    let Some((present, successor)) = pair(session, role) else { return Ok(()) };
    let enough = healthy(&session.elb.target_health(&present.arn).await?);
    let waited = await_count(session, &successor, enough).await;
    let closed = close_probes(session, &successor.arn).await;
    waited.and(closed.map(drop))
}

async fn await_count(session: &Session<'_>, successor: &Existing<GroupSettings>, enough: usize) -> Result<(), Failure> {
    let mut probing = false;
    loop {
        let found = session.elb.target_health(&successor.arn).await?;
        let count = healthy(&found);
        if count >= enough {
            return Ok(());
        }
        if !probing && found.iter().any(|health| health.reason.as_deref() == Some(NOT_IN_USE)) {
            open_probe(session, successor).await?;
            probing = true;
        }
        let state = format!("{count} of {enough} targets healthy");
        session.pause("waiting until the new target group is as healthy as the present one", &state).await?;
    }
}

async fn open_probe(session: &Session<'_>, successor: &Existing<GroupSettings>) -> Result<(), Failure> {
    let listeners = session.elb.listeners(&session.balancer_arn()).await?;
    let taken = |port: i64| listeners.iter().any(|listener| listener.port == port);
    let free = PROBE_PORTS.rev().find(|port| !taken(*port)).unwrap_or(*PROBE_PORTS.start());
    create::probe(session, free, &successor.arn).await
}

/// Deletes the probe listeners of a group, of this run or of one that died: they carry the marker. The ARNs of other listeners that lead to
/// the group and aren't a role's own are the answer: they are the user's.
pub async fn close_probes(session: &Session<'_>, group_arn: &str) -> Result<Vec<String>, Failure> {
    let own = session.inventory().listeners;
    let leads = |listener: &Listener| {
        listener.target_group_arn.as_deref() == Some(group_arn) && !own.values().any(|known| known.arn == listener.arn)
    };
    let leading = session.elb.listeners(&session.balancer_arn()).await?.into_iter().filter(leads);
    let leading: Vec<String> = leading.map(|listener| listener.arn).collect();
    let tags = if leading.is_empty() { BTreeMap::new() } else { session.elb.tags(&leading).await? };
    let is_probe = |arn: &String| tags.get(arn).is_some_and(|tags| tags.contains_key(MARKER));
    let (probes, foreign): (Vec<String>, Vec<String>) = leading.into_iter().partition(is_probe);
    for probe in probes {
        session.elb.delete_listener(&probe).await?;
    }
    Ok(foreign)
}

/// Moves the listener to the successor, which is the role's group from then on.
pub async fn switch_listener(session: &Session<'_>, role: Role, port: i64) -> Result<(), Failure> {
    let Some((present, successor)) = pair(session, role) else { return Ok(()) };
    session.elb.modify_listener(&session.listener_arn(role), port, &successor.arn).await?;
    session.keep(|inventory| {
        inventory.successors.remove(&role);
        inventory.retired.push(present.arn);
        inventory.groups.insert(role, successor);
    });
    Ok(())
}

/// Removes a group that a successor has taken over from, or that was to take over and is no longer wanted. One that a listener of the user's
/// leads to waits for a later run: usually that listener follows in the same apply.
pub async fn remove_retired(session: &Session<'_>, arn: &str) -> Result<(), Failure> {
    let foreign = close_probes(session, arn).await?;
    if !foreign.is_empty() {
        session.warn(still_in_use(arn, &foreign));
        return Ok(());
    }
    session.elb.delete_target_group(arn).await?;
    session.marker.take_off(arn);
    session.keep(|inventory| {
        inventory.retired.retain(|retired| retired != arn);
        inventory.successors.retain(|_, group| group.arn != arn);
    });
    Ok(())
}

fn still_in_use(group_arn: &str, listeners: &[String]) -> Diagnostic {
    Diagnostic::warning(
        Path::of(names::TARGET_GROUPS),
        "A replaced target group is still in use",
        format!(
            "{group_arn} has been replaced, but a listener that this resource did not make still forwards to it: {}. \
             Both were left alone. An `aws_lb_listener` whose target group is an output of this resource moves to the \
             new group in the same apply; change any other listener yourself. The next apply after that deletes the \
             old group.",
            listeners.join(", ")
        ),
    )
}

fn pair(session: &Session<'_>, role: Role) -> Option<(Existing<GroupSettings>, Existing<GroupSettings>)> {
    let mut inventory = session.inventory();
    Some((inventory.groups.remove(&role)?, inventory.successors.remove(&role)?))
}

fn moved(target: Target, from: i64, to: i64) -> Target {
    let port = if target.port.is_none_or(|port| port == from) { to } else { target.port.unwrap_or(to) };
    Target { port: Some(port), ..target }
}

fn healthy(targets: &[TargetHealth]) -> usize {
    targets.iter().filter(|health| health.state == "healthy").count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_move_to_the_new_port_unless_they_have_their_own() {
        let target = |port| Target { id: "i-1".into(), port, availability_zone: None };
        assert_eq!(moved(target(Some(6443)), 6443, 7443).port, Some(7443));
        assert_eq!(moved(target(None), 6443, 7443).port, Some(7443));
        assert_eq!(moved(target(Some(9000)), 6443, 7443).port, Some(9000));
    }
}
