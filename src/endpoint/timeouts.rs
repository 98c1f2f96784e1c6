//! The attribute `timeouts`, the same on every resource whose operations take a while.

use std::time::Duration;

use super::duration;
use crate::framework::reader::Reader;
use crate::framework::schema::{Attribute, Nesting};
use crate::framework::value::Object;

/// The attribute's name.
pub const TIMEOUTS: &str = "timeouts";

/// What a limit is for; a member of the attribute has the same name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// The object doesn't exist yet.
    Create,
    /// The object is changed in place.
    Update,
    /// The object is destroyed.
    Delete,
}

impl Operation {
    /// The name of the member of `timeouts`.
    pub fn name(self) -> &'static str {
        match self {
            Operation::Create => "create",
            Operation::Update => "update",
            Operation::Delete => "delete",
        }
    }
}

/// Where `timeouts` say nothing.
const TEN_MINUTES: Duration = Duration::from_secs(600);

/// The attribute: `create`, `update` and `delete`, ten minutes each.
pub fn attribute() -> Attribute {
    of(&[Operation::Create, Operation::Update, Operation::Delete])
}

/// The attribute of a resource of which only these operations take a while, ten minutes each.
pub fn of(operations: &[Operation]) -> Attribute {
    let member = |operation: &Operation| {
        let description = match operation {
            Operation::Create => "For a create. Default: `10m`.",
            Operation::Update => "For an update. Default: `10m`.",
            Operation::Delete => "For a destroy. Default: `10m`.",
        };
        Attribute::string(operation.name()).default("10m").check(duration::validator()).describe(description)
    };
    Attribute::nested(TIMEOUTS, Nesting::Single, operations.iter().map(member).collect())
        .default_members()
        .describe("How long an operation may take, such as `90s` or `1h30m`.")
}

/// How long `operation` of `object` may take.
pub fn limit(object: &Object, operation: Operation) -> Duration {
    let timeouts = Reader::new(object).nested(TIMEOUTS).present();
    timeouts.and_then(|timeouts| duration::parse(timeouts.text(operation.name()).present()?)).unwrap_or(TEN_MINUTES)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::framework::value::Value;

    #[test]
    fn what_is_missing_is_ten_minutes() {
        let timeouts =
            [Operation::Create, Operation::Update, Operation::Delete].map(|one| (one.name().to_owned(), Value::Null));
        let mut timeouts = Object::from(timeouts);
        timeouts.insert(Operation::Create.name().to_owned(), "90s".into());
        let object = Object::from([(TIMEOUTS.to_owned(), Value::Object(timeouts))]);
        assert_eq!(limit(&object, Operation::Create), Duration::from_secs(90));
        assert_eq!(limit(&object, Operation::Delete), TEN_MINUTES);
        let without = Object::from([(TIMEOUTS.to_owned(), Value::Null)]);
        assert_eq!(limit(&without, Operation::Update), TEN_MINUTES);
    }
}
