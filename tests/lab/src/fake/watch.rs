//! What every listener could have answered with after each mutating call.

use super::state::State;
use super::targets;
use crate::call::Call;

/// The listeners after one mutating call.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// The call's number in the log.
    pub number: usize,
    /// Its action.
    pub action: String,
    /// Every listener there is.
    pub listeners: Vec<ListenerView>,
}

/// One listener and the targets behind it.
#[derive(Debug, Clone)]
pub struct ListenerView {
    /// The listener.
    pub arn: String,
    /// Its port.
    pub port: u32,
    /// The group that it forwards to.
    pub target_group: String,
    /// Targets of that group that are not draining.
    pub registered: usize,
    /// Those of them that are healthy.
    pub healthy: usize,
}

/// Adds a snapshot.
pub fn note(state: &mut State, call: &Call) {
    let views = state.listeners.iter().map(|listener| {
        let mut groups = state.target_groups.iter();
        let group = groups.find(|group| group.common.arn == listener.target_group);
        let (registered, healthy) = group.map_or((0, 0), |group| targets::count(group, &state.settings));
        ListenerView {
            arn: listener.common.arn.clone(),
            port: listener.port,
            target_group: listener.target_group.clone(),
            registered,
            healthy,
        }
    });
    let snapshot = Snapshot { number: call.number, action: call.action.clone(), listeners: views.collect() };
    state.snapshots.push(snapshot);
}

/// The first snapshot in which a listener that is still there has lost all of what `count` counts.
pub fn first_loss(snapshots: &[Snapshot], count: impl Fn(&ListenerView) -> usize) -> Option<&Snapshot> {
    let pairs = snapshots.iter().zip(snapshots.iter().skip(1));
    let lost = pairs.into_iter().find(|(before, after)| {
        after.listeners.iter().any(|now| {
            let mut former = before.listeners.iter();
            let former = former.find(|former| former.arn == now.arn);
            count(now) == 0 && former.is_some_and(|former| count(former) > 0)
        })
    });
    lost.map(|(_, after)| after)
}
