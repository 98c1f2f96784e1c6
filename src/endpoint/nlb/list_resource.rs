//! The list resource: load balancers that could be imported.

use std::sync::Arc;

use futures_util::{StreamExt, TryStreamExt, stream};

use super::model::filters::{FILTERS, Filters};
use super::model::schema::names::ARN;
use super::read::importable::importable;
use super::read::listing::listing;
use crate::endpoint::aws_access::{self, AwsAccess};
use crate::endpoint::deadline::Deadline;
use crate::endpoint::interruption::unread;
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::list_resource::{List, ListRequest, ListResource, Listed};
use crate::framework::schema::Schema;
use crate::framework::stop::Stop;
use crate::remote::elb::{Elb, LoadBalancer};

/// `talosendpoint_nlb`, listed.
#[derive(Debug)]
pub struct NlbList {
    access: Arc<AwsAccess>,
}

impl NlbList {
    /// The list resource, with the access that the provider configures.
    pub fn new(access: Arc<AwsAccess>) -> NlbList {
        NlbList { access }
    }
}

impl ListResource for NlbList {
    fn name(&self) -> &'static str {
        "talosendpoint_nlb"
    }

    fn schema(&self) -> &Schema {
        &FILTERS
    }

    fn list(&self, request: ListRequest) -> List {
        let ListRequest { config, include_object, stop } = request;
        let (access, filters) = (Arc::clone(&self.access), Filters::read(&config));
        let begin = async move {
            let elb = aws_access::elb(&access, filters.region.as_deref()).await?;
            let found = listing(elb.clone(), filters, stop.clone());
            Ok(found.try_filter_map(move |balancer| {
                listed(Arc::clone(&access), elb.clone(), balancer, include_object, stop.clone())
            }))
        };
        stream::once(begin).try_flatten().map_err(Diagnostics::from).boxed()
    }
}

/// None for a load balancer that is gone by now.
async fn listed(
    access: Arc<AwsAccess>,
    elb: Elb,
    balancer: LoadBalancer,
    include_object: bool,
    stop: Stop,
) -> Result<Option<Listed>, Diagnostic> {
    aws_access::check_account_of(&access, &balancer.arn)?;
    let identity = [(ARN.to_owned(), balancer.arn.as_str().into())].into();
    let listed = Listed { identity, display_name: balancer.name.clone(), object: None };
    if !include_object {
        return Ok(Some(listed));
    }
    let read = Deadline::of_read(stop).hold(importable(&elb, &balancer)).await.map_err(unread)?;
    match read {
        Ok(found) if found.found.balancer.is_some() => Ok(Some(Listed { object: Some(found.state), ..listed })),
        Ok(_) => Ok(None),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(aws_access::failed(&error)),
    }
}
