//! Checks of what the user wrote, before anything is planned: every problem at once, each at its place. Unknown values are never wrong.

use super::consistency::shape;
use super::plan::completed;
use super::{Engine, defaults, isolate};
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::number::Number;
use crate::framework::path::Path;
use crate::framework::schema::{Attribute, AttributeType, Behaviour, Nesting, Schema};
use crate::framework::value::{Object, Value};

impl Engine {
    /// Checks a provider block; values may be unknown.
    pub fn validate_provider(&self, config: Value) -> Diagnostics {
        let rules = |config: &Object, diagnostics: &mut Diagnostics| self.provider.validate(config, diagnostics);
        whole(self.provider.schema(), config, &rules)
    }

    /// Checks a resource block; values may be unknown.
    pub fn validate_resource(&self, name: &str, config: Value) -> Diagnostics {
        match self.resource(name) {
            Ok(resource) => whole(resource.schema(), config, &|config, found| {
                let completed = completed(resource, config, found);
                let planned = defaults::with_nulls(&resource.schema().attributes, &completed);
                resource.validate(config, &planned, found);
            }),
            Err(diagnostic) => diagnostic.into(),
        }
    }

    /// Checks the filters of a list block; values may be unknown.
    pub fn validate_list_resource(&self, name: &str, config: Value) -> Diagnostics {
        match self.list_resource(name) {
            Ok(one) => whole(one.schema(), config, &|config, found| one.validate(config, found)),
            Err(diagnostic) => diagnostic.into(),
        }
    }

    /// Checks a data block; values may be unknown.
    pub fn validate_data_source(&self, name: &str, config: Value) -> Diagnostics {
        match self.data_source(name) {
            Ok(source) => whole(source.schema(), config, &|config, found| source.validate(config, found)),
            Err(diagnostic) => diagnostic.into(),
        }
    }
}

/// Rules between attributes.
type Rules<'a> = &'a dyn Fn(&Object, &mut Diagnostics);

fn whole(schema: &Schema, config: Value, rules: Rules<'_>) -> Diagnostics {
    let config = match shape::object(schema, config, "configuration") {
        Ok(config) => config,
        Err(diagnostics) => return diagnostics,
    };
    let mut check = Check::default();
    check.members(&schema.attributes, &config, &Place::root());
    let Check { mut diagnostics, unsound, refused_numbers } = check;
    // Rules between attributes may rely on every required value being there, and calculate with numbers that their checks let pass.
    if !unsound {
        let config = refused_numbers.iter().fold(Value::Object(config), shape::forgotten);
        let result = isolate::call(|| {
            let mut found = Diagnostics::new();
            if let Value::Object(config) = &config {
                rules(config, &mut found);
            }
            found
        });
        diagnostics.append(result.unwrap_or_else(Diagnostics::from));
    }
    diagnostics
}

/// Checks the attributes of one object, with what is in them. What [`Engine::validate_resource`] does before the resource's own rules.
pub fn attributes(schema: &Schema, config: &Object) -> Diagnostics {
    let mut check = Check::default();
    check.members(&schema.attributes, config, &Place::root());
    check.diagnostics
}

/// Where a check is: Terraform's path, which ends at a set, and the name as a person would write it, which goes on.
#[derive(Clone)]
struct Place {
    path: Path,
    name: String,
    in_set: bool,
    sensitive: bool,
}

impl Place {
    fn root() -> Place {
        Place { path: Path::root(), name: String::new(), in_set: false, sensitive: false }
    }

    fn attribute(&self, attribute: &Attribute) -> Place {
        let dot = if self.name.is_empty() { "" } else { "." };
        let name = format!("{}{dot}{}", self.name, attribute.name);
        let path = if self.in_set { self.path.clone() } else { self.path.attribute(attribute.name) };
        Place { path, name, sensitive: self.sensitive || attribute.sensitive, ..*self }
    }

    fn element(&self, step: &str, path: Path) -> Place {
        let path = if self.in_set { self.path.clone() } else { path };
        Place { path, name: format!("{}{step}", self.name), ..*self }
    }

    fn set_element(&self) -> Place {
        Place { name: format!("{}[*]", self.name), in_set: true, ..self.clone() }
    }
}

#[derive(Default)]
struct Check {
    diagnostics: Diagnostics,
    /// True once a value is missing or is where none may be.
    unsound: bool,
    /// Where a number is that a check refuses.
    refused_numbers: Vec<Path>,
}

impl Check {
    fn members(&mut self, attributes: &[Attribute], config: &Object, place: &Place) {
        for attribute in attributes {
            let value = config.get(attribute.name).unwrap_or(&Value::Null);
            self.attribute(attribute, value, &place.attribute(attribute));
        }
    }

    fn attribute(&mut self, attribute: &Attribute, value: &Value, place: &Place) {
        match (attribute.behaviour, value) {
            (_, Value::Unknown(_)) => {}
            (Behaviour::Required, Value::Null) => {
                let detail = format!("`{}` must be set; null counts as not set.", place.name);
                self.unsound(place, "Missing required argument", detail);
            }
            (_, Value::Null) => {}
            (Behaviour::Computed, _) => {
                let detail = format!("`{}` is set by the provider. Remove it from the configuration.", place.name);
                self.unsound(place, "Read-only attribute", detail);
            }
            (_, value) => self.known(attribute, value, place),
        }
    }

    fn known(&mut self, attribute: &Attribute, value: &Value, place: &Place) {
        if let Some(instead) = attribute.deprecated {
            let detail = format!("`{}` is deprecated. {instead}", place.name);
            self.diagnostics.push(Diagnostic::warning(place.path.clone(), "Deprecated argument", detail));
        }
        for validator in attribute.validators.iter().filter(|validator| !accepts(validator, value)) {
            let value_text = if place.sensitive || hides(attribute) {
                ".".to_owned()
            } else {
                format!(", but it is {}.{}", show(&validator.shown(value)), reason(validator, value))
            };
            let detail = format!("The value of `{}` {}{value_text}", place.name, validator.sentence());
            self.diagnostics.push(Diagnostic::invalid(place.path.clone(), "Invalid value", detail));
            if matches!(value, Value::Number(_)) {
                self.refused_numbers.push(place.path.clone());
            }
        }
        if let AttributeType::Nested(nesting, members) = &attribute.ty {
            self.nested(attribute, *nesting, members, value, place);
        }
    }

    fn nested(&mut self, attribute: &Attribute, nesting: Nesting, members: &[Attribute], value: &Value, place: &Place) {
        match value {
            Value::Object(object) if nesting == Nesting::Single => self.members(members, object, place),
            Value::List(items) => {
                for (i, item) in (0_u64..).zip(items) {
                    self.element(members, item, &place.element(&format!("[{i}]"), place.path.index(i)));
                }
            }
            Value::Map(items) => {
                for (key, item) in items {
                    self.element(members, item, &place.element(&format!("[{key:?}]"), place.path.key(key)));
                }
            }
            Value::Set(items) => {
                items.iter().for_each(|item| self.element(members, item, &place.set_element()));
                self.repetitions(attribute, value, place);
            }
            _ => {}
        }
    }

    fn element(&mut self, members: &[Attribute], item: &Value, place: &Place) {
        match item {
            Value::Object(object) => self.members(members, object, place),
            Value::Null => {
                self.unsound(place, "Null element", format!("`{}` must be an object, not null.", place.name))
            }
            _ => {}
        }
    }

    /// Two elements of a set that only a default makes equal would become one, and Terraform refuses a plan with fewer elements.
    fn repetitions(&mut self, attribute: &Attribute, value: &Value, place: &Place) {
        let config = Object::from([(attribute.name.to_owned(), value.clone())]);
        let defaulted = defaults::with_defaults(std::slice::from_ref(attribute), &config);
        let count = |value: Option<&Value>| value.and_then(Value::elements).map(<[_]>::len);
        if count(defaulted.get(attribute.name)) != count(Some(value)) {
            let detail =
                format!("Two elements of `{}` say the same once defaults are filled in. Remove one.", place.name);
            self.unsound(place, "Repeated element", detail);
        }
    }

    fn unsound(&mut self, place: &Place, title: &str, detail: String) {
        self.unsound = true;
        self.diagnostics.push(Diagnostic::invalid(place.path.clone(), title, detail));
    }
}

/// A validator that panics refuses: the value is then at least named.
fn accepts(validator: &crate::framework::validator::Validator, value: &Value) -> bool {
    isolate::call(|| validator.accepts(value)).unwrap_or(false)
}

/// What exactly is wrong, to be appended.
fn reason(validator: &crate::framework::validator::Validator, value: &Value) -> String {
    let reason = isolate::call(|| validator.reason(value)).unwrap_or(None);
    reason.map(|reason| format!(" {reason}")).unwrap_or_default()
}

/// True if something inside the attribute is sensitive.
fn hides(attribute: &Attribute) -> bool {
    match &attribute.ty {
        AttributeType::Plain(_) => false,
        AttributeType::Nested(_, members) => members.iter().any(|member| member.sensitive || hides(member)),
    }
}

/// The longest value that a message quotes, in characters.
const LONGEST: usize = 200;

/// A value as a person writes it in Terraform, cut where it is long.
fn show(value: &Value) -> String {
    let text = written(value);
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

fn written(value: &Value) -> String {
    let all = |items: &[Value]| items.iter().map(written).collect::<Vec<_>>().join(", ");
    match value {
        Value::Null => "null".to_owned(),
        Value::Unknown(_) => "(known after apply)".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => Number::to_string(number),
        Value::String(text) => format!("{text:?}"),
        Value::List(items) | Value::Set(items) => format!("[{}]", all(items)),
        Value::Map(items) | Value::Object(items) => {
            let entries: Vec<String> = items.iter().map(|(key, value)| format!("{key} = {}", written(value))).collect();
            format!("{{{}}}", entries.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::framework::engine::sample::object;
    use crate::framework::validator::{between, one_of, text};

    fn schema() -> Schema {
        let members = || {
            vec![
                Attribute::string("name").required(),
                Attribute::number("port").default(1).check(between(1, 9)),
                Attribute::string("id").computed(),
            ]
        };
        Schema {
            attributes: vec![
                Attribute::string("mode").check(one_of(&["a", "b"])),
                Attribute::string("token")
                    .sensitive()
                    .check(one_of(&["a"]).explain(|_| Some("It is wrong.".to_owned()))),
                Attribute::string("word").check(text("must be a", |t| t == "a").explain(|t| Some(format!("Not {t}.")))),
                Attribute::string("old").deprecated("Use `mode`."),
                Attribute::nested("list", Nesting::List, members()),
                Attribute::nested("map", Nesting::Map, members()),
                Attribute::nested("set", Nesting::Set, members()),
            ],
            ..Schema::default()
        }
    }

    fn member(name: Value, port: Value, id: Value) -> Value {
        object([("name", name), ("port", port), ("id", id)])
    }

    /// Problems as `PATH: TITLE: DETAIL`, of a configuration that sets only `name`.
    fn check(name: &str, value: Value, want: &[&str]) {
        let mut config = schema().null_object();
        config.insert(name.to_owned(), value);
        let found: Vec<String> =
            attributes(&schema(), &config).iter().map(|d| format!("{}: {}: {}", d.path, d.title, d.detail)).collect();
        assert_eq!(found, want);
    }

    #[test]
    fn values_are_checked_and_quoted_unless_sensitive() {
        check("mode", "a".into(), &[]);
        check("mode", Value::UNKNOWN, &[]);
        check(
            "mode",
            "c".into(),
            &["mode: Invalid value: The value of `mode` must be one of `a`, `b`, but it is \"c\"."],
        );
        check("token", "hunter2".into(), &["token: Invalid value: The value of `token` must be one of `a`."]);
        check("word", "b".into(), &["word: Invalid value: The value of `word` must be a, but it is \"b\". Not b."]);
        check("old", "x".into(), &["old: Deprecated argument: `old` is deprecated. Use `mode`."]);
        check("old", Value::UNKNOWN, &[]);
    }

    #[test]
    fn every_element_is_checked_at_its_place() {
        let bad = || member(Value::Null, 10.into(), "x".into());
        let said = |path: &str, name: &str| {
            [
                format!("{path}: Missing required argument: `{name}.name` must be set; null counts as not set."),
                format!(
                    "{path}: Invalid value: The value of `{name}.port` must be a whole number from 1 to 9, but it is \
                     10."
                ),
                format!(
                    "{path}: Read-only attribute: `{name}.id` is set by the provider. Remove it from the configuration."
                ),
            ]
        };
        let full = |place: &str| {
            let [a, b, c] = said("", place);
            [format!("{place}.name{a}"), format!("{place}.port{b}"), format!("{place}.id{c}")]
        };
        let list = full("list[0]");
        check("list", Value::list([bad()]), &list.each_ref().map(String::as_str));
        let map = full("map[\"k\"]");
        check("map", Value::Map([("k".to_owned(), bad())].into()), &map.each_ref().map(String::as_str));
        let set = said("set", "set[*]");
        check("set", Value::set([bad()]), &set.each_ref().map(String::as_str));
        check("list", Value::list([Value::UNKNOWN, member(Value::UNKNOWN, Value::UNKNOWN, Value::UNKNOWN)]), &[]);
        check("list", Value::list([Value::Null]), &["list[0]: Null element: `list[0]` must be an object, not null."]);
    }

    #[test]
    fn a_default_must_not_make_two_elements_one() {
        let two = Value::set([member("n".into(), 1.into(), Value::Null), member("n".into(), Value::Null, Value::Null)]);
        check(
            "set",
            two,
            &["set: Repeated element: Two elements of `set` say the same once defaults are filled in. Remove one."],
        );
    }

    #[test]
    fn rules_between_attributes_need_a_sound_configuration() {
        let rules = |_: &Object, found: &mut Diagnostics| found.push(Diagnostic::failed("rule", "ran"));
        let ran = |name: &str, value: Value| {
            let mut config = schema().null_object();
            config.insert(name.to_owned(), value);
            whole(&schema(), Value::Object(config), &rules).iter().any(|d| d.title == "rule")
        };
        assert!(ran("mode", "a".into()));
        assert!(ran("mode", "c".into()), "a refused value does not hide other problems");
        assert!(!ran("mode", true.into()), "wrong type");
        assert!(!ran("list", Value::list([member(Value::Null, Value::Null, Value::Null)])), "something is missing");
        let numbers = |config: &Object, found: &mut Diagnostics| {
            let Some(Value::List(items)) = config.get("list") else { panic!("a list") };
            let port = items[0].attribute("port").unwrap();
            assert!(port.is_unknown() || port.as_i64().unwrap().checked_add(1).is_some());
            found.push(Diagnostic::failed("rule", "ran"));
        };
        let mut config = schema().null_object();
        config.insert("list".to_owned(), Value::list([member("n".into(), i64::MAX.into(), Value::Null)]));
        let found = whole(&schema(), Value::Object(config), &numbers);
        let titles: Vec<&str> = found.iter().map(|found| found.title.as_str()).collect();
        assert_eq!(titles, ["Invalid value", "rule"], "no rule calculates with a number that is refused already");
        let panics = whole(&schema(), schema().null_object().into(), &|_, _| panic!("boom"));
        assert!(panics.iter().any(|d| d.title == "The provider panicked"));
    }

    #[test]
    fn long_values_are_cut() {
        let text = show(&Value::from("é".repeat(500)));
        assert_eq!(text.chars().count(), LONGEST + 1);
    }
}
