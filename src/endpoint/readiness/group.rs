//! What AWS says of the targets behind a Network Load Balancer.

use std::collections::BTreeMap;

use crate::endpoint::contract::host_port;
use crate::remote::elb::TargetHealth;

/// The targets of each group, by its ARN.
pub type Groups = BTreeMap<String, BTreeMap<String, Health>>;

/// The health of one target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    /// AWS's word: `healthy`, `initial`, `unhealthy`, `unused`, `draining`, `unavailable`.
    pub state: String,
    /// AWS's code.
    pub reason: Option<String>,
}

/// The targets of a group by `ID:PORT`.
pub fn targets(found: Vec<TargetHealth>) -> BTreeMap<String, Health> {
    let by_key = found.into_iter().map(|health| {
        let TargetHealth { target, state, reason } = health;
        let key = target.port.map_or_else(|| target.id.clone(), |port| host_port(&target.id, port));
        (key, Health { state, reason })
    });
    by_key.collect()
}

/// Whether a group leads to at least one target, and to none that doesn't serve. What is draining is on its way out.
pub fn is_healthy(targets: &BTreeMap<String, Health>) -> bool {
    let mut staying = targets.values().filter(|health| health.state != "draining").peekable();
    staying.peek().is_some() && staying.all(|health| health.state == "healthy")
}

/// What a reason means, and what to do (API reference of Elastic Load Balancing, TargetHealth).
pub fn meaning(health: &Health) -> &'static str {
    match health.reason.as_deref().unwrap_or_default() {
        "Elb.RegistrationInProgress" => "being registered, which takes up to 5 minutes",
        "Elb.InitialHealthChecking" => "its first health checks are running",
        "Elb.InternalError" => "an error of AWS: wait, or ask its support",
        "Target.FailedHealthChecks" | "Target.Timeout" => {
            "health checks fail: not bootstrapped yet, or the node's security group doesn't admit the load balancer"
        }
        "Target.ResponseCodeMismatch" => "answers another HTTP status than the health check wants: correct `matcher`",
        "Target.NotRegistered" => "not registered any longer",
        "Target.NotInUse" => {
            "gets no connections: no listener leads to the group, or the load balancer has no subnet in its zone"
        }
        "Target.InvalidState" => "its instance is stopped or terminated",
        "Target.IpUnusable" => "its address is in use by a load balancer",
        "Target.HealthCheckDisabled" => "health checks are switched off",
        "Target.DeregistrationInProgress" => "being deregistered",
        _ if health.state == "healthy" => "healthy",
        _ if health.state == "draining" => "being deregistered",
        _ => "see the target group in the AWS console",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::remote::elb::Target;

    fn health(state: &str, reason: Option<&str>) -> Health {
        Health { state: state.to_owned(), reason: reason.map(str::to_owned) }
    }

    #[test]
    fn a_group_needs_a_healthy_target_and_no_other() {
        let group = |states: &[&str]| {
            let entries = states.iter().enumerate().map(|(index, state)| (index.to_string(), health(state, None)));
            is_healthy(&entries.collect())
        };
        assert!(group(&["healthy"]) && group(&["healthy", "draining"]));
        for sick in [&[][..], &["draining"], &["healthy", "unhealthy"], &["initial"], &["unused", "healthy"]] {
            assert!(!group(sick), "{sick:?}");
        }
    }

    #[test]
    fn targets_are_told_apart_by_their_port() {
        let of = |id: &str, port| TargetHealth {
            target: Target { id: id.to_owned(), port, availability_zone: None },
            state: "healthy".to_owned(),
            reason: None,
        };
        let found = targets(vec![of("i-1", Some(1)), of("i-1", Some(2)), of("2001:db8::1", Some(3)), of("x", None)]);
        assert_eq!(found.keys().collect::<Vec<_>>(), ["[2001:db8::1]:3", "i-1:1", "i-1:2", "x"]);
    }

    #[test]
    fn reasons_have_a_meaning() {
        assert!(meaning(&health("unhealthy", Some("Target.FailedHealthChecks"))).contains("security group"));
        assert_eq!(meaning(&health("healthy", None)), "healthy");
        assert!(meaning(&health("unhealthy", Some("Target.New"))).contains("console"));
    }
}
