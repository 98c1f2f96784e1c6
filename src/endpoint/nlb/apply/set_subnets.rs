//! Executes what AWS doesn't exchange in one call: the subnet of a zone, and ports of listeners in a circle.

use super::failure::Failure;
use super::session::{CONSISTENCY_LIMIT, POLL, Session};
use crate::endpoint::nlb::model::inventory::subnet_mappings;
use crate::endpoint::nlb::plan::subnets::{are_pinned, has_addresses, is_final, is_zone_taken, staying};
use crate::remote::aws_error::{AwsError, Cause};
use crate::remote::elb::SubnetMapping;

/// Replaces the subnets. Where AWS doesn't put another subnet, or another address, into a zone that the load balancer has, the zone
/// leaves in a first call and comes back in a second; zones that stay serve meanwhile.
pub async fn set_subnets(session: &Session<'_>, desired: &[SubnetMapping]) -> Result<(), Failure> {
    let arn = session.balancer_arn();
    let refusal = match session.elb.set_subnets(&arn, desired).await {
        Ok(zones) if has_addresses(&zones, desired) => return Ok(()),
        Ok(_) => None,
        Err(error) if is_zone_taken(words(&error)) => Some(error),
        Err(error) => return Err(error.into()),
    };
    let present = session.elb.load_balancer(&arn).await?.map(|found| found.zones).unwrap_or_default();
    let stay = staying(&present, desired);
    if let Some(error) = refusal.filter(|error| is_final(words(error), &stay, &present)) {
        return Err(error.into());
    }
    if stay.is_empty() {
        return Err(Failure::NoZoneStays { zones: present.len(), pinned: are_pinned(desired) });
    }
    session.elb.set_subnets(&arn, &stay).await?;
    match bring_back(session, &arn, desired).await {
        Ok(()) => Ok(()),
        Err(Failure::Aws(error)) => {
            let restored = session.elb.set_subnets(&arn, &subnet_mappings(&present)).await.is_ok();
            Err(Failure::SubnetsNotSet { error, restored })
        }
        Err(other) => Err(other),
    }
}

/// The second call. AWS may take a moment to notice that the zone is free.
async fn bring_back(session: &Session<'_>, arn: &str, desired: &[SubnetMapping]) -> Result<(), Failure> {
    let limit = session.deadline.at_most(CONSISTENCY_LIMIT);
    loop {
        match session.elb.set_subnets(arn, desired).await {
            Err(error) if is_zone_taken(words(&error)) => {
                if limit.pause(POLL).await.is_err() {
                    let doing = "bringing a zone back with its new subnet".to_owned();
                    session.deadline.check().map_err(|why| Failure::Interrupted(why, doing))?;
                    return Err(error.into());
                }
            }
            other => return Ok(other.map(drop)?),
        }
    }
}

/// AWS's words, which tell one refusal from another: the code differs between reports (kubernetes-sigs/aws-load-balancer-controller issues
/// 4171 and 4172).
fn words(error: &AwsError) -> &str {
    match &error.cause {
        Cause::Service { message, .. } => message,
        _ => "",
    }
}
