use super::*;
use crate::endpoint::nlb::plan::outputs::configured_host;
use crate::endpoint::nlb::sample::{self, changed, config, in_full, map, mapping, nested, said, state};
use crate::framework::diagnostic::Diagnostics;
use crate::framework::private::Private;

/// What a plan makes of `prior` (as the engine hands it over) and of `private`, and what it says.
fn planned(config: &Object, prior: Option<&Object>, private: &mut Private) -> (Object, Vec<String>) {
    let mut planned = sample::planned(config);
    if let Some(prior) = prior {
        for name in ["vpc_id", "region", "id", "arn", "arn_suffix", "dns_name", "zone_id"] {
            if planned[name].is_null() {
                planned.insert(name.to_owned(), prior[name].clone());
            }
        }
    }
    let (mut replace, mut diagnostics) = (Vec::new(), Diagnostics::new());
    let tags = Maybe::Known(BTreeMap::new());
    let request = &mut Plan {
        config,
        prior,
        planned: &mut planned,
        private,
        replace: &mut replace,
        diagnostics: &mut diagnostics,
    };
    plan(request, tags);
    (planned, said(&diagnostics))
}

/// An update from `before` to `after` shows changes of the attributes `expected`.
#[track_caller]
fn check<const N: usize, const M: usize>(before: [(&str, Value); N], after: [(&str, Value); M], expected: &[&str]) {
    let prior = state(&config(before));
    let (planned, said) = planned(&config(after), Some(&prior), &mut Private::new());
    assert_eq!(said, Vec::<String>::new());
    assert_eq!(changed(&prior, &planned), expected);
}

#[test]
fn only_what_changes_is_shown() {
    check([], [], &[]);
    check([], [("deregistration_delay", 60.into())], &["deregistration_delay"]);
    check([], [("tags", map(&[("a", "1")]))], &["tags", "tags_all"]);
    let common = nested("health_check", [("interval", 30.into())]);
    check([], [common], &["health_check", "kubernetes_api", "talos_api"]);
    check([], [nested("trustd", [])], &["control_plane_target_group_arns", "listener_arns", "target_groups", "trustd"]);
}

#[test]
fn another_port_moves_the_endpoint() {
    let prior = state(&config([]));
    let other = config([nested("kubernetes_api", [("port", 443.into())])]);
    let (planned, said) = planned(&other, Some(&prior), &mut Private::new());
    assert_eq!(changed(&prior, &planned), ["kubernetes_api", "kubernetes_api_endpoint"]);
    assert_eq!(said, ["[kubernetes_api: The endpoint moves]"]);
}

#[test]
fn the_endpoint_s_own_name_is_no_host() {
    let prior = state(&config([]));
    let own = prior["dns_name"].clone();
    let (planned, said) = planned(&config([("host", own)]), Some(&prior), &mut Private::new());
    assert_eq!((changed(&prior, &planned), said), (vec![], vec![]));
    let host = |config: &Object| configured_host(config, Some(&prior));
    assert_eq!(host(&config([("host", "x.example".into())])), Maybe::Known(Some("x.example".to_owned())));
    assert_eq!(host(&config([("host", Value::UNKNOWN)])), Maybe::Unknown);
}

#[test]
fn a_create_knows_what_it_can() {
    let (planned, said) = planned(&config([]), None, &mut Private::new());
    assert_eq!(said, Vec::<String>::new());
    assert_eq!(planned["arn"], Value::UNKNOWN_NOT_NULL);
    assert_eq!(planned["region"], Value::UNKNOWN_NOT_NULL);
    assert_eq!(planned["worker_talos_api_target_group_arn"], Value::Null);
    assert_eq!(planned["machine_cert_sans"].elements().unwrap().len(), 1);
    assert_eq!(
        planned["target_groups"].entries().unwrap()["kubernetes_api"].attribute("name"),
        Some(&"prod-api-tg".into())
    );
}

#[test]
fn own_tags_win_over_the_defaults() {
    let all = |tags: Value, defaults: &[(&str, &str)]| {
        let defaults = defaults.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        tags_all(&config([("tags", tags)]), Maybe::Known(defaults))
    };
    assert_eq!(
        all(map(&[("a", "own")]), &[("a", "default"), ("b", "default")]),
        map(&[("a", "own"), ("b", "default")])
    );
    assert_eq!(all(Value::Null, &[("a", "default")]), map(&[("a", "default")]));
    assert_eq!(all(Value::UNKNOWN, &[("a", "default")]), Value::UNKNOWN_NOT_NULL);
    assert_eq!(tags_all(&config([]), Maybe::Unknown), Value::UNKNOWN_NOT_NULL);
}

#[test]
fn a_tag_whose_value_is_not_known_yet_hides_no_other() {
    let later = Value::Map([("a".to_owned(), Value::UNKNOWN)].into());
    let all = tags_all(&config([("tags", later)]), Maybe::Known([("b".to_owned(), "default".to_owned())].into()));
    assert_eq!(all, Value::Map([("a".to_owned(), Value::UNKNOWN), ("b".to_owned(), "default".into())].into()));
}

#[test]
fn another_address_family_needs_new_groups_and_says_so_once() {
    let dual = || ("ip_address_type", "dualstack".into());
    let prior = state(&config([dual()]));
    let six = config([dual(), ("target_ip_address_type", "ipv6".into())]);
    let (planned_six, said) = planned(&six, Some(&prior), &mut Private::new());
    assert_eq!(said, ["[target_ip_address_type: A new target group takes over]"]);
    let name = |planned: &Object, role: &str| {
        let groups = planned["target_groups"].entries().unwrap();
        groups[role].attribute("name").unwrap().as_str().unwrap().to_owned()
    };
    let successor = name(&planned_six, "talos_api");
    assert_eq!(successor, group_replacement::name("prod-apid-tg", 50000, "instance", "vpc-1", "ipv6"));
    // A run that ended half-way has replaced one of them.
    let mut half = prior.clone();
    let Some(Value::Map(groups)) = half.get_mut("target_groups") else { unreachable!() };
    let Some(Value::Object(group)) = groups.get_mut("talos_api") else { unreachable!() };
    group.insert("name".into(), successor.clone().into());
    let (again, _) = planned(&six, Some(&half), &mut Private::new());
    assert_eq!(again["talos_api_target_group_arn"], prior["talos_api_target_group_arn"], "replaced again");
    assert_eq!(again["kubernetes_api_target_group_arn"], Value::UNKNOWN_NOT_NULL);
    assert_eq!(name(&again, "kubernetes_api"), name(&planned_six, "kubernetes_api"));
}

#[test]
fn pinned_addresses_without_a_version_stop_an_apply_and_no_destroy() {
    let pinned = |address: &str| {
        let mappings = mapping([("subnet_id", "subnet-a".into()), ("private_ipv4_address", address.into())]);
        [("subnet_ids", Value::Null), ("subnet_mappings", mappings)]
    };
    let version = |of: [(&'static str, Value); 2]| {
        let mut object = config(of);
        object.insert("talos_version".into(), "v1.12".into());
        object
    };
    let said = |config: &Object, prior: Option<&Object>| planned(config, prior, &mut Private::new()).1;
    let (without, prior) = (config(pinned("10.0.0.10")), state(&version(pinned("10.0.0.10"))));
    assert_eq!(said(&without, None), ["talos_version: No Talos version"]);
    assert_eq!(said(&config(pinned("10.0.0.11")), Some(&prior)), ["talos_version: No Talos version"]);
    // The first plan of a destroy looks like this one.
    assert_eq!(said(&without, Some(&prior)), ["[talos_version: No Talos version]"]);
    let mut diagnostics = Diagnostics::new();
    diagnostics.push(rules::versions::addresses_without_version(&without, Some(&prior), &without).unwrap());
    assert!(in_full(&diagnostics).contains("10.0.0.10)"), "{diagnostics:?}");
    // Of names that are only the configuration's, the validation speaks.
    rules::rules(&without, &sample::planned(&without), &mut diagnostics);
    assert_eq!(diagnostics.iter().count(), 1);
}

#[test]
fn a_refused_rename_says_nothing_of_groups() {
    let prior = state(&config([]));
    let (_, said) = planned(&config([("name", "other".into())]), Some(&prior), &mut Private::new());
    assert_eq!(said, ["name: This change would replace the load balancer"]);
}

fn group_replacement_text(config: &Object, prior: &Object) -> String {
    let inventory = Inventory::from_state(prior);
    let mut diagnostics = Diagnostics::new();
    let needed = group_replacement::needed(config, prior, &sample::planned(config), &inventory);
    group_replacement::review(&needed, &mut diagnostics);
    in_full(&diagnostics)
}

#[test]
fn groups_that_are_replaced_for_their_ports_are_one_warning() {
    let prior = state(&config([]));
    let port = |role: &'static str, port: i64| nested(role, [("target_port", port.into())]);
    let both = config([port("kubernetes_api", 7443), port("talos_api", 50005)]);
    let (_, said) = planned(&both, Some(&prior), &mut Private::new());
    let takes_over = group_replacement_text(&both, &prior);
    assert!(takes_over.contains("An Auto Scaling group keeps the ARN of the deleted group"), "{takes_over}");
    let of_talos = "[talos_api.target_port: Not the port of the nodes]";
    assert_eq!(said, ["[kubernetes_api.target_port: A new target group takes over]", of_talos]);
}

#[test]
fn a_listener_that_forwards_elsewhere_is_an_update_with_its_reason() {
    let prior = state(&config([]));
    let mut private = Private::new();
    Memory { misrouted: vec![Role::TalosApi], ..Memory::default() }.write(&mut private);
    let (planned, said) = planned(&config([]), Some(&prior), &mut private);
    assert_eq!(said, ["[listener_arns: A listener forwards elsewhere]"]);
    assert_eq!(changed(&prior, &planned), ["listener_arns"]);
    let arns = planned["listener_arns"].entries().unwrap();
    assert_eq!(arns["talos_api"], Value::UNKNOWN_NOT_NULL);
    assert!(arns["kubernetes_api"].as_str().is_some());
}

#[test]
fn parts_that_are_not_set_alike_are_an_update_where_nothing_else_changes() {
    let prior = state(&config([]));
    let mut private = Private::new();
    Memory { mixed_settings: true, ..Memory::default() }.write(&mut private);
    let (with_nothing_else, said) = planned(&config([]), Some(&prior), &mut private);
    assert_eq!(said, ["[listener_arns: Not all parts are set alike]"]);
    assert_eq!(changed(&prior, &with_nothing_else), ["listener_arns"]);
    let (with_a_change, said) = planned(&config([("deregistration_delay", 60.into())]), Some(&prior), &mut private);
    assert_eq!(said, Vec::<String>::new());
    assert_eq!(changed(&prior, &with_a_change), ["deregistration_delay"]);
}

/// Terraform writes the own name into a configuration that it generates.
#[test]
fn the_endpoints_own_name_as_host_needs_no_version() {
    let prior = state(&config([]));
    let own = || config([("host", prior["dns_name"].clone())]);
    let (planned_own, said) = planned(&own(), Some(&prior), &mut Private::new());
    assert_eq!((changed(&prior, &planned_own), said), (vec![], vec![]));
    let (_, said) = planned(&own(), None, &mut Private::new());
    assert_eq!(said, ["talos_version: No Talos version"]);
}

/// A group is made before another one is removed, so nobody gets a name that another group has now.
#[test]
fn a_name_that_another_group_has_until_the_end_is_taken() {
    let group = |role, name: Value| nested(role, [("target_group_name", name)]);
    let prior = state(&config([group("kubernetes_api", "a".into()), group("talos_api", "b".into())]));
    let said = |after: Object| planned(&after, Some(&prior), &mut Private::new()).1;
    let taken = |role: &str| format!("{role}.target_group_name: The target group's name is taken");
    let swapped = config([group("kubernetes_api", "b".into()), group("talos_api", "a".into())]);
    assert_eq!(said(swapped), [taken("kubernetes_api"), taken("talos_api")]);
    let shifted = config([group("kubernetes_api", "b".into()), group("talos_api", "c".into())]);
    let takes_over = "[talos_api.target_group_name: A new target group takes over]";
    assert_eq!(said(shifted), [taken("kubernetes_api"), takes_over.to_owned()]);
    let new = config([
        group("kubernetes_api", "a".into()),
        nested("talos_api", [("enabled", false.into())]),
        group("trustd", "b".into()),
    ]);
    assert!(said(new).contains(&taken("trustd")));
}

#[test]
fn tags_and_default_tags_fit_together() {
    let tags =
        |range: std::ops::Range<u32>| range.map(|i| (format!("k{i}"), "x".to_owned())).collect::<BTreeMap<_, _>>();
    let said = |own: std::ops::Range<u32>, defaults: std::ops::Range<u32>| {
        let own = tags(own).into_iter().map(|(key, value)| (key, value.into()));
        let mut planned = config([("tags", Value::Map(own.collect()))]);
        planned.insert("tags_all".into(), tags_all(&planned, Maybe::Known(tags(defaults))));
        let mut diagnostics = Diagnostics::new();
        rules::number_of_tags(&planned, &mut diagnostics);
        said(&diagnostics)
    };
    assert_eq!(said(0..30, 30..60), ["tags: Too many tags"]);
    assert_eq!(said(0..30, 30..49), Vec::<String>::new());
    assert_eq!(said(0..30, 11..49), Vec::<String>::new(), "the same keys count once");
}
