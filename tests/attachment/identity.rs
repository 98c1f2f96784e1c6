//! What names an attachment for good: its target, the load balancer and the port. Groups change in place, and it stays.

use serde_json::Value as Json;

use lab::fake::Fake;
use lab::programs::{Feature, terraform_with};
use lab::terraform::{REQUIRED, Workspace};
use lab::{need, programs};

use crate::stage::{ADDRESS, NODE, attachment, groups, workspace};

/// The identity in the state file; null where the CLI stores none.
fn identity(workspace: &Workspace) -> Json {
    let state: Json = serde_json::from_str(&workspace.read("terraform.tfstate")).expect("JSON");
    let resources = state["resources"].as_array().expect("resources");
    let found = resources.iter().find(|one| one["type"] == "talosendpoint_nlb_attachment").expect("in the state");
    found["instances"][0]["identity"].clone()
}

fn balancer(fake: &Fake) -> String {
    fake.inventory().load_balancers.into_keys().next().expect("a load balancer")
}

#[test]
fn the_identity_stays_while_groups_change() {
    let terraform = need!(terraform_with(Feature::Identity));
    let fake = Fake::start();
    let workspace = workspace(&terraform, &fake.url());
    let [a, b, c] = groups(&fake.url(), ["a", "b", "c"]);
    let expected = serde_json::json!({ "target_id": NODE, "load_balancer_arn": balancer(&fake), "port": null });
    for groups in [&[&a][..], &[&a, &b], &[&b, &c], &[&a]] {
        workspace.main(&attachment(groups, ""));
        workspace.apply().ok();
        assert_eq!(identity(&workspace), expected);
        workspace.assert_settled();
    }
    workspace.main(&attachment(&[&a], "port = 7443"));
    workspace.apply().ok();
    assert_eq!(identity(&workspace)["port"], 7443, "another port is another attachment");
    workspace.destroy().ok();
}

/// The load balancer replaces its target group, and the attachment follows: both in place.
#[test]
fn the_identity_stays_while_a_group_is_replaced() {
    let terraform = need!(terraform_with(Feature::Identity));
    let fake = Fake::start();
    let workspace = workspace(&terraform, &fake.url()).env("TALOSENDPOINT_CREATE_LEASE", "1s");
    let subnet = fake.network().subnets[0].id.clone();
    let config = |target_port: u16| {
        format!(
            r#"{REQUIRED}
resource "talosendpoint_nlb" "this" {{
  name           = "t"
  subnet_ids     = [{subnet:?}]
  kubernetes_api = {{ target_port = {target_port} }}
}}
resource "talosendpoint_nlb_attachment" "node" {{
  target_id         = {NODE:?}
  target_group_arns = talosendpoint_nlb.this.control_plane_target_group_arns
}}
"#
        )
    };
    workspace.main(&config(6443));
    workspace.apply().ok();
    let before = identity(&workspace);
    assert_eq!(before["load_balancer_arn"], balancer(&fake).as_str());
    let groups = workspace.attributes(ADDRESS).expect("in the state")["target_group_arns"].clone();
    workspace.main(&config(7443));
    let said = workspace.apply().ok().flat();
    assert!(said.contains("2 changed, 0 destroyed"), "{said}");
    assert_ne!(workspace.attributes(ADDRESS).expect("in the state")["target_group_arns"], groups);
    assert_eq!(identity(&workspace), before);
    workspace.assert_settled();
    workspace.destroy().ok();
}

#[test]
fn an_attachment_is_imported_by_its_identity() {
    let terraform = need!(terraform_with(Feature::Identity));
    let fake = Fake::start();
    let workspace = workspace(&terraform, &fake.url());
    let [a, b] = groups(&fake.url(), ["a", "b"]);
    for (port, argument) in [("", ""), ("port = 7443", "port = 7443")] {
        // What is to be imported was made by another state.
        workspace.main(&attachment(&[&a, &b], argument));
        workspace.apply().ok();
        workspace.run(["state", "rm", ADDRESS]).ok();
        fake.clear();
        let block = |port: &str| {
            format!(
                "import {{\n  to = {ADDRESS}\n  identity = {{\n    target_id = {NODE:?}\n    load_balancer_arn = {:?}\n    {port}\n  }}\n}}\n",
                balancer(&fake)
            )
        };
        workspace.main(&(attachment(&[&a, &b], argument) + &block(port)));
        let said = workspace.apply().ok().flat();
        assert!(said.contains("1 imported, 0 added, 0 changed, 0 destroyed"), "{said}");
        assert!(fake.mutating().is_empty(), "{:?}", fake.sequence());
        workspace.assert_settled();
        workspace.destroy().ok();
    }
}

/// A state that was written before there was a `load_balancer_arn` gets it with the next read.
#[test]
fn a_state_without_a_load_balancer_gets_it() {
    let terraform = need!(programs::terraform());
    let fake = Fake::start();
    let workspace = workspace(&terraform, &fake.url());
    let [a] = groups(&fake.url(), ["a"]);
    workspace.main(&attachment(&[&a], ""));
    workspace.apply().ok();
    let stored = || workspace.attributes(ADDRESS).expect("in the state")["load_balancer_arn"].clone();
    assert_eq!(stored(), balancer(&fake).as_str());
    let mut state: Json = serde_json::from_str(&workspace.read("terraform.tfstate")).expect("JSON");
    let attributes = state["resources"][0]["instances"][0]["attributes"].as_object_mut().expect("attributes");
    attributes.remove("load_balancer_arn").expect("it was there");
    state["resources"][0]["instances"][0].as_object_mut().expect("an instance").remove("identity");
    workspace.write("terraform.tfstate", &state.to_string());
    workspace.assert_settled();
    workspace.apply().ok();
    assert_eq!(stored(), balancer(&fake).as_str());
    assert!(fake.of("DescribeTargetGroups").len() >= 2, "{:?}", fake.sequence());
    workspace.destroy().ok();
}

#[test]
fn groups_without_one_load_balancer_have_none() {
    let terraform = need!(terraform_with(Feature::Identity));
    let fake = Fake::start();
    let workspace = workspace(&terraform, &fake.url());
    let vpc = fake.network().vpc_id;
    let params = [("Name", "loose"), ("Protocol", "TCP"), ("Port", "6443"), ("VpcId", vpc.as_str())];
    crate::stage::ask(&fake.url(), "CreateTargetGroup", &params).result();
    let loose = fake.inventory().target_group("loose").field("TargetGroupArn").to_owned();
    workspace.main(&attachment(&[&loose], ""));
    workspace.apply().ok();
    assert_eq!(workspace.attributes(ADDRESS).expect("in the state")["load_balancer_arn"], Json::Null);
    assert_eq!(identity(&workspace), Json::Null);
    workspace.assert_settled();
    workspace.destroy().ok();
}
