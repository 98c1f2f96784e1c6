//! Asking the servers, and AWS.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use futures_util::future::join_all;
use tokio::time::timeout;

use super::group::{self, Groups};
use super::spec::Endpoint;
use super::table::Survey;
use super::target::Target;
use super::verdict::{Verdict, verdict};
use crate::endpoint::aws_access::AwsAccess;
use crate::endpoint::aws_access::{check_account_of, elb, failed, region_of};
use crate::framework::diagnostic::Diagnostic;
use crate::remote::elb::TargetHealth;
use crate::remote::probe::{Ask, Observation, Prober, machine_name, proxy_for};

/// Probes each target once, and asks AWS for the health of the endpoint's target groups, in `limit` at most. A diagnostic says why AWS
/// gave none.
pub async fn survey(
    prober: &Prober,
    access: &AwsAccess,
    endpoint: &Endpoint,
    targets: &[Target],
    limit: Duration,
) -> (Survey, Vec<Diagnostic>) {
    let (seen, (groups, problems)) =
        futures_util::join!(probe(prober, targets, limit), read_groups(access, &endpoint.target_groups, limit));
    let Seen { verdicts, looked_from } = seen;
    let unread = problems.iter().map(|problem| format!("{}: {}", problem.title, first_line(&problem.detail)));
    (Survey { verdicts, groups, unread: unread.collect(), looked_from }, problems)
}

/// What probes have shown.
pub struct Seen {
    /// One for each target.
    pub verdicts: Vec<Verdict>,
    /// This machine, and its addresses.
    pub looked_from: String,
}

/// Probes each target once.
pub async fn probe(prober: &Prober, targets: &[Target], limit: Duration) -> Seen {
    let asks: Vec<Ask> = targets.iter().map(Target::ask).collect();
    let observations = prober.probe(&asks, limit).await;
    let now = now();
    let judged = targets.iter().zip(&observations).map(|(target, observation)| verdict(target, observation, now));
    Seen { verdicts: judged.collect(), looked_from: looked_from(targets, &observations) }
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

/// From inside and from outside a network the same endpoint differs: hairpins, security groups, split DNS.
fn looked_from(targets: &[Target], observations: &[Observation]) -> String {
    let attempts = observations.iter().flat_map(|observation| &observation.attempts);
    let addresses: BTreeSet<IpAddr> = attempts.filter_map(|attempt| attempt.from).collect();
    let addresses: Vec<String> = addresses.iter().map(ToString::to_string).collect();
    let mut place = machine_name();
    if !addresses.is_empty() {
        place = format!("{place} ({})", addresses.join(", "));
    }
    match targets.iter().find_map(|target| proxy_for(&target.host, target.port)) {
        Some(proxy) => format!("{place}, directly, not by way of the proxy {} ({})", proxy.address, proxy.variable),
        None => place,
    }
}

async fn read_groups(access: &AwsAccess, arns: &[String], limit: Duration) -> (Groups, Vec<Diagnostic>) {
    let reads = arns.iter().map(|arn| async move {
        let read = timeout(limit, read_group(access, arn)).await;
        (arn.clone(), read.unwrap_or_else(|_| Err(late(arn, limit))))
    });
    let (mut groups, mut problems) = (Groups::new(), Vec::new());
    for (arn, read) in join_all(reads).await {
        match read {
            Ok(found) => drop(groups.insert(arn, group::targets(found))),
            Err(problem) => problems.push(problem),
        }
    }
    (groups, problems)
}

async fn read_group(access: &AwsAccess, arn: &str) -> Result<Vec<TargetHealth>, Diagnostic> {
    check_account_of(access, arn)?;
    let elb = elb(access, region_of(arn)).await?;
    elb.target_health(arn).await.map_err(|error| failed(&error))
}

fn late(arn: &str, limit: Duration) -> Diagnostic {
    let seconds = super::sentence::seconds(limit);
    Diagnostic::failed("AWS did not answer in time", format!("The health of {arn} was not read within {seconds}."))
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}
