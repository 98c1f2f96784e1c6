//! Whatever one form reports, the other reports too, or the table says why not.

use serde_json::{Value as Json, json};

use super::super::super::super::sample::{config, nodes, object, plan, validate};
use crate::framework::diagnostic::{Diagnostics, Severity};
use crate::framework::value::Value;

/// A title that one form has and the other lacks.
struct Difference {
    title: &'static str,
    only_in: &'static str,
    because: &'static str,
    /// Arguments that show it.
    example: fn() -> Json,
}

const LEGACY: &str = "v1.11";
const DOCUMENT: &str = "v1.13";

const DIFFERENCES: [Difference; 14] = [
    Difference {
        title: "The base configuration must address the link",
        only_in: LEGACY,
        because: "A document about a virtual IP alone leaves DHCP on the link as it is.",
        example: || json!({}),
    },
    Difference {
        title: "The selector never merges with the base configuration",
        only_in: LEGACY,
        because: "An alias is a document of its own; there is no entry for it to be merged with.",
        example: || json!({"interface": null, "device_selector": {"physical": true}}),
    },
    Difference {
        title: "The selector matches the VLAN too",
        only_in: LEGACY,
        because: "Aliases are given to hardware, and a VLAN is none.",
        example: || {
            let one = json!({"address": "192.168.0.10/24", "device_selector": {"hardware_addr": "bc:24:11:00:00:01"}});
            json!({"control_plane": {"cp-1": one}, "vlan_id": 7, "link_alias": "lan"})
        },
    },
    Difference {
        title: "Two virtual IPs on one link",
        only_in: LEGACY,
        because: "There is one document for each virtual IP, and one field for all of a link in the legacy form.",
        example: || json!({"additional_vips": [{"address": "192.168.0.16"}]}),
    },
    Difference {
        title: "Default DHCP ends",
        only_in: LEGACY,
        because: "The legacy form names the interface under a VLAN; a document about a virtual IP names none.",
        example: || json!({"vlan_id": 7}),
    },
    Difference {
        title: "Default DHCP ends",
        only_in: DOCUMENT,
        because: "The legacy form ends it on the named interface only, which the patch addresses.",
        example: || json!({"static_addressing": true, "gateway": "192.168.0.1"}),
    },
    Difference {
        title: "The base configuration must declare the VLAN",
        only_in: DOCUMENT,
        because: "The legacy form declares it in the patch.",
        example: || json!({"vlan_id": 7}),
    },
    Difference {
        title: "The base configuration must bring the link up",
        only_in: DOCUMENT,
        because: "An interface that the legacy form names is up.",
        example: || json!({"interface": "bond0", "vlan_id": 7, "dhcp": true}),
    },
    Difference {
        title: "The link may be declared twice",
        only_in: DOCUMENT,
        because: "The legacy form has one entry for a link of any kind.",
        example: || json!({"interface": "bond0", "static_addressing": true, "gateway": "192.168.0.1"}),
    },
    Difference {
        title: "The device may have an alias already",
        only_in: DOCUMENT,
        because: "The legacy form has no aliases.",
        example: || json!({"interface": null, "device_selector": {"bus_path": "0000:00:12.0"}}),
    },
    Difference {
        title: "The address belongs to an alias",
        only_in: DOCUMENT,
        because: "The legacy form puts the address under the device's own name.",
        example: || {
            let device = json!({"bus_path": "0000:00:12.0"});
            json!({"interface": null, "device_selector": device, "static_addressing": true, "gateway": "192.168.0.1"})
        },
    },
    Difference {
        title: "Alias used twice",
        only_in: DOCUMENT,
        because: "The legacy form has no aliases.",
        example: || {
            let second = json!({"address": "10.0.0.15", "device_selector": {"driver": "igb"}, "link_alias": "lan"});
            json!({"interface": null, "device_selector": {"driver": "virtio_net"}, "link_alias": "lan", "additional_vips": [second]})
        },
    },
    Difference {
        title: "Alias used twice",
        only_in: DOCUMENT,
        because: "The legacy form has no alias that `interface` could name as well.",
        example: || {
            let second = json!({"address": "10.0.0.15", "interface": "lan"});
            json!({"interface": null, "device_selector": {"driver": "igb"}, "link_alias": "lan", "additional_vips": [second]})
        },
    },
    Difference {
        title: "Two aliases for one device",
        only_in: DOCUMENT,
        because: "The legacy form has no aliases.",
        example: || {
            let second = json!({"address": "192.168.0.16", "link_alias": "wan", "vlan_id": 7});
            json!({"interface": null, "device_selector": {"driver": "virtio_net"}, "link_alias": "lan", "additional_vips": [second]})
        },
    },
];

/// The titles that `config` has in the form that is usual for `version`: errors where there are any, else warnings.
fn titles(config: &Value, version: &str, errors_only: bool) -> Vec<String> {
    let config = in_form(config, version);
    let problems = validate(&config);
    let of = |diagnostics: &Diagnostics, severity| -> Vec<String> {
        diagnostics.iter().filter(|one| one.severity == severity).map(|one| one.title.clone()).collect()
    };
    if errors_only || problems.has_error() {
        return of(&problems, Severity::Error);
    }
    of(&plan(&config, None).diagnostics, Severity::Warning)
}

fn in_form(config: &Value, version: &str) -> Value {
    let mut attributes = object(config).clone();
    attributes.insert("talos_version".to_owned(), version.into());
    attributes.insert("form".to_owned(), Value::Null);
    Value::Object(attributes)
}

/// Titles that only one of the forms has, each with the form.
fn differences(config: &Value) -> Vec<(String, &'static str)> {
    // What one of them refuses it doesn't warn of.
    let refused = [LEGACY, DOCUMENT].iter().any(|version| validate(&in_form(config, version)).has_error());
    let (legacy, document) = (titles(config, LEGACY, refused), titles(config, DOCUMENT, refused));
    let only = |these: &[String], others: &[String], form| -> Vec<(String, &'static str)> {
        these.iter().filter(|title| !others.contains(title)).map(|title| (title.clone(), form)).collect()
    };
    [only(&legacy, &document, LEGACY), only(&document, &legacy, DOCUMENT)].concat()
}

/// Both forms report the same of `config`, what the table explains aside.
#[track_caller]
pub fn agree(case: &str, config: &Value) {
    for (title, form) in differences(config) {
        let explained = DIFFERENCES.iter().any(|known| known.title == title && known.only_in == form);
        assert!(explained, "{case}: only the form of {form} reports `{title}`");
    }
}

#[test]
fn every_difference_exists_and_has_a_reason() {
    for known in &DIFFERENCES {
        let found = differences(&config((known.example)()));
        let expected = (known.title.to_owned(), known.only_in);
        assert!(found.contains(&expected), "{expected:?} is not among {found:?}");
        assert!(known.because.ends_with('.'), "{}", known.because);
    }
}

#[test]
fn raising_the_contract_loses_no_case() {
    // Links that the legacy form can express; the same arguments are taken from 1.12 on.
    let driver = || json!({"driver": "igb"});
    for changes in [
        json!({"vlan_id": 7}),
        json!({"interface": null, "device_selector": driver()}),
        json!({"interface": null, "device_selector": driver(), "vlan_id": 7}),
        json!({"interface": null, "device_selector": driver(), "vlan_id": 7, "dhcp": true}),
        json!({"interface": "bond0", "vlan_id": 7, "static_addressing": true, "gateway": "192.168.0.1"}),
        json!({"additional_vips": [{"address": "10.0.0.15", "device_selector": driver(), "vlan_id": 9}]}),
        json!({"control_plane": nodes([json!({"device_selector": driver(), "vlan_id": 7}), json!({}), json!({})])}),
    ] {
        let config = config(changes.clone());
        assert!(!validate(&in_form(&config, LEGACY)).has_error(), "{changes}");
        assert!(!validate(&in_form(&config, DOCUMENT)).has_error(), "{changes}");
    }
}
