//! Which load balancer is before the groups of an attachment.

use std::collections::BTreeSet;

use futures_util::future::try_join_all;

use super::clients::Clients;
use crate::endpoint::target_groups::TargetGroups;
use crate::remote::aws_error::AwsError;

/// The one load balancer that leads to these groups; none where there is none, or several. Groups of a load balancer of this run need no
/// call, all others one together.
///
/// # Errors
/// What AWS answers.
pub async fn load_balancer(clients: &Clients, known: &TargetGroups) -> Result<Option<String>, AwsError> {
    let of_each = clients.iter().map(|(arn, elb)| async move {
        match known.of(arn).and_then(|group| group.load_balancer_arn) {
            Some(balancer) => Ok(vec![balancer]),
            None => elb.target_group(arn).await.map(|group| group.unwrap_or_default().load_balancer_arns),
        }
    });
    let balancers: BTreeSet<String> = try_join_all(of_each).await?.into_iter().flatten().collect();
    let mut balancers = balancers.into_iter();
    Ok(balancers.next().filter(|_| balancers.next().is_none()))
}
