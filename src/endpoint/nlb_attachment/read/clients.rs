//! Access to the regions that the target groups are in.

use std::collections::BTreeMap;

use crate::endpoint::aws_access::AwsAccess;
use crate::endpoint::aws_access::{check_account_of, elb, region_of};
use crate::endpoint::nlb_attachment::model::schema::names::TARGET_GROUP_ARNS;
use crate::framework::diagnostic::Diagnostics;
use crate::framework::path::Path;
use crate::remote::elb::Elb;

/// Each group's ARN with a client for its region.
pub type Clients = BTreeMap<String, Elb>;

/// A client for each group, of the region that its ARN names. Contacts nothing.
///
/// # Errors
/// Every group that can't be accessed: no credentials, no access yet, or another account.
pub async fn clients<'a>(access: &AwsAccess, groups: impl Iterator<Item = &'a String>) -> Result<Clients, Diagnostics> {
    let mut clients = Clients::new();
    let mut problems = Diagnostics::new();
    for arn in groups {
        match check_account_of(access, arn) {
            Ok(()) => match elb(access, region_of(arn)).await {
                Ok(elb) => drop(clients.insert(arn.clone(), elb)),
                Err(problem) => problems.push(problem),
            },
            Err(problem) => problems.push(problem.at(Path::of(TARGET_GROUP_ARNS))),
        }
    }
    if problems.is_empty() { Ok(clients) } else { Err(problems) }
}
