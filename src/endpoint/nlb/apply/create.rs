//! Makes a load balancer, a target group or a listener, born with the marker.

use super::failure::Failure;
use super::ownership::{Claim, Owner, claim, owner};
use super::session::Session;
use crate::endpoint::nlb::model::desired::{BalancerSettings, GroupSettings, ListenerSettings};
use crate::endpoint::nlb::model::inventory::{Balancer, Existing, Inventory};
use crate::endpoint::nlb::model::role::Role;
use crate::remote::aws_error::AwsError;
use crate::remote::elb::{Attributes, LoadBalancer, NewLoadBalancer, NewTargetGroup, Tags, TargetGroup};

/// Makes the load balancer.
///
/// # Errors
/// What AWS answers, or that the name is taken.
pub async fn balancer(session: &Session<'_>, settings: &BalancerSettings) -> Result<(), Failure> {
    let desired = NewLoadBalancer {
        name: settings.name.clone(),
        internal: settings.internal,
        subnets: settings.subnets.clone(),
        security_groups: settings.security_groups.clone(),
        ip_address_type: settings.ip_address_type.clone(),
        tags: session.marker.with(&session.tags),
    };
    let create = || session.elb.create_load_balancer(&desired);
    let find = || session.elb.load_balancer_named(&desired.name);
    let (created, answered) = create_or_find(session, "DuplicateLoadBalancerName", create, find).await?;
    // AWS answers an existing load balancer where all settings are equal: only the marker tells whether it is ours. Until it has,
    // neither the state nor a renewal of the marker may touch it; a run that is ended in between finds it by the marker.
    let claimed = claim(session, &created.arn, &created.name, || foreign_balancer(&created)).await;
    if claimed.is_ours(answered) {
        let made = Balancer::described(&created, Attributes::new(), desired.tags);
        session.keep(|inventory| inventory.balancer = Some(made));
    }
    claimed.into()
}

/// What `create` answers, and true; or what `find` says has the name already, and false. Where the name is a `duplicate` and nothing is found,
/// it is that of a predecessor that is still going: the create is repeated.
async fn create_or_find<T, C, F>(
    session: &Session<'_>,
    duplicate: &str,
    create: impl Fn() -> C,
    find: impl Fn() -> F,
) -> Result<(T, bool), Failure>
where
    C: Future<Output = Result<T, AwsError>>,
    F: Future<Output = Result<Option<T>, AwsError>>,
{
    loop {
        match create().await {
            Err(error) if error.is(duplicate) => match find().await? {
                Some(found) => return Ok((found, false)),
                None => {
                    let state = "the name is taken, by nothing that AWS finds";
                    session.pause("waiting for the name of the predecessor", state).await?;
                }
            },
            other => return Ok((other?, true)),
        }
    }
}

/// Makes the target group of a role.
///
/// # Errors
/// What AWS answers, or that the name is taken.
pub async fn group(session: &Session<'_>, role: Role, settings: &GroupSettings) -> Result<(), Failure> {
    make_group(session, settings, |inventory, created| drop(inventory.groups.insert(role, created))).await
}

/// Makes the group that is to take over from the role's present one.
///
/// # Errors
/// What AWS answers, or that the name is taken.
pub async fn successor(session: &Session<'_>, role: Role, settings: &GroupSettings) -> Result<(), Failure> {
    make_group(session, settings, |inventory, created| drop(inventory.successors.insert(role, created))).await
}

async fn make_group(
    session: &Session<'_>,
    settings: &GroupSettings,
    put: impl FnOnce(&mut Inventory, Existing<GroupSettings>),
) -> Result<(), Failure> {
    let balancer_vpc = || session.lock().balancer.as_ref().map(|balancer| balancer.vpc_id.clone());
    let desired = NewTargetGroup {
        name: settings.name.clone(),
        port: settings.port,
        vpc_id: settings.vpc_id.clone().or_else(balancer_vpc).unwrap_or_default(),
        target_type: settings.target_type.clone(),
        ip_address_type: settings.ip_address_type.clone(),
        health_check: settings.health_check.clone(),
        tags: session.marker.with(&session.tags),
    };
    let create = || session.elb.create_target_group(&desired);
    let find = || session.elb.target_group_named(&desired.name);
    let (created, answered) = create_or_find(session, "DuplicateTargetGroupName", create, find).await?;
    // As with load balancers, AWS answers an existing group where all settings are equal.
    let claimed = claim(session, &created.arn, &created.name, || foreign_group(&created)).await;
    if claimed.is_ours(answered) {
        let made = Existing::<GroupSettings>::described(&created, Attributes::new(), desired.tags);
        session.keep(|inventory| put(inventory, made));
    }
    claimed.into()
}

/// Makes a listener that forwards to the group of its role.
///
/// # Errors
/// What AWS answers, or that the port is taken.
pub async fn listener(session: &Session<'_>, role: Role, settings: &ListenerSettings) -> Result<(), Failure> {
    let tags = session.marker.with(&session.tags);
    let (arn, claimed, answered) = listener_on(session, settings.port, &session.group_arn(role), &tags).await?;
    if claimed.is_ours(answered) {
        session.marker.put_on(&arn);
        let made = Existing { arn, settings: settings.clone(), tags };
        session.keep(|inventory| drop(inventory.listeners.insert(role, made)));
    }
    claimed.into()
}

/// Makes a listener by which the targets of a group are checked that no other listener leads to.
///
/// # Errors
/// What AWS answers, or that the port is taken.
pub async fn probe(session: &Session<'_>, port: i64, group_arn: &str) -> Result<(), Failure> {
    let (_, claimed, _) = listener_on(session, port, group_arn, &session.marker.tag()).await?;
    claimed.into()
}

/// Makes a listener that forwards to a group: its ARN, whose it is, and whether AWS has answered it to the create. One that is there already
/// is ours if it carries the marker of this run: a call whose answer was lost has made it.
async fn listener_on(
    session: &Session<'_>,
    port: i64,
    group_arn: &str,
    tags: &Tags,
) -> Result<(String, Claim, bool), Failure> {
    let balancer = session.balancer_arn();
    let (created, answered) = match session.elb.create_listener(&balancer, port, group_arn, tags).await {
        Err(error) if error.is("DuplicateListener") => {
            let found = session.elb.listeners(&balancer).await?.into_iter().find(|listener| listener.port == port);
            (found.ok_or(error)?, false)
        }
        other => (other?, true),
    };
    // On a load balancer of this run every listener is ours; on an older one AWS may have answered somebody else's.
    let owner = if session.before.contains(&balancer) { owner(session, &created.arn).await } else { Ok(Owner::Ours) };
    let claimed = match owner {
        Ok(Owner::Ours) => Claim::Ours,
        Ok(Owner::AnotherRun | Owner::Foreign) => {
            Claim::Refused(Failure::ForeignListener { port, arn: created.arn.clone() })
        }
        Err(failure) => Claim::Unknown(failure),
    };
    Ok((created.arn, claimed, answered))
}

fn foreign_balancer(found: &LoadBalancer) -> Failure {
    let (name, arn) = (found.name.clone(), found.arn.clone());
    Failure::Foreign { what: "load balancer", name, balancer_arn: Some(arn.clone()), arn }
}

fn foreign_group(found: &TargetGroup) -> Failure {
    Failure::Foreign { what: "target group", name: found.name.clone(), arn: found.arn.clone(), balancer_arn: None }
}
