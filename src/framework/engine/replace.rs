//! Which changes need a new object, as far as the schema says so.

use super::consistency::shape::at;
use super::defaults::nesting;
use crate::framework::path::Path;
use crate::framework::schema::{Attribute, Nesting};
use crate::framework::value::{Object, Value};

/// The attributes whose change from `prior` to `planned` needs a new object.
///
/// A nested object that appears or goes counts as a change of its members; an element that a list or map gains or loses doesn't,
/// because no member of it changed. The elements of a set have no identity: their members never count.
pub fn required(attributes: &[Attribute], prior: &Object, planned: &Object) -> Vec<Path> {
    let mut walk = Walk::default();
    walk.members(attributes, prior, Some(planned), &Path::root());
    walk.found
}

/// `paths` as Terraform takes them: sorted, without repetition, and only those that lead to a difference.
pub fn tidy(mut paths: Vec<Path>, prior: &Value, planned: &Value) -> Vec<Path> {
    paths.sort();
    paths.dedup();
    paths.retain(|path| at(prior, path) != at(planned, path));
    paths
}

#[derive(Default)]
struct Walk {
    found: Vec<Path>,
}

impl Walk {
    /// `planned` is none where the object as a whole is unknown.
    fn members(&mut self, attributes: &[Attribute], prior: &Object, planned: Option<&Object>, path: &Path) {
        for attribute in attributes {
            let prior = prior.get(attribute.name).unwrap_or(&Value::Null);
            let planned =
                planned.map_or(&Value::UNKNOWN, |planned| planned.get(attribute.name).unwrap_or(&Value::Null));
            if prior != planned {
                self.changed(attribute, prior, planned, path.attribute(attribute.name));
            }
        }
    }

    fn changed(&mut self, attribute: &Attribute, prior: &Value, planned: &Value, path: Path) {
        if attribute.requires_replace {
            self.found.push(path);
        } else if let Some((nesting, members)) = nesting(attribute) {
            self.nested(nesting, members, prior, planned, &path);
        }
    }

    fn nested(&mut self, nesting: Nesting, members: &[Attribute], prior: &Value, planned: &Value, path: &Path) {
        let none = Object::new();
        match (nesting, prior, planned) {
            (Nesting::Single, Value::Object(prior), Value::Object(planned)) => {
                self.members(members, prior, Some(planned), path);
            }
            (Nesting::Single, Value::Object(prior), Value::Null) => self.members(members, prior, Some(&none), path),
            (Nesting::Single, Value::Object(prior), _) => self.members(members, prior, None, path),
            (Nesting::Single, _, Value::Object(planned)) => self.members(members, &none, Some(planned), path),
            // A member of an object that may or may not come has no place of its own.
            (Nesting::Single, _, _) => {
                let mut inner = Walk::default();
                inner.members(members, &none, None, path);
                if !inner.found.is_empty() {
                    self.found.push(path.clone());
                }
            }
            (Nesting::List, Value::List(prior), _) => {
                for (i, prior) in prior.iter().enumerate() {
                    let planned = planned.elements().map(|planned| planned.get(i)).unwrap_or(Some(&Value::UNKNOWN));
                    self.element(members, prior, planned, path.index(i as u64));
                }
            }
            (Nesting::Map, Value::Map(prior), _) => {
                for (key, prior) in prior {
                    let planned = planned.entries().map(|planned| planned.get(key)).unwrap_or(Some(&Value::UNKNOWN));
                    self.element(members, prior, planned, path.key(key));
                }
            }
            (Nesting::List | Nesting::Map | Nesting::Set, _, _) => {}
        }
    }

    fn element(&mut self, members: &[Attribute], prior: &Value, planned: Option<&Value>, path: Path) {
        match (prior, planned) {
            (Value::Object(prior), Some(Value::Object(planned))) => self.members(members, prior, Some(planned), &path),
            (Value::Object(prior), Some(Value::Unknown(_))) => self.members(members, prior, None, &path),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::framework::engine::sample::object;

    fn attributes() -> Vec<Attribute> {
        let members = || vec![Attribute::string("fixed").requires_replace(), Attribute::string("free")];
        vec![
            Attribute::string("always").requires_replace(),
            Attribute::nested("single", Nesting::Single, members()),
            Attribute::nested("list", Nesting::List, members()),
            Attribute::nested("map", Nesting::Map, members()),
            Attribute::nested("set", Nesting::Set, members()),
        ]
    }

    fn check(name: &str, prior: Value, planned: Value, want: &[&str]) {
        let whole = |value: &Value| {
            let mut object: Object = attributes().iter().map(|a| (a.name.to_owned(), Value::Null)).collect();
            object.insert(name.to_owned(), value.clone());
            object
        };
        let paths: Vec<String> =
            required(&attributes(), &whole(&prior), &whole(&planned)).iter().map(Path::to_string).collect();
        assert_eq!(paths, want, "{prior:?} to {planned:?}");
    }

    fn member(fixed: &str) -> Value {
        object([("fixed", fixed.into()), ("free", "x".into())])
    }

    #[test]
    fn plain_attributes() {
        check("always", "a".into(), "a".into(), &[]);
        check("always", "a".into(), "b".into(), &["always"]);
        check("always", "a".into(), Value::UNKNOWN, &["always"]);
        check("always", Value::Null, "a".into(), &["always"]);
    }

    #[test]
    fn members_of_a_single_object() {
        check("single", member("a"), member("b"), &["single.fixed"]);
        check("single", member("a"), object([("fixed", "a".into()), ("free", "y".into())]), &[]);
        check("single", Value::Null, member("b"), &["single.fixed"]);
        check("single", member("a"), Value::Null, &["single.fixed"]);
        check("single", member("a"), Value::UNKNOWN, &["single.fixed"]);
        check("single", Value::Null, Value::UNKNOWN, &["single"]);
    }

    #[test]
    fn members_of_elements_that_stay() {
        let list = |names: &[&str]| Value::list(names.iter().map(|name| member(name)));
        check("list", list(&["a", "b"]), list(&["a", "c"]), &["list[1].fixed"]);
        check("list", list(&["a"]), list(&["a", "b"]), &[]);
        check("list", list(&["a", "b"]), list(&["a"]), &[]);
        check("list", list(&["a"]), Value::UNKNOWN, &["list[0].fixed"]);
        let map = |key: &str, name: &str| Value::Map([(key.to_owned(), member(name))].into());
        check("map", map("k", "a"), map("k", "b"), &["map[\"k\"].fixed"]);
        check("map", map("k", "a"), map("l", "a"), &[]);
        check("set", Value::set([member("a")]), Value::set([member("b")]), &[]);
    }

    #[test]
    fn paths_are_sorted_single_and_lead_to_a_difference() {
        let (prior, planned) = (
            object([("a", 1.into()), ("b", 1.into()), ("c", 1.into())]),
            object([("a", 2.into()), ("b", 2.into()), ("c", 1.into())]),
        );
        let paths = ["b", "nowhere", "a", "b", "c"].map(Path::of).to_vec();
        assert_eq!(tidy(paths, &prior, &planned), ["a", "b"].map(Path::of));
    }
}
