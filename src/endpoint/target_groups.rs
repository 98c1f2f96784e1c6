//! What the target groups of this run are like: a load balancer knows that, an attachment knows only their ARNs.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// A target group of a load balancer of this run, in what it keeps as long as it exists.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KnownGroup {
    /// `instance` or `ip`.
    pub target_type: String,
    /// The port of its targets.
    pub port: i64,
    /// The load balancer that it belongs to; none while that is being made.
    pub load_balancer_arn: Option<String>,
}

/// The groups, by ARN. Shared by the resources of a process.
#[derive(Debug, Default)]
pub struct TargetGroups {
    known: Mutex<BTreeMap<String, KnownGroup>>,
}

impl TargetGroups {
    /// Takes note of a group.
    pub fn note(&self, group_arn: &str, group: KnownGroup) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(group_arn.to_owned(), group);
    }

    /// What a group is like; none where no load balancer of this run has it.
    pub fn of(&self, group_arn: &str) -> Option<KnownGroup> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).get(group_arn).cloned()
    }
}
