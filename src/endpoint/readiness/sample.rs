//! Samples for the tests beside the code.

use super::attributes::{ENDPOINT, NODE_KUBERNETES_API_PORT, TARGET_GROUP_ARNS};
use crate::endpoint::contract::{HOST, KUBERNETES_API_ENDPOINT, MACHINE_CERT_SANS, NODES, TALOS_API_ENDPOINT};
use crate::framework::value::{Object, Value};

/// An endpoint behind `api.example.com`, with these nodes.
pub fn config(nodes: Value) -> Object {
    let endpoint = Object::from([
        (HOST.to_owned(), "api.example.com".into()),
        (KUBERNETES_API_ENDPOINT.to_owned(), "https://api.example.com:6443".into()),
        (TALOS_API_ENDPOINT.to_owned(), "api.example.com:50000".into()),
        (MACHINE_CERT_SANS.to_owned(), Value::list(["api.example.com".into(), "vpn.example.com".into()])),
        (NODES.to_owned(), nodes),
    ]);
    Object::from([
        (ENDPOINT.to_owned(), Value::Object(endpoint)),
        (TARGET_GROUP_ARNS.to_owned(), Value::Null),
        (NODE_KUBERNETES_API_PORT.to_owned(), Value::Null),
    ])
}
