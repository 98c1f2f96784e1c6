//! Weights, and the priorities that they add up to.

use super::{check, detail, found, keepalived, ranked};
use crate::endpoint::haproxy::sample::{config, hosts, reported, with};
use crate::framework::diagnostic::Diagnostics;

#[test]
fn b08_a_weight_that_cannot_move_the_vip_is_refused() {
    for name in ["live_weight", "ready_weight"] {
        let with = |weight: i64, priorities: &[i64]| config([ranked(priorities), keepalived([(name, weight.into())])]);
        let small = format!("keepalived.{name}: Weight too small to move the VIP");
        // Measured with Keepalived: 100/90 moves by 11 and not by 10, in both directions.
        for weight in [2, 10, -1, -10] {
            let all = found(&with(weight, &[100, 90]));
            assert!(reported(&all).contains(&small), "{weight}: {all:?}");
        }
        check(with(11, &[100, 90]), &[]);
        check(with(-11, &[100, 90]), &[]);
        // 100/90/80 with -15 puts the VIP on a host that serves nothing while a healthy one exists.
        check(with(-15, &[100, 90, 80]), &[small.as_str()]);
        check(with(-21, &[100, 90, 80]), &[]);
    }
    let small = detail(&config([ranked(&[100, 90]), keepalived([("ready_weight", (-10).into())])]));
    assert!(
        small.contains("100 - 10 = 90, and lb-02 has 90") && small.contains("Set `ready_weight` to -11"),
        "{small}"
    );
    let small = detail(&config([ranked(&[100, 90]), keepalived([("live_weight", 2.into())])]));
    assert!(small.contains("90 + 2 = 92") && small.contains("Set `live_weight` to 11"), "{small}");
}

/// The number that an error advises for the weight, if it advises one.
fn advised(detail: &str, name: &str) -> Option<i64> {
    let rest = detail.split_once(&format!("Set `{name}` to "))?.1;
    rest.split([' ', ',', '.']).next()?.parse().ok()
}

#[test]
fn b08_what_an_error_advises_is_allowed() {
    let small = |name: &str| format!("keepalived.{name}: Weight too small to move the VIP");
    for name in ["live_weight", "ready_weight"] {
        for (low, high) in [(1, 254), (2, 254), (1, 253), (1, 2), (3, 128), (100, 254), (50, 150)] {
            for weight in [-1, 1] {
                let with = |weight: i64| config([ranked(&[high, low]), keepalived([(name, weight.into())])]);
                let all = found(&with(weight));
                let problem = all.iter().find(|found| reported(&Diagnostics::from((*found).clone())) == [small(name)]);
                let Some(detail) = problem.map(|problem| problem.detail.clone()) else { continue };
                match advised(&detail, name) {
                    Some(better) => {
                        assert!((-253..=253).contains(&better), "{low} {high}: {detail}");
                        let left = reported(&found(&with(better)));
                        let own: Vec<&String> = left.iter().filter(|one| one.contains(name)).collect();
                        assert!(own.is_empty() && (better > 0 || low > 1), "{detail}: {left:?}");
                    }
                    None => assert!(detail.contains("No weight that Keepalived takes"), "{detail}"),
                }
                assert_eq!(detail.contains("Weight 0"), name == "live_weight");
            }
        }
    }
}

#[test]
fn b09_priorities_and_sums_stay_within_vrrp() {
    check(
        config([ranked(&[150, 140]), keepalived([("live_weight", 60.into()), ("ready_weight", 60.into())])]),
        &["keepalived.ready_weight: Priority over 254"],
    );
    check(config([ranked(&[150, 140]), keepalived([("live_weight", 104.into())])]), &[]);
    check(
        config([ranked(&[150, 140]), keepalived([("live_weight", 105.into())])]),
        &["keepalived.live_weight: Priority over 254"],
    );
    check(config([ranked(&[100, 100])]), &["load_balancers[\"lb-02\"].priority: Priority used twice"]);
    let by_default = with(hosts(&["192.168.30.21/24", "192.168.30.22/24"]), "lb-01", [("priority", 99.into())]);
    let twice = config([("load_balancers", by_default)]);
    check(twice.clone(), &["load_balancers[\"lb-02\"].priority: Priority used twice"]);
    assert!(detail(&twice).contains("by default"));
    let many: Vec<String> = (1..=101).map(|last| format!("192.168.30.{}", last + 40)).collect();
    let many = hosts(&many.iter().map(String::as_str).collect::<Vec<_>>());
    let many = found(&config([("load_balancers", many), ("vip", "192.168.31.1".into())]));
    assert!(
        reported(&many).contains(&"load_balancers[\"lb-99\"].priority: Too many load balancers".to_owned()),
        "{many:?}"
    );
    // Nothing is announced below 1, so a healthy host of priority 1 can't be told from a failed one.
    check(config([ranked(&[2, 1])]), &["load_balancers[\"lb-02\"].priority: Priority that cannot be undercut"]);
    check(config([ranked(&[3, 2])]), &[]);
}

#[test]
fn a_priority_that_sinks_to_the_lowest_is_refused() {
    // Measured with Keepalived: 100 and 99 both go to 1, and the one whose HAProxy is dead keeps the VIP.
    let both = |priorities: &[i64], live: i64, ready: i64| {
        config([ranked(priorities), keepalived([("live_weight", live.into()), ("ready_weight", ready.into())])])
    };
    let sunk = "keepalived.ready_weight: Priority under 2";
    check(both(&[100, 99], -2, -150), &[sunk]);
    check(both(&[100, 99], -2, -98), &[sunk]);
    check(both(&[100, 99], -2, -97), &[]);
    check(both(&[100, 99], 20, -118), &[sunk]);
    check(both(&[100, 99], 20, -117), &[]);
    // One that announces nothing at all can't be undercut.
    check(both(&[100, 99], 0, -150), &[]);
    let said = detail(&both(&[100, 99], -2, -150));
    assert!(said.contains("99 - 150 = -51") && said.contains("to -2 or less, at least -97"), "{said}");
    assert!(detail(&both(&[100, 40], -61, -61)).contains("Remove `live_weight`"));
}

#[test]
fn priorities_that_nothing_can_bridge_are_refused() {
    let small = "keepalived.ready_weight: Weight too small to move the VIP";
    check(config([ranked(&[254, 1])]), &[small]);
    assert!(detail(&config([ranked(&[254, 1])])).contains("No weight that Keepalived takes"));
    check(config([ranked(&[254, 2])]), &[]);
}

#[test]
fn what_an_error_advises_counts_the_other_weight() {
    let both = |live: i64, ready: i64| {
        config([ranked(&[100, 90]), keepalived([("live_weight", live.into()), ("ready_weight", ready.into())])])
    };
    assert!(
        detail(&both(2, 100)).contains("Set `live_weight` to 11 or more, at most 54,"),
        "{}",
        detail(&both(2, 100))
    );
    check(both(54, 100), &[]);
    // The only weight that is left is no range.
    let only = detail(&config([ranked(&[254, 2]), keepalived([("ready_weight", (-1).into())])]));
    assert!(only.contains("Set `ready_weight` to -253, or"), "{only}");
    let none =
        detail(&config([ranked(&[100, 90]), keepalived([("live_weight", 2.into()), ("ready_weight", 150.into())])]));
    assert!(none.contains("-11 or less, at least -253"), "{none}");
}
