//! Whose files are replaced.

use super::*;
use crate::endpoint::haproxy_deployment::sample::{completed, config, found, fresh, haproxy_cfg, inventory, spec};
use crate::framework::value::Object;

fn of(inventory: &Inventory) -> Vec<Conflict> {
    let spec = spec();
    conflicts(&spec, &spec.hosts["lb-01"], None, false, inventory)
}

fn at_create(inventory: &Inventory) -> Vec<Conflict> {
    let spec = spec();
    conflicts(&spec, &spec.hosts["lb-01"], None, true, inventory)
}

fn with(text: &str, origin: Origin) -> Inventory {
    let mut inventory = fresh("lb-01");
    inventory.files.insert(HAPROXY_CFG.into(), found(text, "644", origin));
    inventory
}

#[test]
fn a_package_s_file_and_one_of_ours_are_replaced() {
    assert_eq!(of(&fresh("lb-01")), []);
    assert_eq!(of(&inventory("lb-01")), []);
    // What cloud_init wrote elsewhere, and another talosendpoint_haproxy rendered: it hashes itself.
    assert_eq!(of(&with(&haproxy_cfg(100), Origin::Nobody)), []);
}

#[test]
fn a_file_that_somebody_wrote_is_not() {
    let somebody = [Conflict::Somebody { path: HAPROXY_CFG.into() }];
    assert_eq!(of(&with("global\n    maxconn 1\n", Origin::Nobody)), somebody);
    let edited = haproxy_cfg(100).replace("log /dev/log", "log /dev/xxx");
    assert_eq!(of(&with(&edited, Origin::Nobody)), somebody);
    let mut link = fresh("lb-01");
    link.files.insert(HAPROXY_CFG.into(), FileFound::Other);
    assert_eq!(of(&link), [Conflict::NoFile { path: HAPROXY_CFG.into() }]);
}

#[test]
fn what_we_recorded_is_ours_however_it_was_changed() {
    let mut drifted = inventory("lb-01");
    drifted.files.insert(HAPROXY_CFG.into(), found("# by hand\n", "644", Origin::Nobody));
    assert_eq!(of(&drifted), []);
    drifted.records[0].owner = "former".into();
    let spec = spec();
    assert_eq!(conflicts(&spec, &spec.hosts["lb-01"], Some("former"), false, &drifted), []);
    let other = conflicts(&spec, &spec.hosts["lb-01"], None, false, &drifted);
    assert!(other.contains(&Conflict::Owner { path: HAPROXY_CFG.into(), owner: "former".into() }), "{other:?}");
}

#[test]
fn a_create_over_our_own_record_asks_before_it_takes_what_somebody_wrote_since() {
    assert_eq!(at_create(&inventory("lb-01")), []);
    let mut rewritten = inventory("lb-01");
    rewritten.files.insert(HAPROXY_CFG.into(), found("# by hand\n", "644", Origin::Nobody));
    assert_eq!(at_create(&rewritten), [Conflict::Somebody { path: HAPROXY_CFG.into() }]);
    // A run that was killed between the record and the file leaves what was there before.
    for (text, origin) in [(haproxy_cfg(100), Origin::Nobody), ("global\n".to_owned(), Origin::Package)] {
        rewritten.files.insert(HAPROXY_CFG.into(), found(&text, "644", origin));
        assert_eq!(at_create(&rewritten), []);
    }
}

#[test]
fn adopting_takes_everything_but_links() {
    let mut config: Object = config();
    config.insert("adopt_existing".into(), true.into());
    let spec = Spec::read(&completed(&config)).unwrap();
    let by_hand = with("# by hand\n", Origin::Nobody);
    assert_eq!(conflicts(&spec, &spec.hosts["lb-01"], None, true, &by_hand), []);
}

#[test]
fn a_destroy_leaves_what_another_deployment_has_written_over_it() {
    let mut both = inventory("lb-01");
    let mut own = both.records[0].clone();
    assert_eq!(still_ours(&own, &both), own);
    both.records[0].owner = "other".into();
    own.files.insert(HAPROXY_CFG.into(), "00ff".into());
    own.originals.insert(HAPROXY_CFG.into());
    both.records.push(own.clone());
    let left = still_ours(&own, &both);
    assert!(!left.files.contains_key(HAPROXY_CFG) && left.originals.is_empty(), "{left:?}");
    assert!(!left.services.contains_key(HAPROXY) && left.files.contains_key(KEEPALIVED_CONF), "{left:?}");
}

#[test]
fn what_is_ours_is_recognized_without_a_record() {
    let spec = spec();
    let mut found = inventory("lb-01");
    let record = found.records.remove(0);
    let recognized = recognized(&spec, "lb-01", &found).unwrap();
    assert_eq!(recognized.files, record.files);
    assert_eq!(recognized.services.len(), 2);
    found.files.clear();
    assert_eq!(super::recognized(&spec, "lb-01", &found), None);
    let mut others = inventory("lb-01");
    others.records[0].owner = "other".into();
    assert_eq!(super::recognized(&spec, "lb-01", &others), None, "it belongs to somebody else");
}
