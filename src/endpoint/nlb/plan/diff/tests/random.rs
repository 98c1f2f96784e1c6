//! From anything to anything: executing the steps gives what is wanted, and then there is nothing left to do.

use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::super::*;
use super::model::Model;
use crate::endpoint::nlb::model::desired::{BalancerSettings, ListenerSettings};
use crate::endpoint::nlb::model::inventory::{Balancer, Existing};
use crate::endpoint::nlb::model::settings::{Kind, SETTINGS};
use crate::remote::elb::{HealthCheck, SubnetMapping};

/// Every attribute of a part, as at birth or otherwise.
fn attributes(part: Part) -> impl Strategy<Value = Attributes> {
    let rows: Vec<&Setting> = settings::of(SETTINGS, part).collect();
    prop::collection::vec(any::<bool>(), rows.len()).prop_map(move |changed| {
        let rows = rows.iter().zip(changed);
        rows.map(|(row, changed)| (row.key.to_owned(), value(row, changed).to_owned())).collect()
    })
}

fn value(row: &Setting, changed: bool) -> &'static str {
    match (row.at_birth("instance"), row.kind) {
        (at_birth, _) if !changed => at_birth,
        ("true", Kind::Flag) => "false",
        (_, Kind::Flag) => "true",
        (_, Kind::Number) => "61",
        (_, Kind::Text) => "other",
    }
}

fn owned(items: Vec<&str>) -> Vec<String> {
    items.into_iter().map(str::to_owned).collect()
}

fn balancer() -> impl Strategy<Value = BalancerSettings> {
    let subnets = subsequence(vec!["a", "b", "c"], 1..=3);
    let groups = subsequence(vec!["sg-1", "sg-2"], 0..=2);
    (subnets, groups, select(vec!["on", "off"]), select(vec!["ipv4", "dualstack"]), attributes(Part::LoadBalancer))
        .prop_map(|(subnets, groups, rules, kind, attributes)| BalancerSettings {
            name: "prod-api-nlb".into(),
            internal: true,
            subnets: owned(subnets)
                .into_iter()
                .map(|subnet_id| SubnetMapping { subnet_id, ..SubnetMapping::default() })
                .collect(),
            private_link_rules: (!groups.is_empty()).then(|| rules.to_owned()),
            security_groups: owned(groups),
            ip_address_type: kind.to_owned(),
            attributes,
        })
}

fn tags() -> impl Strategy<Value = Tags> {
    let tags = prop::collection::btree_map(select(vec!["a", "b"]), select(vec!["1", "2"]), 0..=2);
    tags.prop_map(|tags| tags.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect())
}

fn desired() -> impl Strategy<Value = Desired> {
    let roles = subsequence(Role::ALL.to_vec(), 1..=4);
    let ports = Just(vec![6443, 50000, 50001, 50010, 443]).prop_shuffle();
    let settings = (attributes(Part::TargetGroup), attributes(Part::Listener));
    let intervals = prop::collection::vec(10..12_i64, 4);
    let families = prop::collection::vec(select(vec!["ipv4", "ipv6"]), 4);
    (balancer(), roles, ports, settings, (intervals, families), tags(), any::<bool>()).prop_map(
        |(balancer, roles, ports, (of_groups, of_listeners), (intervals, families), tags, has_vpc)| {
            let group = |((role, interval), family): ((&Role, &i64), &&str)| {
                let settings = GroupSettings {
                    name: role.name().to_owned(),
                    port: 6443 + interval % 2, // another port needs a successor
                    target_type: "instance".into(),
                    ip_address_type: (*family).to_owned(), // as does another family
                    vpc_id: has_vpc.then(|| "vpc-1".to_owned()),
                    health_check: HealthCheck { interval: *interval, ..HealthCheck::default() },
                    attributes: of_groups.clone(),
                };
                (*role, settings)
            };
            let listener =
                |(role, port): (&Role, i64)| (*role, ListenerSettings { port, attributes: of_listeners.clone() });
            Desired {
                balancer,
                groups: roles.iter().zip(&intervals).zip(&families).map(group).collect(),
                listeners: roles.iter().zip(ports).map(listener).collect(),
                tags,
            }
        },
    )
}

/// What an earlier wish has made, some of it gone or changed since.
fn inventory() -> impl Strategy<Value = Inventory> {
    let roles = || subsequence(Role::ALL.to_vec(), 0..=2);
    let gone = (prop::bool::weighted(0.2), prop::bool::weighted(0.2), roles(), roles(), any::<bool>());
    (desired(), gone, roles()).prop_map(|(made, (all, balancer, groups, listeners, unfinished), misrouted)| {
        if all {
            return Inventory::default();
        }
        fn part<S>(settings: S, tags: &Tags) -> Existing<S> {
            Existing { arn: "old".into(), settings, tags: tags.clone() }
        }
        let tags = &made.tags;
        let mut found = Inventory::default();
        for (role, settings) in made.groups.into_iter().filter(|(role, _)| !groups.contains(role)) {
            found.groups.insert(role, part(GroupSettings { vpc_id: Some("vpc-1".into()), ..settings }, tags));
        }
        if !balancer {
            let Existing { arn, settings, tags: own } = part(made.balancer, tags);
            found.balancer = Some(Balancer { arn, settings, tags: own, ..Balancer::default() });
            let left = made.listeners.into_iter().filter(|(role, _)| !listeners.contains(role));
            found.listeners = left.map(|(role, settings)| (role, part(settings, tags))).collect();
        }
        found.handover = unfinished.then(|| "n/0".to_owned()).filter(|_| found.balancer.is_some());
        found.misrouted = misrouted.into_iter().filter(|role| found.listeners.contains_key(role)).collect();
        found
    })
}

/// A change between none and some security groups is a replacement, and never comes here.
fn is_in_place(current: &Inventory, desired: &Desired) -> bool {
    let none = |settings: &BalancerSettings| settings.security_groups.is_empty();
    current.balancer.as_ref().is_none_or(|balancer| none(&balancer.settings) == none(&desired.balancer))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_steps_lead_to_what_is_wanted(current in inventory(), desired in desired(), backwards in any::<bool>()) {
        prop_assume!(is_in_place(&current, &desired));
        let mut model = Model::new(current.clone(), &desired.tags);
        model.run(&diff(&current, &desired, SETTINGS), backwards);
        let now = &model.inventory;
        let balancer = now.balancer.as_ref().unwrap();
        prop_assert_eq!((&balancer.settings, &balancer.tags), (&desired.balancer, &desired.tags));
        prop_assert_eq!(now.listeners.keys().collect::<Vec<_>>(), desired.listeners.keys().collect::<Vec<_>>());
        for (role, listener) in &now.listeners {
            prop_assert_eq!((&listener.settings, &listener.tags), (&desired.listeners[role], &desired.tags));
        }
        prop_assert_eq!(now.groups.keys().collect::<Vec<_>>(), desired.groups.keys().collect::<Vec<_>>());
        for (role, group) in &now.groups {
            let want = GroupSettings { vpc_id: group.settings.vpc_id.clone(), ..desired.groups[role].clone() };
            prop_assert_eq!((&group.settings, &group.tags), (&want, &desired.tags));
        }
        prop_assert_eq!((&now.misrouted, &now.handover), (&Vec::<Role>::new(), &None));
        prop_assert_eq!(diff(now, &desired, SETTINGS), Vec::<Vec<Step>>::new());
    }
}
