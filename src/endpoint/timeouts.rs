//! The attribute `timeouts`, the same on every resource whose operations take a while.

use std::time::Duration;

use super::duration;
use crate::framework::reader::Reader;
use crate::framework::schema::{Attribute, Nesting};
use crate::framework::value::Object;

/// Where `timeouts` say nothing.
const TEN_MINUTES: Duration = Duration::from_secs(600);

/// The attribute: `create`, `update` and `delete`, ten minutes each.
pub fn attribute() -> Attribute {
    let operation = |name: &'static str, description: &'static str| {
        Attribute::string(name).default("10m").check(duration::validator()).describe(description)
    };
    let members = vec![
        operation("create", "For a create. Default: `10m`."),
        operation("update", "For an update. Default: `10m`."),
        operation("delete", "For a destroy. Default: `10m`."),
    ];
    Attribute::nested("timeouts", Nesting::Single, members)
        .default_members()
        .describe("How long an operation may take, such as `90s` or `1h30m`.")
}

/// How long `operation` (`create`, `update`, `delete`) of `object` may take.
pub fn limit(object: &Object, operation: &str) -> Duration {
    let timeouts = Reader::new(object).nested("timeouts").present();
    timeouts.and_then(|timeouts| duration::parse(timeouts.text(operation).present()?)).unwrap_or(TEN_MINUTES)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::framework::value::Value;

    #[test]
    fn what_is_missing_is_ten_minutes() {
        let timeouts = ["create", "update", "delete"].map(|name| (name.to_owned(), Value::Null));
        let mut timeouts = Object::from(timeouts);
        timeouts.insert("create".to_owned(), "90s".into());
        let object = Object::from([("timeouts".to_owned(), Value::Object(timeouts))]);
        assert_eq!(limit(&object, "create"), Duration::from_secs(90));
        assert_eq!(limit(&object, "delete"), TEN_MINUTES);
        let without = Object::from([("timeouts".to_owned(), Value::Null)]);
        assert_eq!(limit(&without, "update"), TEN_MINUTES);
    }
}
