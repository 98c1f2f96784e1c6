use super::*;
use crate::endpoint::nlb::sample::{config, inventory, map, mapping, nested, planned, state};

fn outside(inventory: &Inventory) -> Outside<'_> {
    Outside {
        inventory,
        prior: None,
        region: Maybe::Known("eu-central-1".into()),
        group_names: BTreeMap::new(),
        tags_all: map(&[]),
    }
}

/// Writing the outputs of a stored object again, from its own parts, changes nothing: else no plan would ever be empty.
#[track_caller]
fn check_no_op<const N: usize>(changes: [(&str, Value); N]) {
    let config = config(changes);
    let stored = state(&config);
    let inventory = Inventory::from_state(&stored);
    for config in [&config, &stored] {
        let mut again = stored.clone();
        outputs(
            config,
            &mut again,
            &Outside { tags_all: tags_of(&stored), prior: Some(&stored), ..outside(&inventory) },
        );
        assert_eq!(again, stored);
    }
}

#[test]
fn what_is_stored_stays() {
    check_no_op([]);
    check_no_op([("tags", map(&[("team", "infra")])), ("vpc_id", "vpc-9".into())]);
    check_no_op([("host", "api.example.com".into()), ("talos_version", "v1.12".into())]);
    let off = |name: &'static str| nested(name, [("enabled", false.into())]);
    check_no_op([off("talos_api"), nested("trustd", []), nested("worker_talos_api", [("port", 50010.into())])]);
}

/// The lengths of collections before anything exists; none where that is unknown.
#[track_caller]
fn check_lengths<const N: usize>(changes: [(&str, Value); N], expected: [(&str, Option<usize>); 4]) {
    let config = config(changes);
    let mut planned = planned(&config);
    outputs(&config, &mut planned, &outside(&Inventory::default()));
    for (name, length) in expected {
        let value = &planned[name];
        let found = value.elements().map(<[_]>::len).or_else(|| value.entries().map(BTreeMap::len));
        assert_eq!(found, length, "{name} is {value:?}");
    }
}

#[test]
fn lengths_are_known_before_anything_exists() {
    let names = ["control_plane_target_group_arns", "worker_target_group_arns", "target_groups", "machine_cert_sans"];
    let with = |lengths: [usize; 4]| std::array::from_fn(|i| (names[i], Some(lengths[i])));
    check_lengths([], with([2, 0, 2, 1]));
    let worker = || nested("worker_talos_api", [("port", 50010.into())]);
    check_lengths([worker(), nested("trustd", [])], with([3, 1, 4, 1]));
    let pinned = mapping([("subnet_id", "a".into()), ("private_ipv4_address", "10.0.0.1".into())]);
    let changes = [
        ("host", "api.example.com".into()),
        ("subnet_ids", Value::Null),
        ("subnet_mappings", pinned),
        ("talos_version", "v1.12".into()),
    ];
    check_lengths(changes, with([2, 0, 2, 3]));
    let unknown = nested("talos_api", [("enabled", Value::UNKNOWN)]);
    let expected = std::array::from_fn(|i| (names[i], (i == 3).then_some(1)));
    check_lengths([unknown], expected);
}

#[test]
fn what_is_off_is_null() {
    let stored = state(&config([nested("talos_api", [("enabled", false.into())])]));
    for name in ["talos_api_target_group_arn", "worker_talos_api_target_group_arn", "talos_api_endpoint"] {
        assert_eq!(stored[name], Value::Null, "{name}");
    }
    assert_eq!(stored["talosctl_endpoints"], Value::list([]));
    let config = config([("worker_talos_api", Value::UNKNOWN)]);
    let mut planned = planned(&config);
    outputs(&config, &mut planned, &outside(&Inventory::default()));
    assert_eq!(planned["worker_talos_api_target_group_arn"], Value::UNKNOWN);
    assert_eq!(planned["kubernetes_api_target_group_arn"], Value::UNKNOWN_NOT_NULL);
}

#[test]
fn outputs_say_what_exists() {
    let config = config([("host", "api.example.com".into()), ("talos_version", "v1.12".into())]);
    let stored = state(&config);
    let exists = inventory(&config);
    let balancer = exists.balancer.as_ref().unwrap();
    assert_eq!(stored["arn_suffix"], "net/prod-api-nlb/1".into());
    assert_eq!(stored["id"], stored["arn"]);
    assert_eq!(stored["host"], "api.example.com".into());
    assert_eq!(stored["kubernetes_api_endpoint"], "https://api.example.com:6443".into());
    assert_eq!(stored["machine_cert_sans"], Value::list(["api.example.com".into(), balancer.dns_name.as_str().into()]));
    assert_eq!(stored["api_server_cert_sans"], Value::list([balancer.dns_name.as_str().into()]));
    let group = stored["target_groups"].entries().unwrap()["talos_api"].clone();
    assert_eq!(group.attribute("name"), Some(&"prod-apid-tg".into()));
    assert_eq!(group.attribute("port"), Some(&50000.into()));
    assert_eq!(group.attribute("arn"), Some(&stored["talos_api_target_group_arn"]));
}
