//! The computed attributes of a planned create or update.

use crate::endpoint::nlb_attachment::model::schema::names::{
    ID, LOAD_BALANCER_ARN, REGISTERED, TARGET_GROUP_ARNS, TARGET_ID,
};
use crate::framework::value::{Object, Value};

/// The id is the target's, whenever that is known. What has to be registered again differs from what is stored, so that the apply is
/// called for it. The load balancer stays as long as the groups do; that of others may be another one.
pub fn outputs(prior: Option<&Object>, planned: &mut Object, registers_again: bool) {
    let id = match planned.get(TARGET_ID) {
        Some(known @ Value::String(_)) => known.clone(),
        _ => Value::UNKNOWN_NOT_NULL,
    };
    planned.insert(ID.to_owned(), id);
    let registered = if registers_again { Value::UNKNOWN_NOT_NULL } else { Value::from(true) };
    planned.insert(REGISTERED.to_owned(), registered);
    let same_groups = prior.filter(|prior| prior.get(TARGET_GROUP_ARNS) == planned.get(TARGET_GROUP_ARNS));
    let stays = same_groups.and_then(|prior| prior.get(LOAD_BALANCER_ARN));
    planned.insert(LOAD_BALANCER_ARN.to_owned(), stays.cloned().unwrap_or(Value::UNKNOWN));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoint::nlb_attachment::model::schema::SCHEMA;

    fn attachment(groups: Value, balancer: Value) -> Object {
        let mut object = SCHEMA.null_object();
        object.insert(TARGET_GROUP_ARNS.to_owned(), groups);
        object.insert(LOAD_BALANCER_ARN.to_owned(), balancer);
        object
    }

    #[test]
    fn the_load_balancer_stays_while_the_groups_do() {
        let balancer = |prior: Option<Object>, groups: Value| {
            let mut planned = attachment(groups, Value::Null);
            outputs(prior.as_ref(), &mut planned, false);
            planned[LOAD_BALANCER_ARN].clone()
        };
        let a = || Value::set(["a".into()]);
        let stored = |balancer: Value| Some(attachment(a(), balancer));
        assert_eq!(balancer(stored("arn".into()), a()), "arn".into());
        assert_eq!(balancer(stored(Value::Null), a()), Value::Null, "what isn't stored is read, not planned");
        for groups in [Value::set(["b".into()]), Value::UNKNOWN, Value::set(["a".into(), Value::UNKNOWN])] {
            assert_eq!(balancer(stored("arn".into()), groups), Value::UNKNOWN);
        }
        assert_eq!(balancer(None, a()), Value::UNKNOWN);
    }
}
