//! Nodes behind the load balancer. They are addresses of the default VPC, which no endpoint has to know beforehand.

use lab::inventory::Inventory;
use lab::machine;
use lab::need;
use lab::programs;

use crate::stage::Stage;

#[test]
fn a_replaced_node_leaves_before_it_ends_and_its_successor_joins() {
    need!(programs::find("curl"));
    let stage = need!(Stage::start());
    stage.create(ARGUMENTS, &nodes(&stage, 1));
    assert_eq!(targets(&stage.inventory(), &stage, "api"), ["172.31.0.101:6443", "172.31.0.99:6443"]);
    stage.forget_calls();

    stage.configure(ARGUMENTS, &nodes(&stage, 2));
    stage.terraform.apply().ok();
    let sequence = stage.proxy.sequence();
    let relevant: Vec<&str> =
        sequence.iter().map(String::as_str).filter(|word| !word.starts_with("Describe")).collect();
    let expected = [
        "DeregisterTargets",
        "DeregisterTargets",
        "mark:ended-172.31.0.101",
        "mark:made-172.31.0.102",
        "RegisterTargets",
        "RegisterTargets",
    ];
    assert_eq!(relevant, expected, "{sequence:?}");
    assert_eq!(targets(&stage.inventory(), &stage, "api"), ["172.31.0.102:6443", "172.31.0.99:6443"]);
    assert_eq!(targets(&stage.inventory(), &stage, "apid"), ["172.31.0.102:50000", "172.31.0.99:50000"]);
    stage.terraform.assert_settled();
    stage.destroy();
}

/// A load balancer for addresses, a machine's stand-in that says when it is made and when it ends, and another node that stays.
fn nodes(stage: &Stage, generation: u32) -> String {
    format!(
        r#"{machine}resource "talosendpoint_nlb_attachment" "node" {{
  for_each          = {{ changing = terraform_data.machine.output, staying = "172.31.0.99" }}
  target_id         = each.value
  target_group_arns = talosendpoint_nlb.this.control_plane_target_group_arns
}}
"#,
        machine = machine::resource("machine", &format!("172.31.0.10{generation}"), &stage.proxy.url())
    )
}

const ARGUMENTS: &[(&str, &str)] = &[("target_type", r#""ip""#)];

const ATTACHMENT: &str = r#"
resource "talosendpoint_nlb_attachment" "node" {
  target_id         = "172.31.0.101"
  target_group_arns = talosendpoint_nlb.this.control_plane_target_group_arns
}
"#;

#[test]
fn targets_follow_into_the_group_that_replaces_theirs() {
    let stage = need!(Stage::start());
    stage.create(ARGUMENTS, ATTACHMENT);
    let before = stage.inventory();
    let mut arguments = ARGUMENTS.to_vec();
    arguments.push(("kubernetes_api", "{ target_port = 7443 }"));
    stage.configure(&arguments, ATTACHMENT);
    stage.forget_calls();
    stage.terraform.apply().ok();
    let now = stage.inventory();
    let group = now.listener(6443).field("DefaultActions.1.TargetGroupArn");
    assert!(!before.target_groups.contains_key(group), "{group}");
    assert_eq!(now.target_groups[group].field("Port"), "7443");
    assert_eq!(now.health[group].keys().collect::<Vec<_>>(), ["172.31.0.101:7443"]);
    assert_eq!(now.target_groups.len(), 3);
    stage.terraform.assert_settled();
    stage.destroy();
}

/// The targets of a group, `ADDRESS:PORT`.
fn targets(inventory: &Inventory, stage: &Stage, group: &str) -> Vec<String> {
    inventory.health_of(&format!("{}-{group}-tg", stage.name)).keys().cloned().collect()
}
