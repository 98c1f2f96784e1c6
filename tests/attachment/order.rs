//! The order that a replaced node needs, from Terraform's own graph.

use std::time::Duration;

use lab::log::Entry;
use lab::machine;
use lab::moto::Network;
use lab::need;
use lab::programs;
use lab::terraform::REQUIRED;

use crate::stage::close;
use crate::{fake_stage, moto_stage};

#[test]
fn a_replaced_instance_leaves_before_it_ends_and_its_successor_joins() {
    need!(programs::find("curl"));
    let (moto, proxy, workspace, venv) = moto_stage!();
    let subnet = moto.network().subnets[0].id.clone();
    workspace.main(&nodes(&subnet, &proxy.url(), 1));
    workspace.apply().ok();
    workspace.assert_settled(); // and the marker of the create is gone
    close(&venv, &proxy);

    workspace.main(&nodes(&subnet, &proxy.url(), 2));
    workspace.apply().ok();
    let sequence = proxy.sequence();
    let relevant: Vec<&str> =
        sequence.iter().map(String::as_str).filter(|word| !word.starts_with("Describe")).collect();
    let expected = [
        "DeregisterTargets",
        "DeregisterTargets",
        "mark:ended-i-00000000000000001",
        "mark:made-i-00000000000000002",
        "RegisterTargets",
        "RegisterTargets",
    ];
    assert_eq!(relevant, expected, "{sequence:?}");
    let inventory = moto.inventory();
    for group in ["t-api-tg", "t-apid-tg"] {
        let targets: Vec<&str> = inventory.health_of(group).keys().map(|key| key.split(':').next().unwrap()).collect();
        assert_eq!(targets, ["i-00000000000000002", "i-0000000000000000f"], "{group}");
    }
    workspace.assert_settled();
    close(&venv, &proxy);

    workspace.destroy().ok();
    let sequence = proxy.sequence();
    let of =
        |word: &str| sequence.iter().rposition(|other| other == word).unwrap_or_else(|| panic!("{word}: {sequence:?}"));
    assert!(of("DeregisterTargets") < of("mark:ended-i-00000000000000002"), "{sequence:?}");
    assert!(of("DeregisterTargets") < of("DeleteLoadBalancer"), "{sequence:?}");
    assert!(moto.inventory().is_empty());
    close(&venv, &proxy);
}

#[test]
fn an_instance_ends_only_when_it_is_drained() {
    need!(programs::find("curl"));
    let (fake, workspace, venv) = fake_stage!();
    let subnet = Network::of(&fake.url()).subnets[0].id.clone();
    workspace.main(&nodes(&subnet, &fake.url(), 1));
    workspace.apply().ok();
    close(&venv, &fake);

    let draining = Duration::from_secs(3);
    fake.set(|settings| settings.draining_time = draining);
    workspace.main(&nodes(&subnet, &fake.url(), 2));
    workspace.apply().ok();
    let deregistered = fake.of("DeregisterTargets");
    let ended = fake.entries().into_iter().find_map(|entry| match entry {
        Entry::Mark { name, at } if name == "ended-i-00000000000000001" => Some(at),
        _ => None,
    });
    let ended = ended.unwrap_or_else(|| panic!("{:?}", fake.sequence()));
    assert_eq!(deregistered.len(), 2);
    for call in &deregistered {
        assert!(ended - call.started >= draining, "still draining: {:?}", fake.sequence());
    }
    assert!(fake.of("RegisterTargets").iter().all(|call| call.started > ended));
    fake.assert_never_empty();
    close(&venv, &fake);
}

/// A load balancer, an instance's stand-in that says when it is made and when it ends, and another node that stays.
fn nodes(subnet: &str, url: &str, generation: u32) -> String {
    format!(
        r#"{REQUIRED}
resource "talosendpoint_nlb" "this" {{
  name       = "t"
  subnet_ids = [{subnet:?}]
}}
{instance}resource "talosendpoint_nlb_attachment" "node" {{
  for_each          = {{ changing = terraform_data.instance.output, staying = "i-0000000000000000f" }}
  target_id         = each.value
  target_group_arns = talosendpoint_nlb.this.control_plane_target_group_arns
}}
"#,
        instance = machine::resource("instance", &format!("i-0000000000000000{generation}"), url)
    )
}
