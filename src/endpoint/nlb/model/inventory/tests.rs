use super::*;
use crate::endpoint::nlb::sample::{config, nested, parts, state};

#[test]
fn the_state_names_every_part() {
    let config = config([nested("trustd", [])]);
    let stored = state(&config);
    assert_eq!(Parts::from_state(&stored), parts(&config));
    let arns = Parts::from_state(&stored).arns();
    assert_eq!(arns.len(), 7);
    assert!(arns[0].contains(":loadbalancer/"), "{arns:?}");
}

#[test]
fn what_was_never_made_is_no_part() {
    let mut stored = state(&config([]));
    for name in ["arn", "target_groups", "listener_arns"] {
        assert!(!Parts::from_state(&stored).is_empty());
        stored.insert(name.to_owned(), Value::Null);
    }
    assert!(Parts::from_state(&stored).is_empty());
    // A map entry whose ARN is not there, as in the answer of a create that failed.
    let empty =
        Object::from([("arn", Value::Null), ("name", "x".into()), ("port", 1.into())].map(|(k, v)| (k.to_owned(), v)));
    stored.insert("target_groups".to_owned(), Value::Map([("talos_api".to_owned(), Value::Object(empty))].into()));
    stored.insert("listener_arns".to_owned(), Value::Map([("talos_api".to_owned(), Value::Null)].into()));
    assert!(Parts::from_state(&stored).is_empty());
}
