//! The state as the hosts have it.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::future::join_all;

use super::clients::client;
use super::current::current;
use super::shell::ShellError;
use crate::endpoint::haproxy_deployment::model::desired::Desired;
use crate::endpoint::haproxy_deployment::model::inventory::Inventory;
use crate::endpoint::haproxy_deployment::model::owner::Owner;
use crate::endpoint::haproxy_deployment::model::schema::names::DEPLOYED;
use crate::endpoint::haproxy_deployment::model::spec::Spec;
use crate::endpoint::haproxy_deployment::plan::outputs::{found, stored};
use crate::endpoint::haproxy_deployment::plan::ownership::namesake;
use crate::endpoint::ssh_access::Settings;
use crate::framework::value::{Object, Value};
use crate::remote::ssh::ssh_error::SshError;

/// How long all hosts together may take: a plan waits for it.
const LIMIT: Duration = Duration::from_secs(10);

/// How long a connection may take of that: its own error says more than that the time was over.
const CONNECT_LIMIT: Duration = Duration::from_secs(9);

/// A state as it was found.
#[derive(Debug)]
pub struct Refreshed {
    /// With `deployed` as it is; that of a host that couldn't be asked as it was.
    pub state: Object,
    /// The hosts that couldn't be asked, and why.
    pub unreached: BTreeMap<String, ShellError>,
    /// The hosts that another deployment of the same name has by now.
    pub lost: Vec<String>,
}

/// Asks all hosts of a stored object at once.
pub async fn refresh(settings: &Settings, spec: &Spec, owner: &Owner, state: &Object) -> Refreshed {
    let asked = spec.hosts.iter().map(|(name, host)| async move {
        let work = async {
            let shell = client(settings, name, host, CONNECT_LIMIT).await?;
            current(&shell, &spec.stats_socket, LIMIT).await
        };
        let slow = || ShellError::Ssh(SshError::Slow { to: host.way.host.clone(), limit: LIMIT });
        let answer = tokio::time::timeout(LIMIT, work).await.unwrap_or_else(|_| Err(slow()));
        (name.clone(), answer)
    });
    let (mut unreached, mut lost) = (BTreeMap::new(), Vec::new());
    let mut deployed = BTreeMap::new();
    for (name, answer) in join_all(asked).await {
        match answer {
            Ok(inventory) => {
                deployed.insert(name.clone(), entry(spec, &name, owner, &inventory));
                lost.extend(namesake(owner, &inventory).map(|_| name));
            }
            Err(error) => {
                deployed.extend(stored(Some(state), &name).map(|entry| (name.clone(), entry.clone())));
                unreached.insert(name, error);
            }
        }
    }
    let mut state = state.clone();
    state.insert(DEPLOYED.to_owned(), Value::Map(deployed));
    Refreshed { state, unreached, lost }
}

/// What is on a host, as `deployed` has it.
pub fn entry(spec: &Spec, name: &str, owner: &Owner, inventory: &Inventory) -> Value {
    let desired = spec.hosts.get(name).map(|host| Desired::of(spec, host));
    desired.map_or(Value::Null, |desired| found(&desired, inventory, owner))
}
