//! The way to the service in one region.

use std::sync::Arc;

use aws_config::SdkConfig;
use aws_sdk_elasticloadbalancingv2::Client;

use super::reads::Reads;
use crate::remote::retries;

/// Elastic Load Balancing in one region. Reads of clones at the same time are merged.
#[derive(Clone, Debug)]
pub struct Elb {
    pub(super) client: Client,
    region: String,
    pub(super) reads: Arc<Reads>,
}

impl Elb {
    pub(in crate::remote) fn new(config: &SdkConfig, endpoint: Option<String>, region: String) -> Elb {
        let mut builder = aws_sdk_elasticloadbalancingv2::config::Builder::from(config);
        if let Some(url) = endpoint {
            builder = builder.endpoint_url(url);
        }
        let partition = retries::partition(format!("elasticloadbalancing in {region}"));
        let client = Client::from_conf(builder.retry_partition(partition).build());
        Elb { reads: Arc::new(Reads::new(&client)), client, region }
    }

    /// The region that the calls go to.
    pub fn region(&self) -> &str {
        &self.region
    }
}
