//! The attributes of `talosendpoint_nlb`.

#[allow(missing_docs, reason = "the schema describes each of them")]
pub mod names;

use std::sync::LazyLock;

use super::role::Role;
use crate::endpoint::attributes;
use crate::endpoint::contract;
use crate::endpoint::timeouts;
use crate::framework::identity::Identity;
use crate::framework::schema::{Attribute, Nesting, Schema};
use crate::framework::ty::Type;
use crate::framework::validator::{at_least, between, each, length_between, no_nulls, one_of, text};

/// The schema, built once.
pub static SCHEMA: LazyLock<Schema> = LazyLock::new(|| Schema {
    version: 0,
    description: "An AWS Network Load Balancer in front of the control plane: load balancer, target groups and \
                  listeners as one resource. Nodes are put behind it with `talosendpoint_nlb_attachment`.",
    attributes: [names(), network(), behaviour(), listeners(), general(), outputs(), contract::outputs()].concat(),
});

/// A load balancer keeps its ARN for as long as it exists; its name can be given again. An import takes the ARN.
pub static IDENTITY: Identity = Identity {
    version: 0,
    attributes: &[names::ARN],
    import_id: |identity| Some(identity.get(names::ARN)?.as_str()?.to_owned()),
};

fn names() -> Vec<Attribute> {
    vec![
        Attribute::string(names::NAME)
            .check(text(
                "must consist of letters, digits and single hyphens, not at the ends, and not begin with `internal-`",
                is_name,
            ))
            .check(length_between(1, 32))
            .describe(
                "Base of all names: the load balancer is `NAME-api-nlb`, the target groups `NAME-api-tg`, \
                 `NAME-apid-tg`, `NAME-wk-apid-tg` and `NAME-trustd-tg`, each at most 32 characters. Exactly one of \
                 `name` and `load_balancer_name` is needed.",
            ),
        Attribute::string(names::LOAD_BALANCER_NAME)
            .check(text(
                "must consist of letters, digits and single hyphens, not at the ends, and not begin with `internal-`",
                is_name,
            ))
            .check(length_between(1, 32))
            .describe(
                "Name of the load balancer as it is, instead of one made from `name`. Then every listener that is on \
                 needs a `target_group_name`.",
            ),
        Attribute::string(names::REGION).optional_computed().keep_prior().check(attributes::region()).describe(
            "Region of the load balancer. Default: the provider's region at creation; afterwards the load balancer \
             stays where it is.",
        ),
        Attribute::string(contract::HOST)
            .optional_computed()
            .check(contract::host_name())
            .describe(contract::HOST_DESCRIPTION),
        contract::additional_names_input(),
    ]
}

fn network() -> Vec<Attribute> {
    vec![
        Attribute::plain(names::SUBNET_IDS, Type::set(Type::String))
            .check(at_least(1))
            .check(no_nulls())
            .check(each(length_between(1, 64)))
            .describe(
                "Subnets of the load balancer, one per Availability Zone. Exactly one of `subnet_ids` and \
                 `subnet_mappings` is needed.",
            ),
        Attribute::nested(
            names::SUBNET_MAPPINGS,
            Nesting::Set,
            vec![
                Attribute::string(names::SUBNET_ID).required().check(length_between(1, 64)).describe("The subnet."),
                Attribute::string(names::ALLOCATION_ID)
                    .check(length_between(1, 64))
                    .describe("Allocation of an Elastic IP for this subnet. Internet-facing load balancers only."),
                Attribute::string(names::PRIVATE_IPV4_ADDRESS)
                    .check(attributes::ipv4_address())
                    .describe("Private IPv4 address in this subnet. Internal load balancers only."),
                Attribute::string(names::IPV6_ADDRESS)
                    .check(attributes::ipv6_address())
                    .describe("IPv6 address in this subnet. Needs `ip_address_type = \"dualstack\"`."),
            ],
        )
        .check(at_least(1))
        .describe("Subnets with pinned addresses, instead of `subnet_ids`."),
        Attribute::string(names::VPC_ID).optional_computed().keep_prior().check(length_between(1, 64)).describe(
            "VPC of the target groups. Default: the one that AWS reports for the load balancer. With it, target groups \
             need not wait for the load balancer.",
        ),
        Attribute::bool(names::INTERNAL).default(true).describe(
            "Whether the load balancer has private addresses only. Default: `true`, so that nothing is public by \
             accident.",
        ),
        Attribute::plain(names::SECURITY_GROUP_IDS, Type::set(Type::String))
            .check(no_nulls())
            .check(each(length_between(1, 64)))
            .describe(
                "Security groups of the load balancer. One that is created without any can never be given one, and one \
                 that has some can never lose the last. Default: none.",
            ),
        Attribute::string(names::PRIVATE_LINK_RULES).optional_computed().check(one_of(&["on", "off"])).describe(
            "Whether the inbound rules of the security groups hold for PrivateLink traffic: `on` or `off`. Default: \
             `on` with security groups, nothing without.",
        ),
        Attribute::string(names::IP_ADDRESS_TYPE)
            .default("ipv4")
            .check(one_of(&["ipv4", "dualstack"]))
            .describe("Address family of the load balancer: `ipv4` or `dualstack`. Default: `ipv4`."),
        Attribute::string(names::TARGET_TYPE)
            .default("instance")
            .check(one_of(&["instance", "ip"]))
            .describe("What targets are: `instance` (instance ids) or `ip` (addresses). Default: `instance`."),
    ]
}

fn behaviour() -> Vec<Attribute> {
    vec![
        Attribute::bool(names::ENABLE_DELETION_PROTECTION).default(false).describe(
            "Whether AWS refuses to delete the load balancer. While it is on, a destroy or a replacement is an error \
             at plan. Default: `false`.",
        ),
        Attribute::bool(names::ENABLE_CROSS_ZONE_LOAD_BALANCING).default(false).describe(
            "Whether each zone's node sends to the targets of all zones. Needed where not every zone has a control \
             plane. Default: `false`.",
        ),
        Attribute::bool(names::PRESERVE_CLIENT_IP).optional_computed().describe(
            "Whether targets see the client's address. Default: `true` for an internet-facing load balancer without \
             security groups (the nodes' security groups then filter by client address), else `false`: with it on, a \
             node that dials its own endpoint and lands on itself times out.",
        ),
        Attribute::number(names::DEREGISTRATION_DELAY)
            .default(30)
            .check(between(0, 3600))
            .describe("Seconds that a removed target may finish its connections. Default: `30`."),
        Attribute::bool(names::CONNECTION_TERMINATION).default(false).describe(
            "Whether connections that are left at the end of the deregistration delay are cut. Default: `false`.",
        ),
        Attribute::number(names::TCP_IDLE_TIMEOUT)
            .default(350)
            .check(between(60, 6000))
            .describe("Seconds after which an idle connection is dropped. Default: `350`."),
        Attribute::nested(names::HEALTH_CHECK, Nesting::Single, common_health_check())
            .default_members()
            .describe("How targets are checked. Each listener can override it field by field."),
    ]
}

fn listeners() -> Vec<Attribute> {
    vec![
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
        Attribute::number(names::TARGET_PORT)
            .default(target_port)
            .check(between(1, 65535))
            .describe("Port of the targets. A change makes a new target group, to which the targets are moved."),
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

fn general() -> Vec<Attribute> {
    vec![
        Attribute::bool(names::ALLOW_REPLACEMENT).default(false).describe(
            "Whether a change may replace the load balancer. Its DNS name changes then, and every kubeconfig and node \
             holds the old one. Default: `false`.",
        ),
        Attribute::string(contract::TALOS_VERSION)
            .check(contract::talos_version())
            .describe(contract::TALOS_VERSION_DESCRIPTION),
        Attribute::plain(names::TAGS, Type::map(Type::String)).check(no_nulls()).check(attributes::tag_map()).describe(
            "Tags of everything that is made here, over the provider's `default_tags`. Other tags are left alone.",
        ),
        timeouts::attribute(),
    ]
}

fn outputs() -> Vec<Attribute> {
    let group = Type::object([(names::ARN, Type::String), (names::NAME, Type::String), (names::PORT, Type::Number)]);
    vec![
        Attribute::string(names::ID).computed().keep_prior().describe("The ARN of the load balancer."),
        Attribute::string(names::ARN)
            .computed()
            .keep_prior()
            .describe("The ARN of the load balancer, for listeners of your own."),
        Attribute::string(names::ARN_SUFFIX)
            .computed()
            .keep_prior()
            .describe("The part of the ARN that CloudWatch uses: `net/NAME/ID`."),
        Attribute::string(names::DNS_NAME)
            .computed()
            .keep_prior()
            .describe("The DNS name that AWS gave the load balancer."),
        Attribute::string(names::ZONE_ID)
            .computed()
            .keep_prior()
            .describe("The hosted zone of `dns_name`, for alias records."),
        Attribute::plain(names::TAGS_ALL, Type::map(Type::String))
            .computed()
            .describe("All managed tags: `default_tags` and `tags`."),
        Attribute::string(names::KUBERNETES_API_TARGET_GROUP_ARN)
            .computed()
            .describe("The target group of the Kubernetes API; null when off."),
        Attribute::string(names::TALOS_API_TARGET_GROUP_ARN)
            .computed()
            .describe("The target group of the Talos API; null when off."),
        Attribute::string(names::WORKER_TALOS_API_TARGET_GROUP_ARN)
            .computed()
            .describe("The target group of the workers' Talos API; null when off."),
        Attribute::plain(names::CONTROL_PLANE_TARGET_GROUP_ARNS, Type::set(Type::String))
            .computed()
            .describe("All target groups whose targets are control planes."),
        Attribute::plain(names::WORKER_TARGET_GROUP_ARNS, Type::set(Type::String))
            .computed()
            .describe("All target groups whose targets are workers."),
        Attribute::plain(names::TARGET_GROUPS, Type::map(group))
            .computed()
            .describe("All target groups by listener: `arn`, `name` and `port` of each."),
        Attribute::plain(names::LISTENER_ARNS, Type::map(Type::String))
            .computed()
            .describe("The ARNs of all listeners by listener."),
    ]
}

fn listener_description(member: &str) -> &'static str {
    match member {
        names::INTERVAL => "Seconds between two checks. Default: the common value.",
        names::TIMEOUT => "Seconds to wait for an answer; not more than `interval`. Default: the common value.",
        names::HEALTHY_THRESHOLD => "Successes in a row that make a target healthy. Default: the common value.",
        _ => "Failures in a row that make a target unhealthy. Default: the common value.",
    }
}

/// The rules that AWS has for names of load balancers (API reference of CreateLoadBalancer), and the double hyphen, which some
/// regions refuse without saying so in the documentation.
fn is_name(name: &str) -> bool {
    is_group_name(name) && !name.starts_with("internal-")
}

fn is_group_name(name: &str) -> bool {
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
    fn names_follow_the_rules_of_aws() {
        for good in ["a", "prod-talos", "A1"] {
            assert!(is_name(good), "{good}");
        }
        for bad in ["-a", "a-", "a--b", "a_b", "internal-x", "ü"] {
            assert!(!is_name(bad), "{bad}");
        }
    }

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
