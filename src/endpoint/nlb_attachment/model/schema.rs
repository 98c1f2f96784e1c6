//! The attributes of `talosendpoint_nlb_attachment`.

use std::net::IpAddr;
use std::sync::LazyLock;

use names::*;

use crate::endpoint::{attributes, timeouts};
use crate::framework::schema::{Attribute, Schema};
use crate::framework::ty::Type;
use crate::framework::validator::{at_least, between, each, no_nulls, text};

/// What the attributes are called.
#[allow(missing_docs, reason = "the schema describes each of them")]
pub mod names {
    pub const ID: &str = "id";
    pub const TARGET_ID: &str = "target_id";
    pub const TARGET_GROUP_ARNS: &str = "target_group_arns";
    pub const PORT: &str = "port";
    pub const AVAILABILITY_ZONE: &str = "availability_zone";
    pub const DRAIN: &str = "drain";
    pub use crate::endpoint::timeouts::TIMEOUTS;
    pub const REGISTERED: &str = "registered";
}

/// The schema, built once.
pub static SCHEMA: LazyLock<Schema> = LazyLock::new(|| Schema {
    version: 0,
    description: "A node behind an AWS Network Load Balancer: its registration in one or more target groups. Make one \
                  for each node, so that a node which is replaced is deregistered and drained before its instance \
                  ends. An attachment that is destroyed leaves a registration that another attachment has or gets in \
                  the same run: change keys or addresses as you like, though `moved` blocks are better. Attachments of \
                  two provider configurations (`alias`), or of two states, know nothing of each other.",
    attributes: vec![
        Attribute::string(TARGET_ID)
            .required()
            .requires_replace()
            .check(
                text("must be an instance id such as `i-0123456789abcdef0`, or an IP address", is_target)
                    .explain(of_another_shape),
            )
            .describe(
                "What is registered: an instance id, or an address for groups of the target type `ip`. May be unknown \
                 at plan.",
            ),
        Attribute::plain(TARGET_GROUP_ARNS, Type::set(Type::String))
            .required()
            .check(at_least(1))
            .check(no_nulls())
            .check(each(text("must be the ARN of a target group (`arn:…:targetgroup/…`)", is_target_group_arn)))
            .describe(
                "ARNs of the target groups, all in one region: the outputs `control_plane_target_group_arns` and \
                 `worker_target_group_arns` of `talosendpoint_nlb`, or others. When they change, the target is \
                 registered in new groups before it leaves old ones.",
            ),
        Attribute::number(PORT)
            .requires_replace()
            .check(between(1, 65535))
            .describe("Port of the target, in every group. Default: each group's own port."),
        Attribute::string(AVAILABILITY_ZONE)
            .requires_replace()
            .check(text("must be `all` or the name of an Availability Zone such as `us-east-1a`", is_zone))
            .describe(
                "Availability Zone of an address outside the load balancer's VPC, or `all`. Not for instances. \
                 Default: AWS finds it out.",
            ),
        Attribute::bool(DRAIN).default(true).describe(
            "Whether a removal waits until the target is drained, so that its instance ends only then: at most the \
             group's own deregistration delay and 60 seconds. A wait that expires is a warning. A destroy uses the \
             value of the last apply. Default: `true`.",
        ),
        timeouts::attribute(),
        Attribute::string(ID).computed().describe("The `target_id`."),
        Attribute::bool(REGISTERED).computed().describe(
            "Whether the target is registered in all of `target_group_arns`: `true` once applied. A plan shows it as \
             known after apply where the target has to be registered again, because another attachment with the same \
             registration is removed.",
        ),
    ],
});

/// An instance id or an address. Other ids are those of target types that no group of ours has.
fn is_target(id: &str) -> bool {
    is_instance(id) || id.parse::<IpAddr>().is_ok()
}

/// True for what has the form of an instance id.
pub fn is_instance(id: &str) -> bool {
    id.strip_prefix("i-").is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

fn of_another_shape(id: &str) -> Option<String> {
    let said = if id.starts_with("arn:") {
        "It is an ARN. Write the `id` of the instance."
    } else if id.parse::<IpAddr>().is_err() && id.split_once('/').is_some_and(|(ip, _)| ip.parse::<IpAddr>().is_ok()) {
        "It is a network. Write the address alone, without a prefix length."
    } else if id.trim() != id {
        "It begins or ends with a blank. Remove that."
    } else {
        return None;
    };
    Some(said.to_owned())
}

/// `arn:PARTITION:elasticloadbalancing:REGION:ACCOUNT:targetgroup/NAME/ID`
pub fn is_target_group_arn(arn: &str) -> bool {
    let mut parts = arn.splitn(6, ':');
    let mut next = || parts.next().unwrap_or_default();
    let (prefix, partition, service, region, account, resource) = (next(), next(), next(), next(), next(), next());
    prefix == "arn"
        && !partition.is_empty()
        && service == "elasticloadbalancing"
        && attributes::is_region(region)
        && !account.is_empty()
        && resource.strip_prefix("targetgroup/").is_some_and(|rest| !rest.is_empty())
        && !arn.contains([' ', ','])
}

/// Names of zones, local zones and Wavelength zones; not the ids (`use1-az1`), which AWS doesn't take here.
fn is_zone(zone: &str) -> bool {
    let hyphens = zone.chars().filter(|c| *c == '-').count();
    let characters = zone.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    zone == "all"
        || characters && hyphens >= 2 && zone.starts_with(|c: char| c.is_ascii_lowercase()) && !zone.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::framework::engine::schema_problems;

    #[test]
    fn terraform_would_take_the_schema() {
        assert_eq!(schema_problems(&SCHEMA), Vec::<String>::new());
    }

    #[test]
    fn a_target_is_an_instance_or_an_address() {
        for good in ["i-0123456789abcdef0", "10.0.0.1", "2001:db8::1"] {
            assert!(is_target(good), "{good}");
        }
        let bad = ["", "i-", "arn:aws:ec2:us-east-1:123456789012:instance/i-1", "10.0.0.1/24", "cp-01", " i-1"];
        for bad in bad {
            assert!(!is_target(bad), "{bad}");
        }
        assert!(bad.map(of_another_shape).iter().flatten().count() == 3);
    }

    #[test]
    fn only_target_group_arns_pass() {
        for good in [
            "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/prod-api-tg/6d0ecf831eec9f09",
            "arn:aws-cn:elasticloadbalancing:cn-north-1:123456789012:targetgroup/a/1",
        ] {
            assert!(is_target_group_arn(good), "{good}");
        }
        for bad in [
            "",
            "prod-api-tg",
            "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/net/a/1",
            "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/",
            "arn:aws:elasticloadbalancing::123456789012:targetgroup/a/1",
            "arn:aws:elasticloadbalancing:us-east-1::targetgroup/a/1",
            "arn:aws:elasticloadbalancing:evil.example.com/:123456789012:targetgroup/a/1",
            "arn:aws:ec2:us-east-1:123456789012:targetgroup/a/1",
            "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/a/1,",
        ] {
            assert!(!is_target_group_arn(bad), "{bad}");
        }
    }

    #[test]
    fn zones_are_names() {
        for good in ["all", "us-east-1a", "us-gov-west-1b", "us-west-2-lax-1a", "us-east-1-wl1-bos-wlz-1"] {
            assert!(is_zone(good), "{good}");
        }
        for bad in ["", "ALL", "any", "us-east-1A", "use1-az1", "us east 1a", "-us-east-1a", "us-east-"] {
            assert!(!is_zone(bad), "{bad}");
        }
    }
}
