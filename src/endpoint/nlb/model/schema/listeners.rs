//! The listeners, each with its target group and how that is checked.

use super::names;
use crate::endpoint::attributes;
use crate::endpoint::nlb::model::role::Role;
use crate::framework::schema::{Attribute, Nesting};
use crate::framework::validator::{between, length_between, one_of, text};

/// The common health check, and an object for each listener.
pub(super) fn attributes() -> Vec<Attribute> {
    vec![
        Attribute::nested(names::HEALTH_CHECK, Nesting::Single, common_health_check())
            .default_members()
            .describe("How targets are checked. Each listener can override it field by field."),
        listener(Role::KubernetesApi, Some(6443), 6443)
            .default_members()
            .describe("Listener for the Kubernetes API. Default: on, 6443 to 6443."),
        listener(Role::TalosApi, Some(50000), 50000)
            .default_members()
            .describe("Listener for the Talos API of the control plane. Default: on, 50000 to 50000."),
        listener(Role::WorkerTalosApi, None, 50000).describe(
            "Listener for the Talos API of workers. Default: off. On port 50001 it stands where Talos workers look for \
             trustd.",
        ),
        listener(Role::Trustd, Some(50001), 50001)
            .describe("Listener for trustd of the control plane. Default: off; `{}` switches it on, 50001 to 50001."),
    ]
}

fn listener(role: Role, port: Option<i64>, target_port: i64) -> Attribute {
    let port = match port {
        Some(port) => Attribute::number(names::PORT).default(port).describe("Port of the listener."),
        None => Attribute::number(names::PORT)
            .required()
            .describe("Port of the listener. Not 50001, where workers look for trustd."),
    };
    let members = vec![
        Attribute::bool(names::ENABLED)
            .default(true)
            .describe("Whether the listener and its target group exist. Default: `true`."),
        port.check(between(1, 65535)),
        Attribute::number(names::TARGET_PORT).default(target_port).check(between(1, 65535)).describe(
            "Port of the targets. A change makes a new target group, to which the targets are moved; an Auto \
             Scaling group keeps the ARN of the old one unless its `target_group_arns` refer to an output of this \
             resource.",
        ),
        Attribute::string(names::TARGET_GROUP_NAME)
            .optional_computed()
            .check(text("must consist of letters, digits and single hyphens, not at the ends", is_group_name))
            .check(length_between(1, 32))
            .describe("Name of the target group. Default: made from `name`."),
        Attribute::nested(names::HEALTH_CHECK, Nesting::Single, listener_health_check())
            .optional_computed()
            .describe("How the targets of this listener are checked. Default: the common `health_check`."),
    ];
    Attribute::nested(role.name(), Nesting::Single, members)
}

fn common_health_check() -> Vec<Attribute> {
    vec![
        Attribute::number(names::INTERVAL)
            .default(10)
            .check(between(5, 300))
            .describe("Seconds between two checks. Default: `10`."),
        Attribute::number(names::TIMEOUT)
            .default(5)
            .check(between(2, 120))
            .describe("Seconds to wait for an answer; not more than `interval`. Default: `5`."),
        Attribute::number(names::HEALTHY_THRESHOLD)
            .default(2)
            .check(between(2, 10))
            .describe("Successes in a row that make a target healthy. Default: `2`."),
        Attribute::number(names::UNHEALTHY_THRESHOLD)
            .default(2)
            .check(between(2, 10))
            .describe("Failures in a row that make a target unhealthy. Default: `2`."),
    ]
}

/// As the common one, without defaults (they are the common values), and with what differs from port to port.
fn listener_health_check() -> Vec<Attribute> {
    let mut members: Vec<Attribute> = common_health_check()
        .into_iter()
        .map(|member| {
            let description = listener_description(member.name);
            Attribute { default: None, ..member }.describe(description)
        })
        .collect();
    members.extend([
        Attribute::string(names::PROTOCOL)
            .default("TCP")
            .check(one_of(&["TCP", "HTTP", "HTTPS"]))
            .describe("Protocol of the check: `TCP`, `HTTP` or `HTTPS`. Default: `TCP`."),
        Attribute::string(names::PORT)
            .default("traffic-port")
            .check(text("must be `traffic-port` or a port from 1 to 65535", is_check_port))
            .describe("Port of the check: `traffic-port` (the target's own) or a number. Default: `traffic-port`."),
        Attribute::string(names::PATH)
            .optional_computed()
            .check(text("must begin with `/`", |path| path.starts_with('/')))
            .check(length_between(1, 1024))
            .describe("Path asked for. HTTP and HTTPS only. Default: `/`."),
        Attribute::string(names::MATCHER)
            .optional_computed()
            .check(text("must be status codes from 200 to 599 such as `200-399,401`", is_matcher))
            .describe("Status codes that count as success. HTTP and HTTPS only. Default: `200-399`."),
    ]);
    members
}

fn listener_description(member: &str) -> &'static str {
    match member {
        names::INTERVAL => "Seconds between two checks. Default: the common value.",
        names::TIMEOUT => "Seconds to wait for an answer; not more than `interval`. Default: the common value.",
        names::HEALTHY_THRESHOLD => "Successes in a row that make a target healthy. Default: the common value.",
        _ => "Failures in a row that make a target unhealthy. Default: the common value.",
    }
}

/// The rules that AWS has for names of target groups, and no double hyphen: see `is_name`.
pub(super) fn is_group_name(name: &str) -> bool {
    name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
        && !name.starts_with('-')
        && !name.ends_with('-')
        && !name.contains("--")
}

fn is_check_port(port: &str) -> bool {
    port == "traffic-port" || attributes::is_port(port)
}

fn is_matcher(codes: &str) -> bool {
    let is_code = |code: &str| code.len() == 3 && code.parse::<u16>().is_ok_and(|code| (200..=599).contains(&code));
    codes.split(',').all(|part| match part.split_once('-') {
        Some((low, high)) => is_code(low) && is_code(high) && low <= high,
        None => is_code(part),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matchers_and_ports_follow_the_rules_of_aws() {
        for good in ["200", "200-399", "200-399,401", "599"] {
            assert!(is_matcher(good), "{good}");
        }
        for bad in ["", "199", "600", "300-200", "2xx", "200,", "200-"] {
            assert!(!is_matcher(bad), "{bad}");
        }
        assert!(is_check_port("traffic-port") && is_check_port("8080"));
        assert!(!is_check_port("0") && !is_check_port("65536") && !is_check_port("+80"));
    }
}
