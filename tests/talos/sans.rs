//! The names that every endpoint exports reach the certificates, in the form of each version contract.

use talosendpoint::endpoint::contract::{Contract, TalosVersion};
use talosendpoint::framework::reader::Maybe;
use talosendpoint::framework::value::{Object, Value};

use lab::need;

use crate::case::Case;
use crate::oracle::{self, MINORS};

/// The contract's outputs for an endpoint of these names.
fn outputs(host: &str, others: &[&str], version: &str) -> Object {
    let contract = Contract {
        host: Maybe::Known(host.to_owned()),
        other_names: others.iter().map(|name| Maybe::Known((*name).to_owned())).collect(),
        kubernetes_api_port: Maybe::Known(Some(6443)),
        talos_api_port: Maybe::Known(Some(50000)),
        talos_version: Maybe::Known(TalosVersion::parse(version)),
        nodes: Maybe::Known(Vec::new()),
    };
    let mut object = Object::new();
    contract.write(&mut object);
    object
}

fn texts(value: &Value) -> Vec<String> {
    value.elements().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
}

const NAMES: [(&str, &[&str]); 4] = [
    ("api.example.com", &[]),
    ("api.example.com", &["prod-api-nlb-1.elb.eu-central-1.amazonaws.com", "203.0.113.10"]),
    ("192.168.30.30", &["fd00::15"]),
    ("2001:db8::1", &["198.51.100.7"]),
];

#[test]
fn the_names_of_an_endpoint_reach_the_certificates_in_every_version() {
    let oracles = need!(oracle::all());
    for (minor, oracle) in oracles {
        // A node is upgraded and keeps its configuration: each library reads what was made for the older ones.
        let made_for: Vec<String> =
            MINORS.iter().filter(|contract| *contract <= minor).map(|contract| format!("v1.{contract}")).collect();
        for (host, others) in NAMES {
            let objects: Vec<Object> = made_for.iter().map(|version| outputs(host, others, version)).collect();
            let cases: Vec<Case> = made_for
                .iter()
                .zip(&objects)
                .map(|(version, object)| {
                    let patches = texts(&object["control_plane_config_patches"]);
                    let patches: Vec<&str> = patches.iter().map(String::as_str).collect();
                    let mut case = Case::new(host, version, &patches);
                    case.endpoint = object["kubernetes_api_endpoint"].as_str().unwrap().to_owned();
                    case
                })
                .collect();
            for ((case, object), answer) in cases.iter().zip(&objects).zip(oracle.ask(&cases)) {
                let place = format!("{host} of {} read by v1.{minor}", case.contract);
                assert_eq!(answer.error(), "", "{place}");
                assert_eq!(answer.warnings, [""; 0], "{place}");
                assert_eq!(answer.view.machine_cert_sans, texts(&object["machine_cert_sans"]), "{place}");
                assert_eq!(answer.view.api_server_cert_sans, texts(&object["api_server_cert_sans"]), "{place}");
            }
        }
    }
}
