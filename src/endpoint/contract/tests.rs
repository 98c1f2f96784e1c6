use super::*;
use crate::framework::diagnostic::Diagnostics;
use crate::framework::reader::{Maybe, Reader};
use crate::framework::value::{Object, Refinement, Value};

fn known<const N: usize>(names: [&str; N]) -> Names {
    Maybe::Known(names.map(|name| Maybe::Known(name.to_owned())).into())
}

fn contract(host: &str, others: Names, version: Option<&str>) -> Contract {
    let host = Maybe::Known(host.to_owned());
    let version = version.and_then(TalosVersion::parse);
    Contract {
        names: CertificateNames::of_host(host.clone(), others),
        host,
        kubernetes_api_port: Maybe::Known(Some(6443)),
        talos_api_port: Maybe::Known(Some(50000)),
        balances_talos_api: Maybe::Known(true),
        host_entry: known([]),
        network_documents: Maybe::Known(version.is_some_and(TalosVersion::has_network_documents)),
        talos_version: Maybe::Known(version),
        nodes: Maybe::Known(vec![]),
    }
}

fn written(contract: &Contract) -> Object {
    let mut object = Object::new();
    contract.write(&mut object);
    object
}

fn node(address: Option<&str>, endpoint: Option<&str>) -> Node {
    let text = |text: Option<&str>| Maybe::Known(text.map(str::to_owned));
    Node { name: "cp-01".into(), address: text(address), endpoint: text(endpoint), patches: known([]) }
}

#[test]
fn a_plain_endpoint() {
    let object = written(&contract("lb.example", known(["lb.example"]), None));
    assert_eq!(object["kubernetes_api_endpoint"], "https://lb.example:6443".into());
    assert_eq!(object["talos_api_endpoint"], "lb.example:50000".into());
    assert_eq!(object["talosctl_endpoints"], Value::list(["lb.example".into()]));
    assert_eq!(object["api_server_cert_sans"], Value::list([]));
    let patch = r#"{"machine":{"certSANs":["lb.example"]}}"#;
    assert_eq!(object["control_plane_config_patches"], Value::list([patch.into()]));
    assert_eq!(object["worker_config_patches"], Value::list([]));
    assert_eq!(object["nodes"], Value::Map(Object::new()));
    let names: Vec<&str> = outputs().iter().map(|attribute| attribute.name).chain([HOST]).collect();
    assert!(object.keys().all(|name| names.contains(&name.as_str())) && object.len() == names.len());
}

#[test]
fn ipv6_is_bracketed_in_urls_only() {
    let mut exported = contract("2001:db8::1", known([]), None);
    exported.talos_api_port = Maybe::Known(Some(50010));
    let object = written(&exported);
    assert_eq!(object["host"], "2001:db8::1".into());
    assert_eq!(object["kubernetes_api_endpoint"], "https://[2001:db8::1]:6443".into());
    assert_eq!(object["talosctl_endpoints"], Value::list(["[2001:db8::1]:50010".into()]));
}

#[test]
fn extra_names_take_the_form_of_the_version() {
    let last = |version| {
        let object = written(&contract("api.example", known(["nlb.aws"]), version));
        object["control_plane_config_patches"].elements().unwrap().last().cloned().unwrap()
    };
    assert_eq!(last(Some("v1.13")), r#"{"cluster":{"apiServer":{"certSANs":["nlb.aws"]}}}"#.into());
    assert_eq!(
        last(Some("1.14.0-rc.1")),
        r#"{"apiVersion":"v1alpha1","certExtraSANs":["nlb.aws"],"kind":"KubeAPIServerConfig"}"#.into()
    );
    let needed = |names: Names, version| contract("api.example", names, version).needs_talos_version();
    assert_eq!(
        needed(known(["nlb.aws", "vpn"]), None),
        ["the further names in the API server's certificate (nlb.aws, vpn)"]
    );
    assert!(needed(Maybe::Known(vec![Maybe::Unknown]), None)[0].ends_with("(one that is known after the apply)"));
    assert!(needed(known([]), None).is_empty() && needed(known(["nlb.aws"]), Some("v1.13")).is_empty());
}

#[test]
fn names_have_a_known_length_and_patches_are_whole_or_unknown() {
    let mut exported = contract("api.example", Maybe::Known(vec![Maybe::Unknown]), Some("v1.12"));
    exported.nodes = Maybe::Known(vec![node(Some("192.0.2.11"), None)]);
    let object = written(&exported);
    assert_eq!(object["machine_cert_sans"], Value::list(["api.example".into(), Value::UNKNOWN_NOT_NULL]));
    let two = Value::Unknown(Refinement { not_null: true, min_length: 2 });
    assert_eq!(object["control_plane_config_patches"], two);
    assert_eq!(object["patches"], Value::Map([("cp-01".to_owned(), two)].into()));
    exported.nodes = Maybe::Unknown;
    exported.names = CertificateNames::of_host(Maybe::Known("api.example".into()), Maybe::Unknown);
    let object = written(&exported);
    for name in ["machine_cert_sans", "control_plane_config_patches", "patches", "nodes"] {
        assert_eq!(object[name], Value::UNKNOWN_NOT_NULL, "{name}");
    }
    assert_eq!(object["worker_config_patches"], Value::list([]));
}

#[test]
fn each_node_gets_its_own_patches_before_those_of_all() {
    let mut exported = contract("api.example", known([]), None);
    let own = Node { patches: known(["own"]), ..node(Some("192.0.2.11"), Some("CP-01.example")) };
    let named = Node::at("cp-02", Maybe::Known("cp-02.example".into()));
    let unknown = Node::at("cp-03", Maybe::Unknown);
    exported.nodes = Maybe::Known(vec![own, named, unknown]);
    let object = written(&exported);
    let patches = object["patches"].entries().unwrap();
    let all = r#"{"machine":{"certSANs":["api.example"]}}"#;
    let certificate = |name: &str| Value::from(format!(r#"{{"machine":{{"certSANs":["{name}"]}}}}"#));
    assert_eq!(patches["cp-01"], Value::list(["own".into(), certificate("CP-01.example"), all.into()]));
    assert_eq!(patches["cp-02"], Value::list([certificate("cp-02.example"), all.into()]));
    assert!(patches["cp-03"].is_unknown());
    let nodes = object["nodes"].entries().unwrap();
    let pair = |address: Value, endpoint: Value| {
        Value::Object([("address".to_owned(), address), ("endpoint".to_owned(), endpoint)].into())
    };
    assert_eq!(nodes["cp-01"], pair("192.0.2.11".into(), "CP-01.example".into()));
    assert_eq!(nodes["cp-02"], pair(Value::Null, "cp-02.example".into()));
    assert_eq!(nodes["cp-03"], pair(Value::UNKNOWN, Value::UNKNOWN));
}

#[test]
fn a_name_that_all_certificates_have_is_not_added_again() {
    let of = |names: Names| {
        let mut exported = contract("api.example", known([]), Some("v1.12"));
        exported.names = exported.names.with(&names);
        exported.nodes = Maybe::Known(vec![node(Some("192.0.2.11"), Some("CP-01.example"))]);
        written(&exported)["patches"].entries().unwrap()["cp-01"].clone()
    };
    let patches = of(known(["cp-01.example"]));
    assert_eq!(patches.elements().unwrap().len(), 2, "one for each certificate: {patches:?}");
    assert_eq!(of(known(["vpn.example"])).elements().unwrap().len(), 3);
    // It may turn out to be that one: not even how many there are is known.
    assert_eq!(of(Maybe::Known(vec![Maybe::Unknown])), Value::UNKNOWN_NOT_NULL);
}

#[test]
fn talosctl_dials_the_nodes_where_the_endpoint_doesn_t_serve_it() {
    let mut exported = contract("x", known([]), None);
    exported.talos_api_port = Maybe::Known(None);
    assert_eq!(written(&exported)["talos_api_endpoint"], Value::Null);
    assert_eq!(written(&exported)["talosctl_endpoints"], Value::list([]));
    exported.nodes = Maybe::Known(vec![
        node(Some("2001:DB8::11"), None),
        node(Some("192.0.2.11"), Some("cp-01.example")),
        node(None, None),
    ]);
    let nodes = Value::list(["2001:db8::11".into(), "cp-01.example".into()]);
    assert_eq!(written(&exported)["talosctl_endpoints"], nodes);
    exported.talos_api_port = Maybe::Known(Some(50000));
    assert_eq!(written(&exported)["talosctl_endpoints"], Value::list(["x".into()]));
    exported.balances_talos_api = Maybe::Known(false);
    assert_eq!(written(&exported)["talosctl_endpoints"], nodes);
    exported.nodes = Maybe::Known(vec![Node { endpoint: Maybe::Unknown, ..node(Some("192.0.2.11"), None) }]);
    assert_eq!(written(&exported)["talosctl_endpoints"], Value::list([Value::UNKNOWN_NOT_NULL]));
    exported.nodes = Maybe::Known(vec![Node::at("cp-01", Maybe::Unknown)]);
    assert_eq!(written(&exported)["talosctl_endpoints"], Value::UNKNOWN_NOT_NULL);
    exported.balances_talos_api = Maybe::Unknown;
    assert_eq!(written(&exported)["talosctl_endpoints"], Value::UNKNOWN_NOT_NULL);
}

#[test]
fn host_entries_take_the_form_of_the_version_and_reach_workers() {
    let entry = |version: Option<&str>| {
        let mut exported = contract("api.example", known([]), version);
        exported.host_entry = known(["192.0.2.30", "2001:db8::30"]);
        assert_eq!(exported.needs_talos_version(), if version.is_none() { vec!["`host_entry`"] } else { vec![] });
        let object = written(&exported);
        let all = object["control_plane_config_patches"].elements().unwrap().to_vec();
        let workers = object["worker_config_patches"].elements().unwrap().to_vec();
        assert_eq!(all[1..], workers[..], "the control plane has the names beside");
        workers
    };
    let legacy = r#"{"machine":{"network":{"extraHostEntries":[{"aliases":["api.example"],"ip":"192.0.2.30"},{"aliases":["api.example"],"ip":"2001:db8::30"}]}}}"#;
    assert_eq!(entry(Some("v1.11")), [legacy.into()]);
    let document = |ip: &str| {
        format!(r#"{{"apiVersion":"v1alpha1","hostnames":["api.example"],"kind":"StaticHostConfig","name":"{ip}"}}"#)
    };
    let documents = [document("192.0.2.30").into(), document("2001:db8::30").into()];
    assert_eq!(entry(Some("v1.12")), documents);
    assert_eq!(entry(Some("v1.14")), documents);
    entry(None);
}

/// The problems of these inputs, as `PATH: DETAIL`.
fn problems(inputs: &[(&str, Value)], check: impl Fn(&Reader<'_>, &mut Diagnostics)) -> Vec<String> {
    let mut object = Object::from([HOST, ADDITIONAL_NAMES, HOST_ENTRY].map(|name| (name.to_owned(), Value::Null)));
    object.extend(inputs.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
    let mut diagnostics = Diagnostics::new();
    check(&Reader::new(&object), &mut diagnostics);
    diagnostics.iter().map(|problem| format!("{}: {}", problem.path, problem.detail)).collect()
}

#[test]
fn a_name_is_given_once() {
    let check = |names: Value| {
        let taken = [(crate::framework::path::Path::of("vip"), "2001:db8::1".to_owned())];
        problems(&[(ADDITIONAL_NAMES, names)], |inputs, diagnostics| repeated_names(inputs, &taken, diagnostics))
    };
    assert_eq!(check(Value::list(["a.example".into(), "192.0.2.1".into(), Value::UNKNOWN])), [""; 0]);
    assert_eq!(check(Value::UNKNOWN), [""; 0]);
    assert_eq!(
        check(Value::list(["2001:DB8:0::1".into()])),
        ["additional_names[0]: 2001:db8::1 is in both `vip` and `additional_names[0]`. Remove it from \
          `additional_names`."]
    );
    assert_eq!(
        check(Value::list(["A.example".into(), Value::UNKNOWN, "a.Example".into()])),
        ["additional_names[2]: a.Example is in both `additional_names[0]` and `additional_names[2]`. Remove it from \
          `additional_names`."]
    );
}

#[test]
fn a_host_entry_needs_a_name_and_one_address() {
    let check = |inputs: &[(&str, Value)], several| {
        problems(inputs, |config, diagnostics| host_entry_rules(config, several, diagnostics)).len()
    };
    let on = || (HOST_ENTRY, true.into());
    assert_eq!(check(&[on(), (HOST, "api.example".into())], None), 0);
    assert_eq!(check(&[on(), (HOST, Value::UNKNOWN)], None), 0);
    assert_eq!(check(&[on()], None), 1);
    assert_eq!(check(&[on(), (HOST, "192.0.2.1".into())], None), 1);
    assert_eq!(check(&[on(), (HOST, "api.example".into())], Some("There are several.")), 1);
    assert_eq!(check(&[on()], Some("There are several.")), 1, "one fault, one error");
    assert_eq!(check(&[(HOST, "192.0.2.1".into())], Some("There are several.")), 0);
}
