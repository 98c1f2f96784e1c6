//! What AWS says of the nodes behind a Network Load Balancer, before the stateful stand-in.

use lab::call::ELBV2;
use lab::fake::Fake;
use lab::http::{self, OBSERVER};
use lab::need;
use lab::programs;
use lab::terraform::{Workspace, provider};
use serde_json::json;

use crate::cluster::{Ports, configuration, ready};

/// A group with one target. No listener leads to it.
fn group(fake: &Fake) -> String {
    let ask = |action: &str, params: &[(&str, &str)]| http::query_as(OBSERVER, &fake.url(), ELBV2, action, params);
    let vpc = fake.network().vpc_id;
    let made = ask("CreateTargetGroup", &[("Name", "api-tg"), ("Protocol", "TCP"), ("Port", "6443"), ("VpcId", &vpc)]);
    let arn = made.result().find("TargetGroupArn").expect("an ARN").text.clone();
    ask("RegisterTargets", &[("TargetGroupArn", &arn), ("Targets.member.1.Id", "i-0123456789abcdef0")]).result();
    arn
}

fn data(arn: &str) -> String {
    format!(
        "data \"talosendpoint_health\" \"this\" {{\n  endpoint          = local.endpoint\n  target_group_arns = [\"{arn}\"]\n}}\n\
         output \"this\" {{\n  value = data.talosendpoint_health.this\n}}\n"
    )
}

#[test]
fn target_health_is_part_of_it() {
    let terraform = need!(programs::terraform());
    let (fake, ports) = (Fake::start(), Ports::free());
    let workspace = Workspace::new(&terraform, &provider()).endpoint(&fake.url());
    let arn = group(&fake);
    let _cluster = ports.serve();
    workspace.main(&configuration(&[&ports.local(), &data(&arn)]));
    workspace.apply().ok();
    let found = workspace.output("this");
    let target = &found["target_groups"][&arn]["i-0123456789abcdef0:6443"];
    assert_eq!((&target["state"], &target["reason"]), (&json!("unused"), &json!("Target.NotInUse")), "{found}");
    assert!(target["message"].as_str().unwrap().contains("no listener leads to the group"), "{found}");
    assert_eq!((&found["healthy"], &found["targets"]["kubernetes_api"]["ok"]), (&json!(false), &json!(true)));

    // A group that isn't there, as after somebody has removed it.
    let gone = format!("{}0", arn);
    workspace.main(&configuration(&[&ports.local(), &data(&gone)]));
    let applied = workspace.apply().ok();
    assert!(applied.said().contains("Warning: Target health not read"), "{}", applied.said());
    assert_eq!(workspace.output("this")["healthy"], false);
}

#[test]
fn a_wait_in_vain_shows_it() {
    let terraform = need!(programs::terraform());
    let (fake, ports) = (Fake::start(), Ports::free());
    let workspace = Workspace::new(&terraform, &provider()).endpoint(&fake.url());
    let lines = format!("target_group_arns = [\"{}\"]\n  timeouts = {{ create = \"8s\" }}", group(&fake));
    workspace.main(&configuration(&[&ports.local(), &ready(&lines)]));
    let ended = workspace.apply().with_status(1);
    assert!(ended.said().contains("i-0123456789abcdef0:6443"), "{}", ended.said());
    assert!(ended.flat().contains("Target.NotInUse: gets no connections"), "{}", ended.said());
}
