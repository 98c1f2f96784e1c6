//! What a user would have to write for an object that exists: what `-generate-config-out` asks for.

use super::consistency::shape;
use super::defaults::nesting;
use super::plan::create_or_update;
use super::{Engine, isolate};
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::private::Private;
use crate::framework::resource::Resource;
use crate::framework::schema::{Attribute, Behaviour, Nesting};
use crate::framework::value::{Object, Value};

impl Engine {
    /// The configuration of a stored object: its arguments. One that the provider gives a value of its own where it is left out, and gives
    /// the stored one now, is left out: written down, it would be pinned.
    ///
    /// # Errors
    /// If there is no such resource, or the object doesn't fit it.
    pub fn generate(&self, name: &str, state: Value) -> Result<Value, Diagnostics> {
        let resource = self.resource(name)?;
        let state = shape::object(resource.schema(), state, "stored state")?;
        let mut config = arguments(&resource.schema().attributes, &state);
        for attribute in resource.schema().attributes.iter().filter(|attribute| is_up_to_the_provider(attribute)) {
            let mut without = config.clone();
            without.insert(attribute.name.to_owned(), Value::Null);
            if config.get(attribute.name).is_some_and(|value| !value.is_null())
                && is_settled(resource, &without, &state)?
            {
                config = without;
            }
        }
        Ok(Value::Object(config))
    }

    /// The same, as short as it can be: without what has the stored value by default. For a person to read, who has no other to copy from.
    ///
    /// # Errors
    /// If there is no such resource, or the object doesn't fit it.
    pub fn generate_concise(&self, name: &str, state: Value) -> Result<Value, Diagnostics> {
        let resource = self.resource(name)?;
        let state = shape::object(resource.schema(), state, "stored state")?;
        let full = arguments(&resource.schema().attributes, &state);
        let plan = |config: &Object| isolate::call(|| create_or_update(resource, config, Some(&state), Private::new()));
        let reference = plan(&full)?;
        if reference.diagnostics.has_error() {
            return Ok(Value::Object(full)); // the user's own plan reports what is wrong with it
        }
        let is_enough = |config: &Object| {
            plan(config).is_ok_and(|planned| !planned.diagnostics.has_error() && planned.planned == reference.planned)
        };
        let mut config = Value::Object(full);
        for path in removable(&resource.schema().attributes, &config) {
            let mut without = config.clone();
            remove(&mut without, &path);
            if without.entries().is_some_and(is_enough) {
                config = without;
            }
        }
        Ok(config)
    }
}

/// Where something could be left out, the whole before its members. What keeps its stored value stays: a new object would get another one.
fn removable(attributes: &[Attribute], config: &Value) -> Vec<Vec<&'static str>> {
    let mut paths = Vec::new();
    for attribute in attributes.iter().filter(|attribute| !attribute.keep_prior) {
        let Some(value) = config.attribute(attribute.name).filter(|value| !value.is_null()) else { continue };
        paths.push(vec![attribute.name]);
        if let Some((Nesting::Single, members)) = nesting(attribute) {
            let inner = removable(members, value).into_iter();
            paths.extend(inner.map(|path| [vec![attribute.name], path].concat()));
        }
    }
    paths
}

fn remove(value: &mut Value, path: &[&str]) {
    let (Value::Object(members), Some((first, rest))) = (value, path.split_first()) else { return };
    match (members.get_mut(*first), rest.is_empty()) {
        (Some(member), true) => *member = Value::Null,
        (Some(member), false) => remove(member, rest),
        (None, _) => {}
    }
}

/// One that keeps its stored value counts as an argument: a new object would get another one.
fn is_up_to_the_provider(attribute: &Attribute) -> bool {
    attribute.behaviour == Behaviour::OptionalComputed && attribute.default.is_none() && !attribute.keep_prior
}

/// True if `config` changes nothing of what is stored.
fn is_settled(resource: &dyn Resource, config: &Object, state: &Object) -> Result<bool, Diagnostic> {
    let planned = isolate::call(|| create_or_update(resource, config, Some(state), Private::new()))?;
    Ok(!planned.diagnostics.has_error() && planned.planned == Value::Object(state.clone()))
}

/// `stored` without what only the provider can say.
fn arguments(attributes: &[Attribute], stored: &Object) -> Object {
    let of = |attribute: &Attribute| match stored.get(attribute.name).unwrap_or(&Value::Null) {
        _ if attribute.behaviour == Behaviour::Computed => Value::Null,
        value => match nesting(attribute) {
            Some((nesting, members)) => of_each(nesting, members, value),
            None => value.clone(),
        },
    };
    attributes.iter().map(|attribute| (attribute.name.to_owned(), of(attribute))).collect()
}

fn of_each(nesting: Nesting, members: &[Attribute], value: &Value) -> Value {
    let one = |value: &Value| match value {
        Value::Object(object) => Value::Object(arguments(members, object)),
        other => other.clone(),
    };
    match (nesting, value) {
        (Nesting::Single, value) => one(value),
        (Nesting::List, Value::List(items)) => Value::List(items.iter().map(one).collect()),
        (Nesting::Set, Value::Set(items)) => Value::set(items.iter().map(one)),
        (Nesting::Map, Value::Map(items)) => {
            Value::Map(items.iter().map(|(key, item)| (key.clone(), one(item))).collect())
        }
        (_, other) => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::framework::engine::sample::{Script, object, thing};

    #[test]
    fn arguments_are_all_that_is_written() {
        let members = || vec![Attribute::string("given"), Attribute::string("found").computed()];
        let nested = |nesting| arguments(&[Attribute::nested("x", nesting, members())], &stored(nesting));
        let item = |found: Value| object([("given", "a".into()), ("found", found)]);
        fn of(nesting: Nesting, item: Value) -> Object {
            let value = match nesting {
                Nesting::Single => item,
                Nesting::List => Value::list([item]),
                Nesting::Set => Value::set([item]),
                Nesting::Map => Value::Map([("k".to_owned(), item)].into()),
            };
            [("x".to_owned(), value)].into()
        }
        fn stored(nesting: Nesting) -> Object {
            of(nesting, object([("given", "a".into()), ("found", "b".into())]))
        }
        for nesting in [Nesting::Single, Nesting::List, Nesting::Set, Nesting::Map] {
            assert_eq!(nested(nesting), of(nesting, item(Value::Null)), "{nesting:?}");
        }
        let engine = Script::default().engine();
        let stored = thing("a".into(), 1.into(), "i-1".into());
        assert_eq!(engine.generate("sample", stored.clone()), Ok(thing("a".into(), 1.into(), Value::Null)));
        assert!(engine.generate("nothing", stored).is_err() && engine.generate("sample", Value::Null).is_err());
    }

    #[test]
    fn the_concise_form_has_no_defaults() {
        let engine = Script::default().engine();
        let concise = |size: i64| engine.generate_concise("sample", thing("a".into(), size.into(), "i-1".into()));
        assert_eq!(concise(1), Ok(thing("a".into(), Value::Null, Value::Null)), "1 is the default");
        assert_eq!(concise(2), Ok(thing("a".into(), 2.into(), Value::Null)));
        let refused =
            Script { plan: |plan| plan.diagnostics.push(Diagnostic::failed("No", "Never.")), ..Script::default() };
        let all = thing("a".into(), 1.into(), Value::Null);
        assert_eq!(refused.engine().generate_concise("sample", thing("a".into(), 1.into(), "i-1".into())), Ok(all));
        assert!(engine.generate_concise("nothing", thing("a".into(), 1.into(), Value::Null)).is_err());
    }

    #[test]
    fn what_a_whole_can_not_lack_its_members_may() {
        let members = vec![
            Attribute::string("a"),
            Attribute::string("b"),
            Attribute::string("kept").optional_computed().keep_prior(),
        ];
        let attributes = [Attribute::nested("x", Nesting::Single, members)];
        let value = object([("x", object([("a", "1".into()), ("b", Value::Null), ("kept", "2".into())]))]);
        assert_eq!(removable(&attributes, &value), [vec!["x"], vec!["x", "a"]]);
        let mut without = value.clone();
        remove(&mut without, &["x", "a"]);
        assert_eq!(without, object([("x", object([("a", Value::Null), ("b", Value::Null), ("kept", "2".into())]))]));
    }
}
