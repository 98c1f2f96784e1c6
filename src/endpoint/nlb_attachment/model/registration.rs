//! One target in one target group on one port, and what an attachment will have of these.

use std::collections::BTreeSet;

use super::schema::names::*;
use super::spec::Spec;
use crate::framework::reader::{Maybe, Reader};
use crate::framework::value::Object;

/// A registration, as far as an attachment names it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Registration {
    /// The ARN of the target group.
    pub group: String,
    /// What is registered.
    pub target: String,
    /// Its port; none for the group's own, which only AWS knows.
    pub port: Option<i64>,
}

/// How two descriptions of a registration compare. The better known, the greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Match {
    /// They are different ones.
    Different,
    /// Known when the values of the plan are.
    Unknown,
    /// One if this is the group's own port.
    IfOwnPort(i64),
    /// One and the same.
    Same,
}

impl Registration {
    /// Compares with another one.
    pub fn compare(&self, other: &Registration) -> Match {
        if self.group != other.group || self.target != other.target {
            return Match::Different;
        }
        ports(self.port, other.port)
    }
}

fn ports(one: Option<i64>, other: Option<i64>) -> Match {
    match (one, other) {
        (one, other) if one == other => Match::Same,
        (Some(port), None) | (None, Some(port)) => Match::IfOwnPort(port),
        _ => Match::Different,
    }
}

/// Every registration of an attachment that exists.
pub fn registrations(spec: &Spec) -> BTreeSet<Registration> {
    let one =
        |group: &String| Registration { group: group.clone(), target: spec.target.id.clone(), port: spec.target.port };
    spec.groups.iter().map(one).collect()
}

/// The registrations that a planned attachment will have, as far as the plan knows them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    target: Maybe<String>,
    port: Maybe<Option<i64>>,
    groups: BTreeSet<String>,
    more_groups: bool,
}

impl Claim {
    /// What `planned` will have.
    pub fn of(planned: &Object) -> Claim {
        let reader = Reader::new(planned);
        let arns = reader.texts(TARGET_GROUP_ARNS);
        let groups = arns.clone().present().unwrap_or_default();
        Claim {
            target: reader.text(TARGET_ID).map(|id| id.unwrap_or_default().to_owned()),
            port: reader.number(PORT),
            more_groups: arns == Maybe::Unknown || groups.contains(&Maybe::Unknown),
            groups: groups.into_iter().filter_map(|arn| arn.known().map(str::to_owned)).collect(),
        }
    }

    /// Whether `registration` is among them.
    pub fn compare(&self, registration: &Registration) -> Match {
        let group = match self.groups.contains(&registration.group) {
            true => Match::Same,
            false if self.more_groups => Match::Unknown,
            false => Match::Different,
        };
        let target = match &self.target {
            Maybe::Known(id) if *id == registration.target => Match::Same,
            Maybe::Known(_) => Match::Different,
            Maybe::Unknown => Match::Unknown,
        };
        let port = match self.port {
            Maybe::Known(port) => ports(port, registration.port),
            Maybe::Unknown => Match::Unknown,
        };
        group.min(target).min(port)
    }
}

#[cfg(test)]
pub(in crate::endpoint::nlb_attachment) mod tests {
    use super::*;
    use crate::endpoint::nlb_attachment::model::schema::SCHEMA;
    use crate::framework::value::Value;

    /// A registration of `target` in `group`.
    pub fn registration(target: &str, group: &str, port: Option<i64>) -> Registration {
        Registration { group: group.to_owned(), target: target.to_owned(), port }
    }

    /// The claim of an attachment with these values.
    pub fn claim(target: Value, groups: Value, port: Value) -> Claim {
        let mut object = SCHEMA.null_object();
        object.insert(TARGET_ID.to_owned(), target);
        object.insert(TARGET_GROUP_ARNS.to_owned(), groups);
        object.insert(PORT.to_owned(), port);
        Claim::of(&object)
    }

    fn check(target: Value, groups: Value, port: Value, expected: [Match; 2]) {
        let claim = claim(target, groups, port);
        let found = [None, Some(7000)].map(|port| claim.compare(&registration("i-1", "a", port)));
        assert_eq!(found, expected, "{claim:?}");
    }

    #[test]
    fn a_claim_is_as_certain_as_its_least_known_part() {
        use Match::{Different, IfOwnPort, Same, Unknown};
        let a = || Value::set(["a".into(), "b".into()]);
        check("i-1".into(), a(), Value::Null, [Same, IfOwnPort(7000)]);
        check("i-1".into(), a(), 7000.into(), [IfOwnPort(7000), Same]);
        check("i-1".into(), a(), 7001.into(), [IfOwnPort(7001), Different]);
        check("i-2".into(), a(), Value::Null, [Different; 2]);
        check("i-2".into(), Value::UNKNOWN, Value::UNKNOWN, [Different; 2]);
        check("i-1".into(), Value::set(["b".into()]), Value::Null, [Different; 2]);
        check("i-1".into(), Value::set(["b".into(), Value::UNKNOWN]), Value::Null, [Unknown; 2]);
        check("i-1".into(), Value::UNKNOWN, Value::Null, [Unknown; 2]);
        check(Value::UNKNOWN, a(), Value::Null, [Unknown; 2]);
        check(Value::UNKNOWN, a(), 7001.into(), [Unknown, Different]);
    }
}
