//! Names that we would have given.

use crate::endpoint::nlb::model::role::BALANCER_SUFFIX;
use crate::endpoint::nlb::plan::group_replacement;
use crate::remote::elb::{LoadBalancer, TargetGroup};

/// What `name` is to be so that the load balancer has the name that it has.
pub fn base_name(balancer: &LoadBalancer) -> Option<&str> {
    balancer.name.strip_suffix(BALANCER_SUFFIX).filter(|base| !base.is_empty())
}

/// True if a group has the name that we would give it: itself, or after it has taken over from one of that name.
pub fn is_named(group: &TargetGroup, ours: &str) -> bool {
    group.name == ours || group_replacement::is_successor(group, &[ours.to_owned()].into())
}
