//! From the groups that a target is in to those that it should be in: waves of steps, so plain that executing them needs no judgement.
//!
//! The steps of one wave run at the same time; a wave begins when the one before it is done. Every step may run twice.

use std::collections::BTreeSet;

/// One call, repeated while it has to be, or one wait. Each names a group by its ARN.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Registers the target.
    Register(String),
    /// Deregisters the target.
    Deregister(String),
    /// Waits until a deregistered target is drained.
    Drain(String),
}

/// The waves that lead from `existing` to `desired`: into new groups before out of old ones, so that the target is never in none. None
/// if there is nothing to do.
pub fn diff(existing: &BTreeSet<String>, desired: &BTreeSet<String>, drain: bool) -> Vec<Vec<Step>> {
    let new = desired.difference(existing).cloned();
    let old: Vec<String> = existing.difference(desired).cloned().collect();
    let mut waves = vec![new.map(Step::Register).collect(), old.iter().cloned().map(Step::Deregister).collect()];
    if drain {
        waves.push(old.into_iter().map(Step::Drain).collect::<Vec<Step>>());
    }
    waves.retain(|wave| !wave.is_empty());
    waves
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(arns: &[&str]) -> BTreeSet<String> {
        arns.iter().map(|arn| (*arn).to_owned()).collect()
    }

    fn check(existing: &[&str], desired: &[&str], drain: bool, expected: &[Vec<Step>]) {
        assert_eq!(diff(&set(existing), &set(desired), drain), expected);
    }

    fn register(arn: &str) -> Step {
        Step::Register(arn.to_owned())
    }

    fn deregister(arn: &str) -> Step {
        Step::Deregister(arn.to_owned())
    }

    fn drained(arn: &str) -> Step {
        Step::Drain(arn.to_owned())
    }

    #[test]
    fn new_groups_come_first() {
        check(&["a", "b"], &["b", "c"], true, &[vec![register("c")], vec![deregister("a")], vec![drained("a")]]);
    }

    #[test]
    fn without_drain_nothing_waits() {
        check(&["a"], &[], false, &[vec![deregister("a")]]);
    }

    #[test]
    fn groups_are_entered_and_left_at_the_same_time() {
        check(&[], &["a", "b"], true, &[vec![register("a"), register("b")]]);
        let left = [vec![deregister("a"), deregister("b")], vec![drained("a"), drained("b")]];
        check(&["a", "b"], &[], true, &left);
    }

    #[test]
    fn equal_groups_need_nothing() {
        check(&["a"], &["a"], true, &[]);
    }
}
