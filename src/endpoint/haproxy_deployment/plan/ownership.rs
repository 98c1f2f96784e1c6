//! Which files of a host may be replaced.

use std::collections::{BTreeMap, BTreeSet};

use super::super::model::desired::{Desired, HAPROXY, KEEPALIVED, fingerprint, router_id};
use super::super::model::inventory::{FileFound, Inventory, Origin};
use super::super::model::owner::Owner;
use super::super::model::record::{Record, ServiceState};
use super::super::model::spec::{HostSpec, Spec};
use crate::endpoint::fingerprint;
use crate::endpoint::host_files::{HAPROXY_CFG, KEEPALIVED_CONF, sha256};

/// A file that is somebody's.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Conflict {
    /// Another deployment's.
    Owner {
        /// The file.
        path: String,
        /// The other's name.
        owner: String,
    },
    /// All that is there is another deployment's of the same name.
    Namesake {
        /// The name.
        name: String,
    },
    /// Somebody wrote it, or changed what a package or `cloud_init` had written.
    Somebody {
        /// The file.
        path: String,
    },
    /// It is no file.
    NoFile {
        /// What is there.
        path: String,
    },
}

/// The files that may not be replaced. A create shows no plan of what is there.
pub fn conflicts(spec: &Spec, host: &HostSpec, owner: &Owner, is_create: bool, inventory: &Inventory) -> Vec<Conflict> {
    let desired = Desired::of(spec, host);
    let owner_of_cloud_init = spec.owner_of_cloud_init(host);
    let is_of_cloud_init = |record: &Record| record.is_of_cloud_init && record.owner == owner_of_cloud_init;
    let is_own = |record: &Record| owner.has(record);
    let records = |of: &dyn Fn(&Record) -> bool, path: &str| {
        inventory.records.iter().find(|record| of(record) && record.files.contains_key(path)).cloned()
    };
    let mut conflicts = Vec::new();
    if let Some(namesake) = namesake(owner, inventory).filter(|_| !spec.adopt_existing) {
        conflicts.push(Conflict::Namesake { name: namesake.owner.clone() });
    }
    for wanted in &desired.files {
        let path = &wanted.path;
        let (hash, origin, text) = match inventory.files.get(path) {
            None => continue,
            Some(FileFound::Other) => {
                conflicts.push(Conflict::NoFile { path: path.clone() });
                continue;
            }
            Some(FileFound::Regular { sha256, origin, text, .. }) => (sha256, *origin, text.as_deref()),
        };
        let own_record = records(&is_own, path);
        if is_create && !spec.adopt_existing && own_record.is_some_and(|record| is_rewritten(&record, path, inventory))
        {
            conflicts.push(Conflict::Somebody { path: path.clone() });
            continue;
        }
        if spec.adopt_existing || records(&is_own, path).is_some() {
            continue;
        }
        let is_as_wanted = *hash == sha256(wanted.text.as_bytes());
        if let Some(other) = records(&|record| !is_of_cloud_init(record), path) {
            // One of the same name is reported already, for all that it has.
            let is_reported = owner.is_namesake(&other);
            let is_conflict = !is_reported && (!other.is_of_cloud_init || !is_as_wanted);
            if is_conflict {
                conflicts.push(Conflict::Owner { path: path.clone(), owner: other.owner });
            }
            continue;
        }
        let as_recorded = records(&is_of_cloud_init, path).is_some_and(|record| record.files.get(path) == Some(hash));
        if is_as_wanted || origin == Origin::Package || as_recorded || text.is_some_and(|text| is_rendered(path, text))
        {
            continue;
        }
        conflicts.push(Conflict::Somebody { path: path.clone() });
    }
    conflicts
}

/// What is ours on a host whose record is gone: files as they were written, and those that hash themselves. None where nothing is, or
/// another deployment has it.
pub fn recognized(spec: &Spec, host: &str, inventory: &Inventory) -> Option<Record> {
    let desired = Desired::of(spec, spec.hosts.get(host)?);
    let is_others = |path: &str| inventory.records.iter().any(|record| record.files.contains_key(path));
    let ours = inventory.files.iter().filter_map(|(path, found)| {
        let FileFound::Regular { sha256: hash, text, .. } = found else { return None };
        let wanted = desired.file(path).is_some_and(|wanted| *hash == sha256(wanted.text.as_bytes()));
        let rendered = text.as_deref().is_some_and(|text| is_rendered(path, text));
        ((wanted || rendered) && !is_others(path)).then(|| (path.clone(), hash.clone()))
    });
    let files: BTreeMap<String, String> = ours.collect();
    let main = [(HAPROXY, HAPROXY_CFG), (KEEPALIVED, KEEPALIVED_CONF)];
    let services = main.into_iter().filter(|(_, path)| files.contains_key(*path));
    let services: BTreeMap<String, ServiceState> =
        services.map(|(service, _)| (service.to_owned(), ServiceState::default())).collect();
    (!services.is_empty()).then(|| Record {
        owner: spec.name.clone(),
        id: None,
        is_of_cloud_init: false,
        files,
        originals: BTreeSet::new(),
        services,
    })
}

/// A record without the files that `is_taken` names, and what it says about them.
pub fn without(record: &Record, is_taken: impl Fn(&str) -> bool) -> Record {
    let mut left = record.clone();
    left.files.retain(|path, _| !is_taken(path));
    left.originals.retain(|path| !is_taken(path));
    let taken = [(HAPROXY, HAPROXY_CFG), (KEEPALIVED, KEEPALIVED_CONF)];
    left.services.retain(|service, _| !taken.iter().any(|(name, path)| name == service && is_taken(path)));
    left
}

/// The record of another deployment that has the name of this one: of another state, or of a second resource.
pub fn namesake<'a>(owner: &Owner, inventory: &'a Inventory) -> Option<&'a Record> {
    inventory.records.iter().find(|record| owner.is_namesake(record))
}

/// Whether a host has a whole deployment of this one's name, which a create takes over: not what one has left that failed or was killed, which
/// has recorded files that never came into their place.
pub fn takes_over(owner: &Owner, inventory: &Inventory) -> bool {
    let is_in_place = |record: &Record, path: &&str| match inventory.files.get(*path) {
        Some(found @ FileFound::Regular { sha256, .. }) => {
            record.files.get(*path) == Some(sha256) || is_by_us(path, found)
        }
        _ => false,
    };
    let is_whole = |record: &&Record| {
        let main = [HAPROXY_CFG, KEEPALIVED_CONF];
        main.iter().filter(|path| record.files.contains_key(**path)).all(|path| is_in_place(record, path))
    };
    inventory.records_of(owner).filter(|record| !record.is_of_cloud_init).any(|record| is_whole(&record))
}

/// What a destroy may touch of what `record` names: not what another deployment has written over it since.
pub fn still_ours(record: &Record, owner: &Owner, inventory: &Inventory) -> Record {
    let others = || inventory.records.iter().filter(|other| !owner.has(other));
    let hash = |path: &str| match inventory.files.get(path) {
        Some(FileFound::Regular { sha256, .. }) => Some(sha256),
        _ => None,
    };
    without(record, |path| {
        let is_anothers = others().any(|other| other.files.contains_key(path) && other.files.get(path) == hash(path));
        is_anothers && record.files.get(path) != hash(path)
    })
}

/// The record of another deployment that has a main file of this host.
pub fn other_owner(inventory: &Inventory) -> Option<&Record> {
    let has_main =
        |record: &&Record| [HAPROXY_CFG, KEEPALIVED_CONF].iter().any(|path| record.files.contains_key(*path));
    inventory.records.iter().find(has_main)
}

/// Whether a host has a main file that is no package's, and that nobody has recorded.
pub fn has_unrecognized(inventory: &Inventory) -> bool {
    [HAPROXY_CFG, KEEPALIVED_CONF].into_iter().any(|path| match inventory.files.get(path) {
        Some(FileFound::Regular { origin, .. }) => {
            *origin != Origin::Package && !inventory.records.iter().any(|record| record.files.contains_key(path))
        }
        _ => false,
    })
}

/// Whether somebody wrote a main file anew since `record` was written. All other files have names of our own.
pub fn is_rewritten(record: &Record, path: &str, inventory: &Inventory) -> bool {
    let Some(FileFound::Regular { sha256, origin, text, .. }) = inventory.files.get(path) else { return false };
    [HAPROXY_CFG, KEEPALIVED_CONF].contains(&path)
        && record.files.get(path).is_some_and(|recorded| recorded != sha256)
        && *origin != Origin::Package
        && !text.as_deref().is_some_and(|text| is_rendered(path, text))
}

/// Whether a file that is there can only be of this provider: nothing that a destroy should put back.
pub fn is_by_us(path: &str, found: &FileFound) -> bool {
    let FileFound::Regular { text, .. } = found else { return false };
    // All others have names of our own.
    ![HAPROXY_CFG, KEEPALIVED_CONF].contains(&path) || text.as_deref().is_some_and(|text| is_rendered(path, text))
}

/// Whether a file is as `talosendpoint_haproxy` renders one: it hashes itself.
fn is_rendered(path: &str, text: &str) -> bool {
    let (own, begins) = match path {
        HAPROXY_CFG => (fingerprint(text), "description "),
        KEEPALIVED_CONF => (router_id(text).and_then(|id| id.rsplit_once('-')).map(|(_, digits)| digits), "router_id "),
        _ => return false,
    };
    let rest: String = text.split_inclusive('\n').filter(|line| !line.trim_start().starts_with(begins)).collect();
    own.is_some_and(|own| own == fingerprint::of(&rest))
}

#[cfg(test)]
mod tests;
