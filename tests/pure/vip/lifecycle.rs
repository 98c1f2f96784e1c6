//! Create, change, values from elsewhere, arguments removed, nodes that come and go, destroy.

use serde_json::json;

use lab::need;
use lab::programs;

use super::{NODES, THIS, apply, change, configure, document, resource, warned};
use crate::stage::{header, workspace};

const LATER: &str = "terraform_data.later.output";

/// A resource whose `output` is known after its apply.
fn later(value: &str) -> String {
    format!("resource \"terraform_data\" \"later\" {{\n  input = \"{value}\"\n}}\n")
}

#[test]
fn a_create_is_known_at_plan_and_settles() {
    let workspace = workspace(&need!(programs::terraform()));
    configure(&workspace, &[]);
    let planned = change(&workspace);
    assert!(!planned["after_unknown"].to_string().contains("true"), "{}", planned["after_unknown"]);
    let patch = document("192.168.30.30", "eth0");
    assert_eq!(planned["after"]["patches"], json!({"cp-01": [patch], "cp-02": [patch], "cp-03": [patch]}));
    let made = apply(&workspace, &[]);
    assert_eq!(made, planned["after"], "what is applied is what was planned");
    assert_eq!(made["kubernetes_api_endpoint"], "https://192.168.30.30:6443");
    assert_eq!(made["talosctl_endpoints"], json!(["192.168.30.31", "192.168.30.32", "192.168.30.33"]));
}

#[test]
fn a_change_is_shown_in_the_plan() {
    let workspace = workspace(&need!(programs::terraform()));
    apply(&workspace, &[]);
    configure(&workspace, &[("vip", r#""192.168.30.40""#)]);
    let said = workspace.plan().with_status(2).stdout;
    assert!(said.contains("192.168.30.40") && said.contains("1 to change"), "{said}");
    let change = change(&workspace);
    for node in ["cp-01", "cp-02", "cp-03"] {
        // JSON on one line: Terraform shows which of its members differ, every CLI the text.
        let patch = |side: &str| -> serde_json::Value {
            let patch = change[side]["patches"][node][0].as_str().expect("a patch");
            assert!(!patch.contains('\n'), "{patch}");
            serde_json::from_str(patch).expect("JSON")
        };
        let (mut before, after) = (patch("before"), patch("after"));
        assert_eq!((&before["name"], &after["name"]), (&json!("192.168.30.30"), &json!("192.168.30.40")));
        before["name"] = after["name"].clone();
        assert_eq!(before, after, "nothing else of it differs");
    }
    let changed = apply(&workspace, &[("vip", r#""192.168.30.40""#)]);
    assert_eq!(changed["host"], "192.168.30.40");
}

#[test]
fn the_version_contract_changes_the_form() {
    let workspace = workspace(&need!(programs::terraform()));
    apply(&workspace, &[]);
    let legacy = apply(&workspace, &[("talos_version", r#""v1.11""#), ("dhcp", "true")]);
    let patch =
        r#"{"machine":{"network":{"interfaces":[{"dhcp":true,"interface":"eth0","vip":{"ip":"192.168.30.30"}}]}}}"#;
    assert_eq!(legacy["patches"]["cp-02"], json!([patch]));
    assert_eq!(apply(&workspace, &[])["patches"]["cp-02"], json!([document("192.168.30.30", "eth0")]));
}

#[test]
fn an_unknown_address_of_a_node_leaves_the_patches_known() {
    let workspace = workspace(&need!(programs::terraform()));
    let nodes = NODES.replace(r#""192.168.30.31/24""#, LATER);
    let each =
        format!("resource \"terraform_data\" \"each\" {{\n  for_each = {THIS}.patches\n  input = each.value\n}}\n");
    workspace.main(&(header() + &later("192.168.30.31/24") + &resource("this", &[("control_plane", &nodes)]) + &each));
    let planned = change(&workspace);
    assert_eq!(planned["after"]["patches"]["cp-01"], json!([document("192.168.30.30", "eth0")]));
    assert_eq!(planned["after_unknown"]["talosctl_endpoints"], json!([true, false, false]));
    workspace.apply().ok();
    workspace.plan().ok();
    assert_eq!(workspace.attributes(THIS).unwrap()["talosctl_endpoints"][0], "192.168.30.31");
}

#[test]
fn an_unknown_vip_leaves_the_nodes_known() {
    let workspace = workspace(&need!(programs::terraform()));
    let arguments = [("vip", LATER), ("host", r#""api.example.org""#)];
    workspace.main(&(header() + &later("192.168.30.30") + &resource("this", &arguments)));
    let planned = change(&workspace);
    // A list of patches is known as a whole or not at all; the names of the nodes are known.
    assert_eq!(planned["after_unknown"]["patches"], json!({"cp-01": true, "cp-02": true, "cp-03": true}));
    assert_eq!(planned["after_unknown"]["api_server_cert_sans"], json!([true]));
    assert_eq!(planned["after"]["nodes"]["cp-03"]["endpoint"], "192.168.30.33");
    assert_eq!(planned["after"]["kubernetes_api_endpoint"], "https://api.example.org:6443");
    workspace.apply().ok();
    workspace.plan().ok();
    let made = workspace.attributes(THIS).unwrap();
    assert_eq!(made["patches"]["cp-03"][0], document("192.168.30.30", "eth0"));
    assert_eq!(made["api_server_cert_sans"], json!(["192.168.30.30"]));
}

#[test]
fn an_unknown_host_may_become_anything() {
    let workspace = workspace(&need!(programs::terraform()));
    for (host, names) in
        [(r#""192.168.30.30""#, json!([])), (r#""api.example.org""#, json!(["api.example.org"])), ("null", json!([]))]
    {
        let later = format!("resource \"terraform_data\" \"later\" {{\n  input = {{ host = {host} }}\n}}\n");
        workspace.main(&(header() + &later + &resource("this", &[("host", "terraform_data.later.output.host")])));
        workspace.apply().ok();
        workspace.plan().ok();
        assert_eq!(workspace.attributes(THIS).unwrap()["machine_cert_sans"], names, "{host}");
    }
}

#[test]
fn what_becomes_known_and_is_wrong_makes_nothing() {
    let workspace = workspace(&need!(programs::terraform()));
    workspace.main(&(header() + &later("192.168.30.31") + &resource("this", &[("vip", LATER)])));
    let said = workspace.apply().with_status(1).flat();
    assert!(said.contains("The virtual IP is the address of a node"), "{said}");
    assert_eq!(workspace.attributes(THIS), None);
}

#[test]
fn removed_arguments_return_to_their_defaults() {
    let workspace = workspace(&need!(programs::terraform()));
    let plain = apply(&workspace, &[]);
    apply(
        &workspace,
        &[
            ("host", r#""api.example.org""#),
            ("additional_vips", r#"[{ address = "192.168.31.30", vlan_id = 31 }]"#),
            ("static_addressing", "true"),
            ("gateway", r#""192.168.30.1""#),
            ("route_priority", "100"),
            ("form", r#""legacy""#),
            ("dhcp", "false"),
            ("vlan_id", "30"),
            ("kubernetes_api", "{ port = 7443 }"),
            ("pod_cidrs", r#"["10.1.0.0/16"]"#),
            ("service_cidrs", r#"["10.2.0.0/16"]"#),
        ],
    );
    assert_eq!(apply(&workspace, &[]), plain);
    let driver = ("device_selector", r#"{ driver = "virtio_net" }"#);
    let named = apply(&workspace, &[("interface", ""), driver, ("link_alias", r#""lan""#)]);
    assert_eq!(named["patches"]["cp-01"][1], document("192.168.30.30", "lan"));
    let selected = apply(&workspace, &[("interface", ""), driver]);
    assert_eq!(selected["patches"]["cp-01"][1], document("192.168.30.30", "vip0"));
    assert_eq!(apply(&workspace, &[]), plain);
}

#[test]
fn nodes_come_and_go() {
    let workspace = workspace(&need!(programs::terraform()));
    apply(&workspace, &[]);
    let more = NODES.replace("{ cp-01", r#"{ cp-00 = { address = "192.168.30.29/24" }, cp-01"#);
    configure(&workspace, &[("control_plane", &more)]);
    let planned = change(&workspace);
    assert_eq!(planned["actions"], json!(["update"]));
    assert_eq!(planned["after"]["patches"]["cp-01"], planned["before"]["patches"]["cp-01"]);
    let said = workspace.plan().with_status(2).stdout;
    assert_eq!(warned(&said), ["An even number of control-plane nodes"]);
    let four = apply(&workspace, &[("control_plane", &more)]);
    assert_eq!(four["talosctl_endpoints"].as_array().unwrap().len(), 4);
    let three = apply(&workspace, &[]);
    assert_eq!(three["patches"].as_object().unwrap().len(), 3);
}

#[test]
fn raising_the_contract_says_what_the_base_must_do_from_then_on() {
    let workspace = workspace(&need!(programs::terraform()));
    let vlan = ("vlan_id", "30");
    apply(&workspace, &[vlan, ("talos_version", r#""v1.11""#), ("dhcp", "false")]);
    configure(&workspace, &[vlan, ("talos_version", r#""v1.12""#), ("dhcp", "false")]);
    let said = workspace.plan().with_status(2).stdout;
    assert_eq!(warned(&said), ["The form of the patches changes", "The base configuration must declare the VLAN"]);
    let needs = "set the same `talos_version` in every `talos_machine_configuration`";
    let words = said.lines().flat_map(|line| line.trim_start_matches(['│', ' ']).split_whitespace());
    assert!(words.collect::<Vec<_>>().join(" ").contains(needs), "{said}");
    // Where the patches address the link, they declare its VLAN, and what else they end is said.
    let addressed = [vlan, ("static_addressing", "true"), ("gateway", r#""192.168.30.1""#)];
    configure(&workspace, &addressed);
    assert_eq!(
        warned(&workspace.plan().with_status(2).stdout),
        ["Default DHCP ends", "The form of the patches changes"]
    );
    let made = apply(&workspace, &addressed);
    let kinds: Vec<serde_json::Value> = made["patches"]["cp-01"]
        .as_array()
        .unwrap()
        .iter()
        .map(|patch| serde_json::from_str::<serde_json::Value>(patch.as_str().unwrap()).unwrap()["kind"].clone())
        .collect();
    assert_eq!(kinds, ["LinkConfig", "VLANConfig", "Layer2VIPConfig"]);
}

#[test]
fn a_warning_comes_with_its_cause_and_not_again() {
    let workspace = workspace(&need!(programs::terraform()));
    let port = ("kubernetes_api", "{ port = 443 }");
    configure(&workspace, &[port]);
    assert_eq!(warned(&workspace.plan().stdout), ["The API server must listen on another port"]);
    apply(&workspace, &[port]);
    configure(&workspace, &[port, ("host", r#""api.example.org""#)]);
    let said = workspace.plan().with_status(2).stdout;
    assert_eq!(warned(&said), ["The endpoint moves"], "{said}");
    apply(&workspace, &[port, ("host", r#""api.example.org""#)]);
    configure(&workspace, &[port, ("host", r#""api.example.org""#), ("additional_names", r#"["vpn.example.org"]"#)]);
    let said = workspace.plan().with_status(2).stdout;
    assert!(warned(&said).is_empty(), "warned of another change: {said}");
}

/// What the guide "With the Talos provider" says: the provider never sees the key.
#[test]
fn terraform_drops_an_unknown_key_of_a_node_without_a_word() {
    let workspace = workspace(&need!(programs::terraform()));
    let misspelt =
        NODES.replace(r#"address = "192.168.30.31/24""#, r#"address = "192.168.30.31/24", gatway = "192.168.30.1""#);
    configure(&workspace, &[("control_plane", &misspelt)]);
    let planned = change(&workspace);
    let node = planned["after"]["control_plane"]["cp-01"].as_object().expect("a node");
    assert!(node.contains_key("gateway") && !node.contains_key("gatway"), "{node:?}");
}

#[test]
fn a_destroy_forgets_it_and_an_import_finds_nothing() {
    let workspace = workspace(&need!(programs::terraform()));
    apply(&workspace, &[]);
    workspace.destroy().ok();
    assert_eq!(workspace.attributes(THIS), None);
    let said = workspace.import(THIS, "x").with_status(1).flat();
    assert!(said.contains("Import is not supported"), "{said}");
}
