//! The rendered files under every fault.

use crate::backends::{Fault as NodeFault, lose_one};
use crate::cases;
use crate::failover::{Fault, Limits, fail_over, nothing_ready};
use crate::goals::{HAPROXY_FAULTS, NETWORK_FAULTS};
use crate::need;
use crate::needed::needed;
use crate::quiet::idle_and_reload;
use crate::report::Report;

/// The golden with the guide's addresses: two load balancers, three nodes, IPv4.
const PLAIN: &str = "guide";

#[test]
fn the_vip_moves_when_haproxy_fails_and_stays_when_nothing_is_ready() {
    let mut report = Report::of("HAProxy fails");
    need!(needed());
    let lab = report.laboratory(&cases::setup(PLAIN, &[]));
    for (fault, goal) in HAPROXY_FAULTS {
        report.drill(|| fail_over(&lab, fault, Limits::within(goal)).map(Vec::from));
    }
    report.drill(|| nothing_ready(&lab).map(|row| vec![row]));
    report.assert_good(&lab);
}

#[test]
fn the_vip_moves_without_multicast_when_the_network_fails() {
    let mut report = Report::of("the network fails; no multicast in it");
    need!(needed());
    let setup = cases::setup(PLAIN, &[]);
    let lab = crate::laboratory::Laboratory::start(&setup).unwrap();
    lab.balancers.iter().for_each(|balancer| lab.switch.drop_multicast(&balancer.cable));
    lab.settle().unwrap_or_else(|problem| panic!("{problem}"));
    for (fault, goal) in NETWORK_FAULTS {
        report.drill(|| fail_over(&lab, fault, Limits::within(goal)).map(Vec::from));
    }
    report.assert_good(&lab);
}

#[test]
fn a_node_that_fails_costs_at_most_two_requests() {
    let mut report = Report::of("a node fails");
    need!(needed());
    let lab = report.laboratory(&cases::setup(PLAIN, &[]));
    for fault in NodeFault::ALL {
        report.drill(|| lose_one(&lab, fault).map(|row| vec![row]));
    }
    report.assert_good(&lab);
}

#[test]
fn an_idle_stream_stays_open_and_a_reload_costs_nothing() {
    let mut report = Report::of("nothing fails");
    need!(needed());
    let lab = report.laboratory(&cases::setup(PLAIN, &[]));
    report.drill(|| idle_and_reload(&lab).map(Vec::from));
    report.assert_good(&lab);
}

#[test]
fn both_families_move_together_and_short_adverts_move_them_sooner() {
    let mut report = Report::of("both families; then adverts every 0.3 s");
    need!(needed());
    let both = [
        ("bind *:", "bind :::"),
        (
            "    virtual_ipaddress {",
            "    virtual_ipaddress_excluded {\n        2001:db8::30/128 dev eth0\n    }\n    virtual_ipaddress {",
        ),
    ];
    let setup = cases::setup("dual-stack", &both);
    assert!(setup.vips.iter().any(|vip| vip.is_ipv4()) && setup.vips.iter().any(|vip| vip.is_ipv6()), "{setup:?}");
    let lab = report.laboratory(&setup);
    report.drill(|| fail_over(&lab, Fault::Killed, Limits::within(HAPROXY_FAULTS[0].1)).map(Vec::from));
    report.assert_good(&lab);
    drop(lab);

    let short = cases::setup("fractional-advert", &[("advert_int 1", "version 3\n    advert_int 0.3")]);
    let lab = report.laboratory(&short);
    report.drill(|| fail_over(&lab, Fault::Cut, Limits::within(1.2)).map(Vec::from));
    report.assert_good(&lab);
}
