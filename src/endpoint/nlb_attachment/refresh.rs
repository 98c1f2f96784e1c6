//! From what AWS says to the state.

use std::collections::BTreeSet;

use super::schema::SCHEMA;
use super::spec::with_groups;
use crate::framework::engine;
use crate::framework::value::Object;
use crate::remote::elb::TargetHealth;

/// The state with only those groups that the target is in; `None` if it is in none. Defaults are filled in, which an imported state
/// lacks.
pub fn refresh(state: &Object, present: &BTreeSet<String>) -> Option<Object> {
    if present.is_empty() {
        return None;
    }
    Some(with_groups(&engine::with_defaults(&SCHEMA.attributes, state), present))
}

/// True if a registration is there for new connections. One of a group that no listener uses counts, and so does a sick one; one that
/// is draining doesn't: it has been deregistered.
pub fn is_present(health: Option<&TargetHealth>) -> bool {
    health.is_some_and(|health| !is_draining(health) && !is_over(Some(health)))
}

/// True if nothing of a deregistered target is left to wait for.
pub fn is_drained(health: Option<&TargetHealth>) -> bool {
    is_over(health) || health.is_some_and(|health| health.state == "unused")
}

fn is_draining(health: &TargetHealth) -> bool {
    health.state == "draining" || health.reason.as_deref() == Some("Target.DeregistrationInProgress")
}

fn is_over(health: Option<&TargetHealth>) -> bool {
    health.is_none_or(|health| health.reason.as_deref() == Some("Target.NotRegistered"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::framework::value::Value;
    use crate::remote::elb::Target;

    fn check(state: &str, reason: Option<&str>, present: bool, drained: bool) {
        let target = Target { id: "i-1".to_owned(), port: Some(6443), availability_zone: None };
        let health = TargetHealth { target, state: state.to_owned(), reason: reason.map(str::to_owned) };
        assert_eq!(is_present(Some(&health)), present, "{health:?}");
        assert_eq!(is_drained(Some(&health)), drained, "{health:?}");
    }

    #[test]
    fn states_mean_what_aws_documents() {
        check("healthy", None, true, false);
        check("initial", Some("Elb.RegistrationInProgress"), true, false);
        check("unhealthy", Some("Target.FailedHealthChecks"), true, false);
        check("unavailable", Some("Target.HealthCheckDisabled"), true, false);
        check("unused", Some("Target.NotInUse"), true, true);
        check("unused", Some("Target.InvalidState"), true, true);
        check("unused", Some("Target.NotRegistered"), false, true);
        check("draining", Some("Target.DeregistrationInProgress"), false, false);
        check("draining", None, false, false);
        assert!(!is_present(None) && is_drained(None));
    }

    #[test]
    fn the_state_keeps_only_groups_that_the_target_is_in() {
        let mut state = SCHEMA.null_object();
        state.insert("target_id".to_owned(), "i-1".into());
        state.insert("target_group_arns".to_owned(), Value::set(["a".into(), "b".into()]));
        let present = BTreeSet::from(["b".to_owned()]);
        let refreshed = refresh(&state, &present).unwrap();
        assert_eq!(refreshed["target_group_arns"], Value::set(["b".into()]));
        assert_eq!(refreshed["target_id"], "i-1".into());
        assert_eq!(refreshed["drain"], true.into(), "an imported state gets the defaults");
        assert_eq!(refreshed["timeouts"].attribute("delete"), Some(&"10m".into()));
        assert_eq!(refresh(&state, &BTreeSet::new()), None);
    }
}
