//! The names that every endpoint exports reach the certificates, in the form of each version contract.

use talosendpoint::endpoint::contract::{CertificateNames, Contract, TalosVersion};
use talosendpoint::framework::reader::Maybe;
use talosendpoint::framework::value::{Object, Value};

use lab::need;

use crate::case::Case;
use crate::oracle::{self, MINORS};

/// The contract's outputs for an endpoint of these names, with an entry of the first in the nodes' host tables.
fn outputs(host: &str, others: &[&str], entries: &[&str], version: &str) -> Object {
    let names = |names: &[&str]| Maybe::Known(names.iter().map(|name| Maybe::Known((*name).to_owned())).collect());
    let host = Maybe::Known(host.to_owned());
    let version = TalosVersion::parse(version);
    let contract = Contract {
        names: CertificateNames::of_host(host.clone(), names(others)),
        host,
        kubernetes_api_port: Maybe::Known(Some(6443)),
        talos_api_port: Maybe::Known(Some(50000)),
        balances_talos_api: Maybe::Known(true),
        host_entry: names(entries),
        network_documents: Maybe::Known(version.is_some_and(TalosVersion::has_network_documents)),
        talos_version: Maybe::Known(version),
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
            let objects: Vec<Object> = made_for.iter().map(|version| outputs(host, others, &[], version)).collect();
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

#[test]
fn the_host_is_in_the_host_tables_of_all_nodes_in_every_version() {
    let oracles = need!(oracle::all());
    let addresses = ["192.168.30.30", "2001:db8::30"];
    for (minor, oracle) in oracles {
        for made_for in MINORS.iter().filter(|contract| *contract <= minor) {
            let version = format!("v1.{made_for}");
            let object = outputs("api.example.com", &[], &addresses, &version);
            let case = |patches: &str| {
                let patches = texts(&object[patches]);
                Case::new("host table", &version, &patches.iter().map(String::as_str).collect::<Vec<_>>())
            };
            let cases = [case("control_plane_config_patches"), case("worker_config_patches").worker()];
            for answer in oracle.ask(&cases) {
                assert_eq!(answer.error(), "", "{version} read by v1.{minor}");
                assert_eq!(answer.warnings, [""; 0], "{version} read by v1.{minor}");
                let wanted = addresses.map(|ip| (ip.to_owned(), vec!["api.example.com".to_owned()]));
                assert_eq!(answer.view.hosts, wanted, "{version} read by v1.{minor}");
            }
        }
    }
}
