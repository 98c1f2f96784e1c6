//! Groups that come and go, by the user's wish and behind Terraform's back. Before moto.

use lab::terraform::{REQUIRED, Workspace};

use crate::stage::{ADDRESS, NODE, ask, attachment, changes, close, groups, stored, target};
use crate::{fake_stage, moto_stage};

#[test]
fn from_create_to_destroy() {
    let (moto, proxy, workspace, venv) = moto_stage!();
    let [a, b, c] = groups(moto.url(), ["a", "b", "c"]);
    target(moto.url(), "RegisterTargets", &a, "i-00000000000000bad", None);

    workspace.main(&attachment(&[&a, &b], ""));
    workspace.apply().ok();
    let mut made = changes(&proxy);
    made.sort();
    assert_eq!(made, [format!("RegisterTargets a {NODE}"), format!("RegisterTargets b {NODE}")]);
    assert_eq!(workspace.attributes(ADDRESS).expect("in the state")["id"], NODE);
    close(&venv, &proxy);

    assert_eq!(workspace.plan().status, 0);
    workspace.apply().ok();
    assert_eq!(changes(&proxy), Vec::<String>::new());
    assert_eq!(proxy.sequence(), ["DescribeTargetHealth"; 4], "one look at each group in each of the two refreshes");
    close(&venv, &proxy);

    workspace.main(&attachment(&[&b, &c], ""));
    assert_eq!(workspace.plan_json()["resource_changes"][0]["change"]["actions"], serde_json::json!(["update"]));
    workspace.apply().ok();
    assert_eq!(changes(&proxy), [format!("RegisterTargets c {NODE}"), format!("DeregisterTargets a {NODE}")]);
    assert_eq!(workspace.plan().status, 0);
    close(&venv, &proxy);

    workspace.destroy().ok();
    let mut made = changes(&proxy);
    made.sort();
    assert_eq!(made, [format!("DeregisterTargets b {NODE}"), format!("DeregisterTargets c {NODE}")]);
    assert_eq!(moto.inventory().health_of("a").len(), 1, "somebody else's target stays");
    assert_eq!(stored(&workspace), Vec::<String>::new());
    close(&venv, &proxy);
}

#[test]
fn settings_of_the_resource_alone_need_no_call() {
    let (moto, proxy, workspace, venv) = moto_stage!();
    let [a] = groups(moto.url(), ["a"]);
    workspace.main(&attachment(&[&a], ""));
    workspace.apply().ok();
    close(&venv, &proxy);

    workspace.main(&attachment(&[&a], "drain = false\n  timeouts = { delete = \"1m\" }"));
    let update = ["apply", "-auto-approve", "-input=false", "-no-color", "-refresh=false"];
    let said = workspace.run(update).ok().flat();
    assert!(said.contains("1 changed"), "{said}");
    assert_eq!(proxy.sequence(), Vec::<String>::new());
    let attributes = workspace.attributes(ADDRESS).expect("in the state");
    assert_eq!(attributes["drain"], false);
    assert_eq!(attributes["timeouts"]["delete"], "1m");
    assert_eq!(workspace.plan().status, 0);
    close(&venv, &proxy);
}

#[test]
fn what_was_deregistered_outside_is_registered_again() {
    let (moto, proxy, workspace, venv) = moto_stage!();
    let [a, b] = groups(moto.url(), ["a", "b"]);
    workspace.main(&attachment(&[&a, &b], ""));
    workspace.apply().ok();
    close(&venv, &proxy);

    target(moto.url(), "DeregisterTargets", &b, NODE, None);
    let said = workspace.apply().ok().flat();
    assert!(said.contains("1 changed"), "{said}");
    assert_eq!(changes(&proxy), [format!("RegisterTargets b {NODE}")]);
    assert_eq!(workspace.plan().status, 0);
    close(&venv, &proxy);

    for group in [&a, &b] {
        target(moto.url(), "DeregisterTargets", group, NODE, None);
    }
    let said = workspace.apply().ok().flat();
    assert!(said.contains("1 added"), "{said}");
    assert_eq!(stored(&workspace).len(), 2);
    close(&venv, &proxy);

    // Gone already: that is success, whatever the stand-in calls it.
    target(moto.url(), "DeregisterTargets", &a, NODE, None);
    workspace.run(["destroy", "-auto-approve", "-input=false", "-no-color", "-refresh=false"]).ok();
    close(&venv, &proxy);
}

#[test]
fn a_group_that_is_gone_takes_nothing_with_it() {
    let (moto, proxy, workspace, venv) = moto_stage!();
    let [a, b] = groups(moto.url(), ["a", "b"]);
    workspace.main(&attachment(&[&a, &b], ""));
    workspace.apply().ok();
    close(&venv, &proxy);

    let inventory = moto.inventory();
    let (listener, _) = inventory.listeners.iter().find(|(_, part)| part.field("Port") == "6443").expect("of a");
    ask(moto.url(), "DeleteListener", &[("ListenerArn", listener)]).result();
    ask(moto.url(), "DeleteTargetGroup", &[("TargetGroupArn", &a)]).result();
    workspace.run(["destroy", "-auto-approve", "-input=false", "-no-color", "-refresh=false"]).ok();
    assert!(moto.inventory().health_of("b").is_empty());
    close(&venv, &proxy);
}

#[test]
fn a_group_that_the_load_balancer_makes_anew_gets_its_targets() {
    let (moto, proxy, workspace, venv) = moto_stage!();
    workspace.main(&behind_our_load_balancer(&moto.network().subnets[0].id));
    workspace.apply().ok();
    let inventory = moto.inventory();
    assert_eq!(inventory.health_of("t-api-tg").len(), 1);
    close(&venv, &proxy);

    let lost = inventory.target_group("t-api-tg").field("TargetGroupArn");
    let (listener, _) = inventory.listeners.iter().find(|(_, part)| part.field("Port") == "6443").expect("one");
    ask(moto.url(), "DeleteListener", &[("ListenerArn", listener)]).result();
    ask(moto.url(), "DeleteTargetGroup", &[("TargetGroupArn", lost)]).result();
    workspace.apply().ok();
    let inventory = moto.inventory();
    assert_ne!(inventory.target_group("t-api-tg").field("TargetGroupArn"), lost);
    for group in ["t-api-tg", "t-apid-tg"] {
        let targets: Vec<&String> = inventory.health_of(group).keys().collect();
        assert_eq!(targets.len(), 1, "{group}: {targets:?}");
    }
    assert!(!changes(&proxy).iter().any(|line| line.starts_with("DeregisterTargets")), "{:?}", changes(&proxy));
    assert_eq!(workspace.plan().status, 0);
    close(&venv, &proxy);
    workspace.destroy().ok();
    assert!(moto.inventory().is_empty());
    close(&venv, &proxy);
}

fn behind_our_load_balancer(subnet: &str) -> String {
    format!(
        r#"{REQUIRED}
resource "talosendpoint_nlb" "this" {{
  name       = "t"
  subnet_ids = [{subnet:?}]
}}
resource "talosendpoint_nlb_attachment" "node" {{
  target_id         = {NODE:?}
  target_group_arns = talosendpoint_nlb.this.control_plane_target_group_arns
}}
"#
    )
}

#[test]
fn an_existing_registration_can_be_imported() {
    let (moto, proxy, workspace, venv) = moto_stage!();
    let [a, b] = groups(moto.url(), ["a", "b"]);
    for group in [&a, &b] {
        target(moto.url(), "RegisterTargets", group, NODE, None);
    }
    workspace.main(&attachment(&[&a, &b], ""));
    refused(&workspace, NODE, "names no target group");
    refused(&workspace, &format!("{NODE},b"), "\"b\" is not the ARN of a target group");
    refused(&workspace, &format!("i-00000000000000bad,{a}"), "Cannot import non-existent remote object");
    workspace.import(ADDRESS, &format!("{NODE},{a},{b}")).ok();
    assert_eq!(workspace.plan().status, 0);
    assert_eq!(changes(&proxy), Vec::<String>::new());
    close(&venv, &proxy);
}

#[track_caller]
fn refused(workspace: &Workspace, id: &str, reason: &str) {
    let outcome = workspace.import(ADDRESS, id);
    assert_eq!(outcome.status, 1);
    assert!(outcome.flat().contains(reason), "{}", outcome.said());
}

#[test]
fn a_group_that_is_unknown_at_plan_is_an_update() {
    let (fake, workspace, venv) = fake_stage!();
    let [a, b, c] = groups(&fake.url(), ["a", "b", "c"]);
    let config = |generation: u32, changing: &String| {
        format!(
            r#"{REQUIRED}
resource "terraform_data" "group" {{
  input            = {changing:?}
  triggers_replace = {generation}
}}
resource "talosendpoint_nlb_attachment" "node" {{
  target_id         = {NODE:?}
  target_group_arns = [{a:?}, terraform_data.group.output]
}}
"#
        )
    };
    workspace.main(&config(1, &b));
    workspace.apply().ok();
    close(&venv, &fake);

    workspace.main(&config(2, &b));
    let said = workspace.apply().ok().flat();
    assert!(said.contains("1 to change"), "{said}");
    assert_eq!(changes(&fake), Vec::<String>::new(), "it was the same after all");

    workspace.main(&config(3, &c));
    workspace.apply().ok();
    assert_eq!(changes(&fake), [format!("RegisterTargets c {NODE}"), format!("DeregisterTargets b {NODE}")]);
    workspace.plan().with_status(0);
    close(&venv, &fake);
}
