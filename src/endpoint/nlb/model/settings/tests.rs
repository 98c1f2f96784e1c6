use super::*;
use crate::endpoint::nlb::model::inventory::Inventory;
use crate::endpoint::nlb::model::role::Role;
use crate::endpoint::nlb::plan::diff::diff;
use crate::endpoint::nlb::plan::import::assign::{Assigned, assign};
use crate::endpoint::nlb::plan::import::base::base;
use crate::endpoint::nlb::read::refresh::{Mixed, is_mixed, refresh};
use crate::endpoint::nlb::sample::{config, desired_with, inventory_with, state};
use crate::remote::elb::{HealthCheck, Listener, LoadBalancer, TargetGroup};

/// A setting that we don't have, in each kind and on each part. Some are on at birth.
fn one_more() -> [Setting; 4] {
    let at_birth = AtBirth::Always;
    [
        Setting { attribute: &["own_shift"], key: "own_shift.enabled", ..ROW },
        Setting { attribute: &["is_on"], key: "is.on", part: Part::TargetGroup, at_birth: at_birth("true"), ..ROW },
        Setting { attribute: &["policy"], key: "own.policy", kind: Kind::Text, at_birth: at_birth("any"), ..ROW },
        Setting {
            attribute: &["seconds"],
            key: "some.seconds",
            part: Part::Listener,
            kind: Kind::Number,
            at_birth: at_birth("60"),
            ..ROW
        },
    ]
}

/// A value that isn't that of birth.
fn other(setting: &Setting) -> Value {
    match setting.kind {
        Kind::Flag => (setting.at_birth("instance") != "true").into(),
        Kind::Number => 61.into(),
        Kind::Text => "other".into(),
    }
}

fn steps(current: &Inventory, config: &Object, settings: &[Setting]) -> Vec<String> {
    diff(current, &desired_with(config, settings), settings).concat().iter().map(ToString::to_string).collect()
}

/// The steps that name the key of `row`, and the whole set of steps where it is `all`.
fn naming(steps: &[String], row: &Setting, text: &str) -> usize {
    steps.iter().filter(|step| step.contains(&format!("{}={text}", row.key))).count()
}

#[test]
fn one_more_row_is_created_drifts_is_repaired_and_imported() {
    for row in one_more() {
        let table: Vec<Setting> = SETTINGS.iter().copied().chain([row]).collect();
        let name = row.attribute[0];
        let set = |value: Value| {
            let mut object = config([]);
            object.insert(name.to_owned(), value);
            object
        };
        let carriers = if row.part == Part::LoadBalancer { 1 } else { 2 };
        let at_birth = row.value_of(row.at_birth("instance")).unwrap();
        let (as_born, changed) = (set(at_birth.clone()), set(other(&row)));
        let text = row.text_of(&other(&row)).unwrap();

        let creation = steps(&Inventory::default(), &changed, &table);
        assert_eq!(naming(&creation, &row, &text), carriers, "{name}: {creation:?}");
        let creation = steps(&Inventory::default(), &as_born, &table);
        assert!(creation.iter().all(|step| !step.contains(row.key)), "{name} is so at birth: {creation:?}");

        let mut stored = state(&config([]));
        stored.insert(name.to_owned(), at_birth.clone());
        let mut found = inventory_with(&changed, &table);
        let shown = refresh(&stored, &found, "eu-central-1", Mixed::Differing, &table);
        assert_eq!(shown[name], other(&row), "drift of {name}");
        let repair = steps(&found, &as_born, &table);
        assert_eq!((repair.len(), naming(&repair, &row, row.at_birth("instance"))), (carriers, carriers), "{repair:?}");
        assert_eq!(steps(&found, &changed, &table), Vec::<String>::new(), "{name} is as it should be");

        if let Some(part) = found.groups.get_mut(&Role::TalosApi).filter(|_| row.part == Part::TargetGroup) {
            part.settings.attributes.insert(row.key.to_owned(), row.at_birth("instance").to_owned());
            assert!(is_mixed(&stored, &found, &table), "{name} of one group differs");
            assert!(!is_mixed(&stored, &found, SETTINGS));
        }
        let imported =
            refresh(&imported(&table), &inventory_with(&changed, &table), "eu-central-1", Mixed::Differing, &table);
        assert_eq!(imported[name], other(&row), "import of {name}");
    }
}

/// What an import begins with where AWS leaves everything out.
fn imported(table: &[Setting]) -> Object {
    let (balancer, assigned) = somebodys(&HealthCheck::default());
    base(&balancer, &assigned, table)
}

fn somebodys(health_check: &HealthCheck) -> (LoadBalancer, Assigned) {
    let balancer = LoadBalancer { arn: "b".into(), name: "x".into(), ..LoadBalancer::default() };
    let group = TargetGroup {
        arn: "g".into(),
        name: "g".into(),
        protocol: "TCP".into(),
        port: 6443,
        target_type: "instance".into(),
        ip_address_type: "ipv4".into(),
        health_check: health_check.clone(),
        ..TargetGroup::default()
    };
    let listener =
        Listener { arn: "l".into(), port: 6443, protocol: "TCP".into(), target_group_arn: Some(group.arn.clone()) };
    let assigned = assign(&balancer, &[listener], &[group]);
    assert_eq!(assigned.roles.len(), 1);
    (balancer, assigned)
}

#[test]
fn an_import_begins_with_what_aws_gives_at_birth() {
    let base = imported(SETTINGS);
    for setting in SETTINGS.iter().filter(|setting| setting.always) {
        assert_eq!(setting.text_of(setting.get(&base)).as_deref(), Some(setting.at_birth("instance")), "{setting:?}");
    }
    let unmanaged = Setting { attribute: &["own_shift"], always: false, ..one_more()[0] };
    assert_eq!(imported(&[unmanaged])["own_shift"], Value::Null);
}

#[test]
fn the_health_check_of_an_import_is_paired_by_name() {
    let check =
        HealthCheck { interval: 7, timeout: 6, healthy_threshold: 3, unhealthy_threshold: 4, ..HealthCheck::default() };
    let (balancer, assigned) = somebodys(&check);
    let base = base(&balancer, &assigned, SETTINGS);
    for (name, expected) in [("interval", 7), ("timeout", 6), ("healthy_threshold", 3), ("unhealthy_threshold", 4)] {
        assert_eq!(base["health_check"].attribute(name), Some(&expected.into()), "{name}");
    }
}

#[test]
fn what_is_left_to_aws_is_neither_sent_nor_shown() {
    let row = Setting { always: false, ..one_more()[0] };
    let table = [row];
    let mut found = inventory_with(&config([]), &table);
    found.balancer.as_mut().unwrap().settings.attributes.insert(row.key.to_owned(), "true".to_owned());
    assert_eq!(steps(&found, &config([]), &table), Vec::<String>::new());
    let mut stored = state(&config([]));
    stored.insert("own_shift".to_owned(), Value::Null);
    assert_eq!(refresh(&stored, &found, "eu-central-1", Mixed::Differing, &table)["own_shift"], Value::Null);
    stored.insert("own_shift".to_owned(), false.into());
    assert_eq!(refresh(&stored, &found, "eu-central-1", Mixed::Differing, &table)["own_shift"], true.into());
}

#[test]
fn a_key_that_is_not_offered_is_no_drift() {
    let [row, ..] = one_more();
    let mut stored = state(&config([]));
    stored.insert("own_shift".to_owned(), true.into());
    let found = inventory_with(&config([]), SETTINGS);
    assert_eq!(refresh(&stored, &found, "eu-central-1", Mixed::Differing, &[row])["own_shift"], true.into());
}

#[test]
fn aws_names_what_it_does_not_offer() {
    let named = |message: &str| not_offered(SETTINGS, message).map(|setting| setting.attribute.join("."));
    let unknown = "Load balancer attribute key 'zonal_shift.config.enabled' is not recognized";
    assert_eq!(named(unknown).as_deref(), Some("zonal_shift"));
    let supported = "Attribute key 'target_health_state.unhealthy.draining_interval_seconds' is not supported";
    assert_eq!(named(supported).as_deref(), Some("target_health_state.unhealthy_draining_interval"));
    assert_eq!(named("The value 'x' of attribute key 'zonal_shift.config.enabled' is not valid"), None);
    assert_eq!(named("Target group attribute key 'stickiness.enabled' is not recognized"), None);
}

#[test]
fn a_member_of_a_nested_attribute_is_a_setting_too() {
    let row = Setting { attribute: &["outer", "middle", "inner"], key: "k", kind: Kind::Number, ..ROW };
    let object = |value: Value| {
        let middle = Value::Object([("inner".to_owned(), value)].into());
        Object::from([("outer".to_owned(), Value::Object([("middle".to_owned(), middle)].into()))])
    };
    let mut changed = object(Value::Null);
    row.set(&mut changed, 5.into());
    assert_eq!(changed, object(5.into()));
    assert_eq!((row.get(&changed), row.get(&Object::new())), (&5.into(), &Value::Null));
    assert!(row.get(&[("outer".to_owned(), Value::UNKNOWN)].into()).is_unknown());
    let mut without = Object::from([("outer".to_owned(), Value::Null)]);
    row.set(&mut without, 5.into());
    assert_eq!(without["outer"], Value::Null, "an object that is left out stays left out");
}

#[test]
fn texts_and_values_become_each_other() {
    for setting in SETTINGS.iter().chain(&one_more()) {
        let value = other(setting);
        assert_eq!(setting.value_of(&setting.text_of(&value).unwrap()), Some(value));
        assert_eq!(setting.text_of(&Value::Null), None);
    }
    let of = |kind: Kind, text: &str| Setting { kind, ..ROW }.value_of(text);
    assert_eq!((of(Kind::Number, "soon"), of(Kind::Flag, "soon")), (None, Some(false.into())));
}
