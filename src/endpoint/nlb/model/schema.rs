//! The attributes of `talosendpoint_nlb`.

#[allow(missing_docs, reason = "the schema describes each of them")]
pub mod names;
mod settings;
mod listeners;

use std::sync::LazyLock;

use crate::endpoint::attributes;
use crate::endpoint::contract;
use crate::endpoint::timeouts;
use crate::framework::diagnostic::Diagnostic;
use crate::framework::identity::Identity;
use crate::framework::path::Path;
use crate::framework::schema::{Attribute, Nesting, Schema};
use crate::framework::ty::Type;
use crate::framework::validator::{at_least, each, length_between, no_nulls, one_of, text};
use crate::framework::value::{Object, Value};

/// The schema, built once.
pub static SCHEMA: LazyLock<Schema> = LazyLock::new(|| Schema {
    version: 0,
    description: "An AWS Network Load Balancer in front of the control plane: load balancer, target groups and \
                  listeners as one resource. Nodes are put behind it with `talosendpoint_nlb_attachment`.",
    attributes: [
        names(),
        network(),
        settings::attributes(),
        listeners::attributes(),
        general(),
        outputs(),
        contract::outputs(),
    ]
    .concat(),
});

/// A load balancer keeps its ARN for as long as it exists; its name can be given again. An import takes the ARN.
pub static IDENTITY: Identity = Identity { version: 0, attributes: &[names::ARN], optional: &[], import_id };

fn import_id(identity: &Object) -> Result<String, Diagnostic> {
    let arn = identity.get(names::ARN).and_then(Value::as_str).unwrap_or_default();
    if attributes::is_elb_arn(arn, "loadbalancer") {
        return Ok(arn.to_owned());
    }
    let detail = format!(
        "`arn` of the identity must be the ARN of a load balancer, but it is \"{arn}\". A name goes into `id`."
    );
    Err(Diagnostic::invalid(Path::of(names::ARN), "Invalid value", detail))
}

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
            .check(each(attributes::id_of("subnet")))
            .describe(
                "Subnets of the load balancer, one per Availability Zone. Exactly one of `subnet_ids` and \
                 `subnet_mappings` is needed.",
            ),
        Attribute::nested(
            names::SUBNET_MAPPINGS,
            Nesting::Set,
            vec![
                Attribute::string(names::SUBNET_ID)
                    .required()
                    .check(attributes::id_of("subnet"))
                    .describe("The subnet."),
                Attribute::string(names::ALLOCATION_ID)
                    .check(attributes::id_of("eipalloc"))
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
        Attribute::string(names::VPC_ID).optional_computed().keep_prior().check(attributes::id_of("vpc")).describe(
            "VPC of the target groups. Default: the one that AWS reports for the load balancer. With it, target groups \
             need not wait for the load balancer.",
        ),
        Attribute::bool(names::INTERNAL).default(true).describe(
            "Whether the load balancer has private addresses only. Default: `true`, so that nothing is public by \
             accident.",
        ),
        Attribute::plain(names::SECURITY_GROUP_IDS, Type::set(Type::String))
            .check(no_nulls())
            .check(each(attributes::id_of("sg")))
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
        Attribute::string(names::TARGET_IP_ADDRESS_TYPE).default("ipv4").check(one_of(&["ipv4", "ipv6"])).describe(
            "Address family of the targets: `ipv4`, or `ipv6`, which needs `ip_address_type = \"dualstack\"` and \
                 instances with a primary IPv6 address. A change makes new target groups, to which the targets are \
                 moved. Default: `ipv4`.",
        ),
    ]
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

/// The rules that AWS has for names of load balancers (API reference of CreateLoadBalancer), and the double hyphen, which some
/// regions refuse without saying so in the documentation.
fn is_name(name: &str) -> bool {
    listeners::is_group_name(name) && !name.starts_with("internal-")
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
}
