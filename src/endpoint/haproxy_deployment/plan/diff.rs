//! The changes of one host: from what it has to what it is to have. Each is one run of `apply/script/change.sh`.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::time::Duration;

use super::order;
use super::outputs::fits;
use super::ownership::{self, is_by_us, is_rewritten};
use crate::endpoint::haproxy_deployment::model::desired::{Desired, HAPROXY, KEEPALIVED, STATE_TIMER};
use crate::endpoint::haproxy_deployment::model::inventory::{FileFound, Inventory};
use crate::endpoint::haproxy_deployment::model::owner::Owner;
use crate::endpoint::haproxy_deployment::model::record::{Record, ServiceState};
use crate::endpoint::haproxy_deployment::model::spec::Spec;
use crate::endpoint::host_files::{self, HAPROXY_CFG, HostFile, KEEPALIVED_CONF, sha256};

/// What a service needs to take new files into use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Nothing: it runs what it is to run.
    None,
    /// It reads its files again.
    Reload,
    /// It is started anew: a reload keeps what its unit gave it.
    Restart,
    /// It doesn't run yet.
    Start,
}

impl Action {
    /// The script's word for it.
    pub fn word(self) -> &'static str {
        match self {
            Action::None => "none",
            Action::Reload => "reload",
            Action::Restart => "restart",
            Action::Start => "start",
        }
    }
}

/// A change of one service.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// The service.
    pub service: &'static str,
    /// Files to write, the record among them, in the order in which they are swapped.
    pub files: Vec<HostFile>,
    /// Files to remove.
    pub gone: Vec<String>,
    /// Files of before that are kept for a destroy.
    pub originals: Vec<String>,
    /// Units that are to start at boot.
    pub units: Vec<&'static str>,
    /// Units that are no longer wanted.
    pub dropped: Vec<&'static str>,
    /// What the service needs.
    pub action: Action,
    /// What the running program reports then.
    pub expected: String,
    /// The ports that it listens on then.
    pub ports: BTreeSet<u16>,
    /// The virtual IPs, which go to another host before a restart.
    pub vips: Vec<IpAddr>,
    /// How much longer than other changes it may wait for its confirmation: for an election with long intervals.
    pub election: Duration,
}

/// The end of a Keepalived of ours, on a host that goes on without.
#[derive(Clone, Debug, PartialEq)]
pub struct KeepalivedEnd {
    /// What is recorded of this deployment.
    pub recorded: Record,
    /// The record that is left of it.
    pub left: Record,
}

/// What is on a host and what is to be there.
#[derive(Clone, Copy, Debug)]
pub struct Difference<'a> {
    /// The deployment.
    pub spec: &'a Spec,
    /// What the host is to have.
    pub desired: &'a Desired,
    /// What it has.
    pub inventory: &'a Inventory,
    /// By what the records of this deployment are known.
    pub owner: &'a Owner,
    /// The id that its records get.
    pub id: &'a str,
    /// Whether the state knows nothing of it: what somebody wrote since is what a destroy is to put back.
    pub is_create: bool,
}

impl Difference<'_> {
    /// The change of HAProxy, which brings the record along; none where nothing differs.
    pub fn haproxy(&self) -> Option<Change> {
        let mut files = self.files(HAPROXY);
        let record = self.new_record();
        let under_another_name = self.own_records().filter(|record| record.owner != self.spec.name);
        let left_behind = under_another_name.map(|record| host_files::owner_path(&record.owner));
        let mut gone: Vec<String> = self.gone(HAPROXY).chain(left_behind).collect();
        let kept = self.kept_originals();
        let is_new = |path: &&String| !kept.contains(*path) || self.is_original(path);
        let originals: Vec<String> = record.originals.iter().filter(is_new).cloned().collect();
        // The records first: a host whose power fails in between knows whose the files are that come next.
        let mut records = Vec::new();
        if !self.own_records().any(|one| *one == record) {
            records.push(record);
        }
        let is_taken = |other: &Record, path: &str| other.is_of_cloud_init || self.desired.file(path).is_some();
        for left in self.others().map(|other| ownership::without(other, |path| is_taken(other, path))) {
            if left.files.is_empty() {
                gone.push(host_files::owner_path(&left.owner));
            } else {
                records.push(left);
            }
        }
        files.splice(0..0, records.iter().map(record_file));
        let action = self.haproxy_action(&files);
        let units = self.units(&[HAPROXY, STATE_TIMER]);
        let dropped: Vec<_> = [STATE_TIMER].into_iter().filter(|unit| self.is_dropped(unit)).collect();
        let unchanged = files.is_empty() && gone.is_empty() && units.is_empty() && dropped.is_empty();
        if unchanged && action == Action::None {
            return None;
        }
        Some(Change {
            service: HAPROXY,
            vips: self.spec.vips.clone(),
            election: Duration::ZERO,
            expected: self.desired.fingerprint.clone(),
            ports: self.desired.ports.clone(),
            files,
            gone,
            originals,
            units,
            dropped,
            action,
        })
    }

    /// The change of Keepalived; none where nothing differs or it isn't to run.
    pub fn keepalived(&self) -> Option<Change> {
        let expected = self.desired.router_id.clone()?;
        let files = self.files(KEEPALIVED);
        let gone: Vec<String> = self.gone(KEEPALIVED).collect();
        let action = match self.inventory.service(KEEPALIVED).active {
            false => Action::Start,
            true if files.iter().any(|file| file.path == KEEPALIVED_CONF) => Action::Reload,
            true => Action::None,
        };
        let units = self.units(&[KEEPALIVED]);
        if files.is_empty() && gone.is_empty() && units.is_empty() && action == Action::None {
            return None;
        }
        Some(Change {
            service: KEEPALIVED,
            vips: Vec::new(),
            election: order::longer_election(self.desired.advert_interval),
            ports: BTreeSet::new(),
            originals: Vec::new(),
            dropped: Vec::new(),
            expected,
            files,
            gone,
            units,
            action,
        })
    }

    /// Where Keepalived of ours is there and isn't to be any more.
    pub fn ends_keepalived(&self) -> Option<KeepalivedEnd> {
        let recorded = self.recorded().filter(|_| self.is_keepalived_to_end())?;
        let left = ownership::without(&self.new_record(), |path| host_files::service_of(path) == Some(KEEPALIVED));
        Some(KeepalivedEnd { recorded, left })
    }

    fn is_keepalived_to_end(&self) -> bool {
        let is_recorded = |record: &Record| record.files.contains_key(KEEPALIVED_CONF);
        !self.desired.units.contains(KEEPALIVED) && self.own_records().any(is_recorded)
    }

    /// Files of a service that aren't as they are to be.
    fn files(&self, service: &str) -> Vec<HostFile> {
        let of_service = self.desired.files.iter().filter(|file| file.service == service);
        of_service.filter(|file| !self.is_as(file)).cloned().collect()
    }

    fn is_as(&self, wanted: &HostFile) -> bool {
        match self.inventory.files.get(&wanted.path) {
            Some(FileFound::Regular { mode, owner, sha256: hash, .. }) => {
                fits(wanted, mode, owner) && *hash == sha256(wanted.text.as_bytes())
            }
            _ => false,
        }
    }

    /// Files of ours that aren't to be there any more. `ends_keepalived` takes Keepalived's.
    fn gone(&self, service: &'static str) -> impl Iterator<Item = String> {
        let known = host_files::all_paths().into_iter().filter(move |(_, of)| *of == service).map(|(path, _)| path);
        let recorded = self.recorded();
        let is_gone = |path: &&str| {
            self.desired.file(path).is_none()
                && self.inventory.files.contains_key(*path)
                && recorded.as_ref().is_some_and(|record| record.files.contains_key(*path))
        };
        known.filter(is_gone).map(str::to_owned).collect::<Vec<_>>().into_iter()
    }

    fn units(&self, of: &[&'static str]) -> Vec<&'static str> {
        let wanted = of.iter().filter(|unit| self.desired.units.contains(*unit));
        let off = wanted.filter(|unit| {
            let state = self.inventory.service(unit);
            !state.enabled || **unit == STATE_TIMER && !state.active
        });
        off.copied().collect()
    }

    fn is_dropped(&self, unit: &str) -> bool {
        let state = self.inventory.service(unit);
        !self.desired.units.contains(unit) && (state.enabled || state.active)
    }

    fn haproxy_action(&self, files: &[HostFile]) -> Action {
        let drop_in = self.desired.files.iter().find(|file| file.path == host_files::HAPROXY_DROP_IN_PATH);
        let needs = drop_in.map(|file| host_files::at_start(&file.text)).unwrap_or_default();
        let has = self.inventory.text(host_files::HAPROXY_DROP_IN_PATH).map(host_files::at_start).unwrap_or_default();
        let runs_another = self.inventory.live.as_ref().is_some_and(|live| *live != self.desired.fingerprint);
        match self.inventory.service(HAPROXY).active {
            false => Action::Start,
            true if needs != has => Action::Restart,
            true if runs_another || files.iter().any(|file| file.path == HAPROXY_CFG) => Action::Reload,
            true => Action::None,
        }
    }

    /// Another deployment's of the same name counts too: where it may be taken at all, it is taken as a whole.
    fn is_own(&self, record: &Record) -> bool {
        self.owner.has(record) || self.owner.is_namesake(record)
    }

    /// The records of this deployment, under its name and the one that it had. There is one, but for a run that was cut off.
    fn own_records(&self) -> impl Iterator<Item = &Record> {
        self.inventory.records.iter().filter(|record| self.is_own(record))
    }

    /// What they say.
    fn recorded(&self) -> Option<Record> {
        self.own_records().cloned().reduce(|all, one| all.joined(one, |path, hash| self.inventory.is_there(path, hash)))
    }

    /// Records of others that have files which become ours: cloud_init's under another name, and a deployment's that this one adopts.
    fn others(&self) -> impl Iterator<Item = &Record> {
        let has_ours = |record: &Record| record.files.keys().any(|path| self.desired.file(path).is_some());
        self.inventory.records.iter().filter(move |record| !self.is_own(record) && has_ours(record))
    }

    /// The originals that are kept already, by this deployment or by those whose files become ours.
    fn kept_originals(&self) -> BTreeSet<String> {
        let of_others = self.others().flat_map(|other| &other.originals);
        let inherited = of_others.filter(|path| self.desired.file(path).is_some());
        let own = self.recorded().map(|record| record.originals).unwrap_or_default();
        own.into_iter().chain(inherited.cloned()).collect()
    }

    /// Whether what is there is what a destroy is to put back: somebody's, and no deployment's.
    fn is_original(&self, path: &str) -> bool {
        let is_rewritten = |record: &Record| is_rewritten(record, path, self.inventory);
        if let Some(own) = self.recorded().filter(|record| record.files.contains_key(path)) {
            // What an update finds changed is drift, which its plan has shown.
            return self.is_create && is_rewritten(&own);
        }
        if let Some(other) = self.others().find(|other| other.files.contains_key(path)) {
            return is_rewritten(other);
        }
        // One of ours whose record is lost is nobody's original.
        self.inventory.files.get(path).is_some_and(|found| !is_by_us(path, found))
    }

    /// How a service was before the first deployment came.
    fn service_before(&self, service: &str, path: &str) -> ServiceState {
        let other = self.others().find(|other| other.files.contains_key(path));
        let inherited = other.and_then(|other| other.services.get(service)).copied();
        let as_it_is = || self.is_original(path).then(|| self.inventory.service(service));
        inherited.or_else(as_it_is).unwrap_or_default()
    }

    /// The record as it is to be: with what was there before this deployment came.
    fn new_record(&self) -> Record {
        let recorded = self.recorded();
        let mut originals = self.kept_originals();
        originals.extend(self.desired.files.iter().map(|file| file.path.clone()).filter(|path| self.is_original(path)));
        let mut services = recorded.as_ref().map(|record| record.services.clone()).unwrap_or_default();
        for (service, path) in [(HAPROXY, HAPROXY_CFG), (KEEPALIVED, KEEPALIVED_CONF)] {
            if self.desired.units.contains(service) {
                services.entry(service.to_owned()).or_insert_with(|| self.service_before(service, path));
            }
        }
        // What else cloud_init has put there goes with a destroy.
        let known = |path: &str| host_files::service_of(path).is_some();
        let by_cloud_init = self.others().filter(|other| other.is_of_cloud_init);
        let mut files: BTreeMap<String, String> =
            recorded.iter().chain(by_cloud_init).flat_map(|record| record.files.clone()).collect();
        // Keepalived ends after the record is written: what is cut off in between is still known to be ours then.
        let is_to_end = |path: &str| self.is_keepalived_to_end() && host_files::service_of(path) == Some(KEEPALIVED);
        files.retain(|path, _| !known(path) || is_to_end(path));
        files.extend(self.desired.hashes());
        let id = Some(self.id.to_owned());
        Record { owner: self.spec.name.clone(), id, is_of_cloud_init: false, files, originals, services }
    }
}

fn record_file(record: &Record) -> HostFile {
    let path = host_files::owner_path(&record.owner);
    HostFile { path, mode: "0644", text: record.text(), service: HAPROXY }
}

#[cfg(test)]
mod tests;
