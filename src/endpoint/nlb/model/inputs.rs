//! What several places ask of an object in which values may be unknown.

use super::role::Role;
use super::schema::names;
use crate::framework::reader::{Maybe, Reader};
use crate::framework::value::{Refinement, Value};

/// Whether a listener exists or is to exist.
pub fn is_on(object: &Reader<'_>, role: Role) -> Maybe<bool> {
    match object.nested(role.name()) {
        Maybe::Known(Some(listener)) => listener.bool(names::ENABLED).map(|enabled| enabled.unwrap_or(true)),
        Maybe::Known(None) => Maybe::Known(false),
        Maybe::Unknown => Maybe::Unknown,
    }
}

/// A listener, if it is known to be on.
pub fn listener<'a>(object: &Reader<'a>, role: Role) -> Option<Reader<'a>> {
    object.nested(role.name()).present().filter(|_| is_on(object, role) == Maybe::Known(true))
}

/// The listeners that are known to be on.
pub fn on<'a>(object: &Reader<'a>) -> impl Iterator<Item = (Role, Reader<'a>)> {
    let object = *object;
    Role::ALL.into_iter().filter_map(move |role| Some((role, listener(&object, role)?)))
}

/// Whether the load balancer has security groups. A set of one unknown group is known to be not empty.
pub fn has_security_groups(object: &Reader<'_>) -> Maybe<bool> {
    match object.value(names::SECURITY_GROUP_IDS) {
        Value::Unknown(Refinement { min_length: 0, .. }) => Maybe::Unknown,
        Value::Unknown(_) => Maybe::Known(true),
        value => Maybe::Known(value.elements().is_some_and(|groups| !groups.is_empty())),
    }
}
