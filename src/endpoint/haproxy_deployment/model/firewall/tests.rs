//! Rules as `nft -j list ruleset` printed them: those of firewalld (zone `public`), of ufw (with 6443 allowed), and somebody's own.

use super::packet::{Packet, Protocol};
use super::*;

pub const FIREWALLD: &str = include_str!("firewalld.json");
pub const UFW: &str = include_str!("ufw.json");
pub const OWN: &str = include_str!("nftables.json");

fn dropping(rules: &str, protocol: Protocol, source: Option<&str>, own: &str) -> Option<String> {
    let ruleset = Ruleset::parse(rules).unwrap();
    let source = source.map(|address| address.parse().unwrap());
    let packet = Packet { protocol, source, own: own.parse().unwrap(), interface: "eth0" };
    ruleset.drops(&packet).map(|chain| format!("{} {} {}", chain.family, chain.table, chain.name))
}

fn in_ipv4(rules: &str, protocol: Protocol, source: Option<&str>) -> Option<String> {
    dropping(rules, protocol, source, "192.0.2.21")
}

#[test]
fn firewalld_lets_in_what_its_zone_names() {
    let chain = Some("inet firewalld filter_INPUT".to_owned());
    assert_eq!(in_ipv4(FIREWALLD, Protocol::Tcp(22), None), None);
    assert_eq!(in_ipv4(FIREWALLD, Protocol::Tcp(6443), None), chain);
    assert_eq!(in_ipv4(FIREWALLD, Protocol::Vrrp, Some("192.0.2.22")), chain);
    assert_eq!(dropping(FIREWALLD, Protocol::Vrrp, Some("2001:db8::22"), "2001:db8::21"), chain);
    let trusted = FIREWALLD.replace(r#"{"reject":{"type":"icmpx","expr":"admin-prohibited"}}"#, r#"{"accept":null}"#);
    assert_eq!(in_ipv4(&trusted, Protocol::Tcp(6443), None), None);
}

#[test]
fn ufw_drops_by_the_policy_of_its_chain() {
    let chain = Some("ip filter INPUT".to_owned());
    assert_eq!(in_ipv4(UFW, Protocol::Tcp(6443), None), None);
    assert_eq!(in_ipv4(UFW, Protocol::Tcp(50000), None), chain);
    assert_eq!(in_ipv4(UFW, Protocol::Vrrp, Some("192.0.2.22")), chain);
    assert_eq!(dropping(UFW, Protocol::Vrrp, Some("2001:db8::22"), "2001:db8::21"), None, "it is about IPv4");
    // Extensions of iptables have no form in this list.
    let fib = r#"{"match":{"op":"==","left":{"fib":{"result":"type","flags":["daddr"]}},"right":"local"}}"#;
    assert!(UFW.contains(fib));
    assert_eq!(in_ipv4(&UFW.replace(fib, r#"{"xt":null}"#), Protocol::Vrrp, Some("192.0.2.22")), chain);
}

#[test]
fn sets_ranges_networks_and_maps_are_followed() {
    let chain = Some("inet filter input".to_owned());
    assert_eq!(in_ipv4(OWN, Protocol::Tcp(6444), Some("192.0.2.9")), None);
    assert_eq!(in_ipv4(OWN, Protocol::Tcp(6445), Some("192.0.2.9")), chain);
    assert_eq!(in_ipv4(OWN, Protocol::Tcp(6444), Some("192.0.3.9")), chain);
    assert_eq!(in_ipv4(OWN, Protocol::Tcp(6444), None), None, "somebody may be in the set");
    assert_eq!(in_ipv4(OWN, Protocol::Tcp(80), None), None);
    assert_eq!(in_ipv4(OWN, Protocol::Tcp(50000), None), chain, "it comes back from the chain of the map");
    assert_eq!(in_ipv4(OWN, Protocol::Vrrp, Some("192.0.3.9")), None);
    let all = r#"{"match":{"op":"==","left":{"meta":{"key":"l4proto"}},"right":"vrrp"}},"#;
    let narrow = OWN.replace(all, r#"{"match":{"op":"==","left":{"meta":{"key":"l4proto"}},"right":"esp"}},"#);
    assert_ne!(narrow, OWN);
    assert_eq!(in_ipv4(&narrow, Protocol::Vrrp, Some("192.0.2.6")), None);
    assert_eq!(in_ipv4(&narrow, Protocol::Vrrp, Some("192.0.2.8")), chain);
}

#[test]
fn what_cannot_be_judged_is_no_drop() {
    assert_eq!(Ruleset::parse("no list"), None);
    assert_eq!(in_ipv4(r#"{"nftables":[]}"#, Protocol::Vrrp, None), None);
    let chain = r#"{"chain":{"family":"inet","table":"t","name":"c","type":"filter","hook":"input","policy":"drop"}}"#;
    let with = |rule: &str| {
        let rule = format!(r#"{{"rule":{{"family":"inet","table":"t","chain":"c","expr":[{rule}]}}}}"#);
        in_ipv4(&format!(r#"{{"nftables":[{chain},{rule}]}}"#), Protocol::Tcp(6443), None)
    };
    let dropped = Some("inet t c".to_owned());
    assert_eq!(with(r#"{"counter":null}"#), dropped);
    assert_eq!(with(r#"{"frobnicate":null}"#), None);
    assert_eq!(with(r#"{"jump":{"target":"c"}}"#), None, "rules in a circle");
    assert_eq!(with(r#"{"match":{"op":"==","left":{"meta":{"key":"mark"}},"right":1}},{"accept":null}"#), None);
    assert_eq!(
        with(r#"{"match":{"op":"==","left":{"meta":{"key":"iifname"}},"right":"wan*"}},{"accept":null}"#),
        dropped
    );
    assert_eq!(with(r#"{"match":{"op":"!=","left":{"meta":{"key":"iifname"}},"right":"wan"}},{"accept":null}"#), None);
}
