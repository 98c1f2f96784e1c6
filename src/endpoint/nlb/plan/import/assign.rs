//! Which listener of a load balancer that somebody made is which of ours.
//!
//! The port of its targets says so; where that is not enough, the name that we would give its group, then the listener's port. What
//! can't be told is left alone: a listener that is taken for the wrong one would be changed.

use std::collections::BTreeMap;

use super::names::{base_name, is_named};
use crate::endpoint::nlb::model::role::Role;
use crate::framework::diagnostic::Diagnostic;
use crate::framework::path::Path;
use crate::remote::elb::{Listener, LoadBalancer, TargetGroup};

/// What was found behind a load balancer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Assigned {
    /// The listener of each role, and its group.
    pub roles: BTreeMap<Role, (Listener, TargetGroup)>,
    /// The listeners that are left alone, by port.
    pub left: Vec<Listener>,
}

/// A listener, and the group that it forwards to.
type Candidate<'a> = (&'a Listener, &'a TargetGroup);

/// Tells which listener is which.
pub fn assign(balancer: &LoadBalancer, listeners: &[Listener], groups: &[TargetGroup]) -> Assigned {
    let mut search = Search { free: candidates(listeners, groups), roles: BTreeMap::new() };
    if let Some(base) = base_name(balancer) {
        for role in Role::ALL {
            let ours = format!("{base}{}", role.group_suffix());
            search.take(role, |(_, group)| is_named(group, &ours), true);
        }
    }
    for role in [Role::KubernetesApi, Role::Trustd] {
        search.take(role, |candidate| targets(candidate, role), false);
    }
    // Both lead to port 50000: what looks like the workers' is not the control plane's.
    search.take(Role::TalosApi, |candidate| targets(candidate, Role::TalosApi) && !is_of_workers(candidate), false);
    search.take(
        Role::WorkerTalosApi,
        |candidate| targets(candidate, Role::WorkerTalosApi) && is_of_workers(candidate),
        false,
    );
    if search.roles.contains_key(&Role::TalosApi) {
        search.take(Role::WorkerTalosApi, |candidate| targets(candidate, Role::WorkerTalosApi), false);
    }
    let roles: BTreeMap<Role, (Listener, TargetGroup)> =
        search.roles.into_iter().map(|(role, (listener, group))| (role, (listener.clone(), group.clone()))).collect();
    let is_left = |listener: &&Listener| roles.values().all(|(taken, _)| taken.arn != listener.arn);
    let mut left: Vec<Listener> = listeners.iter().filter(is_left).cloned().collect();
    left.sort_by_key(|listener| listener.port);
    Assigned { roles, left }
}

/// What could be ours: TCP, and a plain forward to one group of instances or addresses.
fn candidates<'a>(listeners: &'a [Listener], groups: &'a [TargetGroup]) -> Vec<Candidate<'a>> {
    let group_of =
        |listener: &Listener| groups.iter().find(|group| Some(&group.arn) == listener.target_group_arn.as_ref());
    let fits = |(listener, group): &Candidate<'_>| {
        listener.protocol == "TCP"
            && group.protocol == "TCP"
            && ["instance", "ip"].contains(&group.target_type.as_str())
    };
    let pairs = listeners.iter().filter_map(|listener| Some((listener, group_of(listener)?)));
    let mut candidates: Vec<Candidate<'_>> = pairs.filter(fits).collect();
    candidates.sort_by_key(|(listener, _)| listener.port);
    candidates
}

struct Search<'a> {
    free: Vec<Candidate<'a>>,
    roles: BTreeMap<Role, Candidate<'a>>,
}

impl<'a> Search<'a> {
    /// Gives the role, if it has none yet, the candidate that fits: the one on the usual port, or the only one. Of several listeners with
    /// `one_group` the first will do. A group has one role.
    fn take(&mut self, role: Role, fits: impl Fn(&Candidate<'a>) -> bool, one_group: bool) {
        if self.roles.contains_key(&role) {
            return;
        }
        let fitting: Vec<Candidate<'a>> = self.free.iter().filter(|candidate| fits(candidate)).copied().collect();
        let usual = fitting.iter().find(|(listener, _)| listener.port == usual_port(role));
        let only = if fitting.len() == 1 || one_group { fitting.first() } else { None };
        if let Some((listener, group)) = usual.or(only).copied() {
            self.free.retain(|(_, other)| other.arn != group.arn);
            self.roles.insert(role, (listener, group));
        }
    }
}

/// The port of the listener in the guide.
fn usual_port(role: Role) -> i64 {
    match role {
        Role::KubernetesApi => 6443,
        Role::TalosApi => 50000,
        Role::WorkerTalosApi | Role::Trustd => 50001,
    }
}

fn targets((_, group): &Candidate<'_>, role: Role) -> bool {
    let port = match role {
        Role::KubernetesApi => 6443,
        Role::TalosApi | Role::WorkerTalosApi => 50000,
        Role::Trustd => 50001,
    };
    group.port == port
}

/// True if name or port say that the targets are workers.
fn is_of_workers((listener, group): &Candidate<'_>) -> bool {
    let is_word = |word: &str| word == "wk" || word.starts_with("worker");
    listener.port == usual_port(Role::WorkerTalosApi) || group.name.to_ascii_lowercase().split('-').any(is_word)
}

impl Assigned {
    /// Says which listeners are left alone, if any are.
    pub fn warning(&self) -> Option<Diagnostic> {
        if self.left.is_empty() {
            return None;
        }
        let taken = self.roles.iter().map(|(role, (listener, _))| format!("{} on port {}", role.name(), listener.port));
        let left = self.left.iter().map(|listener| format!("{} ({})", listener.port, listener.arn));
        let (taken, left): (Vec<String>, Vec<String>) = (taken.collect(), left.collect());
        Some(Diagnostic::warning(
            Path::root(),
            "Some listeners were left alone",
            format!(
                "Imported were: {}. These listeners lead to no port of Talos, or their purpose is not clear, and stay \
                 as they are: {}.",
                if taken.is_empty() { "no listeners".to_owned() } else { taken.join(", ") },
                left.join(", ")
            ),
        ))
    }
}
