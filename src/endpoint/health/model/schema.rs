//! The attributes of `talosendpoint_health`.

use std::sync::LazyLock;
use std::time::Duration;

use names::*;

use crate::endpoint::duration;
use crate::endpoint::readiness::attributes::{endpoint_input, node_kubernetes_api_port_input, target_group_arns_input};
use crate::framework::schema::{Attribute, Nesting, Schema};
use crate::framework::ty::Type;
use crate::framework::validator::{Validator, text};

/// What the attributes are called.
#[allow(missing_docs, reason = "the schema describes each of them")]
pub mod names {
    pub use crate::endpoint::readiness::attributes::TARGET_GROUP_ARNS;
    pub const TIMEOUT: &str = "timeout";
    pub const HEALTHY: &str = "healthy";
    pub const SERVES: &str = "serves";
    pub const LOOKED_FROM: &str = "looked_from";
    pub const TARGETS: &str = "targets";
    pub const TARGET_GROUPS: &str = "target_groups";
    pub const ADDRESS: &str = "address";
    pub const STAGE: &str = "stage";
    pub const OK: &str = "ok";
    pub const MESSAGE: &str = "message";
    pub const LATENCY_MS: &str = "latency_ms";
    pub const CERTIFICATE: &str = "certificate";
    pub const NAMES: &str = "names";
    pub const ISSUER: &str = "issuer";
    pub const NOT_AFTER: &str = "not_after";
    pub const STATE: &str = "state";
    pub const REASON: &str = "reason";
}

/// How long it takes at most: a plan must not wait for what is dead.
pub const LONGEST: Duration = Duration::from_secs(5);

/// Under this a server that is merely far away would count as dead.
const SHORTEST: Duration = Duration::from_millis(100);

/// The schema, built once.
pub static SCHEMA: LazyLock<Schema> = LazyLock::new(|| Schema {
    version: 0,
    description: "Whether an endpoint serves at this moment, seen from the machine that runs Terraform. It probes the \
                  endpoint and each node once, in 5 seconds at most, and never fails for what it finds: let a `check` \
                  block report it, and read it after the `talosendpoint_ready` of the cluster (`depends_on`). Nothing \
                  is sent to a server but a request for `/readyz` without credentials, over a connection of its own \
                  that goes through no proxy. Certificates are checked for their names and dates, and not against an \
                  authority.",
    attributes: vec![
        endpoint_input(),
        Attribute::string(TIMEOUT)
            .default("5s")
            .check(limit())
            .describe("How long everything may take, at most `5s`. Default: `5s`."),
        node_kubernetes_api_port_input(),
        target_group_arns_input(
            "ARNs of the target groups of a Network Load Balancer, whose target health AWS is asked for. Default: \
             none, and AWS isn't asked.",
        ),
        Attribute::bool(SERVES).computed().describe(
            "Whether the endpoint serves, whatever its nodes do: it is what `talosendpoint_ready` waits for. One of \
             several nodes may still be joining, or be down.",
        ),
        Attribute::bool(HEALTHY).computed().describe(
            "Whether every server was probed and serves, each node too, and every target group has healthy targets \
             and, but for those that are draining, no others.",
        ),
        Attribute::string(MESSAGE).computed().describe(
            "What is at fault and what to do about it, a line each, for the `error_message` of a check; `The endpoint \
             serves.` where nothing is.",
        ),
        Attribute::string(LOOKED_FROM).computed().describe(
            "The machine that this was seen from, with the addresses that it dialled from. From inside of a network \
             and from outside the same endpoint may differ.",
        ),
        Attribute::nested(TARGETS, Nesting::Map, target()).computed().describe(
            "What was found, by server: `kubernetes_api` and `talos_api` of the endpoint, and `NODE/kubernetes_api` \
             and `NODE/talos_api` of each node.",
        ),
        Attribute::plain(
            TARGET_GROUPS,
            Type::map(Type::map(Type::object([
                (STATE, Type::String),
                (REASON, Type::String),
                (MESSAGE, Type::String),
            ]))),
        )
        .computed()
        .describe(
            "What AWS reports of the targets, by the group's ARN and by `ID:PORT` of the target: its `state`, the code \
             of the `reason`, and a `message` that says what that means. A group that couldn't be read is missing, \
             with a warning.",
        ),
    ],
});

fn target() -> Vec<Attribute> {
    vec![
        Attribute::string(ADDRESS).computed().describe("`HOST:PORT` that was dialled."),
        Attribute::string(STAGE).computed().describe(
            "Where the probe ended: `name` (DNS), `tcp` (connection), `tls` (certificate, and who answers), `http` \
             (`/readyz`), or `done`. Of several addresses of a name it is the one that came least far.",
        ),
        Attribute::bool(OK).computed().describe(
            "Whether it serves. The Kubernetes API does where `/readyz` answers 200, 401 or 403; the Talos API where \
             it asks for a client certificate as Talos does (its authority may have another name); both at every \
             address of the name.",
        ),
        Attribute::string(MESSAGE).computed().describe(
            "What was found and what to do about it, in one sentence. `not probed in time` says nothing about the \
             server.",
        ),
        Attribute::number(LATENCY_MS).computed().describe(
            "Milliseconds from the first packet to the end of the probe, be it by its time limit; null where no \
             connection came about.",
        ),
        Attribute::nested(CERTIFICATE, Nesting::Single, certificate())
            .computed()
            .describe("The certificate that it showed; null where there was none."),
    ]
}

fn certificate() -> Vec<Attribute> {
    vec![
        Attribute::plain(NAMES, Type::list(Type::String))
            .computed()
            .describe("DNS names and addresses that it is for."),
        Attribute::string(ISSUER).computed().describe("Who issued it, such as `O=kubernetes`."),
        Attribute::string(NOT_AFTER)
            .computed()
            .describe("Until when it is valid, as `2027-01-31T12:00:00Z`; `timecmp` takes it."),
    ]
}

fn limit() -> Validator {
    text("must be a duration from `100ms` to `5s`", is_short).explain(|text| duration::fault(text, is_short))
}

fn is_short(text: &str) -> bool {
    duration::parse(text).is_some_and(|limit| (SHORTEST..=LONGEST).contains(&limit))
}
