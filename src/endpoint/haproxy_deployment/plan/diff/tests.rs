//! From what a host has to what it is to have.

use super::*;
use crate::endpoint::haproxy_deployment::model::inventory::Origin;
use crate::endpoint::haproxy_deployment::model::record::ServiceState;
use crate::endpoint::haproxy_deployment::model::spec::HostSpec;
use crate::endpoint::haproxy_deployment::sample::{
    ID, found, fresh, haproxy_cfg, inventory, owner, owner_at_create, spec,
};

fn changes(spec: &Spec, host: &HostSpec, inventory: &Inventory) -> (Option<Change>, Option<Change>, bool) {
    let desired = Desired::of(spec, host);
    let owner = Owner::new(Some(ID.to_owned()), [&spec.name]);
    let difference = Difference { spec, desired: &desired, inventory, owner: &owner, id: ID, is_create: false };
    (difference.haproxy(), difference.keepalived(), difference.ends_keepalived().is_some())
}

fn of(inventory: &Inventory) -> (Option<Change>, Option<Change>) {
    let spec = spec();
    let (haproxy, keepalived, _) = changes(&spec, &spec.hosts["lb-01"], inventory);
    (haproxy, keepalived)
}

fn paths(change: &Change) -> Vec<&str> {
    change.files.iter().map(|file| file.path.as_str()).collect()
}

#[test]
fn what_is_as_it_is_to_be_changes_nothing() {
    for host in ["lb-01", "lb-02"] {
        let spec = spec();
        assert_eq!(changes(&spec, &spec.hosts[host], &inventory(host)), (None, None, false));
    }
}

#[test]
fn a_first_deployment_writes_everything_and_keeps_what_was_there() {
    let (haproxy, keepalived) = of(&fresh("lb-01"));
    let (haproxy, keepalived) = (haproxy.unwrap(), keepalived.unwrap());
    assert_eq!(haproxy.action, Action::Reload, "it runs with its package's file");
    assert_eq!(haproxy.originals, [HAPROXY_CFG]);
    assert_eq!(
        (paths(&haproxy)[0], paths(&haproxy).last()),
        (host_files::owner_path("192.0.2.30").as_str(), Some(&HAPROXY_CFG))
    );
    assert_eq!((keepalived.action, keepalived.units.as_slice()), (Action::Start, ["keepalived"].as_slice()));
    let record = Record::parse(&haproxy.files[0].text).unwrap();
    let before = ServiceState { enabled: true, active: true };
    assert_eq!((record.services["haproxy"], record.services["keepalived"]), (before, ServiceState::default()));
    assert!(record.files.contains_key(KEEPALIVED_CONF), "the record is there before the files");
}

#[test]
fn a_new_haproxy_cfg_is_reloaded_and_keepalived_left_alone() {
    let mut spec = spec();
    spec.haproxy_cfg = haproxy_cfg(9000);
    let (haproxy, keepalived, _) = changes(&spec, &spec.hosts["lb-01"], &inventory("lb-01"));
    let haproxy = haproxy.unwrap();
    assert_eq!((haproxy.action, keepalived), (Action::Reload, None));
    assert_eq!(haproxy.originals, Vec::<String>::new());
    assert_eq!(paths(&haproxy), [&host_files::owner_path("192.0.2.30"), HAPROXY_CFG]);
}

#[test]
fn drift_is_repaired_with_what_it_takes() {
    let with = |change: &dyn Fn(&mut Inventory)| {
        let mut inventory = inventory("lb-01");
        change(&mut inventory);
        of(&inventory)
    };
    let off = ServiceState { enabled: true, active: false };
    let (haproxy, keepalived) = with(&|host| {
        host.services.insert("keepalived".into(), off);
    });
    assert_eq!((haproxy, keepalived.unwrap().action), (None, Action::Start));
    let (haproxy, _) = with(&|host| {
        host.services.insert("haproxy".into(), off);
    });
    assert_eq!(haproxy.unwrap().action, Action::Start);
    let disabled = ServiceState { enabled: false, active: true };
    let (_, keepalived) = with(&|host| {
        host.services.insert("keepalived".into(), disabled);
    });
    let keepalived = keepalived.unwrap();
    assert_eq!((keepalived.action, keepalived.units.as_slice()), (Action::None, ["keepalived"].as_slice()));
    let (haproxy, _) = with(&|host| host.live = Some("00".into()));
    let haproxy = haproxy.unwrap();
    assert_eq!((haproxy.action, haproxy.files.len()), (Action::Reload, 0), "edited back, or never reloaded");
}

#[test]
fn what_a_unit_gives_at_its_start_needs_a_restart() {
    let mut spec = spec();
    spec.chroot = "/srv/haproxy".into();
    let (haproxy, ..) = changes(&spec, &spec.hosts["lb-01"], &inventory("lb-01"));
    let haproxy = haproxy.unwrap();
    assert_eq!((haproxy.action, haproxy.vips), (Action::Restart, spec.vips), "the VIP goes first");
}

#[test]
fn a_single_load_balancer_ends_keepalived_of_ours_only() {
    let spec = spec();
    let mut host = spec.hosts["lb-01"].clone();
    host.keepalived_conf = None;
    let mut present = inventory("lb-01");
    let (haproxy, keepalived, ends) = changes(&spec, &host, &present);
    assert_eq!((keepalived, ends), (None, true));
    assert_eq!(haproxy, None, "the record knows Keepalived's files until they are gone");
    present.records[0].originals = [HAPROXY_CFG.to_owned(), KEEPALIVED_CONF.to_owned()].into();
    let desired = Desired::of(&spec, &host);
    let known = owner();
    let difference =
        Difference { spec: &spec, desired: &desired, inventory: &present, owner: &known, id: ID, is_create: false };
    let KeepalivedEnd { recorded, left } = difference.ends_keepalived().unwrap();
    assert_eq!(recorded, present.records[0]);
    assert!(!left.files.contains_key(KEEPALIVED_CONF) && !left.services.contains_key(KEEPALIVED), "{left:?}");
    assert_eq!(left.originals, [HAPROXY_CFG.to_owned()].into(), "what was put back is no longer kept");
    // Then it is the user's, whatever is there.
    present.records[0] = left;
    assert_eq!(changes(&spec, &host, &present), (None, None, false));
    let mut foreign = inventory("lb-01");
    foreign.records[0].files.remove(KEEPALIVED_CONF);
    assert!(!changes(&spec, &host, &foreign).2);
}

#[test]
fn another_name_takes_the_record_along() {
    let mut spec = spec();
    spec.name = "prod".into();
    let inventory = inventory("lb-01");
    let (haproxy, ..) = changes(&spec, &spec.hosts["lb-01"], &inventory);
    let haproxy = haproxy.unwrap();
    assert_eq!(paths(&haproxy), [host_files::owner_path("prod")]);
    assert_eq!(haproxy.gone, [host_files::owner_path("192.0.2.30")]);
    assert_eq!(haproxy.action, Action::None);
}

#[test]
fn after_a_renaming_that_was_cut_off_both_records_count() {
    let mut spec = spec();
    let mut both = inventory("lb-01");
    // The new one has what the run was about to put there, and what it found and kept.
    let newer = Record { owner: "prod".into(), ..both.records[0].clone() };
    both.records.push(newer);
    let timer = "/etc/systemd/system/talosendpoint-server-state.timer";
    both.records[1].files.insert(timer.into(), "00ff".into());
    both.records[1].files.insert(HAPROXY_CFG.into(), "00ff".into());
    both.records[1].originals.insert(HAPROXY_CFG.into());
    both.files.insert(timer.into(), found("[Timer]\n", "644", Origin::Nobody));
    for (name, other) in [("192.0.2.30", "prod"), ("prod", "192.0.2.30")] {
        spec.name = name.into();
        let (haproxy, ..) = changes(&spec, &spec.hosts["lb-01"], &both);
        let haproxy = haproxy.unwrap();
        assert_eq!(haproxy.gone, [timer.to_owned(), host_files::owner_path(other)], "taken back or continued");
        let record = Record::parse(&haproxy.files[0].text).unwrap();
        assert_eq!((record.owner.as_str(), record.originals), (name, [HAPROXY_CFG.to_owned()].into()));
        assert_eq!(haproxy.originals, Vec::<String>::new(), "it is kept already");
    }
}

#[test]
fn a_record_without_an_id_gets_one() {
    let mut older = inventory("lb-01");
    older.records[0].id = None;
    let (haproxy, keepalived) = of(&older);
    let haproxy = haproxy.unwrap();
    assert_eq!((haproxy.files.len(), haproxy.gone.len(), haproxy.action, keepalived), (1, 0, Action::None, None));
    assert_eq!(Record::parse(&haproxy.files[0].text).unwrap(), inventory("lb-01").records[0]);
}

#[test]
fn a_create_goes_on_from_a_record_of_its_name_with_an_id_of_its_own() {
    let (spec, mut inventory) = (spec(), inventory("lb-01"));
    inventory.records[0].originals = [HAPROXY_CFG.to_owned()].into();
    let (desired, known) = (Desired::of(&spec, &spec.hosts["lb-01"]), owner_at_create());
    let difference =
        Difference { spec: &spec, desired: &desired, inventory: &inventory, owner: &known, id: "ff", is_create: true };
    let change = difference.haproxy().unwrap();
    assert_eq!((paths(&change), change.gone.len()), (vec![host_files::owner_path("192.0.2.30").as_str()], 0));
    let expected = Record { id: Some("ff".into()), ..inventory.records[0].clone() };
    assert_eq!(Record::parse(&change.files[0].text), Some(expected));
}

#[test]
fn what_is_taken_back_from_another_of_the_same_name_is_taken_as_a_whole() {
    let mut other = inventory("lb-01");
    other.records[0].id = Some("other".into());
    other.records[0].originals = [HAPROXY_CFG.to_owned()].into();
    let timer = "/etc/systemd/system/talosendpoint-server-state.timer";
    other.records[0].files.insert(timer.into(), "00ff".into());
    other.files.insert(timer.into(), found("[Timer]\n", "644", Origin::Nobody));
    let (haproxy, _) = of(&other);
    let haproxy = haproxy.unwrap();
    assert_eq!(paths(&haproxy), [host_files::owner_path("192.0.2.30")]);
    assert_eq!(haproxy.gone, [timer.to_owned()], "never the record itself, which has the same path");
    let record = Record::parse(&haproxy.files[0].text).unwrap();
    assert_eq!((record.id.as_deref(), record.originals), (Some(ID), [HAPROXY_CFG.to_owned()].into()));
}

#[test]
fn what_a_create_adopts_over_our_own_record_is_what_a_destroy_puts_back() {
    let spec = spec();
    let mut inventory = inventory("lb-01");
    inventory.records[0].originals = [HAPROXY_CFG.to_owned(), KEEPALIVED_CONF.to_owned()].into();
    inventory.files.insert(HAPROXY_CFG.into(), found("# by hand\n", "644", Origin::Nobody));
    let desired = Desired::of(&spec, &spec.hosts["lb-01"]);
    for (is_create, originals) in [(true, vec![HAPROXY_CFG]), (false, vec![])] {
        let known = if is_create { owner_at_create() } else { owner() };
        let difference =
            Difference { spec: &spec, desired: &desired, inventory: &inventory, owner: &known, id: ID, is_create };
        assert_eq!(difference.haproxy().unwrap().originals, originals);
    }
}

#[test]
fn what_is_adopted_from_another_deployment_brings_its_originals_along() {
    let spec = spec();
    let mut inventory = inventory("lb-01");
    let record = &mut inventory.records[0];
    record.owner = "other".into();
    record.originals = [HAPROXY_CFG.to_owned()].into();
    record.services = [(HAPROXY.to_owned(), ServiceState { enabled: true, active: true })].into();
    let desired = Desired::of(&spec, &spec.hosts["lb-01"]);
    let known = owner_at_create();
    let difference =
        Difference { spec: &spec, desired: &desired, inventory: &inventory, owner: &known, id: ID, is_create: true };
    let change = difference.haproxy().unwrap();
    let own = Record::parse(&change.files[0].text).unwrap();
    assert_eq!((own.owner.as_str(), own.originals), ("192.0.2.30", [HAPROXY_CFG.to_owned()].into()));
    assert_eq!(own.services[HAPROXY], ServiceState { enabled: true, active: true });
    assert_eq!(change.originals, Vec::<String>::new(), "they are kept already");
    assert_eq!(change.gone, [host_files::owner_path("other")]);

    // What isn't taken stays the other's.
    inventory.records[0].files.insert("/etc/another".into(), "00ff".into());
    let known = owner_at_create();
    let difference =
        Difference { spec: &spec, desired: &desired, inventory: &inventory, owner: &known, id: ID, is_create: true };
    let change = difference.haproxy().unwrap();
    let left = Record::parse(&change.files[1].text).unwrap();
    assert_eq!(left.files.into_keys().collect::<Vec<_>>(), ["/etc/another"]);
    assert_eq!((left.originals.len(), left.services.len(), change.gone.len()), (0, 0, 0));
}

#[test]
fn what_cloud_init_wrote_under_another_name_is_taken_as_a_whole() {
    let spec = spec();
    let mut inventory = inventory("lb-01");
    let record = &mut inventory.records[0];
    (record.owner, record.services, record.is_of_cloud_init) = ("other".into(), Default::default(), true);
    record.files.insert("/usr/local/sbin/talosendpoint-setup".into(), "00ff".into());
    let desired = Desired::of(&spec, &spec.hosts["lb-01"]);
    let known = owner_at_create();
    let difference =
        Difference { spec: &spec, desired: &desired, inventory: &inventory, owner: &known, id: ID, is_create: true };
    let change = difference.haproxy().unwrap();
    let own = Record::parse(&change.files[0].text).unwrap();
    assert!(own.files.contains_key("/usr/local/sbin/talosendpoint-setup"));
    assert_eq!((change.gone, own.originals.len()), (vec![host_files::owner_path("other")], 0));
}

#[test]
fn what_is_ours_is_no_original_though_its_record_is_lost() {
    let mut lost = inventory("lb-01");
    lost.records.clear();
    let (haproxy, keepalived) = of(&lost);
    let haproxy = haproxy.unwrap();
    assert_eq!((haproxy.originals.as_slice(), haproxy.action, keepalived), (&[] as &[String], Action::None, None));
    let record = Record::parse(&haproxy.files[0].text).unwrap();
    assert!(record.originals.is_empty() && record.services.values().all(|state| *state == ServiceState::default()));
}
