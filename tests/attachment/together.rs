//! Nodes that are looked at in the same moment.

use std::collections::BTreeSet;
use std::time::Duration;

use lab::faults::error;
use lab::proxy::Proxy;
use lab::terraform::REQUIRED;

use crate::fake_stage;
use crate::stage::{close, groups};

const NODES: [&str; 4] = ["i-00000000000000001", "i-00000000000000002", "i-00000000000000003", "i-00000000000000004"];

#[test]
fn one_call_looks_at_several_and_an_invalid_one_spoils_it_for_none() {
    let (fake, workspace, venv) = fake_stage!();
    let [group] = groups(&fake.url(), ["a"]);
    let proxy = Proxy::start(&fake.url());
    let workspace = workspace.endpoint(&proxy.url());
    workspace.main(&format!(
        r#"{REQUIRED}
resource "talosendpoint_nlb_attachment" "node" {{
  for_each          = toset({NODES:?})
  target_id         = each.value
  target_group_arns = [{group:?}]
}}
"#
    ));
    workspace.apply().ok();
    close(&venv, &proxy);

    // As long as AWS takes: what is asked meanwhile goes together.
    proxy.on_reply("*", |_, _| std::thread::sleep(Duration::from_millis(600)));
    assert_eq!(workspace.plan().status, 0);
    let looks = proxy.of("DescribeTargetHealth");
    let ids: Vec<&str> = looks.iter().filter_map(|call| call.param("Targets.member.1.Id")).collect();
    assert!(looks.len() < NODES.len(), "{ids:?}");
    close(&venv, &proxy);

    proxy.on("DescribeTargetHealth", |call| {
        let invalid = call.params.iter().any(|(_, value)| value == NODES[1]);
        let message = format!("The following targets are not valid: '{}'", NODES[1]);
        invalid.then(|| error("elasticloadbalancing", 400, "InvalidTarget", &message))
    });
    let planned = workspace.plan().with_status(2);
    assert!(planned.flat().contains("Plan: 1 to add, 0 to change, 0 to destroy"), "{}", planned.said());
    let alone: BTreeSet<String> = proxy
        .of("DescribeTargetHealth")
        .iter()
        .filter(|call| call.param("Targets.member.2.Id").is_none())
        .filter_map(|call| call.param("Targets.member.1.Id").map(str::to_owned))
        .collect();
    assert!(alone.contains(NODES[1]), "{alone:?}");
    close(&venv, &proxy);
}

/// The guide shows `for_each` over nodes that have it, and over nodes that have `count`. The line stands there as it is tried here.
#[test]
fn the_guides_two_ways_to_attach_all_nodes_work() {
    let (fake, workspace, _venv) = fake_stage!();
    let [group] = groups(&fake.url(), ["a"]);
    let proxy = Proxy::start(&fake.url());
    let workspace = workspace.endpoint(&proxy.url());
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/guides/getting-started-aws.md");
    let page = std::fs::read_to_string(page).unwrap();
    let ways: Vec<String> = page
        .lines()
        .filter(|line| line.trim_start().starts_with("for_each") && line.contains("aws_instance.control_plane"))
        .map(|line| line.replace("aws_instance", "terraform_data"))
        .collect();
    // What stands in for instances has its id in `output`, which is unknown until it is made.
    for (way, nodes) in [
        (&ways[0], "for_each = { cp-0 = 1, cp-1 = 2 }\n  input    = \"i-0000000000000000${each.value}\""),
        (&ways[1], "count = 2\n  input = \"i-0000000000000000${count.index + 1}\""),
    ] {
        workspace.main(&format!(
            "{REQUIRED}\nresource \"terraform_data\" \"control_plane\" {{\n  {nodes}\n}}\n\
             resource \"talosendpoint_nlb_attachment\" \"control_plane\" {{\n{way}\n  target_id         = each.value.output\n  \
             target_group_arns = [{group:?}]\n}}\n"
        ));
        workspace.apply().ok();
        for (key, id) in ["cp-0", "cp-1"].iter().zip(NODES) {
            let address = format!("talosendpoint_nlb_attachment.control_plane[\"{key}\"]");
            assert_eq!(workspace.attributes(&address).expect("in the state")["target_id"], id);
        }
        assert_eq!(workspace.plan().status, 0);
        workspace.destroy().ok();
    }
    assert_eq!(ways.len(), 2);
}
