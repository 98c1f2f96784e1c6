//! The list resource: attachments that could be imported.

use std::sync::Arc;

use futures_util::{StreamExt, TryStreamExt, stream};

use super::model::filters::{self, FILTERS};
use super::model::schema::names::LOAD_BALANCER_ARN;
use super::plan::import::{self, Named, Place};
use super::read::listing::attachments;
use super::read::refresh::refresh;
use crate::endpoint::aws_access::{self, AwsAccess};
use crate::endpoint::deadline::Deadline;
use crate::endpoint::interruption::unlisted;
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::list_resource::{List, ListRequest, ListResource, Listed};
use crate::framework::reader::Reader;
use crate::framework::schema::Schema;

/// `talosendpoint_nlb_attachment`, listed.
#[derive(Debug)]
pub struct NlbAttachmentList {
    access: Arc<AwsAccess>,
}

impl NlbAttachmentList {
    /// The list resource, with the access that the provider configures.
    pub fn new(access: Arc<AwsAccess>) -> NlbAttachmentList {
        NlbAttachmentList { access }
    }
}

impl ListResource for NlbAttachmentList {
    fn name(&self) -> &'static str {
        "talosendpoint_nlb_attachment"
    }

    fn schema(&self) -> &Schema {
        &FILTERS
    }

    fn list(&self, request: ListRequest) -> List {
        let access = Arc::clone(&self.access);
        let found = async move {
            let listed = listed(&access, request).await.map_err(Diagnostics::from)?;
            Ok::<_, Diagnostics>(stream::iter(listed.into_iter().map(Ok)))
        };
        stream::once(found).try_flatten().boxed()
    }
}

/// All of them at once: whether a target is in other groups too is known only when all groups have been read.
async fn listed(access: &AwsAccess, request: ListRequest) -> Result<Vec<Listed>, Diagnostic> {
    let ListRequest { config, include_object, stop } = request;
    let balancer = Reader::new(&config).text(LOAD_BALANCER_ARN).present().unwrap_or_default().to_owned();
    aws_access::check_account_of(access, &balancer)?;
    let elb = aws_access::elb(access, aws_access::region_of(&balancer)).await?;
    let read = async { futures_util::try_join!(elb.load_balancer(&balancer), attachments(&elb, &balancer)) };
    let read = Deadline::of_read(stop).hold(read).await.map_err(unlisted)?;
    let (described, found) = read.map_err(|error| aws_access::failed(&error))?;
    filters::network(described.as_ref(), &balancer)?;
    let listed = found.into_iter().map(|((target, port), groups)| {
        let display_name = port.map_or(target.clone(), |port| format!("{target} on port {port}"));
        let named = Named { target, port, place: Place::Behind(balancer.clone()) };
        let identity = import::state(&named, groups.iter().cloned().collect());
        let object = include_object.then(|| refresh(&identity, &groups, None)).flatten();
        Listed { identity, display_name, object }
    });
    Ok(listed.collect())
}
