//! The end of a deployment, on all hosts or on those that left it.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::time::Duration;

use futures_util::future::join_all;

use super::advice::{diagnostics, explain, missing_at_destroy};
use super::driver::{Driver, Part};
use super::failure::{Cause, Failure, login_faults};
use super::session::HostSession;
use super::start::{Failures, REPORT_LIMIT};
use super::warnings;
use crate::endpoint::deadline::{Deadline, Interrupted};
use crate::endpoint::enumeration::listed;
use crate::endpoint::haproxy_deployment::model::schema::names::ALLOW_MISSING_HOSTS;
use crate::endpoint::haproxy_deployment::model::spec::{HostSpec, Spec};
use crate::endpoint::haproxy_deployment::plan::checks::Problem;
use crate::endpoint::haproxy_deployment::plan::ownership;
use crate::endpoint::haproxy_deployment::read::clients::{client, clients};
use crate::endpoint::haproxy_deployment::read::current::current;
use crate::endpoint::haproxy_deployment::read::shell::{Shell, ShellError};
use crate::endpoint::nonce;
use crate::endpoint::ssh_access::Settings;
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::path::Path;

/// How long one attempt to connect may take.
const CONNECT_LIMIT: Duration = Duration::from_secs(15);

/// Ends what is ours on one host.
async fn remove(shell: Shell, spec: &Spec, run: &str) -> Result<Option<Diagnostic>, Failure> {
    let session = HostSession::lock(shell).await?;
    let shell = session.shell();
    let failed = |error| Failure { host: shell.host.clone(), cause: Cause::Shell(error) };
    let inventory = current(&shell, &spec.stats_socket, REPORT_LIMIT).await.map_err(failed)?;
    if let Some(path) = inventory.damaged_records.first() {
        let problem = Problem::DamagedRecord(path.clone());
        return Err(Failure { host: shell.host.clone(), cause: Cause::Problem(problem) });
    }
    let driver = Driver { shell: &shell, run, socket: &spec.stats_socket };
    if let Some(record) = inventory.record(&spec.name) {
        driver.remove(&ownership::still_ours(record, &inventory), Part::All).await?;
        return Ok(None);
    }
    // Without a record what is ours still says so itself; what was there before is not known any more.
    match ownership::recognized(spec, &shell.host, &inventory) {
        Some(record) => {
            driver.remove(&record, Part::All).await?;
            Ok(Some(warnings::no_record(&shell.host, true)))
        }
        None if ownership::has_unrecognized(&inventory) => Ok(Some(warnings::no_record(&shell.host, false))),
        None => Ok(None),
    }
}

/// Hosts that are no longer part of a deployment: they stop, and get back what they had. One that can't be reached is a warning.
pub async fn departed(
    settings: &Settings,
    prior: &Spec,
    present: &BTreeSet<IpAddr>,
    left: &[(&String, &HostSpec)],
    run: &str,
    deadline: &Deadline,
) -> Vec<Diagnostic> {
    let work = left.iter().map(|(name, host)| async move {
        let work = async {
            let failed = |error| Failure { host: (*name).clone(), cause: Cause::Shell(ShellError::Ssh(error)) };
            let shell = client(settings, name, host, CONNECT_LIMIT).await.map_err(failed)?;
            let unusable = |error| Failure { host: (*name).clone(), cause: Cause::Shell(error) };
            let inventory = current(&shell, &prior.stats_socket, REPORT_LIMIT).await.map_err(unusable)?;
            // It has got another address, and is a load balancer as before.
            if !inventory.addresses.is_disjoint(present) {
                return Ok(None);
            }
            remove(shell, prior, run).await
        };
        match deadline.hold(work).await {
            Ok(Ok(warning)) => warning,
            Ok(Err(failure)) => Some(left_behind(name, host, &explain(&failure.cause).1)),
            Err(_) => Some(left_behind(name, host, "There was no time left.")),
        }
    });
    join_all(work).await.into_iter().flatten().collect()
}

fn left_behind(name: &str, host: &HostSpec, why: &str) -> Diagnostic {
    Diagnostic::warning(
        Path::root(),
        "Host left as it is",
        format!(
            "{name} ({}) is no load balancer any more, and couldn't be cleared: {why}\n\nIts HAProxy and Keepalived \
             may still run, and it may still hold the VIP. Stop them there (`systemctl disable --now keepalived \
             haproxy`), or make sure that the machine is gone.",
            host.way.host
        ),
    )
}

/// Ends a deployment.
pub async fn destroy(settings: &Settings, spec: &Spec, deadline: &Deadline) -> Diagnostics {
    match deadline.hold(destroy_all(settings, spec)).await {
        Ok(diagnostics) => diagnostics,
        Err(why) => ended_early(
            why,
            "removing what is on the hosts",
            "A host on which the removal had begun goes on with it by itself. The others have what they had. Destroy \
             again: what is removed already does no harm.",
        )
        .into(),
    }
}

async fn destroy_all(settings: &Settings, spec: &Spec) -> Diagnostics {
    let faults = login_faults(settings, spec);
    if !faults.is_empty() {
        return diagnostics(faults);
    }
    let (reached, failures) = reach(settings, spec).await;
    let all_missing = failures.iter().all(Failure::is_unreachable);
    let allowed = all_missing && failures.len() <= spec.allow_missing_hosts;
    let missing: Vec<String> = failures.iter().map(|failure| failure.host.clone()).collect();
    if !failures.is_empty() && !allowed {
        let mut diagnostics = diagnostics(failures);
        if all_missing {
            diagnostics.push(Diagnostic::failed("Host not reachable", missing_at_destroy(&missing)));
        }
        return diagnostics;
    }
    let run = nonce::random();
    let mut failures: Failures = Vec::new();
    // One after the other: while the last one serves, clients are served.
    let mut known = Vec::new();
    for (_, shell) in reached {
        match remove(shell, spec, &run).await {
            Ok(warning) => known.extend(warning),
            Err(failure) => failures.push(failure),
        }
    }
    let mut diagnostics = diagnostics(failures);
    warnings::merged(known).into_iter().for_each(|warning| diagnostics.push(warning));
    if !missing.is_empty() {
        diagnostics.push(Diagnostic::warning(
            Path::of(ALLOW_MISSING_HOSTS),
            "Host left as it is",
            format!(
                "{} couldn't be reached. HAProxy and Keepalived may still run there, and such a host may still hold \
                 the VIP once it is back.",
                listed(&missing)
            ),
        ));
    }
    diagnostics
}

async fn reach(settings: &Settings, spec: &Spec) -> (BTreeMap<String, Shell>, Failures) {
    let (mut reached, mut failures) = (BTreeMap::new(), Vec::new());
    for (host, answer) in clients(settings, spec.hosts.iter(), CONNECT_LIMIT).await {
        match answer {
            Ok(shell) => drop(reached.insert(host, shell)),
            Err(error) => failures.push(Failure { host, cause: Cause::Shell(ShellError::Ssh(error)) }),
        }
    }
    (reached, failures)
}

/// Why a run ended early.
pub fn interrupted(why: Interrupted, doing: &str) -> Diagnostic {
    let detail = "A host that was just being changed takes that back by itself within a minute, unless the change was \
                  confirmed. The next apply goes on from what the hosts have.";
    ended_early(why, doing, detail)
}

fn ended_early(why: Interrupted, doing: &str, detail: &str) -> Diagnostic {
    let title = match why {
        Interrupted::Stopped => "Interrupted",
        Interrupted::TimedOut => "Timed out",
    };
    Diagnostic::failed(title, format!("It ended while {doing}. {detail}"))
}
