use std::collections::BTreeSet;

use super::*;
use crate::endpoint::nlb_attachment::model::registration::tests::{claim, registration};
use crate::framework::value::Value;

fn of(target: &str, groups: &[&str]) -> BTreeSet<Registration> {
    groups.iter().map(|group| registration(target, group, None)).collect()
}

fn claims(target: &str, groups: &[&str]) -> Claim {
    claim(target.into(), Value::set(groups.iter().map(|group| Value::from(*group))), Value::Null)
}

fn create(known: &mut Registrations, target: &str) -> u64 {
    known.plan(None, claims(target, &["a"]), None, false).number
}

/// An attachment that stays as it is.
fn stay(known: &mut Registrations, target: &str) -> Planned {
    known.plan(None, claims(target, &["a"]), Some(&of(target, &["a"])), false)
}

/// The number of the departure.
fn destroy(known: &mut Registrations, target: &str) -> u64 {
    known.depart(of(target, &["a"]), BTreeSet::new(), None)
}

fn stays(decision: &Decision) -> Vec<&str> {
    decision.stays.iter().map(String::as_str).collect()
}

#[test]
fn what_another_creates_or_keeps_stays() {
    for keeps in [false, true] {
        let mut known = Registrations::default();
        let removal = destroy(&mut known, "i-1");
        assert!(!known.stays(removal));
        if keeps {
            _ = stay(&mut known, "i-1")
        } else {
            _ = create(&mut known, "i-1")
        }
        assert!(known.stays(removal));
        let decision = known.decide(removal, "p");
        assert_eq!((stays(&decision), decision.is_open), (vec!["a"], false));
    }
}

#[test]
fn what_nobody_wants_goes() {
    let mut known = Registrations::default();
    create(&mut known, "i-2");
    let removal = destroy(&mut known, "i-1");
    assert_eq!(known.decide(removal, "p"), Decision { process: "p".to_owned(), ..Decision::default() });
    assert!(known.moved(false).is_empty());
}

#[test]
fn what_stays_is_registered_again_if_it_is_planned_after_the_removal() {
    let mut known = Registrations::default();
    let removal = destroy(&mut known, "i-1");
    known.decide(removal, "p");
    assert!(stay(&mut known, "i-1").registers_again);
    assert!(!stay(&mut known, "i-2").registers_again);
    // A create registers anyway.
    let new = known.plan(None, claims("i-1", &["a"]), None, false);
    assert!(!new.registers_again);
}

/// An apply forgets what the plan decided about an object that is deposed, so what stays must be called for; unless the state says
/// that the two share.
#[test]
fn a_decision_that_an_apply_may_not_know_is_not_relied_on() {
    for (shared, again) in [(BTreeSet::new(), true), (BTreeSet::from(["a".to_owned()]), false)] {
        let mut known = Registrations::default();
        known.depart(of("i-1", &["a"]), shared, None);
        assert_eq!(stay(&mut known, "i-1").registers_again, again);
    }
}

#[test]
fn a_replacement_leaves_what_others_want() {
    let mut known = Registrations::default();
    // Two attachments exchange their targets.
    let mut first = |from: &str, to: &str| known.plan(None, claims(to, &["a"]), Some(&of(from, &["a"])), true).number;
    let (one, two) = (first("i-1", "i-2"), first("i-2", "i-1"));
    for (number, to, from) in [(one, "i-2", "i-1"), (two, "i-1", "i-2")] {
        assert!(known.given_up_by(number, Some(&of(from, &["a"]))).is_empty(), "the first planning decides nothing");
        assert_eq!(known.plan(Some(number), claims(to, &["a"]), None, false).number, number);
        let left = known.given_up_by(number, None);
        assert_eq!(left, of(from, &["a"]));
        let departure = known.depart(left, BTreeSet::new(), Some(number));
        let decision = known.decide(departure, "p");
        assert!(decision.is_replacement);
        assert_eq!(stays(&decision), ["a"]);
    }
    assert!(known.moved(false).is_empty(), "nothing changed its address");
}

#[test]
fn a_replacement_by_the_same_is_what_the_user_wanted() {
    let mut known = Registrations::default();
    let number = stay(&mut known, "i-1").number;
    known.plan(Some(number), claims("i-1", &["a"]), None, false);
    let departure = known.depart(known.given_up_by(number, None), BTreeSet::new(), Some(number));
    assert!(known.decide(departure, "p").stays.is_empty(), "its own successor doesn't count");
}

#[test]
fn an_update_leaves_only_what_it_no_longer_has() {
    let mut known = Registrations::default();
    let prior = of("i-1", &["a", "b"]);
    let number = known.plan(None, claims("i-1", &["b", "c"]), Some(&prior), false).number;
    assert_eq!(known.given_up_by(number, Some(&prior)), of("i-1", &["a"]));
}

#[test]
fn ports_and_unknown_values_leave_it_open() {
    let mut known = Registrations::default();
    known.plan(None, claim("i-1".into(), Value::set(["a".into()]), 6443.into()), None, false);
    known.plan(None, claim(Value::UNKNOWN, Value::set(["a".into()]), Value::Null), None, false);
    let removal = destroy(&mut known, "i-1");
    let decision = known.decide(removal, "p");
    assert!(decision.stays.is_empty() && decision.is_open);
    assert_eq!(decision.stays_if_own_port["a"], BTreeSet::from([6443]));
}

#[test]
fn what_moved_is_named_once() {
    let mut known = Registrations::default();
    for target in ["i-1", "i-2", "i-3"] {
        destroy(&mut known, target);
    }
    create(&mut known, "i-1");
    create(&mut known, "i-2");
    assert!(known.moved(true).is_empty(), "no removal is decided yet");
    let moved = known.moved(false);
    assert_eq!(moved.keys().collect::<Vec<_>>(), ["i-1", "i-2"]);
    assert!(known.report());
    assert!(!known.report());
    known.begin_apply();
    assert!(known.moved(false).is_empty());
}

#[test]
fn the_state_says_what_is_shared() {
    let mut known = Registrations::default();
    known.store(of("i-1", &["a", "b"]));
    known.store(of("i-1", &["b", "c"]));
    assert_eq!(known.shared(&of("i-1", &["a", "b"])), of("i-1", &["b"]));
}

#[test]
fn an_apply_knows_what_it_deregistered() {
    let mut known = Registrations::default();
    known.begin_apply();
    let [one] = of("i-1", &["a"]).into_iter().collect::<Vec<_>>().try_into().unwrap();
    known.deregister(&one, false);
    assert!(known.is_deregistered(&one));
    assert!(stay(&mut known, "i-1").registers_again);
    assert!(known.register(&one), "it was missing");
    assert!(!known.is_deregistered(&one) && !known.register(&one));
    assert!(!stay(&mut known, "i-1").registers_again);
    known.deregister(&one, true);
    assert!(!known.register(&one), "a replacement is what the user wanted");
}
