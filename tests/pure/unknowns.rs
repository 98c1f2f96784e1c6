//! What is not known before apply stops what needs it, and nothing else.

use serde_json::json;

use lab::need;
use lab::programs;

use crate::stage::{THIS, change, golden, header, resource, workspace};

/// A resource whose `output` is known after its apply.
fn later(value: &str) -> String {
    format!("resource \"terraform_data\" \"later\" {{\n  input = \"{value}\"\n}}\n")
}

const LATER: &str = "terraform_data.later.output";

#[test]
fn an_unknown_node_leaves_all_but_haproxy_known() {
    let workspace = workspace(&need!(programs::terraform()));
    let nodes = format!(
        r#"{{ cp-01 = {{ address = {LATER} }}, cp-02 = {{ address = "192.168.30.32" }}, cp-03 = {{ address = "192.168.30.33" }} }}"#
    );
    workspace.main(&(header() + &later("192.168.30.31") + &resource("this", &[("control_plane", &nodes)])));
    let planned = change(&workspace);
    assert_eq!(planned["after_unknown"]["haproxy_cfg"], true);
    assert_eq!(planned["after"]["keepalived_conf"]["lb-01"], golden("guide/lb-01/keepalived.conf"));
    assert_eq!(planned["after"]["kubernetes_api_endpoint"], "https://192.168.30.30:6443");
    assert_eq!(planned["after"]["patches"]["cp-02"], json!([r#"{"machine":{"certSANs":["192.168.30.30"]}}"#]));
    // It may be a DNS name, which its certificate needs.
    assert_eq!(planned["after_unknown"]["patches"]["cp-01"], true);
    workspace.apply().ok();
    workspace.plan().ok();
    assert_eq!(workspace.attributes(THIS).unwrap()["haproxy_cfg"], golden("guide/haproxy.cfg"));
}

#[test]
fn an_unknown_vip_leaves_the_hosts_known() {
    let workspace = workspace(&need!(programs::terraform()));
    let each = "resource \"terraform_data\" \"file\" {\n  for_each = talosendpoint_haproxy.this.keepalived_conf\n  input = each.value\n}\n";
    workspace.main(&(header() + &later("192.168.30.30") + &resource("this", &[("vip", LATER)]) + each));
    let planned = change(&workspace);
    assert_eq!(planned["after_unknown"]["keepalived_conf"], json!({"lb-01": true, "lb-02": true}));
    assert_eq!(planned["after_unknown"]["machine_cert_sans"], json!([true]));
    assert_eq!(planned["after_unknown"]["haproxy_cfg"], true);
    workspace.apply().ok();
    workspace.plan().ok();
    assert_eq!(workspace.attributes(THIS).unwrap()["keepalived_conf"]["lb-02"], golden("guide/lb-02/keepalived.conf"));
}

#[test]
fn an_unknown_host_may_become_anything() {
    let workspace = workspace(&need!(programs::terraform()));
    for (host, names) in [
        ("\"192.168.30.30\"", json!(["192.168.30.30"])),
        ("\"api.example.org\"", json!(["api.example.org", "192.168.30.30"])),
        ("null", json!(["192.168.30.30"])),
    ] {
        let later = format!("resource \"terraform_data\" \"later\" {{\n  input = {{ host = {host} }}\n}}\n");
        let arguments = [("host", "terraform_data.later.output.host"), ("talos_version", "\"v1.12\"")];
        workspace.main(&(header() + &later + &resource("this", &arguments)));
        workspace.apply().ok();
        workspace.plan().ok();
        assert_eq!(workspace.attributes(THIS).unwrap()["machine_cert_sans"], names, "{host}");
    }
}

/// A text with an unknown part is known not to be null, and may still turn out to be the host.
#[test]
fn an_unknown_vip_may_become_the_host() {
    let workspace = workspace(&need!(programs::terraform()));
    let arguments = [("host", "\"192.168.30.30\""), ("vip", "\"192.168.30.${terraform_data.later.output}\"")];
    workspace.main(&(header() + &later("30") + &resource("this", &arguments)));
    workspace.apply().ok();
    assert_eq!(workspace.attributes(THIS).unwrap()["machine_cert_sans"], json!(["192.168.30.30"]));
}

#[test]
fn what_becomes_known_and_is_wrong_makes_nothing() {
    let workspace = workspace(&need!(programs::terraform()));
    workspace.main(&(header() + &later("192.168.30.21") + &resource("this", &[("vip", LATER)])));
    let said = workspace.apply().with_status(1).flat();
    assert!(said.contains("VIP is a load balancer's own address"), "{said}");
    assert_eq!(workspace.attributes(THIS), None);
}
