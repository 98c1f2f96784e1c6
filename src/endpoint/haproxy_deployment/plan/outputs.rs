//! `deployed`: what is to be on each host, and what is there, in the same form, so that their difference is a diff line by line.

use std::collections::BTreeMap;

use super::shown::{hash_only, shown};
use crate::endpoint::haproxy_deployment::model::desired::Desired;
use crate::endpoint::haproxy_deployment::model::inventory::{FileFound, Inventory};
use crate::endpoint::haproxy_deployment::model::owner::Owner;
use crate::endpoint::haproxy_deployment::model::record::ServiceState;
use crate::endpoint::haproxy_deployment::model::schema::names::*;
use crate::endpoint::haproxy_deployment::model::spec::Spec;
use crate::endpoint::host_files::{self, HostFile};
use crate::framework::value::{Object, Value};

/// What stands for a link or a folder in place of a file.
const NO_FILE: &str = "# This is no regular file.\n";

/// Sets `deployed` of a planned object. `unreached` are the hosts that the last read couldn't ask, in a plan that may do without them.
pub fn outputs(planned: &mut Object, prior: Option<&Object>, unreached: &[String]) {
    let deployed = match Spec::read(planned) {
        Some(spec) => {
            let missing = if unreached.len() <= spec.allow_missing_hosts { unreached } else { &[] };
            Value::Map(
                spec.hosts
                    .iter()
                    .map(|(name, host)| {
                        let wanted = wanted(&Desired::of(&spec, host));
                        let stored = stored(prior, name);
                        let open = missing.contains(name) && stored.is_some_and(|stored| *stored != wanted);
                        (name.clone(), if open { Value::UNKNOWN_NOT_NULL } else { wanted })
                    })
                    .collect(),
            )
        }
        None => Value::UNKNOWN_NOT_NULL,
    };
    planned.insert(DEPLOYED.to_owned(), deployed);
}

/// What the state says about a host.
pub fn stored<'a>(prior: Option<&'a Object>, host: &str) -> Option<&'a Value> {
    prior?.get(DEPLOYED)?.entries()?.get(host)
}

/// Paths of hosts at which something else than a file was found, `lb-01: PATH`: no apply replaces that.
pub fn no_files(state: &Object) -> Vec<String> {
    let hosts = state.get(DEPLOYED).and_then(Value::entries).into_iter().flatten();
    let mut found = Vec::new();
    for (host, entry) in hosts {
        let text = |name: &str| entry.attribute(name)?.as_str();
        let main = [(HAPROXY_CFG, host_files::HAPROXY_CFG), (KEEPALIVED_CONF, host_files::KEEPALIVED_CONF)];
        let main = main.into_iter().filter(|(name, _)| text(name) == Some(NO_FILE)).map(|(_, path)| path);
        let others = entry.attribute(OTHERS).and_then(Value::entries).into_iter().flatten();
        let others = others.filter(|(_, text)| text.as_str() == Some(NO_FILE)).map(|(path, _)| path.as_str());
        found.extend(main.chain(others).map(|path| format!("{host}: {path}")));
    }
    found
}

/// What is to be on a host.
pub fn wanted(desired: &Desired) -> Value {
    let text = |path: &str| desired.file(path).map(|file| Value::from(shown(&file.text)));
    let others = desired.files.iter().filter(|file| !is_main(&file.path));
    let running = ServiceState { enabled: true, active: true };
    entry(
        text(host_files::HAPROXY_CFG),
        text(host_files::KEEPALIVED_CONF),
        others.map(|file| (file.path.clone(), Value::from(shown(&file.text)))).collect(),
        desired.units.iter().map(|unit| ((*unit).to_owned(), running)),
    )
}

/// What is on a host, of what is to be there or is recorded as ours.
pub fn found(desired: &Desired, inventory: &Inventory, owner: &Owner) -> Value {
    let is_recorded = |path: &str| inventory.records_of(owner).any(|record| record.files.contains_key(path));
    let is_ours = |path: &str| desired.file(path).is_some() || is_recorded(path);
    let ours = inventory.files.iter().filter(|(path, _)| is_ours(path));
    let texts: BTreeMap<String, Value> =
        ours.map(|(path, file)| (path.clone(), Value::from(as_found(path, file, desired, inventory, owner)))).collect();
    let services = inventory.services.iter().filter(|(name, state)| {
        desired.units.contains(name.as_str())
            || (state.active || state.enabled)
                && inventory.records_of(owner).any(|record| record.services.contains_key(*name))
    });
    entry(
        texts.get(host_files::HAPROXY_CFG).cloned(),
        texts.get(host_files::KEEPALIVED_CONF).cloned(),
        texts.iter().filter(|(path, _)| !is_main(path)).map(|(path, text)| (path.clone(), text.clone())).collect(),
        services.map(|(name, state)| (name.clone(), *state)),
    )
}

fn is_main(path: &str) -> bool {
    [host_files::HAPROXY_CFG, host_files::KEEPALIVED_CONF].contains(&path)
}

fn entry(
    haproxy_cfg: Option<Value>,
    keepalived_conf: Option<Value>,
    others: BTreeMap<String, Value>,
    services: impl Iterator<Item = (String, ServiceState)>,
) -> Value {
    let service = |state: ServiceState| {
        let members = [(ENABLED, state.enabled), (ACTIVE, state.active)];
        Value::Object(members.map(|(name, is)| (name.to_owned(), Value::from(is))).into())
    };
    let members = [
        (HAPROXY_CFG, haproxy_cfg.unwrap_or(Value::Null)),
        (KEEPALIVED_CONF, keepalived_conf.unwrap_or(Value::Null)),
        (OTHERS, Value::Map(others)),
        (SERVICES, Value::Map(services.map(|(name, state)| (name, service(state))).collect())),
    ];
    Value::Object(members.map(|(name, value)| (name.to_owned(), value)).into())
}

/// The text of a file that is there. What a text doesn't show stands above it: another mode or owner, and a HAProxy that runs another file.
fn as_found(path: &str, file: &FileFound, desired: &Desired, inventory: &Inventory, own: &Owner) -> String {
    let FileFound::Regular { mode, owner, sha256, text, .. } = file else {
        return NO_FILE.to_owned();
    };
    let mut notes = String::new();
    if let Some(wanted) = desired.file(path).filter(|wanted| !fits(wanted, mode, owner)) {
        notes = format!("# The file is {owner} {mode}, not root:root {}.\n", bare_mode(wanted));
    }
    let runs = inventory.service(crate::endpoint::haproxy_deployment::model::desired::HAPROXY).active;
    let other = inventory.records.iter().find(|record| !own.has(record) && record.files.contains_key(path));
    let is_own = inventory.records_of(own).any(|record| record.files.contains_key(path));
    if let Some(other) = other.filter(|_| !is_own) {
        let which = match own.is_namesake(other) {
            true => "another deployment of the same name".to_owned(),
            false => format!("the deployment {}", other.owner),
        };
        notes.push_str(&format!("# The file belongs to {which}.\n"));
    } else if path == host_files::HAPROXY_CFG && inventory.records_of(own).next().is_none() {
        notes.push_str("# The record of this deployment is missing on the host.\n");
    }
    if path == host_files::HAPROXY_CFG && runs && !is_live(text.as_deref(), inventory) {
        notes.push_str("# HAProxy runs another file than this one.\n");
    }
    let is_hidden = |wanted: &str, text: &str| wanted != text && shown(wanted) == shown(text);
    if let (Some(wanted), Some(text)) = (desired.file(path), text)
        && is_hidden(&wanted.text, text)
    {
        notes.push_str("# A value that isn't shown differs.\n");
    }
    match text {
        Some(text) => notes + &shown(text),
        None => notes + &hash_only(sha256),
    }
}

/// Whether the running HAProxy reports the fingerprint of the file.
fn is_live(haproxy_cfg: Option<&str>, inventory: &Inventory) -> bool {
    let own = haproxy_cfg.and_then(crate::endpoint::haproxy_deployment::model::desired::fingerprint);
    // A host without any program that can ask HAProxy reports nothing.
    inventory.live.is_none() || inventory.live.as_deref() == own
}

/// Whether a file that is there has the owner and the mode of `wanted`.
pub fn fits(wanted: &HostFile, mode: &str, owner: &str) -> bool {
    owner == "root:root" && mode == bare_mode(wanted)
}

/// As `stat` prints it.
fn bare_mode(wanted: &HostFile) -> &str {
    wanted.mode.trim_start_matches('0')
}

#[cfg(test)]
mod tests;
