//! The settings that AWS keeps as attributes of the load balancer, its target groups and its listeners.

use super::names;
use crate::framework::schema::{Attribute, Nesting};
use crate::framework::validator::{Validator, between, one_of};

/// All of them; the table in `model/settings.rs` has a row for each.
pub(super) fn attributes() -> Vec<Attribute> {
    [of_the_load_balancer(), of_target_groups(), of_listeners()].concat()
}

fn of_the_load_balancer() -> Vec<Attribute> {
    vec![
        Attribute::bool(names::ENABLE_DELETION_PROTECTION).default(false).describe(
            "Whether AWS refuses to delete the load balancer. While it is on, a destroy or a replacement is an error \
             at plan. Default: `false`.",
        ),
        Attribute::bool(names::ENABLE_CROSS_ZONE_LOAD_BALANCING).default(false).describe(
            "Whether each zone's node sends to the targets of all zones. Needed where not every zone has a control \
             plane. Default: `false`.",
        ),
        Attribute::string(names::DNS_RECORD_CLIENT_ROUTING_POLICY)
            .default("any_availability_zone")
            .check(one_of(ROUTING_POLICIES))
            .describe(
                "Which zone's addresses a client in the same VPC gets from the DNS name: `any_availability_zone`, \
                 `partial_availability_zone_affinity` (85 % in its own zone) or `availability_zone_affinity` (its own \
                 only, while that has healthy targets). Clients elsewhere get all of them. Default: \
                 `any_availability_zone`.",
            ),
        Attribute::bool(names::ZONAL_SHIFT).describe(
            "Whether a zone may be taken out of the DNS name by a zonal shift of Amazon Application Recovery \
             Controller. Left out, it is left as it is in AWS, because operators switch it by hand.",
        ),
    ]
}

fn of_target_groups() -> Vec<Attribute> {
    vec![
        Attribute::bool(names::PRESERVE_CLIENT_IP).optional_computed().describe(
            "Whether targets see the client's address. Default: `true` for an internet-facing load balancer without \
             security groups (the nodes' security groups then filter by client address), else `false`: with it on, a \
             node that dials its own endpoint and lands on itself times out.",
        ),
        Attribute::number(names::DEREGISTRATION_DELAY)
            .default(30)
            .check(between(0, 3600))
            .describe("Seconds that a removed target may finish its connections. Default: `30`."),
        Attribute::bool(names::CONNECTION_TERMINATION).default(true).describe(
            "Whether connections that are left at the end of the deregistration delay are reset. Without it, a client \
             that only listens (`kubectl get --watch`, `talosctl logs -f`, a kubelet) isn't told that its node has \
             gone, and hangs until its own timeout; with it, it dials again at once and reaches another node. \
             Default: `true`.",
        ),
        target_health_state(),
        target_group_health(),
    ]
}

fn of_listeners() -> Vec<Attribute> {
    vec![
        Attribute::number(names::TCP_IDLE_TIMEOUT)
            .default(350)
            .check(between(60, 6000))
            .describe("Seconds after which an idle connection is dropped. Default: `350`."),
    ]
}

fn target_health_state() -> Attribute {
    Attribute::nested(
        names::TARGET_HEALTH_STATE,
        Nesting::Single,
        vec![
            Attribute::bool(names::ENABLE_UNHEALTHY_CONNECTION_TERMINATION)
                .default(true)
                .describe("Whether connections to a target that becomes unhealthy are reset. Default: `true`."),
            Attribute::number(names::UNHEALTHY_DRAINING_INTERVAL).default(0).check(between(0, 360_000)).describe(
                "Seconds that a target which becomes unhealthy keeps its connections. Needs \
                 `enable_unhealthy_connection_termination = false`. Default: `0`.",
            ),
        ],
    )
    .default_members()
    .describe("What becomes of the connections to unhealthy targets, in every target group.")
}

fn target_group_health() -> Attribute {
    let percentage = || {
        Attribute::string(names::MINIMUM_HEALTHY_TARGETS_PERCENTAGE).default("off").check(off_or(100)).describe(
            "Percentage of targets that must be healthy, from 1 to 100, or `off`. Where the count is set too, either \
             is enough to react. Default: `off`.",
        )
    };
    let dns_failover = vec![
        Attribute::string(names::MINIMUM_HEALTHY_TARGETS_COUNT)
            .default("1")
            .check(off_or(MOST_TARGETS))
            .describe("Number of targets that must be healthy, or `off`. Default: `1`."),
        percentage(),
    ];
    let routing = vec![
        Attribute::number(names::MINIMUM_HEALTHY_TARGETS_COUNT)
            .default(1)
            .check(between(1, MOST_TARGETS))
            .describe("Number of targets that must be healthy. Default: `1`."),
        percentage(),
    ];
    Attribute::nested(
        names::TARGET_GROUP_HEALTH,
        Nesting::Single,
        vec![
            Attribute::nested(names::DNS_FAILOVER, Nesting::Single, dns_failover)
                .default_members()
                .describe("When a zone is taken out of the DNS name: it has fewer healthy targets than this."),
            Attribute::nested(names::UNHEALTHY_STATE_ROUTING, Nesting::Single, routing).default_members().describe(
                "When a zone sends to all its targets, unhealthy ones too: it has fewer healthy targets than this.",
            ),
        ],
    )
    .default_members()
    .describe("How many healthy targets a zone must have, in every target group.")
}

/// The values of `dns_record.client_routing_policy` (API reference of LoadBalancerAttribute).
const ROUTING_POLICIES: &[&str] =
    &["any_availability_zone", "partial_availability_zone_affinity", "availability_zone_affinity"];

/// The most targets of one target group (quota "Targets per Target Group per Region").
const MOST_TARGETS: i64 = 1000;

/// `off`, or a whole number from 1 to `most`.
fn off_or(most: i64) -> Validator {
    Validator::new(format!("must be `off` or a whole number from 1 to {most}"), move |value| {
        let Some(text) = value.as_str() else { return false };
        let number = text.parse::<i64>().ok().filter(|number| number.to_string() == text);
        text == "off" || number.is_some_and(|number| (1..=most).contains(&number))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_threshold_is_off_or_a_number() {
        let check = off_or(100);
        for good in ["off", "1", "100"] {
            assert!(check.accepts(&good.into()), "{good}");
        }
        for bad in ["", "on", "0", "101", "+1", "01", "1.5"] {
            assert!(!check.accepts(&bad.into()), "{bad}");
        }
    }
}
