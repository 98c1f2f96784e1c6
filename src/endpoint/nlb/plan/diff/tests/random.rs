//! From anything to anything: executing the steps gives what is wanted, and then there is nothing left to do.

use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::super::*;
use super::model::Model;
use crate::endpoint::nlb::model::desired::{CONNECTION_TERMINATION, CROSS_ZONE, PRESERVE_CLIENT_IP};
use crate::endpoint::nlb::model::observed::Existing;

fn attribute(key: &'static str, values: &'static [&'static str]) -> impl Strategy<Value = (String, String)> {
    select(values).prop_map(move |value| (key.to_owned(), value.to_owned()))
}

fn owned(items: Vec<&str>) -> Vec<String> {
    items.into_iter().map(str::to_owned).collect()
}

fn balancer() -> impl Strategy<Value = BalancerSettings> {
    let flags = (attribute(DELETION_PROTECTION, &["true", "false"]), attribute(CROSS_ZONE, &["true", "false"]));
    let subnets = subsequence(vec!["a", "b", "c"], 1..=3);
    let groups = subsequence(vec!["sg-1", "sg-2"], 0..=2);
    (subnets, groups, select(vec!["on", "off"]), select(vec!["ipv4", "dualstack"]), flags).prop_map(
        |(subnets, groups, rules, kind, flags)| BalancerSettings {
            name: "prod-api-nlb".into(),
            internal: true,
            subnets: owned(subnets)
                .into_iter()
                .map(|subnet_id| SubnetMapping { subnet_id, ..SubnetMapping::default() })
                .collect(),
            private_link_rules: (!groups.is_empty()).then(|| rules.to_owned()),
            security_groups: owned(groups),
            ip_address_type: kind.to_owned(),
            attributes: [flags.0, flags.1].into(),
        },
    )
}

fn tags() -> impl Strategy<Value = Tags> {
    let tags = prop::collection::btree_map(select(vec!["a", "b"]), select(vec!["1", "2"]), 0..=2);
    tags.prop_map(|tags| tags.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect())
}

fn wanted() -> impl Strategy<Value = Wanted> {
    let roles = subsequence(Role::ALL.to_vec(), 1..=4);
    let ports = Just(vec![6443, 50000, 50001, 50010, 443]).prop_shuffle();
    let flags =
        (attribute(PRESERVE_CLIENT_IP, &["true", "false"]), attribute(CONNECTION_TERMINATION, &["true", "false"]));
    let numbers = (attribute(IDLE_TIMEOUT, &["350", "600"]), prop::collection::vec(10..12_i64, 4));
    (balancer(), roles, ports, flags, numbers, tags(), any::<bool>()).prop_map(
        |(balancer, roles, ports, flags, (idle, intervals), tags, has_vpc)| {
            let group = |(role, interval): (&Role, &i64)| {
                let settings = GroupSettings {
                    name: role.name().to_owned(),
                    port: 6443 + interval % 2, // another port needs a successor
                    target_type: "instance".into(),
                    vpc_id: has_vpc.then(|| "vpc-1".to_owned()),
                    health_check: HealthCheck { interval: *interval, ..HealthCheck::default() },
                    attributes: [flags.0.clone(), flags.1.clone()].into(),
                };
                (*role, settings)
            };
            let listener =
                |(role, port): (&Role, i64)| (*role, ListenerSettings { port, attributes: [idle.clone()].into() });
            Wanted {
                balancer,
                groups: roles.iter().zip(&intervals).map(group).collect(),
                listeners: roles.iter().zip(ports).map(listener).collect(),
                tags,
            }
        },
    )
}

/// What an earlier wish has made, some of it gone or changed since.
fn observed() -> impl Strategy<Value = Observed> {
    let roles = || subsequence(Role::ALL.to_vec(), 0..=2);
    let gone = (prop::bool::weighted(0.2), prop::bool::weighted(0.2), roles(), roles());
    (wanted(), gone, roles()).prop_map(|(made, (all, balancer, groups, listeners), misrouted)| {
        if all {
            return Observed::default();
        }
        fn part<S>(settings: S, tags: &Tags) -> Existing<S> {
            Existing { arn: "old".into(), settings, tags: tags.clone() }
        }
        let tags = &made.tags;
        let mut observed = Observed::default();
        for (role, settings) in made.groups.into_iter().filter(|(role, _)| !groups.contains(role)) {
            observed.groups.insert(role, part(GroupSettings { vpc_id: Some("vpc-1".into()), ..settings }, tags));
        }
        if !balancer {
            observed.balancer = Some(part(made.balancer, tags));
            let left = made.listeners.into_iter().filter(|(role, _)| !listeners.contains(role));
            observed.listeners = left.map(|(role, settings)| (role, part(settings, tags))).collect();
        }
        observed.misrouted = misrouted.into_iter().filter(|role| observed.listeners.contains_key(role)).collect();
        observed
    })
}

/// A change between none and some security groups is a replacement, and never comes here.
fn is_in_place(observed: &Observed, wanted: &Wanted) -> bool {
    let none = |settings: &BalancerSettings| settings.security_groups.is_empty();
    observed.balancer.as_ref().is_none_or(|balancer| none(&balancer.settings) == none(&wanted.balancer))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_steps_lead_to_what_is_wanted(observed in observed(), wanted in wanted(), backwards in any::<bool>()) {
        prop_assume!(is_in_place(&observed, &wanted));
        let mut model = Model::new(observed.clone(), &wanted.tags);
        model.run(&diff(&observed, &wanted), backwards);
        let now = &model.observed;
        let balancer = now.balancer.as_ref().unwrap();
        prop_assert_eq!((&balancer.settings, &balancer.tags), (&wanted.balancer, &wanted.tags));
        prop_assert_eq!(now.listeners.keys().collect::<Vec<_>>(), wanted.listeners.keys().collect::<Vec<_>>());
        for (role, listener) in &now.listeners {
            prop_assert_eq!((&listener.settings, &listener.tags), (&wanted.listeners[role], &wanted.tags));
        }
        prop_assert_eq!(now.groups.keys().collect::<Vec<_>>(), wanted.groups.keys().collect::<Vec<_>>());
        for (role, group) in &now.groups {
            let want = GroupSettings { vpc_id: group.settings.vpc_id.clone(), ..wanted.groups[role].clone() };
            prop_assert_eq!((&group.settings, &group.tags), (&want, &wanted.tags));
        }
        prop_assert_eq!(&now.misrouted, &Vec::<Role>::new());
        prop_assert_eq!(diff(now, &wanted), Vec::<Vec<Step>>::new());
    }
}
