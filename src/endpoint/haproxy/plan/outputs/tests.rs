use super::*;
use crate::endpoint::haproxy::sample::{config, hosts, nested, nodes, second_cluster, single, vips, whole, with};

fn texts(items: &[&str]) -> Value {
    Value::list(items.iter().map(|item| (*item).into()))
}

fn keys(value: &Value) -> Vec<&str> {
    value.entries().expect("a map with known keys").keys().map(String::as_str).collect()
}

#[test]
fn the_vip_is_what_clients_dial() {
    let object = whole(&config([]));
    assert_eq!(object["host"], "192.168.30.30".into());
    assert_eq!(object["kubernetes_api_endpoint"], "https://192.168.30.30:6443".into());
    assert_eq!(object["talos_api_endpoint"], "192.168.30.30:50000".into());
    assert_eq!(object["talosctl_endpoints"], texts(&["192.168.30.30"]));
    assert_eq!(object["machine_cert_sans"], texts(&["192.168.30.30"]));
    assert_eq!(object["api_server_cert_sans"], texts(&[]));
    assert_eq!(keys(&object["patches"]), ["cp-01", "cp-02", "cp-03"]);
    assert_eq!(keys(&object["keepalived_conf"]), ["lb-01", "lb-02"]);
}

#[test]
fn a_single_load_balancer_is_dialled_itself() {
    let object = whole(&single([]));
    assert_eq!(object["host"], "192.168.30.21".into());
    assert_eq!(object["machine_cert_sans"], texts(&["192.168.30.21"]));
    assert_eq!(object["keepalived_conf"], Value::Map(Default::default()));
}

#[test]
fn every_name_is_in_the_certificates() {
    let changes = || {
        [
            ("host", "api.example.org".into()),
            ("talos_version", "v1.12".into()),
            ("additional_vips", vips(&["2001:DB8::30"])),
        ]
    };
    let object = whole(&config(changes()));
    assert_eq!(object["host"], "api.example.org".into());
    assert_eq!(object["machine_cert_sans"], texts(&["api.example.org", "192.168.30.30", "2001:db8::30"]));
    assert_eq!(object["api_server_cert_sans"], texts(&["192.168.30.30", "2001:db8::30"]));
    let patches = object["control_plane_config_patches"].elements().unwrap();
    assert_eq!(patches.len(), 2);
    let direct =
        whole(&config([("vip", Value::Null), ("host", "api.example.org".into()), ("talos_version", "v1.12".into())]));
    assert_eq!(direct["machine_cert_sans"], texts(&["api.example.org", "192.168.30.21", "192.168.30.22"]));
    assert_eq!(direct["keepalived_conf"], Value::Map(Default::default()));
}

#[test]
fn its_own_name_as_host_counts_as_unset() {
    let object = whole(&config([("host", "192.168.30.30".into())]));
    assert_eq!(object["machine_cert_sans"], texts(&["192.168.30.30"]));
    let other_spelling = [
        ("load_balancers", hosts(&["2001:db8::21", "2001:db8::22"])),
        ("control_plane", nodes(&["2001:db8::31"])),
        ("vip", "2001:db8::30".into()),
        ("host", "2001:DB8:0::30".into()),
    ];
    let object = whole(&config(other_spelling));
    assert_eq!(object["machine_cert_sans"], texts(&["2001:db8::30"]));
    // Terraform holds the provider to the spelling of what the configuration sets.
    assert_eq!(object["host"], "2001:DB8:0::30".into());
    assert_eq!(object["kubernetes_api_endpoint"], "https://[2001:db8::30]:6443".into());
    assert_eq!(whole(&single([("host", "192.168.30.21".into())]))["api_server_cert_sans"], texts(&[]));
}

#[test]
fn a_host_that_is_another_vip_is_one_name_in_any_spelling() {
    let object = whole(&config([
        ("host", "2001:DB8:0::30".into()),
        ("additional_vips", vips(&["2001:db8::30"])),
        ("talos_version", "v1.12".into()),
    ]));
    assert_eq!(object["machine_cert_sans"], texts(&["2001:db8::30", "192.168.30.30"]));
    assert_eq!(object["api_server_cert_sans"], texts(&["192.168.30.30"]));
}

/// With one name there is no patch that needs a version; how many there are is known at apply.
#[test]
fn an_unknown_vip_may_be_the_host() {
    let vip = Value::UNKNOWN_NOT_NULL;
    let object = whole(&config([("host", "192.168.30.30".into()), ("vip", vip.clone())]));
    assert_eq!(object["machine_cert_sans"], Value::UNKNOWN_NOT_NULL);
    assert_eq!(object["api_server_cert_sans"], Value::UNKNOWN_NOT_NULL);
    assert_eq!(object["kubernetes_api_endpoint"], "https://192.168.30.30:6443".into());
    let named = whole(&config([("host", "api.example.org".into()), ("vip", vip), ("talos_version", "v1.12".into())]));
    assert_eq!(named["machine_cert_sans"].elements().unwrap().len(), 2);
}

#[test]
fn listeners_that_are_off_have_no_endpoint() {
    let object = whole(&config([nested("talos_api", [("enabled", false.into())])]));
    assert_eq!(object["talos_api_endpoint"], Value::Null);
    assert_eq!(object["talosctl_endpoints"], texts(&["192.168.30.31", "192.168.30.32", "192.168.30.33"]));
    let moved = whole(&config([nested("talos_api", [("port", 50010.into())])]));
    assert_eq!(moved["talosctl_endpoints"], texts(&["192.168.30.30:50010"]));
}

#[test]
fn an_unknown_node_leaves_keepalived_known() {
    let unknown = with(nodes(&["192.168.30.31"]), "cp-01", [("address", Value::UNKNOWN)]);
    let object = whole(&config([("control_plane", unknown)]));
    assert_eq!(object["haproxy_cfg"], Value::UNKNOWN_NOT_NULL);
    assert!(object["keepalived_conf"].is_wholly_known());
    // It may be a DNS name, which its certificate needs.
    let patches = object["patches"].entries().unwrap();
    assert!(patches["cp-01"].is_unknown() && patches.values().skip(1).all(Value::is_wholly_known));
    assert_eq!(keys(&object["nodes"]), keys(&object["patches"]));
}

#[test]
fn an_unknown_vip_leaves_the_hosts_known() {
    let object = whole(&config([("vip", Value::UNKNOWN)]));
    assert_eq!(keys(&object["keepalived_conf"]), ["lb-01", "lb-02"]);
    assert_eq!(object["keepalived_conf"].entries().unwrap()["lb-01"], Value::UNKNOWN_NOT_NULL);
    assert_eq!(object["machine_cert_sans"], Value::list([Value::UNKNOWN_NOT_NULL]));
    assert!(object["control_plane_config_patches"].is_unknown(), "as a whole");
    assert_eq!(object["talosctl_endpoints"].elements().unwrap().len(), 1);
}

#[test]
fn an_unknown_keepalived_setting_leaves_haproxy_known() {
    let object = whole(&config([nested("keepalived", [("virtual_router_id", Value::UNKNOWN)])]));
    assert!(object["haproxy_cfg"].is_wholly_known());
    assert_eq!(keys(&object["keepalived_conf"]), ["lb-01", "lb-02"]);
    assert_eq!(object["host"], "192.168.30.30".into());
}

/// An unknown `host` may turn out to be null or the VIP: then there is one name fewer.
#[test]
fn an_unknown_number_of_names_promises_nothing() {
    for change in [("host", Value::UNKNOWN), ("additional_vips", Value::UNKNOWN)] {
        let object = whole(&config([change, ("talos_version", "v1.12".into())]));
        assert_eq!(object["machine_cert_sans"], Value::UNKNOWN_NOT_NULL);
        assert_eq!(object["api_server_cert_sans"], Value::UNKNOWN_NOT_NULL);
        assert_eq!(keys(&object["patches"]), ["cp-01", "cp-02", "cp-03"]);
    }
}

#[test]
fn a_vip_of_services_is_none_of_the_endpoint_s_names() {
    let object = whole(&second_cluster());
    assert_eq!(object["machine_cert_sans"], Value::list(["192.168.30.30".into()]));
    assert_eq!(object["api_server_cert_sans"], Value::list([]));
    assert!(object["haproxy_cfg"].as_str().unwrap().contains("bind 192.168.30.40:6443 transparent"));
    // While it isn't known whose a virtual IP is, the names aren't counted.
    let mut unknown = second_cluster();
    unknown.insert("additional_services".into(), Value::UNKNOWN);
    unknown.insert("talos_version".into(), "v1.12".into());
    assert!(whole(&unknown)["machine_cert_sans"].is_unknown());
    assert_eq!(whole(&unknown)["haproxy_cfg"], Value::UNKNOWN_NOT_NULL);
}
