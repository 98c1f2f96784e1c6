use super::*;
use crate::endpoint::nlb::model::desired::Desired;
use crate::endpoint::nlb::model::settings::SETTINGS;
use crate::endpoint::nlb::model::spec::Spec;
use crate::endpoint::nlb::sample::{config, inventory, nested, state};

#[test]
fn the_state_names_every_part_and_how_it_is_set() {
    let config = config([nested("trustd", [])]);
    let stored = state(&config);
    let desired = Desired::of(&Spec::read(&stored, SETTINGS).unwrap());
    let read = Inventory::from_state(&stored).set_as(&desired);
    assert_eq!(read, inventory(&config));
    assert_eq!(read.arns().len(), 7);
    assert!(read.arns()[0].contains(":loadbalancer/"), "{:?}", read.arns());
}

#[test]
fn what_was_never_made_is_no_part() {
    let mut stored = state(&config([]));
    for name in ["arn", "target_groups", "listener_arns"] {
        assert!(!Inventory::from_state(&stored).is_empty());
        stored.insert(name.to_owned(), Value::Null);
    }
    assert!(Inventory::from_state(&stored).is_empty());
    // A map entry whose ARN is not there, as in the answer of a create that failed.
    let empty =
        Object::from([("arn", Value::Null), ("name", "x".into()), ("port", 1.into())].map(|(k, v)| (k.to_owned(), v)));
    stored.insert("target_groups".to_owned(), Value::Map([("talos_api".to_owned(), Value::Object(empty))].into()));
    stored.insert("listener_arns".to_owned(), Value::Map([("talos_api".to_owned(), Value::Null)].into()));
    assert!(Inventory::from_state(&stored).is_empty());
}

#[test]
fn groups_in_the_middle_of_a_replacement_are_remembered() {
    let mut before = inventory(&config([]));
    let mut successor = before.groups[&Role::TalosApi].clone();
    successor.arn = "arn:successor".into();
    before.successors.insert(Role::TalosApi, successor);
    before.retired.push("arn:retired".into());
    let mut memory = Memory::default();
    before.remember(&mut memory);
    let again = Inventory::default().recalled(&memory);
    assert_eq!(again.successors[&Role::TalosApi].arn, "arn:successor");
    assert_eq!(again.retired, ["arn:retired"]);
    assert!(!again.lacks_group(Role::TalosApi, "prod-apid-tg"), "a successor counts as the role's group");
    let mut again = again;
    again.retire_undesired(|_| Some("another"));
    assert_eq!(again.retired, ["arn:retired", "arn:successor"]);
}
