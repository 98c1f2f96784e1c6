use serde_json::{Value as Json, json};

use super::{diagnostics_of, stored};

/// `PATH: TITLE: DETAIL` of what the contract warns of when `before` becomes `after`.
fn moved(before: Json, after: Json) -> String {
    let titles = ["The endpoint moves", "The endpoint leaves its host", "The form of the patches changes"];
    let found = diagnostics_of(after, Some(&stored(before)));
    let found = found.iter().filter(|warning| titles.contains(&warning.title.as_str()));
    found.map(|one| format!("{}: {}: {}", one.path, one.title, one.detail)).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_virtual_ip_that_moves_is_in_kubeconfigs_and_never_in_talosconfigs() {
    let warning = moved(json!({}), json!({"vip": "192.168.0.16"}));
    assert!(warning.contains("(1) keep 192.168.0.15, in `additional_vips`; (2) apply"), "{warning}");
    assert!(!warning.contains("talosconfigs") && !warning.contains("50000"), "{warning}");
}

#[test]
fn a_host_that_stays_at_the_old_virtual_ip_is_left() {
    let host = json!({"host": "192.168.0.15"});
    let warning = moved(host, json!({"host": "192.168.0.15", "vip": "192.168.0.16"}));
    assert!(
        warning.starts_with("host: The endpoint leaves its host: Clients go on dialling 192.168.0.15"),
        "{warning}"
    );
    let kept = json!([{"address": "192.168.0.15"}]);
    let after = json!({"host": "192.168.0.15", "vip": "192.168.0.16", "additional_vips": kept});
    assert_eq!(moved(json!({"host": "192.168.0.15"}), after), "");
}

#[test]
fn in_another_subnet_the_old_virtual_ip_has_no_place() {
    let nodes = json!({
        "cp-1": {"address": "192.168.1.10/24"},
        "cp-2": {"address": "192.168.1.11/24"},
        "cp-3": {"address": "192.168.1.12/24"},
    });
    let warning = moved(json!({}), json!({"vip": "192.168.1.15", "control_plane": nodes}));
    let advice = "A virtual IP must be in the nodes' subnet, so 192.168.0.15 ends as soon as the new configuration is \
                  in place. To avoid that, first set `host` to a DNS name";
    assert!(warning.contains(advice) && !warning.contains("additional_vips"), "{warning}");
}

#[test]
fn the_api_server_listens_on_one_port() {
    let warning = moved(json!({}), json!({"kubernetes_api": {"port": 443}}));
    assert!(warning.starts_with("kubernetes_api: The endpoint moves: "), "{warning}");
    assert!(warning.contains("listens on one port alone") && !warning.contains("redirection"), "{warning}");
}

#[test]
fn the_form_changes_by_its_argument_too() {
    let legacy = json!({"form": "legacy", "dhcp": false});
    let there = moved(legacy.clone(), json!({"dhcp": false}));
    assert!(
        there.starts_with("form: The form of the patches changes: The patches change from the legacy form"),
        "{there}"
    );
    let back = moved(json!({"dhcp": false}), legacy);
    assert!(back.contains("from documents of their own to the legacy form"), "{back}");
    assert_eq!(moved(json!({"dhcp": false}), json!({"dhcp": false, "form": "document"})), "");
}
