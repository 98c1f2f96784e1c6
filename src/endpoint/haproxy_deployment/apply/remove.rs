//! The end of a deployment, on all hosts or on those that left it.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::time::Duration;

use futures_util::future::join_all;

use super::advice::{diagnostics, explain, missing_at_destroy};
use super::driver::Driver;
use super::elsewhere::elsewhere;
use super::failure::{Cause, Failure, login_faults};
use super::session::{HostSession, Sessions};
use super::start::{Failures, REPORT_LIMIT};
use super::warnings;
use crate::endpoint::deadline::{Deadline, Interrupted};
use crate::endpoint::enumeration::listed;
use crate::endpoint::haproxy_deployment::model::inventory::Inventory;
use crate::endpoint::haproxy_deployment::model::owner::Owner;
use crate::endpoint::haproxy_deployment::model::schema::names::ALLOW_MISSING_HOSTS;
use crate::endpoint::haproxy_deployment::model::spec::{HostSpec, Spec};
use crate::endpoint::haproxy_deployment::plan::checks::Problem;
use crate::endpoint::haproxy_deployment::plan::ownership;
use crate::endpoint::haproxy_deployment::read::clients::{client, clients};
use crate::endpoint::haproxy_deployment::read::current::current;
use crate::endpoint::haproxy_deployment::read::shell::{Shell, ShellError};
use crate::endpoint::nonce;
use crate::endpoint::ssh_access::Settings;
use crate::endpoint::timeouts::TIMEOUTS;
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::path::Path;

/// How long one attempt to connect may take.
const CONNECT_LIMIT: Duration = Duration::from_secs(15);

/// A host on which nothing else may begin, and what it has.
struct Locked {
    session: HostSession,
    inventory: Inventory,
}

/// Everything before what is ours on a host ends.
async fn locked(shell: Shell, spec: &Spec, run: &str) -> Result<Locked, Failure> {
    let session = HostSession::lock(shell, run).await?;
    let shell = session.shell();
    let failed = |cause| Failure { host: shell.host.clone(), cause };
    let inventory = current(&shell, &spec.stats_socket, REPORT_LIMIT).await;
    let inventory = inventory.map_err(|error| failed(Cause::Shell(error)))?;
    match inventory.damaged_records.first() {
        Some(path) => Err(failed(Cause::Problem(Problem::DamagedRecord(path.clone())))),
        None => Ok(Locked { session, inventory }),
    }
}

/// Ends what is ours on one host.
async fn remove(host: Locked, spec: &Spec, owner: &Owner, run: &str) -> Result<Option<Diagnostic>, Failure> {
    let Locked { session, inventory } = host;
    let shell = session.shell();
    let driver = Driver { shell: &shell, run, socket: &spec.stats_socket };
    let own: Vec<_> = inventory.records_of(owner).collect();
    for record in &own {
        driver.remove(&ownership::still_ours(record, owner, &inventory), None).await?;
    }
    if !own.is_empty() {
        return Ok(None);
    }
    // Without a record what is ours still says so itself; what was there before is not known any more.
    match ownership::recognized(spec, &shell.host, &inventory) {
        Some(record) => {
            driver.remove(&record, None).await?;
            Ok(Some(warnings::no_record(&shell.host, true)))
        }
        None if let Some(other) = ownership::other_owner(&inventory) => {
            Ok(Some(warnings::of_another(&shell.host, &other.owner, owner.is_namesake(other))))
        }
        None if ownership::has_unrecognized(&inventory) => Ok(Some(warnings::no_record(&shell.host, false))),
        None => Ok(None),
    }
}

/// Hosts that are no longer part of a deployment.
pub struct Departure<'a> {
    /// How hosts are reached.
    pub settings: &'a Settings,
    /// The deployment that they were part of.
    pub prior: &'a Spec,
    /// The one that goes on.
    pub spec: &'a Spec,
    /// By what the records of both are known.
    pub owner: &'a Owner,
    /// Its hosts.
    pub sessions: &'a Sessions,
    /// The run's random name.
    pub run: &'a str,
    /// How long it may take.
    pub deadline: &'a Deadline,
}

impl Departure<'_> {
    /// They stop, and get back what they had. One that can't be reached is a warning, and another one says whether a virtual IP is still at
    /// such a machine.
    pub async fn clear(&self) -> Vec<Diagnostic> {
        let present: BTreeSet<IpAddr> = self.spec.hosts.values().map(|host| host.address).collect();
        // A machine that has another name now is still the same one.
        let left = self.prior.hosts.iter().filter(|(_, host)| !present.contains(&host.address));
        let cleared = left.map(|(name, host)| async {
            match self.deadline.hold(self.clear_one(name, host, &present)).await {
                Ok(Ok(warning)) => Ok(warning),
                Ok(Err(failure)) => Err(left_behind(name, host, &explain(&failure.cause).1)),
                Err(_) => Err(left_behind(name, host, "There was no time left.")),
            }
        });
        let cleared = join_all(cleared).await;
        // A host that this run does without may well have a virtual IP.
        let is_left = cleared.iter().any(Result::is_err) && self.sessions.len() == self.spec.hosts.len();
        let mut warnings: Vec<Diagnostic> = cleared.into_iter().filter_map(|one| one.unwrap_or_else(Some)).collect();
        let asked = elsewhere(self.sessions, &self.spec.hosts, &self.prior.vips, self.run);
        if is_left && let Ok(elsewhere) = self.deadline.hold(asked).await {
            warnings.extend(elsewhere.into_iter().map(|(vip, by)| warnings::vip_elsewhere(vip, &by)));
        }
        warnings
    }

    async fn clear_one(
        &self,
        name: &str,
        host: &HostSpec,
        present: &BTreeSet<IpAddr>,
    ) -> Result<Option<Diagnostic>, Failure> {
        let failed = |error| Failure { host: name.to_owned(), cause: Cause::Shell(error) };
        let shell = client(self.settings, name, host, CONNECT_LIMIT).await;
        let shell = shell.map_err(|error| failed(ShellError::Ssh(error)))?;
        let inventory = current(&shell, &self.prior.stats_socket, REPORT_LIMIT).await.map_err(failed)?;
        // It has got another address, and is a load balancer as before.
        if !inventory.addresses.is_disjoint(present) {
            return Ok(None);
        }
        let host = locked(shell, self.prior, self.run).await?;
        remove(host, self.prior, self.owner, self.run).await
    }
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
pub async fn destroy(settings: &Settings, spec: &Spec, owner: &Owner, deadline: &Deadline) -> Diagnostics {
    match deadline.hold(destroy_all(settings, spec, owner)).await {
        Ok(diagnostics) => diagnostics,
        Err(why) => ended_early(
            why,
            "removing what is on the hosts",
            &format!(
                "A host on which the removal had begun goes on with it by itself. The others have what they had. \
                 Destroy again: what is removed already does no harm.{}",
                slow(why, "A destroy takes its time from the state: apply a longer one first.")
            ),
        )
        .into(),
    }
}

async fn destroy_all(settings: &Settings, spec: &Spec, owner: &Owner) -> Diagnostics {
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
    // None is touched before all can be.
    let all = reached.into_values().map(|shell| locked(shell, spec, &run));
    let (ready, refused): (Vec<_>, Vec<_>) = join_all(all).await.into_iter().partition(Result::is_ok);
    if !refused.is_empty() {
        return diagnostics(refused.into_iter().filter_map(Result::err).collect());
    }
    let mut failures: Failures = Vec::new();
    // One after the other: while the last one serves, clients are served.
    let (mut known, mut removed) = (Vec::new(), Vec::new());
    for host in ready.into_iter().flatten() {
        let name = host.session.shell().host;
        match remove(host, spec, owner, &run).await {
            Ok(warning) => {
                known.extend(warning);
                removed.push(name);
            }
            Err(failure) => failures.push(failure),
        }
    }
    if !failures.is_empty() && !removed.is_empty() {
        known.push(warnings::not_removed_everywhere(&removed));
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

/// Why a run ended early. `has_begun` is whether it changed files or services.
pub fn interrupted(why: Interrupted, doing: &str, has_begun: bool) -> Diagnostic {
    let detail = if has_begun {
        "A host that was just being changed takes that back by itself within a minute, unless the change was \
         confirmed. The next apply goes on from what the hosts have."
    } else {
        "HAProxy and Keepalived have the files that they had. Run again."
    };
    ended_early(why, doing, &format!("{detail}{}", slow(why, "Set a longer one if the hosts were only slow.")))
}

/// What to do about a time that was too short.
fn slow(why: Interrupted, remedy: &str) -> String {
    if why == Interrupted::TimedOut { format!(" {remedy}") } else { String::new() }
}

fn ended_early(why: Interrupted, doing: &str, detail: &str) -> Diagnostic {
    match why {
        Interrupted::Stopped => Diagnostic::failed("Interrupted", format!("It ended while {doing}. {detail}")),
        Interrupted::TimedOut => {
            let detail = format!("The time set by `{TIMEOUTS}` was over while {doing}. {detail}");
            Diagnostic::failed("Timed out", detail).at(Path::of(TIMEOUTS))
        }
    }
}
