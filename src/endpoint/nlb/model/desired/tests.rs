use super::*;
use crate::endpoint::golden;
use crate::endpoint::nlb::model::settings::SETTINGS;
use crate::endpoint::nlb::sample::{check_of, config, map, mapping, nested, planned, state_inputs};
use crate::framework::value::Value;

/// Everything that `changes` want, as `tests/golden/nlb/<case>/desired.txt`.
#[track_caller]
fn check<const N: usize>(case: &str, changes: [(&str, Value); N]) {
    let spec = Spec::read(&state_inputs(&config(changes)), SETTINGS).unwrap();
    golden::check(&format!("nlb/{case}/desired.txt"), &Desired::of(&spec).to_string());
}

#[test]
fn settings_in_full() {
    check("minimal", []);
    let pinned = mapping([
        ("subnet_id", "subnet-a".into()),
        ("private_ipv4_address", "10.0.0.1".into()),
        ("ipv6_address", "2001:db8::1".into()),
    ]);
    let https = check_of(Role::KubernetesApi, [("protocol", "HTTPS".into()), ("matcher", "200,401".into())]);
    check(
        "full",
        [
            ("name", Value::Null),
            ("load_balancer_name", "lb".into()),
            ("vpc_id", "vpc-1".into()),
            ("subnet_ids", Value::Null),
            ("subnet_mappings", pinned),
            ("security_group_ids", Value::set(["sg-2".into(), "sg-1".into()])),
            ("ip_address_type", "dualstack".into()),
            ("target_type", "ip".into()),
            ("enable_deletion_protection", true.into()),
            ("deregistration_delay", 60.into()),
            ("connection_termination", false.into()),
            ("tcp_idle_timeout", 600.into()),
            ("tags", map(&[("team", "infra")])),
            nested(
                "kubernetes_api",
                [("port", 443.into()), ("target_group_name", "k".into()), ("health_check", https)],
            ),
            nested("talos_api", [("enabled", false.into())]),
            nested("worker_talos_api", [("port", 50010.into()), ("target_group_name", "w".into())]),
            nested("trustd", [("target_group_name", "t".into())]),
        ],
    );
}

#[test]
fn only_what_is_wholly_known_is_wanted() {
    for name in ["internal", "subnet_ids", "security_group_ids", "tcp_idle_timeout", "talos_api", "name"] {
        let mut object = state_inputs(&config([]));
        object.insert(name.to_owned(), Value::UNKNOWN);
        assert_eq!(Spec::read(&object, SETTINGS), None, "{name}");
    }
    // The VPC may be what only AWS can say.
    let mut object = planned(&config([("vpc_id", Value::UNKNOWN)]));
    object.insert("tags_all".into(), map(&[]));
    assert_eq!(Spec::read(&object, SETTINGS).unwrap().vpc_id, None);
}
