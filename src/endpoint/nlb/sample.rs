//! Objects for the tests of this folder: configurations, and what becomes of them.

use super::plan::defaults;
use super::plan::render::recorded;
use crate::endpoint::nlb::model::desired::Wanted;
use crate::endpoint::nlb::model::inventory::{BalancerFacts, GroupFacts, Parts};
use crate::endpoint::nlb::model::observed::Observed;
use crate::endpoint::nlb::model::role::Role;
use crate::endpoint::nlb::model::schema::SCHEMA;
use crate::endpoint::nlb::model::spec::Spec;
use crate::endpoint::nlb::plan::outputs::{self, Facts};
use crate::endpoint::nlb::plan::render::render;
use crate::framework::diagnostic::{Diagnostics, Severity};
use crate::framework::engine::with_defaults;
use crate::framework::reader::{Maybe, Reader};
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
    (name, object_of(&SCHEMA.attribute(name).unwrap().value_type(), members))
}

/// A health check of the listener `role` with these members, the others null.
pub fn check_of<const N: usize>(role: Role, members: [(&str, Value); N]) -> Value {
    let Type::Object(listener) = SCHEMA.attribute(role.name()).unwrap().value_type() else { unreachable!() };
    object_of(&listener["health_check"], members)
}

/// `subnet_mappings` with one element.
pub fn mapping<const N: usize>(members: [(&str, Value); N]) -> Value {
    let Type::Set(element) = SCHEMA.attribute("subnet_mappings").unwrap().value_type() else { unreachable!() };
    Value::set([object_of(&element, members)])
}

fn object_of<const N: usize>(ty: &Type, members: [(&str, Value); N]) -> Value {
    let Type::Object(types) = ty else { panic!("no object type") };
    let mut object: Object = types.keys().map(|name| (name.clone(), Value::Null)).collect();
    object.extend(members.map(|(name, value)| (name.to_owned(), value)));
    Value::Object(object)
}

/// The configuration with every default.
pub fn effective(config: &Object) -> Object {
    let mut object = with_defaults(&SCHEMA.attributes, config);
    defaults::fill(config, &mut object);
    object
}

/// The host that a configuration sets.
pub fn host(config: &Object) -> Maybe<Option<String>> {
    Reader::new(config).text("host").map(|host| host.map(str::to_owned))
}

/// What exists once `config` is applied.
pub fn parts(config: &Object) -> Parts {
    let effective = effective(config);
    let spec = Spec::read(&effective).unwrap();
    let wanted = render(&spec);
    let arn = |kind: &str, rest: &str| format!("arn:aws:elasticloadbalancing:eu-central-1:123456789012:{kind}/{rest}");
    let groups = wanted.groups.iter().map(|(role, group)| {
        let facts = GroupFacts {
            arn: arn("targetgroup", &format!("{}/1", group.name)),
            name: group.name.clone(),
            port: group.port,
        };
        (*role, facts)
    });
    Parts {
        successors: Default::default(),
        retired: Vec::new(),
        load_balancer: Some(BalancerFacts {
            arn: arn("loadbalancer", &format!("net/{}/1", wanted.balancer.name)),
            dns_name: format!("{}-1.elb.eu-central-1.amazonaws.com", wanted.balancer.name),
            zone_id: "Z3F0SRJ5LGBH90".into(),
            vpc_id: spec.vpc_id.unwrap_or_else(|| "vpc-1".into()),
        }),
        groups: groups.collect(),
        listeners: wanted
            .listeners
            .keys()
            .map(|role| (*role, arn("listener", &format!("net/{}/1/{}", wanted.balancer.name, role.name()))))
            .collect(),
    }
}

/// The state once `config` is applied.
pub fn state(config: &Object) -> Object {
    let mut object = effective(config);
    let tags = state_inputs(config)["tags_all"].clone();
    let parts = parts(config);
    let facts = Facts {
        parts: &parts,
        configured_host: host(config),
        region: Maybe::Known("eu-central-1".into()),
        group_names: Default::default(),
        tags_all: tags,
    };
    outputs::write(&mut object, &facts);
    assert!(Value::Object(object.clone()).is_wholly_known(), "{object:?}");
    object
}

/// What AWS has once `config` is applied.
pub fn observed(config: &Object) -> Observed {
    recorded(&state(config), Vec::new()).unwrap()
}

/// What `config` wants of an endpoint whose VPC is not known yet.
pub fn wanted(config: &Object) -> Wanted {
    render(&Spec::read(&state_inputs(config)).unwrap())
}

/// The inputs with their tags, but without what only AWS can say.
pub fn state_inputs(config: &Object) -> Object {
    let mut object = effective(config);
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
