//! What the user wants, all of it known; and, read from the state, what exists.

use std::collections::BTreeSet;

use super::schema::names::*;
use crate::framework::reader::{Maybe, Reader};
use crate::framework::value::{Object, Value};
use crate::remote::elb::Target;

/// A wholly known attachment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spec {
    /// What is registered.
    pub target: Target,
    /// The ARNs of the groups that it is registered in.
    pub groups: BTreeSet<String>,
    /// Whether leaving a group waits until connections are drained.
    pub drain: bool,
}

impl Spec {
    /// Reads a planned or stored object; `None` while something in it is unknown or missing.
    pub fn read(object: &Object) -> Option<Spec> {
        let reader = Reader::new(object);
        let zone = known(reader.text(AVAILABILITY_ZONE))?;
        Some(Spec {
            target: Target {
                id: reader.text(TARGET_ID).present()?.to_owned(),
                port: known(reader.number(PORT))?,
                availability_zone: zone.map(str::to_owned),
            },
            groups: groups(&reader)?,
            // Null only right after an import.
            drain: reader.bool(DRAIN).known()?.unwrap_or(true),
        })
    }
}

/// `object` in exactly these groups.
pub fn with_groups(object: &Object, groups: &BTreeSet<String>) -> Object {
    let mut object = object.clone();
    let arns = groups.iter().map(|arn| Value::from(arn.as_str()));
    object.insert(TARGET_GROUP_ARNS.to_owned(), Value::set(arns));
    object
}

fn groups(reader: &Reader<'_>) -> Option<BTreeSet<String>> {
    let arns = reader.texts(TARGET_GROUP_ARNS).known()?.unwrap_or_default();
    arns.into_iter().map(|arn| arn.map(str::to_owned).known()).collect()
}

/// The outer `None` means unknown.
fn known<T>(value: Maybe<Option<T>>) -> Option<Option<T>> {
    value.known()
}
