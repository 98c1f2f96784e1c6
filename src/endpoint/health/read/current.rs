//! One pass over the endpoint.

use std::time::Duration;

use crate::endpoint::aws_access::AwsAccess;
use crate::endpoint::readiness::probing::survey;
use crate::endpoint::readiness::spec::Endpoint;
use crate::endpoint::readiness::table::Survey;
use crate::endpoint::readiness::target::{of_endpoint, of_nodes};
use crate::framework::diagnostic::Diagnostic;
use crate::remote::probe::Prober;

/// The endpoint, each node and each target group, once, in `limit` at most.
pub async fn current(access: &AwsAccess, endpoint: &Endpoint, limit: Duration) -> (Survey, Vec<Diagnostic>) {
    let targets = [of_endpoint(endpoint), of_nodes(endpoint)].concat();
    survey(&Prober::default(), access, endpoint, &targets, limit).await
}
