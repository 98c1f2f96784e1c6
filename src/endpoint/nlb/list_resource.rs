//! The list resource: load balancers that could be imported.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::{StreamExt, TryStreamExt, stream};

use super::model::filters::{FILTERS, Filters};
use super::model::schema::names::{ARN, TAGS};
use super::plan::import::assign::Assigned;
use super::read::importable::{Importable, assigned, importable};
use super::read::listing::listing;
use crate::endpoint::aws_access::{self, AwsAccess};
use crate::endpoint::deadline::Deadline;
use crate::endpoint::interruption::unlisted;
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::list_resource::{List, ListRequest, ListResource, Listed};
use crate::framework::schema::Schema;
use crate::framework::stop::Stop;
use crate::framework::value::{Object, Value};
use crate::remote::aws_error::AwsError;
use crate::remote::elb::{Elb, LoadBalancer, Tags};

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

/// None for a load balancer that no configuration fits, and for one that is gone by now.
async fn listed(
    access: Arc<AwsAccess>,
    elb: Elb,
    balancer: LoadBalancer,
    include_object: bool,
    stop: Stop,
) -> Result<Option<Listed>, Diagnostic> {
    aws_access::check_account_of(&access, &balancer.arn)?;
    let read = async {
        if include_object {
            let Importable { assigned, found, state } = importable(&elb, &balancer).await?;
            let tags = found.balancer.map(|balancer| balancer.tags);
            Ok((assigned, tags.map(|tags| with_tags(state, &tags, &default_tags(&access)))))
        } else {
            Ok((assigned(&elb, &balancer).await?, None))
        }
    };
    let read: Result<(Assigned, Option<Object>), AwsError> =
        Deadline::of_read(stop).hold(read).await.map_err(unlisted)?;
    match read {
        Ok((assigned, object)) => {
            let is_there = !include_object || object.is_some();
            let identity = [(ARN.to_owned(), balancer.arn.as_str().into())].into();
            let listed = Listed { identity, display_name: balancer.name, object };
            Ok((is_there && !assigned.roles.is_empty()).then_some(listed))
        }
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(aws_access::failed(&error)),
    }
}

/// The tags that every part gets anyway; none where they aren't known.
fn default_tags(access: &AwsAccess) -> Tags {
    aws_access::default_tags(access).known().unwrap_or_default()
}

/// `state` with the tags that somebody gave the load balancer: an import manages none of them, but a configuration that is written down
/// would be wrong without. Those of AWS, our own, and what the provider block says are left out.
fn with_tags(mut state: Object, tags: &Tags, default_tags: &Tags) -> Object {
    let is_given = |(key, value): &(&String, &String)| {
        !key.starts_with("aws:") && !key.starts_with("talosendpoint:") && default_tags.get(*key) != Some(value)
    };
    let given: BTreeMap<String, Value> =
        tags.iter().filter(is_given).map(|(key, value)| (key.clone(), value.as_str().into())).collect();
    if !given.is_empty() {
        state.insert(TAGS.to_owned(), Value::Map(given));
    }
    state
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_tags_that_somebody_gave_are_written_down() {
        let tags = |pairs: &[(&str, &str)]| -> Tags {
            pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
        };
        let written = |found: &[(&str, &str)], defaults: &[(&str, &str)]| {
            with_tags(Object::new(), &tags(found), &tags(defaults)).get(TAGS).cloned()
        };
        let own = [("aws:cloudformation:stack-name", "x"), ("talosendpoint:creating", "x/0")];
        assert_eq!(written(&own, &[]), None);
        assert_eq!(written(&[("a", "b")], &[("a", "b")]), None, "the provider block says so already");
        let expected = Value::Map([("a".to_owned(), "b".into())].into());
        assert_eq!(written(&[("a", "b"), own[0]], &[("a", "z")]), Some(expected), "or it would be overwritten");
    }
}
