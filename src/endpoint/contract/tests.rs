use super::*;

fn contract(host: Maybe<String>, others: Vec<Maybe<String>>, version: Option<&str>) -> Contract {
    Contract {
        host,
        other_names: others,
        kubernetes_api_port: Maybe::Known(Some(6443)),
        talos_api_port: Maybe::Known(Some(50000)),
        talos_version: Maybe::Known(version.and_then(TalosVersion::parse)),
        nodes: Maybe::Known(vec![]),
    }
}

fn written(contract: &Contract) -> Object {
    let mut object = Object::new();
    contract.write(&mut object);
    object
}

#[test]
fn a_plain_endpoint() {
    let object = written(&contract(Maybe::Known("lb.example".into()), vec![Maybe::Known("lb.example".into())], None));
    assert_eq!(object["kubernetes_api_endpoint"], "https://lb.example:6443".into());
    assert_eq!(object["talos_api_endpoint"], "lb.example:50000".into());
    assert_eq!(object["talosctl_endpoints"], Value::list(["lb.example".into()]));
    assert_eq!(object["api_server_cert_sans"], Value::list([]));
    assert_eq!(
        object["control_plane_config_patches"],
        Value::list([r#"{"machine":{"certSANs":["lb.example"]}}"#.into()])
    );
}

#[test]
fn ipv6_is_bracketed_in_urls_only() {
    let mut facts = contract(Maybe::Known("2001:db8::1".into()), vec![], None);
    facts.talos_api_port = Maybe::Known(Some(50010));
    let object = written(&facts);
    assert_eq!(object["host"], "2001:db8::1".into());
    assert_eq!(object["kubernetes_api_endpoint"], "https://[2001:db8::1]:6443".into());
    assert_eq!(object["talosctl_endpoints"], Value::list(["[2001:db8::1]:50010".into()]));
}

#[test]
fn extra_names_take_the_form_of_the_version() {
    let names = vec![Maybe::Known("nlb.aws".into())];
    let host = Maybe::Known("api.example".to_owned());
    let last = |version| {
        let object = written(&contract(host.clone(), names.clone(), version));
        object["control_plane_config_patches"].elements().unwrap().last().cloned().unwrap()
    };
    assert_eq!(last(Some("v1.13")), r#"{"cluster":{"apiServer":{"certSANs":["nlb.aws"]}}}"#.into());
    assert_eq!(
        last(Some("1.14.0-rc.1")),
        r#"{"apiVersion":"v1alpha1","certExtraSANs":["nlb.aws"],"kind":"KubeAPIServerConfig"}"#.into()
    );
    assert!(contract(host.clone(), names.clone(), None).lacks_talos_version());
    assert!(!contract(host, vec![], None).lacks_talos_version());
}

#[test]
fn lists_have_a_known_length_before_the_name_is_known() {
    let object = written(&contract(Maybe::Known("api.example".into()), vec![Maybe::Unknown], Some("v1.12")));
    assert_eq!(object["machine_cert_sans"], Value::list(["api.example".into(), Value::UNKNOWN]));
    assert_eq!(object["control_plane_config_patches"].elements().unwrap().len(), 2);
}

#[test]
fn each_node_gets_the_patches() {
    let mut facts = contract(Maybe::Known("api.example".into()), vec![], None);
    facts.nodes = Maybe::Known(vec!["cp-01".into(), "cp-02".into()]);
    let object = written(&facts);
    let patches = object["patches"].entries().unwrap();
    assert_eq!(patches.keys().collect::<Vec<_>>(), ["cp-01", "cp-02"]);
    assert!(patches.values().all(|patches| *patches == object["control_plane_config_patches"]));
    facts.nodes = Maybe::Unknown;
    assert_eq!(written(&facts)["patches"], Value::UNKNOWN_NOT_NULL);
}

#[test]
fn switched_off_is_null_and_empty() {
    let mut facts = contract(Maybe::Known("x".into()), vec![], None);
    facts.talos_api_port = Maybe::Known(None);
    assert_eq!(written(&facts)["talos_api_endpoint"], Value::Null);
    assert_eq!(written(&facts)["talosctl_endpoints"], Value::list([]));
}

#[test]
fn a_version_that_lost_its_zero_is_told_to_be_quoted() {
    let told = |version: &str| talos_version().reason(&version.into());
    assert!(told("1.1").unwrap().starts_with("If 1.10 is meant, put it in quotes, `\"v1.10\"`"));
    assert!(told("1.2").is_some() && told("1.8").is_none() && told("latest").is_none() && told("1.12").is_none());
}

#[test]
fn versions_and_hosts() {
    for good in ["v1.9", "1.12.3", "v1.14.0-rc.1", "2.0"] {
        assert!(TalosVersion::parse(good).is_some(), "{good}");
    }
    for bad in ["1.8", "v1", "latest", "1.x", "", "v1.+9"] {
        assert!(TalosVersion::parse(bad).is_none(), "{bad}");
    }
    assert!(is_host("api.example.com") && is_host("10.0.0.1") && is_host("2001:db8::1"));
    assert!(!is_host("https://x") && !is_host("x:6443") && !is_host("[::1]") && !is_host("") && !is_host("10.0.0.300"));
}
