//! The rendered files under every fault.

use std::thread;

use lab::need;

use crate::backends::{Fault as NodeFault, lose_one};
use crate::cases;
use crate::failover::{Fault, Limits, fail_over, nothing_ready};
use crate::goals::{FRONT_CUT, HAPROXY_FAULTS, NETWORK_FAULTS};
use crate::laboratory::Laboratory;
use crate::needed::needed;
use crate::quiet::idle_and_reload;
use crate::report::Report;

/// The golden with the guide's addresses: two load balancers, three nodes, IPv4.
const PLAIN: &str = "guide";

#[test]
fn the_vip_moves_when_haproxy_fails_and_stays_when_nothing_is_ready() {
    let _turn = need!(needed());
    let mut report = Report::of("HAProxy fails");
    let lab = report.laboratory(&cases::setup(PLAIN, &[]));
    for (fault, goal) in HAPROXY_FAULTS {
        report.drill(|| fail_over(&lab, fault, Limits::within(goal)).map(Vec::from));
    }
    report.drill(|| nothing_ready(&lab).map(|row| vec![row]));
    report.assert_good(&lab);
}

#[test]
fn the_vip_moves_without_multicast_when_the_network_fails() {
    let _turn = need!(needed());
    let [cut, alone, unaware] = NETWORK_FAULTS;
    let drill = |faults: &[(Fault, f64)]| {
        let mut report = Report::of("the network fails; no multicast in it");
        let lab = Laboratory::start(&cases::setup(PLAIN, &[])).unwrap_or_else(|problem| panic!("{problem}"));
        lab.balancers.iter().for_each(|balancer| lab.switch.drop_multicast(&balancer.cable));
        lab.settle().unwrap_or_else(|problem| panic!("{problem}"));
        for (fault, goal) in faults {
            report.drill(|| fail_over(&lab, *fault, Limits::within(*goal)).map(Vec::from));
        }
        report.assert_good(&lab);
    };
    together([&|| drill(&[cut, alone]), &|| drill(&[unaware])]);
}

#[test]
fn a_node_that_fails_costs_at_most_two_requests_and_an_idle_stream_and_reloads_none() {
    let _turn = need!(needed());
    let node_fails = || {
        let mut report = Report::of("a node fails");
        let lab = report.laboratory(&cases::setup(PLAIN, &[]));
        for fault in NodeFault::ALL {
            report.drill(|| lose_one(&lab, fault).map(|row| vec![row]));
        }
        report.assert_good(&lab);
    };
    let nothing_fails = || {
        let mut report = Report::of("nothing fails");
        let lab = report.laboratory(&cases::setup(PLAIN, &[]));
        report.drill(|| idle_and_reload(&lab).map(Vec::from));
        report.assert_good(&lab);
    };
    together([&node_fails, &nothing_fails]);
}

#[test]
fn both_families_move_together_and_short_adverts_move_the_vip_sooner() {
    let _turn = need!(needed());
    let both_families = || {
        let both = [
            ("bind *:", "bind :::"),
            (
                "    virtual_ipaddress {",
                "    virtual_ipaddress_excluded {\n        2001:db8::30/128 dev eth0\n    }\n    virtual_ipaddress {",
            ),
        ];
        let setup = cases::setup("dual-stack", &both);
        let families = (setup.vips.iter().any(|vip| vip.is_ipv4()), setup.vips.iter().any(|vip| vip.is_ipv6()));
        assert_eq!(families, (true, true), "{setup:?}");
        let mut report = Report::of("VIPs of both families");
        let lab = report.laboratory(&setup);
        report.drill(|| fail_over(&lab, Fault::Killed, Limits::within(HAPROXY_FAULTS[0].1)).map(Vec::from));
        report.assert_good(&lab);
    };
    let short_adverts = || {
        let setup = cases::setup("fractional-advert", &[("advert_int 1", "version 3\n    advert_int 0.3")]);
        let mut report = Report::of("advertisements every 0.3 s");
        let lab = report.laboratory(&setup);
        report.drill(|| fail_over(&lab, Fault::Cut, Limits::within(1.2)).map(Vec::from));
        report.assert_good(&lab);
    };
    together([&both_families, &short_adverts]);
}

#[test]
fn services_on_another_vip_move_with_the_endpoint_and_a_vip_may_have_an_interface_of_its_own() {
    need!(needed());
    let two_vips = || {
        let setup = cases::setup("second-cluster", &[]);
        let mut report = Report::of("another cluster's API on a second VIP");
        let lab = report.laboratory(&setup);
        assert_eq!(setup.kubernetes_endpoints().len(), 2, "{setup:?}");
        report.drill(|| fail_over(&lab, Fault::Killed, Limits::within(HAPROXY_FAULTS[0].1)).map(Vec::from));
        report.drill(|| fail_over(&lab, Fault::Cut, Limits::within(NETWORK_FAULTS[0].1)).map(Vec::from));
        report.assert_good(&lab);
    };
    let own_interface = || {
        let setup = cases::setup("own-interface", &[]);
        assert!(setup.balancers.iter().all(|balancer| balancer.further == ["eth1"]), "{setup:?}");
        let mut report = Report::of("the VIP on an interface of its own");
        let lab = report.laboratory(&setup);
        report.drill(|| fail_over(&lab, Fault::Killed, Limits::within(HAPROXY_FAULTS[0].1)).map(Vec::from));
        report.drill(|| fail_over(&lab, Fault::FrontCut, Limits::within(FRONT_CUT)).map(Vec::from));
        report.assert_good(&lab);
    };
    together([&two_vips, &own_interface]);
}

#[test]
fn a_single_load_balancer_that_listens_on_its_own_address_loses_a_node_and_little_else() {
    need!(needed());
    let mut report = Report::of("a single load balancer, on its own address");
    let lab = report.laboratory(&cases::setup("bind-own", &[]));
    report.drill(|| lose_one(&lab, NodeFault::Refused).map(|row| vec![row]));
    report.assert_good(&lab);
}

/// Two networks at a time: most of a drill is waiting.
fn together(parts: [&(dyn Fn() + Sync); 2]) {
    thread::scope(|scope| {
        let running = parts.map(|part| scope.spawn(part));
        let failed: Vec<_> = running.into_iter().filter_map(|part| part.join().err()).collect();
        // Each has said by itself what was wrong.
        assert!(failed.is_empty(), "{} of 2 failed, see above", failed.len());
    });
}
