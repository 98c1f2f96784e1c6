//! What one create or update is given, and with what it works from its first call to its last report.

use std::collections::BTreeMap;
use std::time::Duration;

use super::marker::Marker;
use crate::endpoint::deadline::Deadline;
use crate::endpoint::nlb::model::schema::names;
use crate::endpoint::nlb::plan::outputs::tags_all;
use crate::framework::progress::Progress;
use crate::framework::reader::Maybe;
use crate::framework::resource::ApplyRequest;
use crate::remote::elb::Elb;

/// One create or update.
pub struct Context<'a> {
    /// Where the calls go.
    pub elb: &'a Elb,
    /// What was planned.
    pub request: ApplyRequest,
    /// Where reports go; the last one is what Terraform stores.
    pub progress: &'a Progress,
    /// Until when all of it goes on, the `create` or `update` of `timeouts`: waiting for another run's marker counts too.
    pub deadline: Deadline,
    /// The marker of what is made and taken over.
    pub marker: Marker,
}

impl<'a> Context<'a> {
    /// With its tags complete: the provider's defaults are known now.
    pub fn new(
        elb: &'a Elb,
        mut request: ApplyRequest,
        progress: &'a Progress,
        limit: Duration,
        default_tags: BTreeMap<String, String>,
    ) -> Context<'a> {
        let all = tags_all(&request.planned, Maybe::Known(default_tags));
        request.planned.insert(names::TAGS_ALL.to_owned(), all);
        let deadline = Deadline::new(limit, request.stop.clone());
        Context { elb, request, progress, deadline, marker: Marker::random() }
    }
}
