//! What AWS's answer about a target means for its registration.

use crate::remote::elb::TargetHealth;

/// True if a registration is there for new connections. One of a group that no listener uses counts, and so does a sick one; one that
/// is draining doesn't: it has been deregistered.
pub fn is_present(health: Option<&TargetHealth>) -> bool {
    health.is_some_and(|health| !is_draining(health) && !is_over(Some(health)))
}

/// True if nothing of a deregistered target is left to wait for. A target that is anything but draining was registered again, or its group
/// has no listener: waiting would end with a warning that isn't true.
pub fn is_drained(health: Option<&TargetHealth>) -> bool {
    !health.is_some_and(is_draining)
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
    use crate::remote::elb::Target;

    fn check(state: &str, reason: Option<&str>, present: bool, drained: bool) {
        let target = Target { id: "i-1".to_owned(), port: Some(6443), availability_zone: None };
        let health = TargetHealth { target, state: state.to_owned(), reason: reason.map(str::to_owned) };
        assert_eq!(is_present(Some(&health)), present, "{health:?}");
        assert_eq!(is_drained(Some(&health)), drained, "{health:?}");
    }

    #[test]
    fn states_mean_what_aws_documents() {
        check("healthy", None, true, true);
        check("initial", Some("Elb.RegistrationInProgress"), true, true);
        check("unhealthy", Some("Target.FailedHealthChecks"), true, true);
        check("unavailable", Some("Target.HealthCheckDisabled"), true, true);
        check("unused", Some("Target.NotInUse"), true, true);
        check("unused", Some("Target.InvalidState"), true, true);
        check("unused", Some("Target.NotRegistered"), false, true);
        check("draining", Some("Target.DeregistrationInProgress"), false, false);
        check("draining", None, false, false);
        assert!(!is_present(None) && is_drained(None));
    }
}
