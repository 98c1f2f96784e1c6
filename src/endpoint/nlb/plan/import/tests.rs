use super::assign::{Assigned, assign};
use super::base::base;
use super::id::{Id, id, no_region, only_network};
use super::marks::{forget_resolved, let_go, mark, warn};
use crate::endpoint::golden;
use crate::endpoint::nlb::model::memory::Memory;
use crate::endpoint::nlb::model::role::Role;
use crate::endpoint::nlb::model::settings::SETTINGS;
use crate::endpoint::nlb::plan::group_replacement;
use crate::endpoint::nlb::sample::{config, in_full, nested, said, state};
use crate::framework::diagnostic::Diagnostics;
use crate::framework::value::Value;
use crate::remote::elb::{HealthCheck, Listener, LoadBalancer, TargetGroup};

fn balancer(name: &str) -> LoadBalancer {
    let arn = format!("arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/net/{name}/1");
    LoadBalancer {
        arn,
        name: name.to_owned(),
        kind: "network".into(),
        vpc_id: "vpc-1".into(),
        ..LoadBalancer::default()
    }
}

/// A listener on a port, and a group of a name with a port.
fn pair(port: i64, name: &str, target: i64) -> (Listener, TargetGroup) {
    let listener = Listener {
        arn: format!("listener-{port}"),
        port,
        protocol: "TCP".into(),
        target_group_arn: Some(format!("group-{name}")),
    };
    let group = TargetGroup {
        arn: format!("group-{name}"),
        name: name.to_owned(),
        protocol: "TCP".into(),
        port: target,
        vpc_id: "vpc-1".into(),
        target_type: "instance".into(),
        ip_address_type: "ipv4".into(),
        health_check: HealthCheck { protocol: "TCP".into(), interval: 10, timeout: 5, ..HealthCheck::default() },
        load_balancer_arns: Vec::new(),
    };
    (listener, group)
}

fn assigned(balancer_name: &str, pairs: &[(i64, &str, i64)]) -> Assigned {
    let (listeners, groups): (Vec<_>, Vec<_>) =
        pairs.iter().map(|(port, name, target)| pair(*port, name, *target)).unzip();
    assign(&balancer(balancer_name), &listeners, &groups)
}

/// `role=port` of each role, in order, and the ports that are left.
fn check(balancer_name: &str, pairs: &[(i64, &str, i64)], want: &str) {
    let mut turned = pairs.to_vec();
    turned.reverse();
    for pairs in [pairs.to_vec(), turned] {
        let found = assigned(balancer_name, &pairs);
        let roles = found.roles.iter().map(|(role, (listener, _))| format!("{}={}", role.name(), listener.port));
        let left = found.left.iter().map(|listener| format!("left={}", listener.port));
        assert_eq!(roles.chain(left).collect::<Vec<_>>().join(" "), want, "{pairs:?}");
    }
}

#[test]
fn the_port_of_the_targets_says_what_a_listener_is_for() {
    check("x", &[], "");
    check("x", &[(443, "a", 6443), (50000, "b", 50000)], "kubernetes_api=443 talos_api=50000");
    check("x", &[(6443, "a", 6443), (9000, "b", 50001), (80, "c", 80)], "kubernetes_api=6443 trustd=9000 left=80");
    check("x", &[(8443, "a", 8443)], "left=8443");
}

#[test]
fn two_listeners_to_the_talos_api_are_told_apart() {
    let guide =
        [(6443, "e-talos-api-tg", 6443), (50000, "e-talos-apid-tg", 50000), (50001, "e-talos-wk-apid-tg", 50000)];
    let all = "kubernetes_api=6443 talos_api=50000 worker_talos_api=50001";
    check("e-talos-api-nlb", &guide, all);
    check("some-other-name", &guide, all);
    // Ports that are exchanged, but our own names.
    let turned = [(50001, "e-apid-tg", 50000), (50000, "e-wk-apid-tg", 50000)];
    check("e-api-nlb", &turned, "talos_api=50001 worker_talos_api=50000");
    // Names that say it, names that say nothing.
    check("x", &[(9000, "cp", 50000), (9001, "my-Workers", 50000)], "talos_api=9000 worker_talos_api=9001");
    check("x", &[(50000, "a", 50000), (50001, "b", 50000)], "talos_api=50000 worker_talos_api=50001");
    check("x", &[(50000, "a", 50000), (9000, "b", 50000)], "talos_api=50000 worker_talos_api=9000");
    check("x", &[(50001, "a", 50000)], "worker_talos_api=50001");
    check("x", &[(9000, "a", 50000)], "talos_api=9000");
}

#[test]
fn what_can_not_be_told_is_left_alone() {
    check("x", &[(443, "a", 6443), (8443, "b", 6443)], "left=443 left=8443");
    check("x", &[(443, "a", 6443), (6443, "b", 6443)], "kubernetes_api=6443 left=443");
    check("x", &[(9000, "a", 50000), (9001, "b", 50000)], "left=9000 left=9001");
    check("x", &[(50000, "a", 50000), (9000, "b", 50000), (9001, "c", 50000)], "talos_api=50000 left=9000 left=9001");
}

#[test]
fn a_group_behind_two_listeners_is_taken_once() {
    let (first, group) = pair(443, "a", 6443);
    let second = Listener { arn: "second".into(), port: 6443, ..first.clone() };
    let found = assign(&balancer("x"), &[first.clone(), second.clone()], std::slice::from_ref(&group));
    assert_eq!(found.roles[&Role::KubernetesApi].0, second);
    assert_eq!(found.left, std::slice::from_ref(&first));
    let ours = TargetGroup { name: "x-api-tg".into(), ..group };
    let third = Listener { arn: "third".into(), port: 8443, ..first.clone() };
    let found = assign(&balancer("x-api-nlb"), &[third, first.clone()], &[ours]);
    assert_eq!(found.roles[&Role::KubernetesApi].0, first, "the lowest port, where none is the usual one");
}

#[test]
fn other_kinds_of_listeners_and_groups_are_not_ours() {
    let kinds: [fn(&mut Listener, &mut TargetGroup); 4] = [
        |listener, _| listener.protocol = "TLS".into(),
        |listener, _| listener.target_group_arn = None,
        |_, group| group.protocol = "TCP_UDP".into(),
        |_, group| group.target_type = "alb".into(),
    ];
    for change in kinds {
        let (mut listener, mut group) = pair(6443, "a", 6443);
        change(&mut listener, &mut group);
        assert_eq!(assign(&balancer("x"), &[listener], &[group]).roles.len(), 0);
    }
}

#[test]
fn a_name_of_ours_counts_more_than_a_port() {
    let successor = group_replacement::name("e-api-tg", 7443, "instance", "vpc-1", "ipv4");
    check("e-api-nlb", &[(6443, &successor, 7443), (8443, "other", 6443)], "kubernetes_api=6443 left=8443");
    check("e-api-nlb", &[(6443, "e-api-tg", 7443)], "kubernetes_api=6443");
    check("other-api-nlb", &[(6443, &successor, 7443)], "left=6443");
}

#[test]
fn the_names_are_read_in_the_form_that_fits() {
    let names = |balancer_name: &str, group: &str| {
        let base = base(&balancer(balancer_name), &assigned(balancer_name, &[(6443, group, 6443)]), SETTINGS);
        let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or("-").to_owned();
        let group = text(base["kubernetes_api"].attribute("target_group_name"));
        [text(base.get("name")), text(base.get("load_balancer_name")), group].join(" ")
    };
    assert_eq!(names("e-api-nlb", "e-api-tg"), "e - e-api-tg");
    assert_eq!(names("e-api-nlb", "mine"), "e - mine");
    assert_eq!(
        names("e-api-nlb", &group_replacement::name("e-api-tg", 6443, "instance", "vpc-1", "ipv4")),
        "e - e-api-tg"
    );
    assert_eq!(names("mine", "e-api-tg"), "- mine e-api-tg");
    assert_eq!(names("-api-nlb", "mine"), "- -api-nlb mine");
}

#[test]
fn ids_are_arns_and_names() {
    let arn = balancer("x").arn;
    assert_eq!(id(&arn), Ok(Id::Arn(arn.clone())));
    assert_eq!(id(" prod-api-nlb "), Ok(Id::Name("prod-api-nlb".into())));
    for (bad, reason) in [
        ("", "neither an ARN nor a name"),
        ("a/b", "neither an ARN nor a name"),
        ("arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/x/1", "the ARN of something else"),
        ("arn:aws:ec2:eu-central-1:123456789012:subnet/x", "the ARN of something else"),
    ] {
        let detail = id(bad).unwrap_err().detail;
        assert!(detail.contains(reason), "{bad}: {detail}");
    }
}

#[test]
fn exactly_one_network_load_balancer_can_be_imported() {
    let title = |found: &[&str]| {
        let found = found.iter().map(|kind| of_kind(kind)).collect();
        only_network(found, "x", "eu-central-1").map(|found| found.kind).map_err(|diagnostic| diagnostic.title)
    };
    assert_eq!(title(&["network"]), Ok("network".into()));
    assert_eq!(title(&["application", "network"]), Ok("network".into()));
    assert_eq!(title(&[]), Err("No such load balancer".into()));
    assert_eq!(title(&["application"]), Err("Not a Network Load Balancer".into()));
    assert_eq!(title(&["gateway"]), Err("Not a Network Load Balancer".into()));
    assert_eq!(title(&["network", "network"]), Err("Several load balancers have this name".into()));
}

#[test]
fn what_is_imported_is_marked_until_it_is_applied() {
    let found = assigned("e-api-nlb", &[(6443, "mine", 6443), (50001, "e-wk-apid-tg", 50000)]);
    let mut memory = mark(&balancer("e-api-nlb"), &found);
    let desired = config([nested("worker_talos_api", [("port", 50001.into())])]);
    let prior = state(&desired);
    let without = state(&config([]));
    assert_eq!(let_go(&prior, &prior, &memory), []);
    assert_eq!(let_go(&prior, &without, &memory), [Role::WorkerTalosApi]);
    let mut diagnostics = Diagnostics::new();
    warn(&[Role::WorkerTalosApi], &prior, &mut diagnostics);
    assert_eq!(said(&diagnostics), ["[worker_talos_api: Imported, but not in the configuration]"]);
    forget_resolved(&desired, &mut memory);
    assert_eq!(let_go(&prior, &without, &memory), []);
    assert_eq!(
        memory.kept_names,
        [Role::KubernetesApi],
        "the name stays as long as the configuration doesn't say another"
    );
    let named = nested("kubernetes_api", [("target_group_name", "mine".into())]);
    forget_resolved(&config([named]), &mut memory);
    assert_eq!(memory, Memory::default());
}

#[test]
fn the_texts() {
    let none = only_network(Vec::new(), "x", "eu-central-1").unwrap_err();
    let other = LoadBalancer { kind: "application".into(), ..balancer("x") };
    let other = only_network(vec![other], "x", "eu-central-1").unwrap_err();
    let two = only_network(vec![of_kind("network"), of_kind("network")], "x", "eu-central-1").unwrap_err();
    let by_arn = balancer("x").arn;
    let none_by_arn = only_network(Vec::new(), &by_arn, "eu-central-1").unwrap_err();
    let other_by_arn = only_network(vec![of_kind("application")], &by_arn, "eu-central-1").unwrap_err();
    let found = assigned("e-api-nlb", &[(6443, "a", 6443), (80, "b", 80), (81, "c", 81)]);
    let mut all = Diagnostics::new();
    [
        id("a/b").unwrap_err(),
        no_region("prod-api-nlb"),
        none,
        none_by_arn,
        other,
        other_by_arn,
        two,
        found.warning().unwrap(),
    ]
    .into_iter()
    .for_each(|said| all.push(said));
    warn(&[Role::KubernetesApi], &state(&config([])), &mut all);
    assert_eq!(assigned("e-api-nlb", &[(6443, "a", 6443)]).warning(), None);
    golden::check("nlb/import.txt", &in_full(&all));
}

fn of_kind(kind: &str) -> LoadBalancer {
    LoadBalancer { kind: kind.to_owned(), ..balancer("x") }
}
