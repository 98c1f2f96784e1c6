//! The load balancers of a region, page by page: AWS is asked for the next page only once the one before it is used up.

use std::collections::VecDeque;

use futures_util::future::try_join_all;
use futures_util::{Stream, StreamExt, TryStreamExt, stream};

use crate::endpoint::aws_access;
use crate::endpoint::deadline::Deadline;
use crate::endpoint::interruption::unlisted;
use crate::endpoint::nlb::model::filters::Filters;
use crate::framework::diagnostic::Diagnostic;
use crate::framework::stop::Stop;
use crate::remote::aws_error::AwsError;
use crate::remote::elb::{Elb, LoadBalancer, TAGS_AT_ONCE, Tags};

/// The load balancers that fit, in AWS's order.
pub fn listing(elb: Elb, filters: Filters, stop: Stop) -> impl Stream<Item = Result<LoadBalancer, Diagnostic>> + Send {
    let search = Search { elb, filters, stop, page: Page::First, described: VecDeque::new() };
    let batches = stream::try_unfold(search, |search| async move { search.next().await });
    batches.map_ok(|batch| stream::iter(batch.into_iter().map(Ok))).try_flatten().boxed()
}

/// What of the region hasn't been seen yet.
struct Search {
    elb: Elb,
    filters: Filters,
    stop: Stop,
    page: Page,
    /// Described and fit by name; their tags are not known yet.
    described: VecDeque<LoadBalancer>,
}

/// Which page comes next.
enum Page {
    First,
    Behind(String),
    None,
}

impl Search {
    /// The next load balancers that fit, maybe none of a batch, and the rest of the search; none at its end.
    async fn next(mut self) -> Result<Option<(Vec<LoadBalancer>, Search)>, Diagnostic> {
        let deadline = Deadline::of_read(self.stop.clone());
        let batch = deadline.hold(self.batch()).await.map_err(unlisted)?;
        Ok(batch.map_err(|error| aws_access::failed(&error))?.map(|batch| (batch, self)))
    }

    async fn batch(&mut self) -> Result<Option<Vec<LoadBalancer>>, AwsError> {
        if self.described.is_empty() {
            let marker = match std::mem::replace(&mut self.page, Page::None) {
                Page::First => None,
                Page::Behind(marker) => Some(marker),
                Page::None => return Ok(None),
            };
            let (balancers, next) = self.elb.load_balancers_page(marker).await?;
            self.page = next.map_or(Page::None, Page::Behind);
            self.described = balancers.into_iter().filter(|balancer| self.filters.fits(balancer)).collect();
        }
        if !self.filters.by_tags() {
            return Ok(Some(self.described.drain(..).collect()));
        }
        let batch: Vec<LoadBalancer> = self.described.drain(..self.described.len().min(TAGS_AT_ONCE)).collect();
        let tags = tags(&self.elb, &batch).await?;
        let fits =
            |(_, tags): &(LoadBalancer, Option<Tags>)| tags.as_ref().is_some_and(|tags| self.filters.fits_tags(tags));
        Ok(Some(batch.into_iter().zip(tags).filter(fits).map(|(balancer, _)| balancer).collect()))
    }
}

/// The tags of each; none for one that is gone since it was described.
async fn tags(elb: &Elb, balancers: &[LoadBalancer]) -> Result<Vec<Option<Tags>>, AwsError> {
    let arns: Vec<String> = balancers.iter().map(|balancer| balancer.arn.clone()).collect();
    match elb.tags(&arns).await {
        Ok(mut found) => Ok(arns.iter().map(|arn| found.remove(arn)).collect()),
        Err(error) if error.is_not_found() => {
            try_join_all(arns.iter().map(|arn| async move {
                match elb.tags(std::slice::from_ref(arn)).await {
                    Err(error) if error.is_not_found() => Ok(None),
                    other => other.map(|mut found| found.remove(arn)),
                }
            }))
            .await
        }
        Err(error) => Err(error),
    }
}
