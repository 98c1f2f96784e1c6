//! What somebody else does in the same account.

use lab::call::{Call, ELBV2};
use lab::fake::Fake;
use lab::fake::settings::VPC;
use lab::http::{OBSERVER, query_as};

use crate::config::{A, B};

/// Performs an action as somebody else, and gives the first ARN of the answer.
pub fn act(url: &str, action: &str, params: &[(&str, &str)]) -> String {
    let answer = query_as(OBSERVER, url, ELBV2, action, params);
    let kind = action.trim_start_matches("Create");
    let members = answer.result().members(&format!("{kind}s"));
    members.first().and_then(|made| made.text_of(&format!("{kind}Arn"))).unwrap_or_default().to_owned()
}

/// Performs the same call, without its tags.
pub fn copy(url: &str, call: &Call) -> String {
    let params: Vec<(&str, &str)> = call
        .params
        .iter()
        .filter(|(key, _)| !key.starts_with("Tags."))
        .map(|(k, v)| (k.as_str(), v.as_str()))
        .collect();
    act(url, &call.action, &params)
}

/// A load balancer in both subnets.
pub fn balancer(fake: &Fake, name: &str, scheme: &str) -> String {
    let params = [
        ("Name", name),
        ("Type", "network"),
        ("Scheme", scheme),
        ("SubnetMappings.member.1.SubnetId", A),
        ("SubnetMappings.member.2.SubnetId", B),
    ];
    act(&fake.url(), "CreateLoadBalancer", &params)
}

/// A target group with AWS's own health check.
pub fn group(fake: &Fake, name: &str, port: &str) -> String {
    let params = [("Name", name), ("Protocol", "TCP"), ("Port", port), ("VpcId", VPC)];
    act(&fake.url(), "CreateTargetGroup", &params)
}

/// A listener.
pub fn listener(fake: &Fake, balancer: &str, group: &str, port: &str) -> String {
    let params = [
        ("LoadBalancerArn", balancer),
        ("Protocol", "TCP"),
        ("Port", port),
        ("DefaultActions.member.1.Type", "forward"),
        ("DefaultActions.member.1.TargetGroupArn", group),
    ];
    act(&fake.url(), "CreateListener", &params)
}

/// Puts a tag on something.
pub fn tag(fake: &Fake, arn: &str, key: &str, value: &str) {
    let params = [("ResourceArns.member.1", arn), ("Tags.member.1.Key", key), ("Tags.member.1.Value", value)];
    act(&fake.url(), "AddTags", &params);
}

/// Every ARN that exists, sorted.
pub fn arns(fake: &Fake) -> Vec<String> {
    let all = fake.inventory();
    let mut arns: Vec<String> =
        all.load_balancers.into_keys().chain(all.target_groups.into_keys()).chain(all.listeners.into_keys()).collect();
    arns.sort();
    arns
}

/// The parts that carry a marker.
pub fn marked(fake: &Fake) -> Vec<String> {
    let all = fake.inventory();
    let parts = all.load_balancers.into_iter().chain(all.target_groups).chain(all.listeners);
    parts.filter(|(_, part)| part.tags.contains_key("talosendpoint:creating")).map(|(arn, _)| arn).collect()
}
