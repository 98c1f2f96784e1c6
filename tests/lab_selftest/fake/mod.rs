//! The fake's main rules, by raw requests.

mod lifecycle;
mod targets;
mod values;

use lab::call::ELBV2;
use lab::fake::Fake;
use lab::fake::settings::VPC;
use lab::http::{QueryAnswer, query};

const A: &str = "subnet-0000000000000000a";
const B: &str = "subnet-0000000000000000b";
/// In the zone of [`A`].
const A2: &str = "subnet-000000000000000a2";

type Pair<'a> = (&'a str, &'a str);

fn ask(fake: &Fake, action: &str, params: &[Pair]) -> QueryAnswer {
    query(&fake.url(), ELBV2, action, params)
}

/// The answer's first text of that name.
#[track_caller]
fn get(fake: &Fake, action: &str, params: &[Pair], name: &str) -> String {
    let answer = ask(fake, action, params);
    let found = answer.result().find(name);
    found.map_or_else(String::new, |found| found.text.clone())
}

#[track_caller]
fn refused(fake: &Fake, action: &str, params: &[Pair]) -> String {
    let answer = ask(fake, action, params);
    assert!(answer.status >= 400, "{answer:#?}");
    answer.error_code().expect("a code").to_owned()
}

fn balancer(fake: &Fake, name: &str, more: &[Pair]) -> String {
    let mut params = vec![("Name", name), ("Type", "network"), ("Scheme", "internal"), ("Subnets.member.1", A)];
    params.extend_from_slice(more);
    get(fake, "CreateLoadBalancer", &params, "LoadBalancerArn")
}

fn group_params(name: &str) -> Vec<Pair<'_>> {
    vec![("Name", name), ("Protocol", "TCP"), ("Port", "6443"), ("VpcId", VPC)]
}

fn group(fake: &Fake, name: &str) -> String {
    get(fake, "CreateTargetGroup", &group_params(name), "TargetGroupArn")
}

fn listener_params<'a>(balancer: &'a str, group: &'a str, port: &'a str) -> Vec<Pair<'a>> {
    vec![
        ("LoadBalancerArn", balancer),
        ("Protocol", "TCP"),
        ("Port", port),
        ("DefaultActions.member.1.Type", "forward"),
        ("DefaultActions.member.1.TargetGroupArn", group),
    ]
}

fn listener(fake: &Fake, balancer: &str, group: &str, port: &str) -> String {
    get(fake, "CreateListener", &listener_params(balancer, group, port), "ListenerArn")
}

fn targets<'a>(group: &'a str, id: &'a str) -> [Pair<'a>; 2] {
    [("TargetGroupArn", group), ("Targets.member.1.Id", id)]
}

fn health(fake: &Fake, group: &str) -> (String, String) {
    let of = [("TargetGroupArn", group)];
    let answer = ask(fake, "DescribeTargetHealth", &of);
    let text = |name| answer.result().find(name).map_or_else(String::new, |found| found.text.clone());
    (text("State"), text("Reason"))
}

fn state(fake: &Fake, balancer: &str) -> String {
    get(fake, "DescribeLoadBalancers", &[("LoadBalancerArns.member.1", balancer)], "Code")
}
