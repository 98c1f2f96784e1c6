//! From what the hosts have to what is wanted: all are checked, then HAProxy changes on one after the other, then Keepalived on all.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::timeout;

use super::driver::{Driver, Verdict};
use super::failure::{self, Failure};
use super::reconnect::Reconnecting;
use super::remove::Departure;
use super::session::Sessions;
use super::start::{Failures, Inventories, REPORT_LIMIT, Start};
use super::warnings;
use crate::endpoint::deadline::{Deadline, Interrupted};
use crate::endpoint::haproxy_deployment::model::desired::Desired;
use crate::endpoint::haproxy_deployment::model::inventory::Inventory;
use crate::endpoint::haproxy_deployment::model::owner::Owner;
use crate::endpoint::haproxy_deployment::model::spec::{HostSpec, Spec};
use crate::endpoint::haproxy_deployment::plan::diff::{Change, Difference, KeepalivedEnd};
use crate::endpoint::haproxy_deployment::plan::{order, ownership};
use crate::endpoint::haproxy_deployment::read::current::current;
use crate::endpoint::nonce;
use crate::endpoint::ssh_access::Settings;
use crate::framework::diagnostic::Diagnostic;

/// How long hosts may take to say what they have, once the user wants to stop.
const LAST_LOOK: Duration = Duration::from_secs(5);

/// A run.
pub struct Run<'a> {
    /// How hosts are reached.
    pub settings: &'a Settings,
    /// What is wanted.
    pub spec: &'a Spec,
    /// By what the records of this deployment are known.
    pub owner: &'a Owner,
    /// The id that its records get.
    pub id: &'a str,
    /// What was deployed before.
    pub prior: Option<&'a Spec>,
    /// Hosts that it may do without.
    pub skippable: &'a BTreeSet<String>,
    /// How long it may take.
    pub deadline: &'a Deadline,
}

/// What a run has done.
#[derive(Default)]
pub struct Done {
    /// What went wrong; nothing where everything is as it is wanted.
    pub failures: Failures,
    /// Why it ended early, and what it was doing.
    pub interrupted: Option<(Interrupted, String)>,
    /// What each host that could be asked has now.
    pub inventories: Inventories,
    /// Whether it has begun to change files or services.
    pub has_begun: bool,
    /// The hosts that it did without.
    pub missing: Vec<String>,
    /// What the user should know.
    pub warnings: Vec<Diagnostic>,
}

/// Why a run ended.
pub(super) enum End {
    Failed(Failures),
    Interrupted(Interrupted, String),
}

impl End {
    fn failures(&self) -> &[Failure] {
        match self {
            End::Failed(failures) => failures,
            End::Interrupted(..) => &[],
        }
    }
}

impl From<Failures> for End {
    fn from(failures: Failures) -> Self {
        End::Failed(failures)
    }
}

impl From<Failure> for End {
    fn from(failure: Failure) -> Self {
        End::Failed(vec![failure])
    }
}

/// The changes of one host.
pub(super) struct Changes {
    haproxy: Option<Change>,
    /// That of Keepalived.
    pub(super) keepalived: Option<Change>,
    ends_keepalived: Option<KeepalivedEnd>,
}

impl Changes {
    fn all(&self) -> Vec<&Change> {
        self.haproxy.iter().chain(&self.keepalived).collect()
    }
}

impl Run<'_> {
    /// Does everything.
    pub async fn run(&self) -> Done {
        let mut done = Done::default();
        let run = nonce::random();
        let start = self.start(&run);
        let sessions = loop {
            let sessions = match self.sessions(&start, &mut done).await {
                Ok(sessions) => self.prepared(&start, &sessions, &mut done).await.map(|()| sessions),
                Err(end) => Err(end),
            };
            match sessions {
                Ok(sessions) => break sessions,
                Err(end) if start.may_begin_again(end.failures()).await => done.warnings.clear(),
                Err(end) => return ended(done, end),
            }
        };
        let worked = self.work(&start, &sessions, &mut done).await;
        let failed = worked.is_err();
        if let Err(end) = worked {
            done = ended(done, end);
        }
        if failed {
            // What is there now is what the state is to say.
            let limit = if done.interrupted.is_some() { LAST_LOOK } else { REPORT_LIMIT };
            let asked = sessions.iter().map(|(name, session)| async move {
                let shell = session.shell();
                (name, timeout(limit, current(&shell, &self.spec.stats_socket, limit)).await)
            });
            for (name, answer) in join_all(asked).await {
                match answer {
                    Ok(Ok(found)) => drop(done.inventories.insert(name.clone(), found)),
                    _ => drop(done.inventories.remove(name)),
                }
            }
        }
        done
    }

    fn start<'b>(&'b self, run: &'b str) -> Start<'b> {
        Start {
            settings: self.settings,
            spec: self.spec,
            owner: self.owner,
            skippable: self.skippable,
            is_create: self.prior.is_none(),
            new_hosts: self.spec.new_hosts(self.prior),
            new_vips: self.prior.is_some_and(|prior| prior.vips != self.spec.vips),
            run,
            deadline: self.deadline,
        }
    }

    async fn sessions(&self, start: &Start<'_>, done: &mut Done) -> Result<Sessions, End> {
        let faults = failure::login_faults(self.settings, self.spec);
        if !faults.is_empty() {
            return Err(faults.into());
        }
        let shells = self.hold("connecting to the hosts", start.reach()).await??;
        done.missing = self.spec.hosts.keys().filter(|name| !shells.contains_key(*name)).cloned().collect();
        Ok(self.hold("locking the hosts", start.lock(shells)).await??)
    }

    /// Everything before the first change.
    async fn prepared(&self, start: &Start<'_>, sessions: &Sessions, done: &mut Done) -> Result<(), End> {
        done.inventories = self.hold("asking the hosts what they have", start.inventories(sessions)).await??;
        self.hold("checking the hosts", start.check(sessions, &done.inventories)).await??;
        done.warnings.extend(self.hold("reading the firewalls", start.firewalls(sessions, &done.inventories)).await?);
        let warnings = self.hold("preparing the hosts", start.prepare(sessions, &mut done.inventories)).await??;
        done.warnings.extend(warnings);
        Ok(())
    }

    async fn work(&self, start: &Start<'_>, sessions: &Sessions, done: &mut Done) -> Result<(), End> {
        let changes = self.changes(&done.inventories);
        let worked = async {
            self.stage(start, sessions, &changes).await?;
            done.has_begun = true;
            done.warnings.extend(self.takeover(&done.inventories));
            self.change(start, sessions, &changes).await
        };
        let worked = worked.await;
        if worked.is_err() {
            let left = changes.iter().filter_map(|(name, one)| Some((sessions.get(name)?, one)));
            let unstaged = left.map(|(session, one)| async move {
                Driver { shell: &session.shell(), run: start.run, socket: "" }.unstage(&one.all()).await;
            });
            join_all(unstaged).await;
        }
        worked?;
        // Once the others have their new peers.
        if let Some(prior) = self.prior {
            let Run { settings, spec, owner, deadline, .. } = *self;
            let departure = Departure { settings, prior, spec, owner, sessions, run: start.run, deadline };
            done.warnings.extend(departure.clear().await);
        }
        Ok(())
    }

    /// What a create says where it goes on with a whole deployment, which another state may have.
    fn takeover(&self, inventories: &Inventories) -> Option<Diagnostic> {
        let has_one = |inventory: &Inventory| self.prior.is_none() && ownership::takes_over(self.owner, inventory);
        let hosts = inventories.iter().filter(|(_, inventory)| has_one(inventory)).map(|(name, _)| name);
        let hosts: Vec<&String> = hosts.collect();
        (!hosts.is_empty()).then(|| warnings::takeover(&hosts, &self.spec.name))
    }

    fn changes(&self, inventories: &Inventories) -> BTreeMap<String, Changes> {
        let present = self.spec.hosts.iter().filter_map(|(name, host)| Some((name, host, inventories.get(name)?)));
        present.map(|(name, host, inventory)| (name.clone(), self.changes_of(host, inventory))).collect()
    }

    fn changes_of(&self, host: &HostSpec, inventory: &Inventory) -> Changes {
        let desired = Desired::of(self.spec, host);
        let difference = Difference {
            spec: self.spec,
            desired: &desired,
            inventory,
            owner: self.owner,
            id: self.id,
            is_create: self.prior.is_none(),
        };
        Changes {
            haproxy: difference.haproxy(),
            keepalived: difference.keepalived(),
            ends_keepalived: difference.ends_keepalived(),
        }
    }

    /// All new files are on all hosts and accepted there before one of them is used.
    async fn stage(
        &self,
        start: &Start<'_>,
        sessions: &Sessions,
        changes: &BTreeMap<String, Changes>,
    ) -> Result<(), End> {
        let work = changes.iter().filter_map(|(name, one)| {
            let session = sessions.get(name).filter(|_| !one.all().is_empty())?;
            Some(async move {
                let driver = Driver { shell: &session.shell(), run: start.run, socket: &self.spec.stats_socket };
                (driver.stage(&one.all()).await, session, one)
            })
        });
        let staged = self.hold("checking the new files on the hosts", join_all(work)).await?;
        let (mut failures, mut good) = (Vec::new(), Vec::new());
        for (result, session, one) in staged {
            match result {
                Ok(()) => good.push((session, one)),
                Err(failure) => failures.push(failure),
            }
        }
        if failures.is_empty() {
            return Ok(());
        }
        let unstaged = good.iter().map(|(session, one)| async move {
            Driver { shell: &session.shell(), run: start.run, socket: "" }.unstage(&one.all()).await;
        });
        join_all(unstaged).await;
        Err(failures.into())
    }

    async fn change(
        &self,
        start: &Start<'_>,
        sessions: &Sessions,
        changes: &BTreeMap<String, Changes>,
    ) -> Result<(), End> {
        let is_any = changes.values().any(|one| one.haproxy.is_some());
        let order = if is_any { self.order(start, sessions).await? } else { Vec::new() };
        for name in &order {
            let (Some(host), Some(one)) = (self.host(start, sessions, name), changes.get(name)) else { continue };
            let Some(change) = &one.haproxy else { continue };
            let doing = format!("changing HAProxy on {name}");
            self.deadline.check().map_err(|why| End::Interrupted(why, doing.clone()))?;
            self.hold(&doing, async {
                host.begin(change).await?;
                host.settle(change, Verdict::Confirm).await
            })
            .await??;
        }
        self.change_keepalived(start, sessions, changes).await?;
        for (name, one) in changes {
            let (Some(KeepalivedEnd { recorded, left }), Some(session)) = (&one.ends_keepalived, sessions.get(name))
            else {
                continue;
            };
            let shell = session.shell();
            let driver = Driver { shell: &shell, run: start.run, socket: "" };
            self.hold(&format!("ending Keepalived on {name}"), driver.remove(recorded, Some(left))).await??;
        }
        Ok(())
    }

    /// The order in which hosts change, by who has the virtual IPs now: checking new files may have taken minutes, and a restart moves them.
    pub(super) async fn order(&self, start: &Start<'_>, sessions: &Sessions) -> Result<Vec<String>, End> {
        let addresses = self.hold("asking who has the virtual IPs", self.addresses(start, sessions)).await??;
        Ok(order::order(&addresses, &self.spec.vips))
    }

    /// The addresses that each host has now.
    pub(super) async fn addresses(
        &self,
        start: &Start<'_>,
        sessions: &Sessions,
    ) -> Result<BTreeMap<String, BTreeSet<IpAddr>>, Failure> {
        let hosts = sessions.keys().filter_map(|name| Some((name, self.host(start, sessions, name)?)));
        let asked = hosts.map(|(name, host)| async move { Ok((name.clone(), host.addresses().await?)) });
        join_all(asked).await.into_iter().collect()
    }

    /// One host of the run.
    pub(super) fn host<'b>(
        &'b self,
        start: &Start<'b>,
        sessions: &'b Sessions,
        name: &str,
    ) -> Option<Reconnecting<'b>> {
        Some(Reconnecting {
            session: sessions.get(name)?,
            settings: self.settings,
            host: self.spec.hosts.get(name)?,
            run: start.run,
            socket: &self.spec.stats_socket,
        })
    }

    /// Does `work` within the run's limits.
    pub(super) async fn hold<T>(&self, doing: &str, work: impl Future<Output = T>) -> Result<T, End> {
        self.deadline.hold(work).await.map_err(|why| End::Interrupted(why, doing.to_owned()))
    }
}

fn ended(mut done: Done, end: End) -> Done {
    match end {
        End::Failed(failures) => done.failures = failures,
        End::Interrupted(why, doing) => done.interrupted = Some((why, doing)),
    }
    done
}
