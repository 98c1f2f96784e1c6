//! Which changes need a new object, as far as the schema says so.

use super::fill::nesting;
use super::shape::at;
use crate::framework::path::Path;
use crate::framework::schema::{Attribute, Change, Nesting, Replace};
use crate::framework::value::{Object, Value};

/// The attributes whose change from `prior` to `planned` needs a new object.
///
/// A nested object that appears or goes counts as a change of its members; an element that a list or map gains or loses doesn't,
/// because no member of it changed. The elements of a set have no identity: their members never count.
pub fn required(attributes: &[Attribute], prior: &Object, planned: &Object) -> Vec<Path> {
    let mut walk = Walk { objects: [prior, planned], found: Vec::new() };
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

struct Walk<'a> {
    objects: [&'a Object; 2],
    found: Vec<Path>,
}

impl Walk<'_> {
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
        if self.replaces(attribute, prior, planned) {
            self.found.push(path);
        } else if let Some((nesting, members)) = nesting(attribute) {
            self.nested(nesting, members, prior, planned, &path);
        }
    }

    fn replaces(&self, attribute: &Attribute, prior: &Value, planned: &Value) -> bool {
        let [prior_object, planned_object] = self.objects;
        match attribute.replace {
            Replace::Never => false,
            Replace::Always => true,
            Replace::If(condition, _) => condition(&Change { prior, planned, prior_object, planned_object }),
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
                let mut inner = Walk { objects: self.objects, found: Vec::new() };
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
