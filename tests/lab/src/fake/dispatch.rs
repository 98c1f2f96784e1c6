//! From an action's name to what it does, and from its result to XML.

use super::refusal::{Answered, refuse};
use super::state::State;
use super::{attributes, ec2, listeners, load_balancers, subnets, tags, target_groups, targets};
use crate::call::{Call, ELBV2};
use crate::faults::error;
use crate::server::Reply;
use crate::xml::{leaf, node};

/// Performs one call.
pub fn answer(state: &mut State, call: &Call) -> Reply {
    let answered = match call.service.as_str() {
        ELBV2 => elbv2(state, call),
        "sts" => sts(call),
        "ec2" => ec2::act(state, call),
        other => refuse("InvalidAction", format!("no service {other:?} here")),
    };
    match answered {
        Ok(inside) if call.service == "ec2" => {
            let response = format!("{}Response", call.action);
            Reply::xml(200, &node(&response, &inside))
        }
        Ok(inside) => {
            let result = node(&format!("{}Result", call.action), &inside);
            let id = leaf("RequestId", "00000000-0000-0000-0000-000000000000");
            let metadata = node("ResponseMetadata", &id);
            let response = format!("{}Response", call.action);
            Reply::xml(200, &node(&response, &(result + &metadata)))
        }
        Err(no) => error(&call.service, no.status, &no.code, &no.message),
    }
}

fn elbv2(state: &mut State, call: &Call) -> Answered {
    match call.action.as_str() {
        "CreateLoadBalancer" => load_balancers::create(state, call),
        "DescribeLoadBalancers" => load_balancers::describe(state, call),
        "DeleteLoadBalancer" => load_balancers::delete(state, call),
        "SetSubnets" => subnets::set(state, call),
        "SetSecurityGroups" => load_balancers::set_security_groups(state, call),
        "SetIpAddressType" => load_balancers::set_ip_address_type(state, call),
        "CreateTargetGroup" => target_groups::create(state, call),
        "DescribeTargetGroups" => target_groups::describe(state, call),
        "ModifyTargetGroup" => target_groups::modify(state, call),
        "DeleteTargetGroup" => target_groups::delete(state, call),
        "CreateListener" => listeners::create(state, call),
        "DescribeListeners" => listeners::describe(state, call),
        "ModifyListener" => listeners::modify(state, call),
        "DeleteListener" => listeners::delete(state, call),
        "DescribeLoadBalancerAttributes" | "DescribeTargetGroupAttributes" | "DescribeListenerAttributes" => {
            attributes::describe(state, call)
        }
        "ModifyLoadBalancerAttributes" | "ModifyTargetGroupAttributes" | "ModifyListenerAttributes" => {
            attributes::modify(state, call)
        }
        "RegisterTargets" => targets::register(state, call),
        "DeregisterTargets" => targets::deregister(state, call),
        "DescribeTargetHealth" => targets::health(state, call),
        "AddTags" => tags::add(state, call),
        "RemoveTags" => tags::remove(state, call),
        "DescribeTags" => tags::describe(state, call),
        other => refuse("InvalidAction", format!("The action {other} is not valid for this web service.")),
    }
}

fn sts(call: &Call) -> Answered {
    match call.action.as_str() {
        "GetCallerIdentity" => Ok(leaf("Arn", format!("arn:aws:iam::{}:user/test", super::state::ACCOUNT))
            + &leaf("UserId", "AIDATEST")
            + &leaf("Account", super::state::ACCOUNT)),
        other => refuse("InvalidAction", format!("The action {other} is not valid for this web service.")),
    }
}
