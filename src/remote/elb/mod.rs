//! The calls of Elastic Load Balancing that we use and no others, in plain types.
//!
//! Nothing in here decides: each function is one call (or one paged series of calls, or a part of one that others share at the same
//! moment) and translates its answer. The SDK retries throttling and server errors; everything else is the caller's.

mod merge;
mod read;
mod reads;
mod types;
mod write;

use std::sync::Arc;

use aws_config::SdkConfig;
use aws_sdk_elasticloadbalancingv2::Client;

use reads::Reads;
pub use types::*;

/// Elastic Load Balancing in one region. Reads of clones at the same time are merged.
#[derive(Clone, Debug)]
pub struct Elb {
    client: Client,
    region: String,
    reads: Arc<Reads>,
}

impl Elb {
    pub(super) fn new(config: &SdkConfig, endpoint: Option<String>, region: String) -> Elb {
        let mut builder = aws_sdk_elasticloadbalancingv2::config::Builder::from(config);
        if let Some(url) = endpoint {
            builder = builder.endpoint_url(url);
        }
        let client = Client::from_conf(builder.build());
        Elb { reads: Arc::new(Reads::new(&client)), client, region }
    }

    /// The region that the calls go to.
    pub fn region(&self) -> &str {
        &self.region
    }
}

/// The name that IAM policies give to an operation.
fn action(operation: &str) -> String {
    format!("elasticloadbalancing:{operation}")
}
