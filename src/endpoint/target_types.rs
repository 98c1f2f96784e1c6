//! What the target groups of this run take: a load balancer knows that, an attachment knows only their ARNs.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// The target types of groups, by ARN. Shared by the resources of a process.
#[derive(Debug, Default)]
pub struct TargetTypes {
    known: Mutex<BTreeMap<String, String>>,
}

impl TargetTypes {
    /// Takes note of a group, which keeps its type as long as it exists.
    pub fn note(&self, group_arn: &str, target_type: &str) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(group_arn.to_owned(), target_type.to_owned());
    }

    /// The type of a group: `instance` or `ip`; none where no load balancer of this run has it.
    pub fn of(&self, group_arn: &str) -> Option<String> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).get(group_arn).cloned()
    }
}
