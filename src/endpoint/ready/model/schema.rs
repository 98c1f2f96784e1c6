//! The attributes of `talosendpoint_ready`.

use std::sync::LazyLock;

use names::*;

use crate::endpoint::contract::{HOST, KUBERNETES_API_ENDPOINT, MACHINE_CERT_SANS, NODES, TALOS_API_ENDPOINT};
use crate::endpoint::readiness::attributes::{
    ADDRESS, NODE_ENDPOINT, endpoint_input, node_kubernetes_api_port_input, target_group_arns_input,
};
use crate::endpoint::readiness::target::Api;
use crate::endpoint::timeouts::{self, Operation};
use crate::framework::schema::{Attribute, Schema};
use crate::framework::ty::Type;
use crate::framework::validator::{at_least, each, no_nulls, one_of};

/// What the attributes are called.
#[allow(missing_docs, reason = "the schema describes each of them")]
pub mod names {
    pub use crate::endpoint::readiness::attributes::ENDPOINT;
    pub const WAIT_FOR: &str = "wait_for";
    pub const TRIGGERS: &str = "triggers";
}

/// What the outputs repeat of the endpoint.
pub const REPEATED: [&str; 5] = [HOST, KUBERNETES_API_ENDPOINT, TALOS_API_ENDPOINT, MACHINE_CERT_SANS, NODES];

/// What `wait_for` takes.
static APIS: [&str; 2] = ["kubernetes_api", "talos_api"];

/// The schema, built once.
pub static SCHEMA: LazyLock<Schema> = LazyLock::new(|| Schema {
    version: 0,
    description: "Waits until an endpoint serves, seen from the machine that runs Terraform: every address of its \
                  name answers on fresh connections, three times, with at least a second between them. It waits \
                  when it is created and when `endpoint` or `triggers` change or `wait_for` grows, and at no other \
                  time: a plan, a refresh and a destroy contact nothing. Put it behind the bootstrap (`depends_on`), \
                  and what needs the cluster behind it. While it waits, the log says at INFO every 10 seconds how far \
                  each server was reached. When the time is up, the error says it, with what to do. Like \
                  `talosendpoint_health`, it sends no credentials and uses no proxy.",
    attributes: vec![
        endpoint_input(),
        Attribute::plain(WAIT_FOR, Type::set(Type::String))
            .optional_computed()
            .check(at_least(1))
            .check(no_nulls())
            .check(each(one_of(&APIS).explain(|_| Some("It is no API of an endpoint.".to_owned()))))
            .describe("What must serve: `kubernetes_api`, `talos_api`. Default: those that the endpoint has."),
        Attribute::plain(TRIGGERS, Type::map(Type::String)).describe(
            "Any values; when one changes, the endpoint is waited for again, such as after an upgrade. Default: none.",
        ),
        node_kubernetes_api_port_input(),
        target_group_arns_input(
            "ARNs of the target groups of a Network Load Balancer. Their target health is in the error when the time \
             is up; it isn't waited for. Default: none, and AWS isn't asked.",
        ),
        timeouts::of(&[Operation::Create, Operation::Update]),
        Attribute::string(HOST)
            .computed()
            .describe("What clients dial. Known at plan; a resource that uses it is applied after the wait."),
        Attribute::string(KUBERNETES_API_ENDPOINT)
            .computed()
            .describe("URL of the Kubernetes API. Known at plan; a resource that uses it is applied after the wait."),
        Attribute::string(TALOS_API_ENDPOINT).computed().describe(
            "`HOST:PORT` of the Talos API. Known at plan; a resource that uses it is applied after the wait.",
        ),
        Attribute::plain(MACHINE_CERT_SANS, Type::list(Type::String)).computed().describe("As in `endpoint`."),
        Attribute::plain(NODES, Type::map(Type::object([(ADDRESS, Type::String), (NODE_ENDPOINT, Type::String)])))
            .computed()
            .describe("The nodes, as in `endpoint`."),
    ],
});

/// The APIs that a set of names holds.
pub fn apis(names: &[&str]) -> Vec<Api> {
    Api::ALL.into_iter().filter(|api| names.contains(&api.name())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_api_can_be_waited_for() {
        assert_eq!(Api::ALL.map(Api::name), APIS);
        assert_eq!(apis(&["talos_api"]), [Api::Talos]);
    }
}
