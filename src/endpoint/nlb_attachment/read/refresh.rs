//! From what AWS says to the state.

use std::collections::BTreeSet;

use crate::endpoint::nlb_attachment::model::schema::SCHEMA;
use crate::endpoint::nlb_attachment::model::schema::names::{LOAD_BALANCER_ARN, REGISTERED};
use crate::endpoint::nlb_attachment::model::spec::with_groups;
use crate::framework::engine;
use crate::framework::value::{Object, Value};

/// The state with only those groups that the target is in; `None` if it is in none. Defaults are filled in, which an imported state
/// lacks. Without a `balancer` the stored one stays.
pub fn refresh(state: &Object, present: &BTreeSet<String>, balancer: Option<String>) -> Option<Object> {
    if present.is_empty() {
        return None;
    }
    let mut state = with_groups(&engine::with_defaults(&SCHEMA.attributes, state), present);
    state.insert(REGISTERED.to_owned(), true.into());
    if let Some(arn) = balancer {
        state.insert(LOAD_BALANCER_ARN.to_owned(), Value::from(arn));
    }
    Some(state)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoint::nlb_attachment::model::schema::names::*;

    #[test]
    fn the_state_keeps_only_groups_that_the_target_is_in() {
        let mut state = SCHEMA.null_object();
        state.insert(TARGET_ID.to_owned(), "i-1".into());
        state.insert(TARGET_GROUP_ARNS.to_owned(), Value::set(["a".into(), "b".into()]));
        let present = BTreeSet::from(["b".to_owned()]);
        let refreshed = refresh(&state, &present, Some("arn".to_owned())).unwrap();
        assert_eq!(refreshed[TARGET_GROUP_ARNS], Value::set(["b".into()]));
        assert_eq!(refreshed[TARGET_ID], "i-1".into());
        assert_eq!(refreshed[REGISTERED], true.into());
        assert_eq!(refreshed[DRAIN], true.into(), "an imported state gets the defaults");
        assert_eq!(refreshed[TIMEOUTS].attribute("delete"), Some(&"10m".into()));
        assert_eq!(refreshed[LOAD_BALANCER_ARN], "arn".into());
        assert_eq!(refresh(&refreshed, &present, None).unwrap()[LOAD_BALANCER_ARN], "arn".into());
        assert_eq!(refresh(&state, &BTreeSet::new(), None), None);
    }
}
