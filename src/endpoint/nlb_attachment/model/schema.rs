//! The attributes of `talosendpoint_nlb_attachment`.

use std::net::IpAddr;
use std::sync::LazyLock;

use names::*;

use crate::endpoint::{address, attributes, timeouts};
use crate::framework::diagnostic::Diagnostic;
use crate::framework::identity::Identity;
use crate::framework::path::Path;
use crate::framework::reader::Reader;
use crate::framework::schema::{Attribute, Schema};
use crate::framework::ty::Type;
use crate::framework::validator::{at_least, between, each, no_nulls, text};
use crate::framework::value::Object;

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
    pub const LOAD_BALANCER_ARN: &str = "load_balancer_arn";
}

/// A target behind a load balancer, on a port of its own or on each group's. Groups are no part of it: they change in place, where the load
/// balancer's own are replaced and where the user adds one.
pub static IDENTITY: Identity =
    Identity { version: 0, attributes: &[TARGET_ID, LOAD_BALANCER_ARN, PORT], optional: &[PORT], import_id };

/// `TARGET_ID[,PORT],LOAD_BALANCER_ARN`
fn import_id(identity: &Object) -> Result<String, Diagnostic> {
    let identity = Reader::new(identity);
    let (target, balancer) = (identity.text(TARGET_ID).present(), identity.text(LOAD_BALANCER_ARN).present());
    let (target, balancer) = (target.unwrap_or_default(), balancer.unwrap_or_default());
    let port = identity.number(PORT).present();
    let wrong = |name: &str, must: &str, value: String| {
        let detail = format!("`{name}` of the identity must be {must}, but it is {value}.");
        Err(Diagnostic::invalid(Path::of(name), "Invalid value", detail))
    };
    if !is_target(target) {
        return wrong(TARGET_ID, "an instance id or an IP address", format!("{target:?}"));
    }
    if !is_load_balancer_arn(balancer) {
        return wrong(LOAD_BALANCER_ARN, "the ARN of a load balancer", format!("{balancer:?}"));
    }
    match port {
        Some(port) if !(1..=65535).contains(&port) => wrong(PORT, "a port from 1 to 65535", port.to_string()),
        Some(port) => Ok(format!("{target},{port},{balancer}")),
        None => Ok(format!("{target},{balancer}")),
    }
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
            .check(
                text("must be `all` or the name of an Availability Zone such as `us-east-1a`", is_zone)
                    .explain(another_place),
            )
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
        Attribute::string(LOAD_BALANCER_ARN).computed().describe(
            "The ARN of the load balancer whose listeners lead to the target groups; null as long as there is none, or \
             more than one. It is a part of the identity, so it stays what it was first: a listener of another load \
             balancer that leads to the groups later doesn't change it.",
        ),
    ],
});

/// An instance id or an address. Other ids are those of target types that no group of ours has.
fn is_target(id: &str) -> bool {
    is_instance(id) || id.parse::<IpAddr>().is_ok_and(|ip| ip.to_string() == id && nowhere(ip).is_none())
}

/// `arn:PARTITION:elasticloadbalancing:REGION:ACCOUNT:loadbalancer/net/NAME/ID`; stand-ins for AWS have another word there than `net`.
pub fn is_load_balancer_arn(arn: &str) -> bool {
    attributes::is_elb_arn(arn, "loadbalancer") && arn.split('/').count() == 4
}

/// True for what has the form of an instance id.
pub fn is_instance(id: &str) -> bool {
    let is_hexadecimal = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    id.strip_prefix("i-").is_some_and(|rest| !rest.is_empty() && rest.bytes().all(is_hexadecimal))
}

fn of_another_shape(id: &str) -> Option<String> {
    if let Ok(ip) = id.parse::<IpAddr>() {
        let unusable = nowhere(ip).map(|why| format!("No node has it: {why}. Write the node's own address."));
        return unusable.or_else(|| attributes::another_spelling(id));
    }
    let said = if id.starts_with("arn:") {
        "It is an ARN. Write the `id` of the instance."
    } else if id.split_once('/').is_some_and(|(ip, _)| ip.parse::<IpAddr>().is_ok()) {
        "It is a network. Write the address alone, without a prefix length."
    } else if id.trim() != id {
        "It begins or ends with a blank. Remove that."
    } else if id.starts_with("i-") {
        "Behind `i-`, an instance id has digits and the letters `a` to `f`. Write the `id` of the instance."
    } else {
        return None;
    };
    Some(said.to_owned())
}

/// Why an address is no node's; none where it may be.
fn nowhere(ip: IpAddr) -> Option<&'static str> {
    let is_mapped = matches!(ip, IpAddr::V6(ip) if ip.to_ipv4_mapped().is_some());
    address::unusable(ip).or(is_mapped.then_some("it is an IPv4 address written as IPv6"))
}

/// `arn:PARTITION:elasticloadbalancing:REGION:ACCOUNT:targetgroup/NAME/ID`
pub fn is_target_group_arn(arn: &str) -> bool {
    attributes::is_elb_arn(arn, "targetgroup") && arn.split('/').count() == 3
}

/// Zones have letters behind the number of their region (`us-east-1a`), Local Zones behind a place of their own (`us-west-2-lax-1a`), and
/// Wavelength Zones have numbers (`us-east-1-wl1-bos-wlz-1`).
fn is_zone(zone: &str) -> bool {
    let hyphens = zone.chars().filter(|c| *c == '-').count();
    let characters = zone.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    zone == "all"
        || characters
            && hyphens >= 2
            && zone.starts_with(|c: char| c.is_ascii_lowercase())
            && (zone.ends_with(|c: char| c.is_ascii_lowercase()) || zone.contains("-wlz-") && !zone.ends_with('-'))
}

fn another_place(zone: &str) -> Option<String> {
    if zone.ends_with(|c: char| c.is_ascii_digit()) && attributes::is_region(zone) && zone.matches('-').count() >= 2 {
        return Some(format!("It is a region. Write a zone of it, such as `{zone}a`."));
    }
    let is_id = zone.split_once("-az").is_some_and(|(_, number)| number.parse::<u8>().is_ok());
    is_id.then(|| "It is the id of a zone. Write the zone's name.".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::framework::engine::schema_problems;
    use crate::framework::value::Value;

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
        assert!(bad.map(of_another_shape).iter().flatten().count() == 4);
        for (bad, expected) in [
            ("i-XYZ", "`a` to `f`"),
            ("0.0.0.0", "it is the unspecified address"),
            ("127.0.0.1", "it is a loopback address"),
            ("fe80::1", "it is a link-local address"),
            ("::ffff:10.0.0.1", "it is an IPv4 address written as IPv6"),
            ("2001:DB8::1", "Write `2001:db8::1`."),
        ] {
            assert!(!is_target(bad), "{bad}");
            assert!(of_another_shape(bad).is_some_and(|said| said.contains(expected)), "{:?}", of_another_shape(bad));
        }
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
            "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/a",
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
    fn an_identity_is_imported_by_the_load_balancer() {
        let arn = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/net/a/1";
        let id = |target: &str, arn: &str, port: Value| {
            let parts = [(TARGET_ID, Value::from(target)), (LOAD_BALANCER_ARN, arn.into()), (PORT, port)];
            let id = (IDENTITY.import_id)(&parts.map(|(name, value)| (name.to_owned(), value)).into());
            id.map_err(|problem| problem.path.to_string())
        };
        assert_eq!(id("i-1", arn, Value::Null), Ok(format!("i-1,{arn}")));
        assert_eq!(id("i-1", arn, 7443.into()), Ok(format!("i-1,7443,{arn}")));
        assert_eq!(id("i-1", arn, 70000.into()), Err(PORT.to_owned()));
        assert_eq!(id("cp-0", arn, Value::Null), Err(TARGET_ID.to_owned()));
        let group = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/a/1";
        assert_eq!(id("i-1", group, Value::Null), Err(LOAD_BALANCER_ARN.to_owned()));
        assert!(is_load_balancer_arn(arn));
        for bad in ["", "prod-api-nlb", &arn[..arn.len() - 2], &arn.replace("loadbalancer", "listener")] {
            assert!(!is_load_balancer_arn(bad), "{bad}");
        }
    }

    #[test]
    fn zones_are_names() {
        for good in ["all", "us-east-1a", "us-gov-west-1b", "us-west-2-lax-1a", "us-east-1-wl1-bos-wlz-1"] {
            assert!(is_zone(good), "{good}");
        }
        for bad in ["", "ALL", "any", "us-east-1A", "use1-az1", "us east 1a", "-us-east-1a", "us-east-", "us-east-1"] {
            assert!(!is_zone(bad), "{bad}");
        }
        assert!(another_place("us-east-1").is_some_and(|said| said.contains("`us-east-1a`")));
        assert!(another_place("use1-az1").is_some_and(|said| said.contains("id of a zone")));
        assert_eq!(another_place("us-east-1A"), None);
    }
}
