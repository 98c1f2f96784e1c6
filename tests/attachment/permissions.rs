//! The policy in the documentation holds what is called, and nothing else: a life of load balancer and attachment in which each action is
//! needed once, recorded and compared.

use std::collections::BTreeSet;

use lab::moto::Network;
use lab::proxy::Proxy;
use lab::terraform::REQUIRED;

use crate::fake_stage;
use crate::stage::{NODE, close};

/// The actions in the page's JSON.
fn allowed() -> BTreeSet<String> {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/guides/permissions.md");
    let page = std::fs::read_to_string(page).unwrap();
    let policy = page.split("```json\n").nth(1).unwrap().split("```").next().unwrap();
    let policy: serde_json::Value = serde_json::from_str(policy).unwrap();
    let actions = policy["Statement"][0]["Action"].as_array().unwrap();
    let found: BTreeSet<String> = actions.iter().map(|action| action.as_str().unwrap().to_owned()).collect();
    assert_eq!(found.len(), actions.len(), "an action stands there twice");
    found
}

#[test]
fn the_policy_in_the_documentation_is_exactly_what_is_called() {
    let (fake, workspace, venv) = fake_stage!();
    let network = Network::of(&fake.url());
    let a = &network.subnets[0];
    let b = &network.subnets.iter().find(|other| other.zone != a.zone).expect("a second zone").id;
    let a = &a.id;
    let proxy = Proxy::start(&fake.url());
    let workspace = workspace.endpoint(&proxy.url());
    let configure = |arguments: &str, groups: &str| {
        workspace.main(&format!(
            "{REQUIRED}resource \"talosendpoint_nlb\" \"this\" {{\n  name = \"prod\"\n{arguments}\n}}\n\
             resource \"talosendpoint_nlb_attachment\" \"node\" {{\n  target_id = {NODE:?}\n  target_group_arns = \
             talosendpoint_nlb.this.{groups}\n}}\n"
        ));
        workspace.apply().ok();
    };
    configure(
        &format!(
            "  subnet_ids = [{a:?}]\n  security_group_ids = [\"sg-00000000\"]\n  tags = {{ a = 1, b = 2 }}\n  \
             worker_talos_api = {{ port = 50010 }}\n  preserve_client_ip = true\n  tcp_idle_timeout = 400"
        ),
        "control_plane_target_group_arns",
    );
    // Everything that is changed in place, and a part that comes and goes.
    configure(
        &format!(
            "  subnet_ids = [{a:?}, {b:?}]\n  security_group_ids = [\"sg-11111111\"]\n  tags = {{ a = 2 }}\n  \
             ip_address_type = \"dualstack\"\n  kubernetes_api = {{ port = 443 }}\n  health_check = {{ interval = 20 }}\n  \
             enable_cross_zone_load_balancing = true\n  deregistration_delay = 20\n  tcp_idle_timeout = 500"
        ),
        "control_plane_target_group_arns",
    );
    workspace.assert_settled();
    workspace.destroy().ok();
    let called: BTreeSet<String> =
        proxy.calls().iter().map(|call| format!("{}:{}", call.service, call.action)).collect();
    let allowed = allowed();
    let (missing, idle) = (called.difference(&allowed), allowed.difference(&called));
    let problems: Vec<String> = missing
        .map(|action| format!("docs/guides/permissions.md: {action} is called and not in the policy."))
        .chain(idle.map(|action| format!("docs/guides/permissions.md: {action} is in the policy and not called.")))
        .collect();
    assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
    close(&venv, &proxy);
}
