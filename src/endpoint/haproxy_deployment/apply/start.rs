//! Reaches, locks and checks all hosts, before any is changed.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::time::Duration;

use futures_util::future::join_all;

use super::driver::Driver;
use super::elsewhere;
use super::failure::{Cause, Failure};
use super::session::{HostSession, Sessions};
use super::warnings;
use crate::endpoint::deadline::Deadline;
use crate::endpoint::enumeration::listed;
use crate::endpoint::haproxy_deployment::model::desired::{Desired, KEEPALIVED};
use crate::endpoint::haproxy_deployment::model::inventory::Inventory;
use crate::endpoint::haproxy_deployment::model::owner::Owner;
use crate::endpoint::haproxy_deployment::model::spec::{HostSpec, Spec};
use crate::endpoint::haproxy_deployment::plan::{checks, firewall, ownership};
use crate::endpoint::haproxy_deployment::read::clients::{Clients, clients};
use crate::endpoint::haproxy_deployment::read::current::current;
use crate::endpoint::haproxy_deployment::read::shell::{Shell, ShellError};
use crate::endpoint::ssh_access::Settings;
use crate::framework::diagnostic::Diagnostic;
use crate::remote::ssh::ssh_error::Outlook;

/// How long one attempt to connect may take.
const CONNECT_LIMIT: Duration = Duration::from_secs(15);

/// What is left of a run's time to report why it ended.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// The pause between two attempts while machines boot.
const CONNECT_PAUSE: Duration = Duration::from_secs(3);

/// How often a new host may end the connection instead of an answer to the login. One that boots is done with that soon; one that refuses the
/// login without words counts attempts.
const MOST_CUTS: u32 = 10;

/// How long a host may take to say what it has.
pub const REPORT_LIMIT: Duration = Duration::from_secs(30);

/// What all hosts have.
pub type Inventories = BTreeMap<String, Inventory>;

/// What a run knows of itself.
pub struct Start<'a> {
    /// How hosts are reached.
    pub settings: &'a Settings,
    /// What is wanted.
    pub spec: &'a Spec,
    /// By what the records of this deployment are known.
    pub owner: &'a Owner,
    /// Hosts that it may do without.
    pub skippable: &'a BTreeSet<String>,
    /// Whether nothing was deployed so far.
    pub is_create: bool,
    /// Hosts on which nothing was deployed so far: machines that may still boot.
    pub new_hosts: BTreeSet<String>,
    /// Whether the virtual IPs are other ones than before.
    pub new_vips: bool,
    /// The run's random name.
    pub run: &'a str,
    /// How long it may take.
    pub deadline: &'a Deadline,
}

/// Why a run doesn't go on.
pub type Failures = Vec<Failure>;

impl Start<'_> {
    /// Logs in to all hosts. Those that this run may do without may be missing.
    ///
    /// # Errors
    /// Every host that can't be used.
    pub async fn reach(&self) -> Result<BTreeMap<String, Shell>, Failures> {
        let mut reached: BTreeMap<String, Shell> = BTreeMap::new();
        let mut cuts: BTreeMap<String, u32> = BTreeMap::new();
        loop {
            let open = self.spec.hosts.iter().filter(|(name, _)| !reached.contains_key(*name));
            // Its own time-out names the host; that of the run doesn't.
            let limit = CONNECT_LIMIT.min(self.deadline.left().saturating_sub(LAST_WORDS));
            let answers = clients(self.settings, open, limit).await;
            let failures = self.sort(answers, &mut reached);
            if failures.is_empty() {
                return Ok(reached);
            }
            for failure in failures.iter().filter(|failure| failure.outlook() == Some(Outlook::CutAtLogin)) {
                *cuts.entry(failure.host.clone()).or_default() += 1;
            }
            // Nobody waits for a host that is down, unless it is a new one.
            let boots = |failure: &Failure| {
                let may_come = cuts.get(&failure.host).is_none_or(|cuts| *cuts < MOST_CUTS);
                failure.outlook() == Some(Outlook::Boots)
                    || self.new_hosts.contains(&failure.host) && failure.is_unreachable() && may_come
            };
            if !failures.iter().all(boots) {
                return Err(failures);
            }
            let missing: Vec<String> = failures.iter().map(|failure| failure.host.clone()).collect();
            let state = missing.join(", ");
            if self.deadline.wait(CONNECT_PAUSE, "waiting until SSH answers", &state).await.is_err() {
                return Err(failures);
            }
        }
    }

    /// Whether a run begins again, after a pause, for new hosts: before anything is changed, a connection that ends is one of a machine whose first boot
    /// restarts it.
    pub async fn may_begin_again(&self, failures: &[Failure]) -> bool {
        let boots = |failure: &Failure| {
            let boots = [Some(Outlook::Away), Some(Outlook::Boots), Some(Outlook::Lost)];
            self.new_hosts.contains(&failure.host) && boots.contains(&failure.outlook())
        };
        let missing: Vec<&str> = failures.iter().map(|failure| failure.host.as_str()).collect();
        !failures.is_empty()
            && failures.iter().all(boots)
            && self.deadline.wait(CONNECT_PAUSE, "waiting until SSH answers again", &missing.join(", ")).await.is_ok()
    }

    fn sort(&self, answers: Clients, reached: &mut BTreeMap<String, Shell>) -> Failures {
        let mut failures = Vec::new();
        for (host, answer) in answers {
            match answer {
                Ok(shell) => drop(reached.insert(host, shell)),
                Err(error) => {
                    let failure = Failure { host, cause: Cause::Shell(ShellError::Ssh(error)) };
                    if !(self.skippable.contains(&failure.host) && failure.is_unreachable()) {
                        failures.push(failure);
                    }
                }
            }
        }
        failures
    }

    /// Locks the hosts one after the other, in the order of their addresses, which is the same in every configuration: two runs can't wait
    /// for each other so.
    ///
    /// # Errors
    /// The first that can't be locked.
    pub async fn lock(&self, shells: BTreeMap<String, Shell>) -> Result<Sessions, Failures> {
        let mut sessions = Sessions::new();
        let mut shells: Vec<(String, Shell)> = shells.into_iter().collect();
        shells.sort_by_key(|(name, _)| self.spec.hosts.get(name).map(|host| host.address));
        for (name, shell) in shells {
            sessions.insert(name, HostSession::lock(shell, self.run).await.map_err(|failure| vec![failure])?);
        }
        Ok(sessions)
    }

    /// Asks all hosts at once what they have.
    ///
    /// # Errors
    /// Every host that doesn't answer.
    pub async fn inventories(&self, sessions: &Sessions) -> Result<Inventories, Failures> {
        inventories(sessions, &self.spec.stats_socket).await
    }

    /// Checks what needs no program of ours.
    ///
    /// # Errors
    /// Everything that stands in the way on any host.
    pub async fn check(&self, sessions: &Sessions, inventories: &Inventories) -> Result<(), Failures> {
        let mut failures = Vec::new();
        for (name, host, inventory) in self.present(inventories) {
            let desired = Desired::of(self.spec, host);
            let problems = checks::before(&desired, host, self.spec.install_packages, inventory);
            let conflicts = ownership::conflicts(self.spec, host, self.owner, self.is_create, inventory);
            let causes = problems.into_iter().map(Cause::Problem).chain(conflicts.into_iter().map(Cause::Conflict));
            failures.extend(causes.map(|cause| Failure { host: name.clone(), cause }));
        }
        if failures.is_empty() && (self.is_create || self.new_vips) {
            failures.extend(self.taken_vips(sessions, inventories).await?);
        }
        if failures.is_empty() { Ok(()) } else { Err(failures) }
    }

    /// What the hosts' own firewalls keep out. No run ends by that: the rules are the user's, and a network may let in what they seem to drop.
    pub async fn firewalls(&self, sessions: &Sessions, inventories: &Inventories) -> Vec<Diagnostic> {
        let work = self.present(inventories).filter_map(|(name, host, _)| {
            let session = sessions.get(name)?;
            let desired = Desired::of(self.spec, host);
            let others = self.spec.hosts.iter().filter(|(other, _)| desired.router_id.is_some() && *other != name);
            let peers: Vec<IpAddr> = others.map(|(_, other)| other.address).collect();
            Some(async move {
                let driver = Driver { shell: &session.shell(), run: self.run, socket: "" };
                let firewall = driver.firewall(host.address).await.ok()??;
                let blocked = firewall::blocked(&firewall, host.address, &desired.served, &peers)?;
                Some(warnings::blocked(name, &blocked))
            })
        });
        join_all(work).await.into_iter().flatten().collect()
    }

    fn present<'b>(
        &'b self,
        inventories: &'b Inventories,
    ) -> impl Iterator<Item = (&'b String, &'b HostSpec, &'b Inventory)> {
        self.spec.hosts.iter().filter_map(|(name, host)| Some((name, host, inventories.get(name)?)))
    }

    /// Virtual IPs that answer, though none of the hosts has them. A host that is missing may well have them.
    async fn taken_vips(&self, sessions: &Sessions, inventories: &Inventories) -> Result<Failures, Failures> {
        let held = |vip: &IpAddr| inventories.values().any(|inventory| inventory.addresses.contains(vip));
        let free: Vec<IpAddr> = self.spec.vips.iter().copied().filter(|vip| !held(vip)).collect();
        let everybody = inventories.len() == self.spec.hosts.len();
        let one = sessions.iter().find_map(|(name, session)| Some((session, self.spec.hosts.get(name)?.address)));
        let Some((session, own)) = one.filter(|_| everybody && !free.is_empty()) else {
            return Ok(Vec::new());
        };
        let driver = Driver { shell: &session.shell(), run: self.run, socket: &self.spec.stats_socket };
        let claims = driver.claims(&free, own).await.map_err(|failure| vec![failure])?;
        let taken = elsewhere::judged(&[claims]).into_iter();
        let taken = taken.map(|(vip, others)| Cause::VipTaken { vip: vip.to_string(), by: listed(others) });
        Ok(taken.map(|cause| Failure { host: String::new(), cause }).collect())
    }

    /// Installs what is missing on all hosts at once, and checks what was installed.
    ///
    /// # Errors
    /// Every host on which that fails.
    pub async fn prepare(
        &self,
        sessions: &Sessions,
        inventories: &mut Inventories,
    ) -> Result<Vec<Diagnostic>, Failures> {
        let work = self.present(inventories).filter_map(|(name, host, inventory)| {
            let desired = Desired::of(self.spec, host);
            let packages = checks::missing(&desired, inventory);
            let session = sessions.get(name).filter(|_| self.new_hosts.contains(name) || !packages.is_empty())?;
            Some(async move {
                let driver = Driver { shell: &session.shell(), run: self.run, socket: &self.spec.stats_socket };
                let keepalived = desired.units.contains(KEEPALIVED);
                driver.prepare(self.spec, &packages, keepalived, Duration::from_secs(600)).await
            })
        });
        let done = join_all(work).await;
        let (mut warnings, mut failures) = (Vec::new(), Failures::new());
        for prepared in done {
            match prepared {
                Ok(warning) => warnings.extend(warning),
                Err(failure) => failures.push(failure),
            }
        }
        if !failures.is_empty() {
            return Err(failures);
        }
        *inventories = self.inventories(sessions).await?;
        let old = self.present(inventories).flat_map(|(name, host, inventory)| {
            let desired = Desired::of(self.spec, host);
            // A first boot may have written files in the meantime, and packages bring some.
            let conflicts = ownership::conflicts(self.spec, host, self.owner, self.is_create, inventory)
                .into_iter()
                .map(Cause::Conflict);
            let mut problems = checks::too_old(&desired, inventory);
            let packages = checks::missing(&desired, inventory);
            if !packages.is_empty() {
                problems.push(checks::Problem::Missing { packages, command: None });
            }
            let causes = conflicts.chain(problems.into_iter().map(Cause::Problem));
            causes.map(|cause| Failure { host: name.clone(), cause })
        });
        let old: Failures = old.collect();
        if old.is_empty() { Ok(warnings) } else { Err(old) }
    }
}

/// Asks hosts at once what they have.
///
/// # Errors
/// Every host that doesn't answer.
pub async fn inventories(sessions: &Sessions, socket: &str) -> Result<Inventories, Failures> {
    let asked = sessions
        .iter()
        .map(|(name, session)| async move { (name.clone(), current(&session.shell(), socket, REPORT_LIMIT).await) });
    let mut found = Inventories::new();
    let mut failures = Vec::new();
    for (host, answer) in join_all(asked).await {
        match answer {
            Ok(inventory) => drop(found.insert(host, inventory)),
            Err(error) => failures.push(Failure { host, cause: Cause::Shell(error) }),
        }
    }
    if failures.is_empty() { Ok(found) } else { Err(failures) }
}
