//! What is registered behind a load balancer.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::try_join_all;

use crate::endpoint::nlb_attachment::model::health::is_present;
use crate::remote::aws_error::AwsError;
use crate::remote::elb::{Elb, TargetGroup, TargetHealth};

/// The target groups of attachments, by their target and its port; without a port it is each group's own.
pub type Attachments = BTreeMap<(String, Option<i64>), BTreeSet<String>>;

/// Every registration in a group of instances or addresses that a listener of the load balancer leads to: one call, and one for each
/// group. Empty where the load balancer is gone.
///
/// # Errors
/// What AWS answers.
pub async fn attachments(elb: &Elb, load_balancer_arn: &str) -> Result<Attachments, AwsError> {
    let groups = elb.target_groups_behind(load_balancer_arn).await?;
    let groups = groups.into_iter().filter(|group| ["instance", "ip"].contains(&group.target_type.as_str()));
    let read = groups.map(|group| async move {
        match elb.target_health(&group.arn).await {
            Ok(targets) => Ok((group, targets)),
            Err(error) if error.is_not_found() => Ok((group, Vec::new())),
            Err(error) => Err(error),
        }
    });
    Ok(by_target(try_join_all(read).await?))
}

fn by_target(groups: Vec<(TargetGroup, Vec<TargetHealth>)>) -> Attachments {
    let mut found = Attachments::new();
    for (group, targets) in groups {
        for health in targets.into_iter().filter(|health| is_present(Some(health))) {
            let port = health.target.port.filter(|port| *port != group.port);
            found.entry((health.target.id, port)).or_default().insert(group.arn.clone());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::remote::elb::Target;

    #[test]
    fn a_target_is_one_attachment_on_the_groups_own_ports() {
        let group = |arn: &str, port| TargetGroup { arn: arn.to_owned(), port, ..TargetGroup::default() };
        let target = |id: &str, port, state: &str| TargetHealth {
            target: Target { id: id.to_owned(), port: Some(port), availability_zone: None },
            state: state.to_owned(),
            reason: None,
        };
        let found = by_target(vec![
            (group("a", 6443), vec![target("i-1", 6443, "healthy"), target("i-2", 7443, "initial")]),
            (group("b", 50000), vec![target("i-1", 50000, "unhealthy"), target("i-3", 50000, "draining")]),
        ]);
        let expected = [(("i-1", None), ["a", "b"].as_slice()), (("i-2", Some(7443)), &["a"])];
        let expected = expected.map(|((id, port), groups)| {
            ((id.to_owned(), port), groups.iter().map(|arn| (*arn).to_owned()).collect::<BTreeSet<_>>())
        });
        assert_eq!(found, Attachments::from(expected), "what is draining has been deregistered");
    }
}
