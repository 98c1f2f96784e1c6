//! What the table in docs/guides/vip-links.md says of base configurations: with what it asks for, Talos sees a virtual IP on a link that
//! is declared and up; with what it warns of, Talos refuses the patches.

use std::collections::BTreeMap;

use lab::need;

use crate::answer::{Answer, texts};
use crate::case::Case;
use crate::golden;
use crate::oracle::{self, Oracle};

const BOND: &str = r#"{"apiVersion":"v1alpha1","kind":"BondConfig","name":"bond0","links":["eth0","eth1"],"bondMode":"active-backup"}"#;
const VLAN: &str = r#"{"apiVersion":"v1alpha1","kind":"VLANConfig","name":"eth0.30","vlanID":30,"parent":"eth0"}"#;
const LINK: &str = r#"{"apiVersion":"v1alpha1","kind":"LinkConfig","name":"eth0","mtu":9000,"up":true}"#;

/// The first node's patches of a golden case on a base configuration of the 1.13 contract that says `base` too.
fn on(case: &str, base: &[&str]) -> Case {
    let patches = texts(&golden::cases()[case]["patches"]["cp-1"]);
    let patches: Vec<&str> = patches.iter().map(String::as_str).collect();
    base.iter().fold(Case::new(case, "v1.12", &patches), |case, document| case.on(document))
}

/// The answers of every library that knows documents.
fn of_each(oracles: &BTreeMap<u32, Oracle>, case: &Case) -> Vec<(u32, Answer)> {
    let newer = oracles.iter().filter(|(number, _)| **number >= 12);
    newer.map(|(number, oracle)| (*number, oracle.ask_one(case))).collect()
}

#[test]
fn a_base_that_does_what_the_table_says_is_taken() {
    let oracles = need!(oracle::all());
    for (case, base, links, vlans) in [
        ("link-vlan-document", &[VLAN, LINK][..], &["eth0.30", "eth0"][..], &["eth0.30=30@eth0"][..]),
        // A declaration in both is one: the patch adds the address, and the base keeps what it said.
        ("link-vlan-static-document", &[VLAN, LINK], &["eth0.30", "eth0"], &["eth0.30=30@eth0"]),
        ("link-interface-static-document", &[LINK], &["eth0"], &[]),
        ("link-bond-document", &[BOND], &["bond0"], &[]),
        ("link-bond-vlan-static-document", &[BOND], &["bond0", "bond0.30"], &["bond0.30=30@bond0"]),
        ("link-second-vlan-static-document", &[LINK], &["eth0", "eth0.40"], &["eth0.40=40@eth0"]),
    ] {
        for (number, answer) in of_each(oracles, &on(case, base)) {
            assert_eq!(answer.error(), "", "{case} read by v1.{number}");
            assert_eq!(answer.view.links, links, "{case} read by v1.{number}");
            assert_eq!(answer.view.vlans, vlans, "{case} read by v1.{number}");
        }
    }
}

#[test]
fn a_bond_of_the_base_takes_addresses_in_the_legacy_form_only() {
    let oracles = need!(oracle::all());
    for (number, answer) in of_each(oracles, &on("link-bond-static-document", &[BOND])) {
        assert!(answer.error().contains("conflicting documents"), "v1.{number}: {}", answer.error());
    }
    for (number, answer) in of_each(oracles, &on("link-bond-static-legacy", &[BOND])) {
        assert_eq!(answer.error(), "", "v1.{number}");
        assert_eq!(answer.view.addresses, [("192.168.0.10/24".to_owned(), "bond0".to_owned())], "v1.{number}");
    }
}

#[test]
fn default_dhcp_ends_where_the_table_says() {
    let oracles = need!(oracle::all());
    for (case, kept) in [
        ("link-interface-document", true),
        ("link-vlan-document", true),
        ("link-device-document", true),
        ("link-device-vlan-document", true),
        ("link-interface-static-document", false),
        ("link-vlan-dhcp-document", false),
    ] {
        for (number, answer) in of_each(oracles, &on(case, &[])) {
            assert_eq!(answer.view.default_dhcp, Some(kept), "{case} read by v1.{number}");
        }
    }
}
