//! Which groups a target is in.

use std::collections::BTreeSet;

use futures_util::future::join_all;

use super::clients::Clients;
use crate::endpoint::nlb_attachment::model::health::is_present;
use crate::endpoint::nlb_attachment::model::spec::Spec;
use crate::remote::aws_error::AwsError;
use crate::remote::elb::{Elb, Target, TargetHealth};

/// The groups of `spec` that its target is in, read in parallel: one call for each.
///
/// # Errors
/// The first error. A group or target that is gone is none.
pub async fn current(clients: &Clients, spec: &Spec) -> Result<BTreeSet<String>, AwsError> {
    let reads = clients.iter().map(|(arn, elb)| async move {
        let health = health_of(elb, arn, &spec.target).await?;
        Ok(is_present(health.as_ref()).then(|| arn.clone()))
    });
    let found: Result<Vec<Option<String>>, AwsError> = join_all(reads).await.into_iter().collect();
    Ok(found?.into_iter().flatten().collect())
}

/// The health of a registration; `None` if it, its group or its target is gone. AWS calls a target that doesn't exist invalid.
///
/// # Errors
/// Any other error.
pub async fn health_of(elb: &Elb, group: &str, target: &Target) -> Result<Option<TargetHealth>, AwsError> {
    match elb.health_of(group, target).await {
        Err(error) if error.is_not_found() || error.is("InvalidTarget") => Ok(None),
        other => other,
    }
}
