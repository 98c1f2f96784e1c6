//! A load balancer as an import finds it: everything behind it that is ours, as state.

use super::current::{behind, current};
use super::refresh::{Mixed, refresh};
use crate::endpoint::nlb::model::desired::{GroupSettings, ListenerSettings};
use crate::endpoint::nlb::model::inventory::{Balancer, Existing, Inventory};
use crate::endpoint::nlb::model::settings::SETTINGS;
use crate::endpoint::nlb::plan::import::assign::{Assigned, assign};
use crate::endpoint::nlb::plan::import::base::base;
use crate::framework::value::Object;
use crate::remote::aws_error::AwsError;
use crate::remote::elb::{Attributes, Elb, LoadBalancer, Tags};

/// What there is of a load balancer.
#[derive(Clone, Debug)]
pub struct Importable {
    /// Which listener is which.
    pub assigned: Assigned,
    /// The parts, and how each is set.
    pub found: Inventory,
    /// The state that an import gives.
    pub state: Object,
}

/// Which listener of `balancer` is which. Where none is one of ours, no configuration fits it.
///
/// # Errors
/// What AWS answers.
pub async fn assigned(elb: &Elb, balancer: &LoadBalancer) -> Result<Assigned, AwsError> {
    let (listeners, groups) = behind(elb, &balancer.arn).await?;
    Ok(assign(balancer, &listeners, &groups))
}

/// Reads everything behind `balancer`. What is gone meanwhile is left out.
///
/// # Errors
/// What AWS answers.
pub async fn importable(elb: &Elb, balancer: &LoadBalancer) -> Result<Importable, AwsError> {
    let assigned = assigned(elb, balancer).await?;
    let groups = assigned
        .roles
        .iter()
        .map(|(role, (_, group))| (*role, Existing::<GroupSettings>::described(group, Attributes::new(), Tags::new())));
    let listeners = assigned.roles.iter().map(|(role, (listener, _))| {
        (*role, Existing::<ListenerSettings>::described(listener, Attributes::new(), Tags::new()))
    });
    let known = Inventory {
        balancer: Some(Balancer::described(balancer, Attributes::new(), Tags::new())),
        groups: groups.collect(),
        listeners: listeners.collect(),
        ..Inventory::default()
    };
    let found = current(elb, &known).await?;
    let state = refresh(&base(balancer, &assigned, SETTINGS), &found, elb.region(), Mixed::Differing, SETTINGS);
    Ok(Importable { assigned, found, state })
}
