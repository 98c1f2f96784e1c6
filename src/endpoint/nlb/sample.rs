//! Objects for the tests of this folder: configurations, and what becomes of them.

use super::model::desired::Desired;
use super::model::inventory::{Balancer, Inventory};
use super::model::role::Role;
use super::model::schema::SCHEMA;
use super::model::settings::{SETTINGS, Setting};
use super::model::spec::Spec;
use super::plan::defaults;
use super::plan::outputs::{Outside, outputs};
use crate::framework::diagnostic::{Diagnostics, Severity};
use crate::framework::engine::with_defaults;
use crate::framework::reader::Maybe;
use crate::framework::ty::Type;
use crate::framework::value::{Object, Value};

/// The endpoint `prod` in two subnets, and `changes`.
pub fn config<const N: usize>(changes: [(&str, Value); N]) -> Object {
    let mut object = SCHEMA.null_object();
    object.insert("name".into(), "prod".into());
    object.insert("subnet_ids".into(), texts(&["subnet-a", "subnet-b"]));
    object.extend(changes.map(|(name, value)| (name.to_owned(), value)));
    object
}

/// A set of texts.
pub fn texts(items: &[&str]) -> Value {
    Value::set(items.iter().map(|item| (*item).into()))
}

/// A map of texts.
pub fn map(items: &[(&str, &str)]) -> Value {
    Value::Map(items.iter().map(|(key, value)| ((*key).to_owned(), (*value).into())).collect())
}

/// The nested attribute `name` with these members, the others null.
pub fn nested<const N: usize>(name: &'static str, members: [(&str, Value); N]) -> (&'static str, Value) {
    (name, Value::Object(SCHEMA.attribute(name).unwrap().value_type().object_of(members)))
}

/// A health check of the listener `role` with these members, the others null.
pub fn check_of<const N: usize>(role: Role, members: [(&str, Value); N]) -> Value {
    let Type::Object(listener) = SCHEMA.attribute(role.name()).unwrap().value_type() else { unreachable!() };
    Value::Object(listener["health_check"].object_of(members))
}

/// `subnet_mappings` with one element.
pub fn mapping<const N: usize>(members: [(&str, Value); N]) -> Value {
    let Type::Set(element) = SCHEMA.attribute("subnet_mappings").unwrap().value_type() else { unreachable!() };
    Value::set([Value::Object(element.object_of(members))])
}

/// The configuration with every default. An attribute that we don't have stays.
pub fn planned(config: &Object) -> Object {
    let mut object = with_defaults(&SCHEMA.attributes, config);
    defaults::defaults(config, &mut object);
    let further = config.iter().filter(|(name, _)| SCHEMA.attribute(name).is_none());
    object.extend(further.map(|(name, value)| (name.clone(), value.clone())));
    object
}

/// What AWS has once `config` is applied.
pub fn inventory(config: &Object) -> Inventory {
    inventory_with(config, SETTINGS)
}

/// The same, with other settings than ours.
pub fn inventory_with(config: &Object, settings: &[Setting]) -> Inventory {
    let desired = desired_with(config, settings);
    let arn = |kind: &str, rest: &str| format!("arn:aws:elasticloadbalancing:eu-central-1:123456789012:{kind}/{rest}");
    let balancer = &desired.balancer.name;
    let vpc_id = state_inputs(config)["vpc_id"].as_str().unwrap_or("vpc-1").to_owned();
    let mut inventory = Inventory {
        balancer: Some(Balancer {
            arn: arn("loadbalancer", &format!("net/{balancer}/1")),
            dns_name: format!("{balancer}-1.elb.eu-central-1.amazonaws.com"),
            zone_id: "Z3F0SRJ5LGBH90".into(),
            vpc_id,
            ..Balancer::default()
        }),
        ..Inventory::default()
    };
    for (role, want) in &desired.groups {
        let group = inventory.groups.entry(*role).or_default();
        group.arn = arn("targetgroup", &format!("{}/1", want.name));
        (group.settings.name, group.settings.port) = (want.name.clone(), want.port);
    }
    for role in desired.listeners.keys() {
        inventory.listeners.entry(*role).or_default().arn =
            arn("listener", &format!("net/{balancer}/1/{}", role.name()));
    }
    let mut inventory = inventory.set_as(&desired);
    for group in inventory.groups.values_mut() {
        group.settings.vpc_id = inventory.balancer.as_ref().map(|balancer| balancer.vpc_id.clone());
    }
    inventory
}

/// The state once `config` is applied.
pub fn state(config: &Object) -> Object {
    let mut object = planned(config);
    let outside = Outside {
        inventory: &inventory(config),
        prior: None,
        region: Maybe::Known("eu-central-1".into()),
        group_names: Default::default(),
        tags_all: state_inputs(config)["tags_all"].clone(),
    };
    outputs(config, &mut object, &outside);
    assert!(Value::Object(object.clone()).is_wholly_known(), "{object:?}");
    object
}

/// What `config` wants of an endpoint whose VPC is not known yet.
pub fn desired(config: &Object) -> Desired {
    desired_with(config, SETTINGS)
}

/// The same, with other settings than ours.
pub fn desired_with(config: &Object, settings: &[Setting]) -> Desired {
    Desired::of(&Spec::read(&state_inputs(config), settings).unwrap())
}

/// The inputs with their tags, but without what only AWS can say.
pub fn state_inputs(config: &Object) -> Object {
    let mut object = planned(config);
    let tags = object["tags"].clone();
    object.insert("tags_all".into(), if tags.is_null() { map(&[]) } else { tags });
    object
}

/// The names of the attributes that differ.
pub fn changed(before: &Object, after: &Object) -> Vec<String> {
    let changed = before.iter().filter(|(name, value)| after.get(*name) != Some(value));
    changed.map(|(name, _)| name.clone()).collect()
}

/// `PATH: TITLE` of each diagnostic, warnings in brackets.
pub fn said(diagnostics: &Diagnostics) -> Vec<String> {
    let lines = diagnostics.iter().map(|said| match said.severity {
        Severity::Error => format!("{}: {}", said.path, said.title),
        Severity::Warning => format!("[{}: {}]", said.path, said.title),
    });
    lines.collect()
}

/// The diagnostics in full, for golden files.
pub fn in_full(diagnostics: &Diagnostics) -> String {
    diagnostics.iter().map(|said| format!("{}: {}\n{}\n\n", said.path, said.title, said.detail)).collect()
}
