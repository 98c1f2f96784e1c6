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
        /// The files.
        paths: Vec<String>,
        /// The other's name.
        owner: String,
    },
    /// All that is there is another deployment's of the same name.
    Namesake {
        /// The name.
        name: String,
        /// This one has it in the plan only.
        is_new_name: bool,
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
        inventory.records.iter().find(|record| of(record) && record.files.contains_key(path))
    };
    let mut conflicts = Vec::new();
    if let Some(namesake) = namesake(owner, inventory).filter(|_| !spec.adopt_existing) {
        let is_new_name = owner.names.len() > 1 && namesake.owner == spec.name;
        conflicts.push(Conflict::Namesake { name: namesake.owner.clone(), is_new_name });
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
        if spec.adopt_existing {
            continue;
        }
        if let Some(record) = own_record {
            if is_create && is_rewritten(record, path, inventory) {
                conflicts.push(Conflict::Somebody { path: path.clone() });
            }
            continue;
        }
        let is_as_wanted = *hash == sha256(wanted.text.as_bytes());
        if let Some(other) = records(&|record| !is_of_cloud_init(record), path) {
            // One of the same name is reported already, for all that it has.
            let is_reported = owner.is_namesake(other);
            let is_conflict = !is_reported && (!other.is_of_cloud_init || !is_as_wanted);
            if is_conflict {
                push_others(&mut conflicts, path, &other.owner);
            }
            continue;
        }
        let as_recorded =
            records(&is_of_cloud_init, path).is_some_and(|record| is_as_recorded(record, path, inventory));
        if is_as_wanted || origin == Origin::Package || as_recorded || text.is_some_and(|text| is_rendered(path, text))
        {
            continue;
        }
        conflicts.push(Conflict::Somebody { path: path.clone() });
    }
    conflicts
}

/// One conflict for each owner, with all its files.
fn push_others(conflicts: &mut Vec<Conflict>, path: &str, other: &str) {
    for conflict in conflicts.iter_mut() {
        if let Conflict::Owner { paths, owner } = conflict
            && owner == other
        {
            paths.push(path.to_owned());
            return;
        }
    }
    conflicts.push(Conflict::Owner { paths: vec![path.to_owned()], owner: other.to_owned() });
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
    let is_in_place = |record: &Record, path: &str| match inventory.files.get(path) {
        Some(found) => is_as_recorded(record, path, inventory) || is_by_us(path, found),
        None => false,
    };
    let is_whole = |record: &Record| {
        let main = || [HAPROXY_CFG, KEEPALIVED_CONF].into_iter().filter(|path| record.files.contains_key(*path));
        main().all(|path| is_in_place(record, path)) && main().any(|path| is_as_recorded(record, path, inventory))
    };
    let is_replaced = |record: &Record| owner.replaced.is_some() && record.id == owner.replaced;
    inventory.records_of(owner).any(|record| !record.is_of_cloud_init && !is_replaced(record) && is_whole(record))
}

/// Whether a file is as a record has it.
fn is_as_recorded(record: &Record, path: &str, inventory: &Inventory) -> bool {
    record.files.get(path).is_some_and(|hash| inventory.is_there(path, hash))
}

/// What a destroy may touch of what `record` names: not what another deployment has written over it since.
pub fn still_ours(record: &Record, owner: &Owner, inventory: &Inventory) -> Record {
    let others = || inventory.records.iter().filter(|other| !owner.has(other));
    without(record, |path| {
        others().any(|other| is_as_recorded(other, path, inventory)) && !is_as_recorded(record, path, inventory)
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
