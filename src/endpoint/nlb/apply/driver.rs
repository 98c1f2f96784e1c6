//! Executes steps. Decides nothing but when to repeat a refused call.

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::future::join_all;

use super::failure::Failure;
use super::session::{CONSISTENCY_LIMIT, POLL, Session};
use super::set_subnets::set_subnets;
use super::{create, group_replacement, permission};
use crate::endpoint::nlb::model::marker::HANDOVER;
use crate::endpoint::nlb::model::role::Role;
use crate::endpoint::nlb::plan::step::Step;
use crate::remote::aws_error::AwsError;
use crate::remote::elb::LoadBalancer;

/// How long AWS may go on forbidding what it permits on a load balancer that is set up, once it says that it is.
const PERMIT: Duration = Duration::from_secs(10);

/// The largest port.
const LAST_PORT: i64 = 65535;

/// Executes wave after wave, and ends with the first that has a failure. The other steps of that wave are finished first: a call
/// that is under way may make something.
///
/// # Errors
/// Every failure of the wave.
pub async fn execute(session: &Session<'_>, waves: Vec<Vec<Step>>) -> Result<(), Vec<Failure>> {
    for wave in waves {
        session.deadline.check().map_err(|why| vec![Failure::Interrupted(why, "between two calls".to_owned())])?;
        let failures: Vec<Failure> = join_all(wave.into_iter().map(|step| perform(session, step)))
            .await
            .into_iter()
            .filter_map(Result::err)
            .collect();
        if !failures.is_empty() {
            return Err(failures);
        }
    }
    // What was waited for in the last step may have taken longer than the lease.
    session.confirm_marker().await.map_err(|failure| vec![failure])
}

/// Executes a step, and repeats it while AWS says only "not yet".
async fn perform(session: &Session<'_>, step: Step) -> Result<(), Failure> {
    let mut limit = session.deadline.at_most(CONSISTENCY_LIMIT);
    let mut permit = None;
    loop {
        session.confirm_marker().await?;
        let error = match call(session, &step).await {
            Err(Failure::Aws(error)) if is_not_yet(session, &error, &step) => error,
            other => return other,
        };
        if error.is("OperationNotPermitted") {
            let provisioning = is_provisioning(session).await?;
            let fresh = || session.deadline.at_most(PERMIT);
            // Setting up may take longer than any refusal that passes.
            limit = if provisioning { session.deadline.clone() } else { permit.get_or_insert_with(fresh).clone() };
        }
        if limit.pause(POLL).await.is_err() {
            session
                .deadline
                .check()
                .map_err(|why| Failure::Interrupted(why, format!("repeating {}", error.operation)))?;
            return Err(Failure::Aws(error));
        }
    }
}

async fn is_provisioning(session: &Session<'_>) -> Result<bool, Failure> {
    let found = session.elb.load_balancer(&session.balancer_arn()).await?;
    found.map_or(Ok(true), |found| Ok(!is_set_up(found)?))
}

/// Refusals that pass: a load balancer that is still being set up forbids some changes, what was just made is not found everywhere
/// at once, and a group stays in use for a moment after its listener is gone.
fn is_not_yet(session: &Session<'_>, error: &AwsError, step: &Step) -> bool {
    match step {
        Step::DeleteGroup(_) | Step::RemoveRetired(_) => error.is("ResourceInUse"),
        Step::CreateBalancer(_) => false,
        _ => error.is("OperationNotPermitted") || error.is_not_found() && concerns_what_is_new(session, step),
    }
}

/// True if the step is about something that this run has made: what existed before and isn't found has been removed by somebody.
fn concerns_what_is_new(session: &Session<'_>, step: &Step) -> bool {
    let subjects = match step {
        Step::SetHealthCheck(role, _) | Step::SetGroupAttributes(role, _) => vec![session.group_arn(*role)],
        Step::SetListenerAttributes(role, _) => vec![session.listener_arn(*role)],
        Step::SetListener(role, _) | Step::StepAside(role, _) => {
            vec![session.listener_arn(*role), session.group_arn(*role)]
        }
        Step::CreateListener(role, _) => vec![session.balancer_arn(), session.group_arn(*role)],
        Step::AddTags(_) | Step::RemoveTags(_) => return false,
        _ => vec![session.balancer_arn()],
    };
    subjects.iter().any(|subject| !session.before.contains(subject))
}

async fn call(session: &Session<'_>, step: &Step) -> Result<(), Failure> {
    match step {
        Step::CreateBalancer(settings) => create::balancer(session, settings).await?,
        Step::CreateGroup(role, settings) => create::group(session, *role, settings).await?,
        Step::CreateListener(role, settings) => create::listener(session, *role, settings).await?,
        Step::SetBalancerAttributes(attributes) => {
            session.elb.modify_load_balancer_attributes(&session.balancer_arn(), attributes).await?;
        }
        Step::SetSubnets(subnets) => set_subnets(session, subnets).await?,
        Step::SetSecurityGroups(groups, rules) => {
            session.elb.set_security_groups(&session.balancer_arn(), groups, rules.as_deref()).await?;
        }
        Step::SetIpAddressType(kind) => session.elb.set_ip_address_type(&session.balancer_arn(), kind).await?,
        Step::SetHealthCheck(role, check) => session.elb.modify_health_check(&session.group_arn(*role), check).await?,
        Step::SetGroupAttributes(role, attributes) => {
            session.elb.modify_target_group_attributes(&session.group_arn(*role), attributes).await?;
        }
        Step::SetListener(role, port) => {
            session.elb.modify_listener(&session.listener_arn(*role), *port, &session.group_arn(*role)).await?;
        }
        Step::StepAside(role, desired) => step_aside(session, *role, desired).await?,
        Step::SetListenerAttributes(role, attributes) => {
            session.elb.modify_listener_attributes(&session.listener_arn(*role), attributes).await?;
        }
        Step::AddTags(tags) => session.elb.add_tags(&session.before, tags).await?,
        Step::RemoveTags(keys) => session.elb.remove_tags(&session.before, keys).await?,
        Step::DeleteListener(role) => delete_listener(session, *role).await?,
        Step::DeleteGroup(role) => delete_group(session, *role).await?,
        Step::WaitActive => wait_active(session).await?,
        Step::BeginUpdate => begin(session).await?,
        Step::EndUpdate => end(session).await?,
        Step::CreateSuccessor(role, settings) => create::successor(session, *role, settings).await?,
        Step::PrepareSuccessor(role, check, attributes) => {
            let arn = session.lock().successors.get(role).map(|group| group.arn.clone()).unwrap_or_default();
            session.elb.modify_health_check(&arn, check).await?;
            session.elb.modify_target_group_attributes(&arn, attributes).await?;
        }
        Step::CopyTargets(role) => group_replacement::copy_targets(session, *role).await?,
        Step::AwaitHealthy(role) => group_replacement::await_healthy(session, *role).await?,
        Step::SwitchListener(role, port) => group_replacement::switch_listener(session, *role, *port).await?,
        Step::RemoveRetired(arn) => group_replacement::remove_retired(session, arn).await?,
    }
    Ok(())
}

/// Tags the load balancer, so that what a killed run leaves is searched for. Without the permission it goes on without the tag.
async fn begin(session: &Session<'_>) -> Result<(), Failure> {
    let tag = session.marker.handover(session.inventory().handover.as_deref());
    match session.elb.add_tags(&[session.balancer_arn()], &tag).await {
        Err(error) if error.is_denied() => session.warn(permission::add_tags()),
        answer => {
            answer?;
            session.keep(|inventory| inventory.handover = tag.into_values().next());
        }
    }
    Ok(())
}

/// Takes the tag off. Without the permission it stays, and the next plan shows an update.
async fn end(session: &Session<'_>) -> Result<(), Failure> {
    match session.elb.remove_tags(&[session.balancer_arn()], &[HANDOVER.to_owned()]).await {
        Err(error) if error.is_denied() => session.warn(permission::remove_tags(&[HANDOVER])),
        answer => {
            answer?;
            session.keep(|inventory| inventory.handover = None);
        }
    }
    Ok(())
}

async fn delete_listener(session: &Session<'_>, role: Role) -> Result<(), Failure> {
    let Some(arn) = session.lock().listeners.get(&role).map(|listener| listener.arn.clone()) else { return Ok(()) };
    session.elb.delete_listener(&arn).await?;
    session.marker.take_off(&arn);
    session.keep(|inventory| {
        inventory.listeners.remove(&role);
    });
    Ok(())
}

async fn delete_group(session: &Session<'_>, role: Role) -> Result<(), Failure> {
    let Some(arn) = session.lock().groups.get(&role).map(|group| group.arn.clone()) else { return Ok(()) };
    session.elb.delete_target_group(&arn).await?;
    session.marker.take_off(&arn);
    session.keep(|inventory| {
        inventory.groups.remove(&role);
    });
    Ok(())
}

/// Polls until the load balancer is set up.
async fn wait_active(session: &Session<'_>) -> Result<(), Failure> {
    let arn = session.balancer_arn();
    loop {
        let found = session.elb.load_balancer(&arn).await?;
        let state = found.as_ref().map_or_else(|| "not found".to_owned(), |found| found.state.clone());
        if let Some(found) = found
            && is_set_up(found)?
        {
            return Ok(());
        }
        session.pause("waiting for the load balancer to become active", &state).await?;
    }
}

/// Moves a listener to a port that nobody has, and that none of `desired` is: others may have listeners of their own here.
async fn step_aside(session: &Session<'_>, role: Role, desired: &BTreeSet<i64>) -> Result<(), Failure> {
    let listeners = session.elb.listeners(&session.balancer_arn()).await?;
    let is_free = |port: &i64| !desired.contains(port) && listeners.iter().all(|listener| listener.port != *port);
    let Some(free) = (1..=LAST_PORT).rev().find(is_free) else { return Ok(()) };
    Ok(session.elb.modify_listener(&session.listener_arn(role), free, &session.group_arn(role)).await?)
}

/// Whether a load balancer is set up. `active_impaired` counts: it serves.
fn is_set_up(found: LoadBalancer) -> Result<bool, Failure> {
    match found.state.as_str() {
        "active" | "active_impaired" => Ok(true),
        "failed" => {
            let reason = found.reason.unwrap_or_else(|| "AWS gave no reason".to_owned());
            Err(Failure::BalancerFailed { name: found.name, reason })
        }
        _ => Ok(false),
    }
}
