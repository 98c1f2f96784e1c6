//! Numbers that no machine word holds, or that overflow one that is reckoned with: each is refused at its attribute, and none is a bug.

use std::sync::Arc;

use talosendpoint::framework::engine::Engine;
use talosendpoint::framework::number::Number;
use talosendpoint::framework::schema::{Attribute, AttributeType, Behaviour, Nesting};
use talosendpoint::framework::ty::Type;
use talosendpoint::framework::value::{Object, Value};
use talosendpoint::provider::TalosEndpoint;

/// The ends of `i64`, one beyond, and the ends of what is read at all.
const EXTREMES: [&str; 7] = [
    "9223372036854775807",
    "-9223372036854775808",
    "9223372036854775808",
    "18446744073709551616",
    "1e20000",
    "-1e20000",
    "1e-20000",
];

/// Every object of `attributes` in which one number is `extreme` and what else is there is null, with the number's place.
fn variants(attributes: &[Attribute], extreme: &Value) -> Vec<(String, Object)> {
    let null = || -> Object { attributes.iter().map(|attribute| (attribute.name.to_owned(), Value::Null)).collect() };
    let with = |name: &str, value: Value| {
        let mut object = null();
        object.insert(name.to_owned(), value);
        object
    };
    let mut all = Vec::new();
    for attribute in attributes.iter().filter(|attribute| attribute.behaviour != Behaviour::Computed) {
        let name = attribute.name;
        match &attribute.ty {
            AttributeType::Plain(Type::Number) => all.push((name.to_owned(), with(name, extreme.clone()))),
            AttributeType::Plain(_) => {}
            AttributeType::Nested(nesting, members) => {
                for (place, member) in variants(members, extreme) {
                    let member = Value::Object(member);
                    let (step, value) = match nesting {
                        Nesting::Single => (String::new(), member),
                        Nesting::List => ("[0]".to_owned(), Value::list([member])),
                        Nesting::Map => ("[\"a\"]".to_owned(), Value::Map([("a".to_owned(), member)].into())),
                        Nesting::Set => (String::new(), Value::set([member])),
                    };
                    // Elements of sets have no address.
                    let place =
                        if *nesting == Nesting::Set { name.to_owned() } else { format!("{name}{step}.{place}") };
                    all.push((place, with(name, value)));
                }
            }
        }
    }
    all
}

#[test]
fn every_number_of_every_resource_has_an_end() {
    let engine = Engine::new(Arc::new(TalosEndpoint::default()));
    let mut checked = 0;
    for (name, resource) in engine.resources() {
        for extreme in EXTREMES {
            let number = Value::Number(extreme.parse::<Number>().unwrap());
            for (place, config) in variants(&resource.schema().attributes, &number) {
                let found = engine.validate_resource(name, Value::Object(config));
                let told = |title: &str| found.iter().any(|one| one.title == title && one.path.to_string() == place);
                assert!(told("Invalid value"), "{name}: {place} = {extreme}: {found:?}");
                let text: String = found.iter().map(|one| format!("{}: {}", one.title, one.detail)).collect();
                assert!(!text.contains("bug in the provider") && !text.contains("panic"), "{name}: {place}: {text}");
                checked += 1;
            }
        }
    }
    assert!(checked > 300, "{checked} places");
}
