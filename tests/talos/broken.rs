//! The oracle proves itself: what Talos takes is seen as it is meant, what it refuses is refused, and what differs from a promise is
//! found.

use serde_json::json;

use lab::need;

use crate::answer::Answer;
use crate::case::{Case, minor};
use crate::oracle::{self, MINORS};
use crate::truth::ExpectedPatch;

const VIP: &str = "192.168.0.15";
const D: &str = r#"{"apiVersion":"v1alpha1","kind":"Layer2VIPConfig","name":"192.168.0.15","link":"eth0"}"#;
const L: &str = r#"{"machine":{"network":{"interfaces":[{"interface":"eth0","vip":{"ip":"192.168.0.15"}}]}}}"#;

/// A legacy patch of these interfaces.
fn interfaces(list: &str) -> String {
    format!(r#"{{"machine":{{"network":{{"interfaces":{list}}}}}}}"#)
}

/// What Talos must see: the VIPs with their links, the addresses with theirs, and where DHCP is on.
fn wanted(vips: &[(&str, &str)], addresses: &[(&str, &str)], dhcp: &[&str]) -> ExpectedPatch {
    let pairs = |list: &[(&str, &str)]| list.iter().map(|(ip, link)| ((*ip).to_owned(), (*link).to_owned())).collect();
    ExpectedPatch {
        vips: pairs(vips),
        addresses: pairs(addresses),
        dhcp: dhcp.iter().map(|link| (*link).to_owned()).collect(),
        ..ExpectedPatch::default()
    }
}

fn with_vlan(vlan: &str, wanted: ExpectedPatch) -> ExpectedPatch {
    ExpectedPatch { vlans: vec![vlan.to_owned()], ..wanted }
}

/// Configurations as people write them by hand, with what Talos must make of them.
fn good() -> Vec<(Case, ExpectedPatch)> {
    let legacy = |name: &str, list: &str| Case::new(name, "v1.9", &[&interfaces(list)]);
    let dhcp_on = r#"[{"interface":"eth0","dhcp":true,"vip":{"ip":"192.168.0.15"}}]"#;
    let on_eth0: &[(&str, &str)] = &[(VIP, "eth0")];
    let vlan = r#"[{"interface":"enp94s0f1np1","vlans":[{"vlanId":100,"vip":{"ip":"192.168.1.15"}}]}]"#;
    let two =
        r#"[{"interface":"eth0","vip":{"ip":"192.168.0.15"},"vlans":[{"vlanId":100,"vip":{"ip":"192.168.1.15"}}]}]"#;
    let selector = r#"[{"deviceSelector":{"hardwareAddr":"aa:bb:cc:*"},"dhcp":true,"vip":{"ip":"192.168.0.15"}}]"#;
    let link =
        r#"{"apiVersion":"v1alpha1","kind":"LinkConfig","name":"eth0","addresses":[{"address":"192.168.0.10/24"}]}"#;
    let alias = r#"{"apiVersion":"v1alpha1","kind":"LinkAliasConfig","name":"vip0",
                    "selector":{"match":"glob(\"aa:bb:cc:*\", mac(link.hardware_addr))"}}"#;
    let aliased = D.replace("eth0", "vip0");
    let v6 = D.replace(VIP, "fd00::15");
    let dhcp = r#"{"apiVersion":"v1alpha1","kind":"DHCPv4Config","name":"eth0"}"#;
    let seen_by_selector = "{hardwareAddr=aa:bb:cc:*}";
    vec![
        (
            Case::new("legacy, addressed in the base", "v1.9", &[L])
                .on(&interfaces(r#"[{"interface":"eth0","addresses":["192.168.0.10/24"]}]"#)),
            wanted(on_eth0, &[("192.168.0.10/24", "eth0")], &[]),
        ),
        (legacy("legacy, DHCP", dhcp_on), wanted(on_eth0, &[], &["eth0"])),
        (
            legacy("legacy, VLAN", vlan),
            with_vlan("enp9853dc2.100=100@enp94s0f1np1", wanted(&[("192.168.1.15", "enp9853dc2.100")], &[], &[])),
        ),
        (
            legacy("legacy, two links", two),
            with_vlan("eth0.100=100@eth0", wanted(&[(VIP, "eth0"), ("192.168.1.15", "eth0.100")], &[], &[])),
        ),
        (legacy("legacy, selector", selector), wanted(&[(VIP, seen_by_selector)], &[], &[seen_by_selector])),
        (Case::new("document", "v1.12", &[D]), wanted(on_eth0, &[], &[])),
        (Case::new("document, static", "v1.12", &[D, link]), wanted(on_eth0, &[("192.168.0.10/24", "eth0")], &[])),
        (Case::new("document, DHCP", "v1.12", &[D, dhcp]), wanted(on_eth0, &[], &["eth0"])),
        (
            Case::new("document, alias", "v1.12", &[alias, &aliased]),
            ExpectedPatch { may_find_several: true, ..wanted(&[(VIP, "vip0")], &[], &[]) },
        ),
        (Case::new("document, two VIPs", "v1.12", &[D, &v6]), wanted(&[(VIP, "eth0"), ("fd00::15", "eth0")], &[], &[])),
        (Case::new("document, bare 1.14", "v1.14", &[D]), wanted(on_eth0, &[], &[])),
    ]
}

#[test]
fn what_talos_takes_is_seen_as_it_is_meant() {
    let oracles = need!(oracle::all());
    let good = good();
    let cases: Vec<Case> = good.iter().map(|(case, _)| case.clone()).collect();
    for (number, oracle) in oracles {
        for ((case, wanted), answer) in good.iter().zip(oracle.ask(&cases)) {
            if minor(&case.contract) <= *number {
                let wanted = wanted.clone().in_form_of(&case.contract);
                assert_eq!(wanted.problems(&answer), [""; 0], "{} of {} read by v1.{number}", case.name, case.contract);
            }
        }
    }
}

/// What must fail, from which minor on, where, and with which words.
fn bad() -> Vec<(Case, u32, &'static str, &'static str)> {
    let sans14 = r#"{"apiVersion":"v1alpha1","kind":"KubeAPIServerConfig","certExtraSANs":["b.example"]}"#;
    let sans13 = r#"{"cluster":{"apiServer":{"certSANs":["b.example"]}}}"#;
    let alias =
        r#"{"apiVersion":"v1alpha1","kind":"LinkAliasConfig","name":"vip0","selector":{"match":"link.busPath == 1"}}"#;
    let both = interfaces(r#"[{"interface":"eth0","deviceSelector":{"driver":"virtio"},"vip":{"ip":"192.168.0.15"}}]"#);
    let empty = interfaces(r#"[{"deviceSelector":{},"vip":{"ip":"192.168.0.15"}}]"#);
    let no_link = D.replace("eth0", "");
    let prefix = D.replace(VIP, "192.168.0.15/24");
    let unknown = D.replace("link", "interface");
    vec![
        (Case::new("VIP on a worker", "v1.9", &[L]).worker(), 9, "validate", "not allowed on non-controlplane nodes"),
        (Case::new("the older names on 1.14", "v1.14", &[sans13]), 14, "validate", "already set in v1alpha1 config"),
        (Case::new("the newer names on 1.13", "v1.13", &[sans14]), 14, "validate", "already set in v1alpha1 config"),
        (Case::new("link and selector", "v1.9", &[&both]), 9, "validate", "mutually exclusive"),
        (Case::new("empty selector", "v1.9", &[&empty]), 9, "validate", "should contain at least one field"),
        (Case::new("bad expression", "v1.12", &[alias]), 12, "validate", "link selector is invalid"),
        (Case::new("no link", "v1.12", &[&no_link]), 12, "validate", "link must be specified"),
        (Case::new("prefix length", "v1.12", &[&prefix]), 12, "validate", "name must be a valid IP address"),
        (Case::new("unknown field", "v1.12", &[&unknown]), 12, "load", "unknown keys"),
        (Case::new("twice in one text", "v1.12", &[&format!("{D}\n---\n{D}\n")]), 12, "load", "duplicate document"),
    ]
}

#[test]
fn what_talos_refuses_is_refused() {
    let oracles = need!(oracle::all());
    let bad = bad();
    let cases: Vec<Case> = bad.iter().map(|(case, ..)| case.clone()).collect();
    for (number, oracle) in oracles {
        for ((case, from, stage, words), answer) in bad.iter().zip(oracle.ask(&cases)) {
            let Some((failed_at, error)) = answer.failed.clone().filter(|_| number >= from) else {
                assert!(number < from, "{} is taken by v1.{number}: {:?}", case.name, answer.view);
                continue;
            };
            assert_eq!(failed_at, *stage, "{} read by v1.{number}: {error}", case.name);
            assert!(error.contains(words), "{} read by v1.{number}: {error}", case.name);
        }
    }
}

#[test]
fn a_document_that_a_version_lacks_is_refused_by_it() {
    let oracles = need!(oracle::all());
    for number in MINORS.iter().filter(|number| **number < 12) {
        let Some(oracle) = oracles.get(number) else { continue };
        let answer = oracle.ask_one(&Case::new("too new", "v1.9", &[D]));
        assert!(answer.error().contains("not registered"), "{}", answer.error());
    }
}

/// An answer as the programs give it.
fn answer(view: &str) -> Answer {
    let view: serde_json::Value = serde_json::from_str(&format!("{{{view}}}")).unwrap();
    Answer::read(&json!({"name": "x", "view": view}))
}

#[test]
fn what_differs_from_what_is_wanted_is_found() {
    let wanted = ExpectedPatch {
        machine_cert_sans: vec!["api.example.com".to_owned()],
        api_server_cert_sans: vec![VIP.to_owned()],
        ..wanted(&[(VIP, "eth0")], &[("192.168.0.10/24", "eth0")], &["eth0"])
    };
    let good = r#""vips":[{"ip":"192.168.0.15","link":"eth0"}],"addresses":[{"link":"eth0","address":"192.168.0.10/24"}],
        "dhcp":["eth0"],"routes":[],"aliases":[],"links":[],"vlans":[],
        "machine_cert_sans":["api.example.com"],"api_server_cert_sans":["192.168.0.15"]"#;
    assert_eq!(wanted.problems(&answer(good)), [""; 0]);
    for (from, to) in [
        (r#""link":"eth0"}],"addr"#, r#""link":"eth1"}],"addr"#),
        (r#"{"ip":"192.168.0.15","link":"eth0"}"#, ""),
        ("192.168.0.10/24", "192.168.0.15/24"),
        (r#""dhcp":["eth0"]"#, r#""dhcp":[]"#),
        (r#""dhcp":["eth0"]"#, r#""dhcp":["eth0"],"default_dhcp":false"#),
        (r#""routes":[]"#, r#""routes":[{"link":"eth0","destination":"","gateway":"192.168.0.1","metric":0}]"#),
        (r#""aliases":[]"#, r#""aliases":[{"name":"vip0","match":"true","devices":["eth0"]}]"#),
        ("api.example.com", ""),
        (r#"sans":["192.168.0.15"]"#, r#"sans":["192.168.0.15","192.168.0.15"]"#),
    ] {
        assert!(good.contains(from), "{from}");
        assert_eq!(wanted.problems(&answer(&good.replacen(from, to, 1))).len(), 1, "{from}");
    }
    // What carries a virtual IP, and is wrong in another way.
    let metric = |metric: u32| {
        let route =
            format!(r#""routes":[{{"link":"eth0","destination":"","gateway":"192.168.0.1","metric":{metric}}}]"#);
        answer(&good.replace(r#""routes":[]"#, &route))
    };
    let routed =
        ExpectedPatch { routes: vec![("192.168.0.1".to_owned(), "eth0".to_owned())], metric: 512, ..wanted.clone() };
    assert_eq!(routed.problems(&metric(512)), [""; 0]);
    assert_eq!(routed.problems(&metric(0)).len(), 1);
    let aliased = r#""aliases":[{"name":"eth0","match":"true","devices":["eth0","eth1"]}]"#;
    let aliased = answer(&good.replace(r#""aliases":[]"#, aliased));
    assert_eq!(wanted.problems(&aliased).len(), 1);
    assert_eq!(ExpectedPatch { may_find_several: true, ..wanted.clone() }.problems(&aliased), [""; 0]);
    let vlan = answer(&good.replace(r#""vlans":[]"#, r#""vlans":[{"link":"eth1.7","id":7,"parent":"eth1"}]"#));
    let declared = ExpectedPatch { vlans: vec!["eth1.7=7@eth1".to_owned()], ..wanted.clone() };
    assert_eq!(wanted.problems(&vlan).len(), 2);
    assert_eq!(declared.problems(&vlan).len(), 1);
    assert_eq!(ExpectedPatch { left_down: vec!["eth1".to_owned()], ..declared }.problems(&vlan), [""; 0]);
    let failed = Answer::read(&json!({"name": "x", "stage": "validate", "error": "no"}));
    assert_eq!(wanted.problems(&failed), ["validate: no"]);
    let warned = Answer { warnings: vec!["x".to_owned()], ..answer(good) };
    assert_eq!(wanted.problems(&warned).len(), 1);
}

#[test]
fn an_empty_name_reaches_the_certificate_and_is_found() {
    // Talos checks no name: only the comparison with what was promised shows it.
    let oracles = need!(oracle::all());
    for (number, oracle) in oracles {
        let answer = oracle.ask_one(&Case::new("empty name", "v1.9", &[r#"{"machine":{"certSANs":[""]}}"#]));
        assert_eq!(answer.error(), "", "v1.{number}");
        assert_eq!(answer.view.machine_cert_sans, [""], "v1.{number}");
        assert_eq!(ExpectedPatch::default().problems(&answer).len(), 1);
    }
}
