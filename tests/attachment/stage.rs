//! What every test here begins with: target groups that listeners use, a configuration, a look at the result.

use std::fmt::Write;

use lab::call::{Call, ELBV2};
use lab::http::{self, OBSERVER, QueryAnswer};
use lab::log::Log;
use lab::model::Models;
use lab::moto::Network;
use lab::terraform::{REQUIRED, Workspace, provider};
use lab::venv::Venv;

/// The instance that most tests register.
pub const NODE: &str = "i-0123456789abcdef0";

/// Makes a load balancer with these groups, each behind a listener of its own, and gives the groups' ARNs. Group ports are 6443, 6444
/// and so on.
pub fn groups<const N: usize>(base: &str, names: [&str; N]) -> [String; N] {
    let network = Network::of(base);
    let subnet = network.subnets[0].id.as_str();
    let params = [("Name", "nlb"), ("Type", "network"), ("Scheme", "internal"), ("Subnets.member.1", subnet)];
    let balancer = made(&ask(base, "CreateLoadBalancer", &params), "LoadBalancerArn");
    let mut port = 6443;
    names.map(|name| {
        let text = port.to_string();
        port += 1;
        group(base, &balancer, name, &text, &network.vpc_id)
    })
}

fn group(base: &str, balancer: &str, name: &str, port: &str, vpc: &str) -> String {
    let params = [("Name", name), ("Protocol", "TCP"), ("Port", port), ("VpcId", vpc)];
    let arn = made(&ask(base, "CreateTargetGroup", &params), "TargetGroupArn");
    let listener = [
        ("LoadBalancerArn", balancer),
        ("Protocol", "TCP"),
        ("Port", port),
        ("DefaultActions.member.1.Type", "forward"),
        ("DefaultActions.member.1.TargetGroupArn", &arn),
    ];
    ask(base, "CreateListener", &listener).result();
    arn
}

fn made(answer: &QueryAnswer, name: &str) -> String {
    answer.result().find(name).expect("an ARN").text.clone()
}

/// A request of somebody else, which stands in no log.
pub fn ask(base: &str, action: &str, params: &[(&str, &str)]) -> QueryAnswer {
    http::query_as(OBSERVER, base, ELBV2, action, params)
}

/// Somebody else registers or deregisters (`action`) a target, with a port or on the group's own.
pub fn target(base: &str, action: &str, group: &str, id: &str, port: Option<&str>) {
    let mut params = vec![("TargetGroupArn", group), ("Targets.member.1.Id", id)];
    params.extend(port.map(|port| ("Targets.member.1.Port", port)));
    ask(base, action, &params).result();
}

/// A workspace whose AWS is at `base`.
pub fn workspace(terraform: &std::path::Path, base: &str) -> Workspace {
    Workspace::new(terraform, &provider()).endpoint(base)
}

/// A configuration of one attachment, `node`, of [`NODE`]; `more` are further lines of it.
pub fn attachment(groups: &[&String], more: &str) -> String {
    let mut config = REQUIRED.to_owned();
    let lines = [format!("target_id = {NODE:?}"), format!("target_group_arns = {groups:?}"), more.to_owned()];
    let body = lines.join("\n  ");
    write!(config, "resource \"talosendpoint_nlb_attachment\" \"node\" {{\n  {body}\n}}\n").expect("to memory");
    config
}

/// The address of that attachment.
pub const ADDRESS: &str = "talosendpoint_nlb_attachment.node";

/// The groups of that attachment in the state; none where it isn't there.
pub fn stored(workspace: &Workspace) -> Vec<String> {
    let attributes = workspace.attributes(ADDRESS).unwrap_or_default();
    let arns = attributes["target_group_arns"].as_array().cloned().unwrap_or_default();
    arns.iter().filter_map(|arn| arn.as_str().map(str::to_owned)).collect()
}

/// The mutating calls as `ACTION GROUP ID[:PORT]`, the group by its name.
pub fn changes(log: &Log) -> Vec<String> {
    log.mutating().iter().map(line).collect()
}

fn line(call: &Call) -> String {
    let param = |name| call.param(name).unwrap_or_default();
    let arn = param("TargetGroupArn");
    let group = arn.split('/').nth(1).unwrap_or(arn);
    let port = call.param("Targets.member.1.Port").map_or(String::new(), |port| format!(":{port}"));
    format!("{} {group} {}{port}", call.action, param("Targets.member.1.Id"))
}

/// Checks every recorded request against the service's model, and forgets them.
#[track_caller]
pub fn close(venv: &Venv, log: &Log) {
    Models::load(venv).assert_valid(&log.calls());
    log.clear();
}

/// What is common to the tests before the stateful stand-in.
#[macro_export]
macro_rules! fake_stage {
    () => {{
        let terraform = ::lab::need!(::lab::programs::terraform());
        let venv = ::lab::need!(::lab::venv::Venv::get());
        let fake = ::lab::fake::Fake::start();
        let workspace = $crate::stage::workspace(&terraform, &fake.url());
        (fake, workspace, venv)
    }};
}

/// What is common to the tests before moto: the server, the recording proxy before it, a workspace.
#[macro_export]
macro_rules! moto_stage {
    () => {{
        let terraform = ::lab::need!(::lab::programs::terraform());
        let venv = ::lab::need!(::lab::venv::Venv::get());
        let moto = ::lab::moto::Moto::start(&venv);
        let proxy = ::lab::proxy::Proxy::start(moto.url());
        let workspace = $crate::stage::workspace(&terraform, &proxy.url());
        (moto, proxy, workspace, venv)
    }};
}
