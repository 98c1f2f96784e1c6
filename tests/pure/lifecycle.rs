//! Create, change, argument removed, destroy; and what there is not: an import.

use std::collections::BTreeSet;

use lab::need;
use lab::programs;

use crate::stage::{THIS, apply, change, golden, header, resource, workspace};

#[test]
fn a_create_is_known_at_plan_and_settles() {
    let workspace = workspace(&need!(programs::terraform()));
    workspace.main(&(header() + &resource("this", &[])));
    let planned = change(&workspace);
    assert_eq!(planned["after"]["haproxy_cfg"], golden("guide/haproxy.cfg"));
    assert_eq!(planned["after"]["keepalived_conf"]["lb-02"], golden("guide/lb-02/keepalived.conf"));
    assert!(!planned["after_unknown"].to_string().contains("true"), "{}", planned["after_unknown"]);
    let made = apply(&workspace, &[]);
    assert_eq!(made, planned["after"], "what is applied is what was planned");
    assert_eq!(made["kubernetes_api_endpoint"], "https://192.168.30.30:6443");
    assert_eq!(workspace.plan().status, 0);
}

#[test]
fn the_order_of_writing_makes_no_difference() {
    let workspace = workspace(&need!(programs::terraform()));
    apply(&workspace, &[]);
    let backwards = r#"{ cp-03 = { address = "192.168.30.33" }, cp-02 = { address = "192.168.30.32" }, cp-01 = { address = "192.168.30.31" } }"#;
    workspace.main(&(header() + &resource("this", &[("control_plane", backwards)])));
    assert_eq!(workspace.plan().status, 0);
}

#[test]
fn a_change_is_shown_line_by_line() {
    let workspace = workspace(&need!(programs::terraform()));
    apply(&workspace, &[]);
    let moved = r#"{ cp-01 = { address = "192.168.30.31" }, cp-02 = { address = "192.168.30.32" }, cp-03 = { address = "192.168.30.43" } }"#;
    workspace.main(&(header() + &resource("this", &[("control_plane", moved)])));
    let planned = change(&workspace);
    let lines = |side: &str| -> BTreeSet<String> {
        let text = planned[side]["haproxy_cfg"].as_str().expect("the file").lines();
        text.map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
    };
    let (before, after) = (lines("before"), lines("after"));
    for port in [6443, 50000] {
        let server = |address: &str| format!("server cp-03 {address}:{port}");
        assert!(before.difference(&after).any(|line| line.starts_with(&server("192.168.30.33"))), "{before:?}");
        assert!(after.difference(&before).any(|line| line.starts_with(&server("192.168.30.43"))), "{after:?}");
    }
    let changed = before.symmetric_difference(&after).count();
    assert_eq!(changed, 6, "two servers and the fingerprint, before and after");
}

#[test]
fn removed_arguments_return_to_their_defaults() {
    let workspace = workspace(&need!(programs::terraform()));
    let changed = apply(
        &workspace,
        &[
            ("haproxy", r#"{ maxconn = 100, timeouts = { tunnel = "1h" } }"#),
            ("keepalived", "{ virtual_router_id = 7, ready_weight = -99, advert_interval = 0.5 }"),
            ("kubernetes_api", r#"{ port = 7443, health_check = { type = "tcp" } }"#),
            ("trustd", "{}"),
            ("bind", r#""vip""#),
            ("host", r#""api.example.org""#),
            ("talos_version", r#""v1.12""#),
        ],
    );
    assert_eq!(changed["keepalived"]["virtual_router_id"], 7);
    assert_eq!(changed["host"], "api.example.org");
    let back = apply(&workspace, &[]);
    assert_eq!(back["haproxy_cfg"], golden("guide/haproxy.cfg"));
    assert_eq!(back["keepalived_conf"]["lb-01"], golden("guide/lb-01/keepalived.conf"));
    assert_eq!(back["host"], "192.168.30.30");
    assert_eq!(back["kubernetes_api"]["health_check"]["expect_status"], serde_json::json!([200, 401]));
}

#[test]
fn from_two_load_balancers_to_one_and_back() {
    let workspace = workspace(&need!(programs::terraform()));
    apply(&workspace, &[]);
    let one = [("load_balancers", r#"{ lb-01 = { address = "192.168.30.21/24" } }"#), ("vip", "")];
    let single = apply(&workspace, &one);
    assert_eq!(single["keepalived_conf"], serde_json::json!({}));
    assert_eq!(single["host"], "192.168.30.21");
    assert_eq!(single["load_balancers"]["lb-01"]["priority"], serde_json::Value::Null);
    assert_eq!(single["haproxy_cfg"], golden("single/haproxy.cfg"));
    assert_eq!(apply(&workspace, &[])["keepalived_conf"]["lb-02"], golden("guide/lb-02/keepalived.conf"));
}

#[test]
fn a_warning_comes_with_its_cause_and_not_again() {
    let workspace = workspace(&need!(programs::terraform()));
    let short = [("haproxy", r#"{ timeouts = { tunnel = "30s" } }"#)];
    workspace.main(&(header() + &resource("this", &short)));
    assert!(workspace.plan().stdout.contains("Warning: Silent connections are cut early"));
    apply(&workspace, &short);
    assert!(!workspace.plan().ok().said().contains("Warning: Silent"));
}

#[test]
fn a_destroy_forgets_it() {
    let workspace = workspace(&need!(programs::terraform()));
    apply(&workspace, &[]);
    workspace.destroy().ok();
    assert_eq!(workspace.attributes(THIS), None);
}

#[test]
fn an_import_is_refused_with_the_reason() {
    let workspace = workspace(&need!(programs::terraform()));
    workspace.main(&(header() + &resource("this", &[])));
    let said = workspace.import(THIS, "x").with_status(1).flat();
    assert!(said.contains("Import is not supported") && said.contains("nothing to import as \"x\""), "{said}");
    assert_eq!(workspace.attributes(THIS), None);
}
