//! Checks that several resources share.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::address_fault::{Accepted, fault};
use crate::framework::validator::{Validator, text};
use crate::framework::value::Value;
use crate::remote::region;

/// An IPv4 address in the usual notation.
pub fn ipv4_address() -> Validator {
    text("must be an IPv4 address such as `10.0.0.10`", |address| address.parse::<Ipv4Addr>().is_ok())
        .explain(bare_fault)
}

/// An IPv6 address.
pub fn ipv6_address() -> Validator {
    text("must be an IPv6 address such as `2001:db8::10`, as AWS writes it", |address| {
        address.parse::<Ipv6Addr>().is_ok_and(|ip| ip.to_string() == address)
    })
    .explain(|text| bare_fault(text).or_else(|| another_spelling(text)))
}

/// AWS answers addresses in their canonical form (RFC 5952), and another one would differ from it in every plan.
pub fn another_spelling(text: &str) -> Option<String> {
    let canonical = text.parse::<IpAddr>().ok()?.to_string();
    (canonical != text).then(|| format!("AWS writes it in another way. Write `{canonical}`."))
}

fn bare_fault(text: &str) -> Option<String> {
    fault(text, Accepted { prefix: false, name: false })
}

/// The id of something in EC2, such as `subnet-0123456789abcdef0`. `kind` is what stands before the hyphen.
pub fn id_of(kind: &'static str) -> Validator {
    Validator::new(format!("must be an id such as `{kind}-0123456789abcdef0`"), move |value| {
        let rest = value.as_str().and_then(|id| id.strip_prefix(kind)?.strip_prefix('-'));
        rest.is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_alphanumeric()))
    })
}

/// The code of a region.
pub fn region() -> Validator {
    text("must be the code of a region such as `eu-central-1`", is_region)
}

/// True for what could be the code of a region: it becomes a part of a host name.
pub fn is_region(code: &str) -> bool {
    region::is_region(code)
}

/// True for `arn:PARTITION:elasticloadbalancing:REGION:ACCOUNT:KIND/REST`. Its region becomes a part of the host that is asked.
pub fn is_elb_arn(arn: &str, kind: &str) -> bool {
    let mut parts = arn.splitn(6, ':');
    let mut next = || parts.next().unwrap_or_default();
    let (prefix, partition, service, region, account, resource) = (next(), next(), next(), next(), next(), next());
    let is_partition = partition.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
    let rest = resource.strip_prefix(kind).and_then(|rest| rest.strip_prefix('/')).unwrap_or_default();
    prefix == "arn"
        && partition.starts_with("aws")
        && is_partition
        && service == "elasticloadbalancing"
        && is_region(region)
        && account.len() == 12
        && account.bytes().all(|byte| byte.is_ascii_digit())
        && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-/".contains(&byte))
        && rest.split('/').all(|part| !part.is_empty())
}

/// True for a port number without sign or leading zero.
pub fn is_port(text: &str) -> bool {
    text.parse::<u16>().is_ok_and(|port| port > 0 && port.to_string() == text)
}

/// How many tags a user can give: AWS takes 50 on a resource (API reference, TooManyTags), of which one is our own marker.
pub const MOST_TAGS: usize = 49;

/// The limits of AWS's tags: 1–128 characters in a key that doesn't begin with `aws:`, up to 256 in a value (API reference of Tag),
/// 50 on a resource, of which one is our own marker.
pub fn tag_map() -> Validator {
    Validator::new(
        "must be at most 49 tags, with keys of 1 to 128 characters that neither begin with `aws:` nor with \
         `talosendpoint:`, and values of at most 256 characters, of letters, digits, spaces and `_.:/=+-@`",
        |value| {
            let Value::Map(tags) = value else { return false };
            tags.len() <= MOST_TAGS && tags.iter().all(|(key, value)| tag_fault(key, value).is_none())
        },
    )
    .explain_value(|value| {
        let Value::Map(tags) = value else { return None };
        if tags.len() > MOST_TAGS {
            return Some(format!("There are {} tags.", tags.len()));
        }
        let faults: Vec<String> = tags.iter().filter_map(|(key, value)| tag_fault(key, value)).collect();
        Some(faults.join(" "))
    })
}

/// What is wrong with a tag, as whole sentences.
fn tag_fault(key: &str, value: &Value) -> Option<String> {
    let value = value.as_str().unwrap_or_default();
    let (length, of_value) = (key.chars().count(), value.chars().count());
    let reserved = ["aws:", "talosendpoint:"].into_iter().find(|own| key.to_ascii_lowercase().starts_with(own));
    let foreign = |text: &str| text.chars().find(|c| !is_tag_character(*c));
    let allowed = "AWS allows letters, digits, spaces and `_.:/=+-@`.";
    if key.is_empty() {
        return Some("A key is empty.".to_owned());
    }
    if let Some(reserved) = reserved {
        return Some(format!("The key {key:?} begins with `{reserved}`, which is reserved."));
    }
    if length > 128 {
        return Some(format!("The key {key:?} has {length} characters."));
    }
    if let Some(c) = foreign(key) {
        return Some(format!("The key {key:?} holds {c:?}. {allowed}"));
    }
    if of_value > 256 {
        return Some(format!("The value of the key {key:?} has {of_value} characters."));
    }
    foreign(value).map(|c| format!("The value of the key {key:?} holds {c:?}. {allowed}"))
}

/// The pattern of TagKey and TagValue: letters, spaces, digits and `_.:/=+-@` of any script.
fn is_tag_character(c: char) -> bool {
    c.is_alphanumeric() || c.is_whitespace() && !c.is_control() || "_.:/=+-@".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_its_kind() {
        let subnet = id_of("subnet");
        assert!(subnet.accepts(&"subnet-0123456789abcdef0".into()));
        for bad in ["", "subnet", "subnet-", "10.0.0.0/24", "sg-0123456789abcdef0", "subnet-a b", "eu-central-1a"] {
            assert!(!subnet.accepts(&bad.into()), "{bad}");
        }
    }

    #[test]
    fn an_arn_has_all_its_parts() {
        let arn = |rest: &str| format!("arn:aws:elasticloadbalancing:us-east-1:123456789012:{rest}");
        assert!(
            is_elb_arn(&arn("targetgroup/a/1"), "targetgroup") && is_elb_arn(&arn("loadbalancer/a"), "loadbalancer")
        );
        let cn = "arn:aws-us-gov:elasticloadbalancing:us-gov-west-1:123456789012:loadbalancer/net/a/1";
        assert!(is_elb_arn(cn, "loadbalancer") && !is_elb_arn(cn, "targetgroup"));
        for bad in
            ["targetgroup", "targetgroup/", "targetgroup/a/", "targetgroup//1", "targetgroup/a/1 ", "targetgroup/a/1,x"]
        {
            assert!(!is_elb_arn(&arn(bad), "targetgroup"), "{bad}");
        }
        for (part, other) in [
            ("aws:", "amazon:"),
            ("us-east-1", ""),
            ("us-east-1", "x/y"),
            ("123456789012", "1234"),
            ("123456789012", ""),
        ] {
            assert!(!is_elb_arn(&arn("targetgroup/a/1").replacen(part, other, 1), "targetgroup"), "{other}");
        }
        assert!(!is_elb_arn("arn:aws:ec2:us-east-1:123456789012:targetgroup/a/1", "targetgroup"));
    }

    #[test]
    fn addresses_are_written_as_aws_writes_them() {
        assert!(ipv6_address().accepts(&"2001:db8::1".into()));
        let said = ipv6_address().reason(&"2001:DB8:0::1".into());
        assert_eq!(said.as_deref(), Some("AWS writes it in another way. Write `2001:db8::1`."));
    }

    #[test]
    fn tags_follow_the_rules_of_aws() {
        let of = |key: &str, value: &str| tag_map().reason(&Value::Map([(key.to_owned(), value.into())].into()));
        assert_eq!(of("team", "infra 1/2"), None);
        assert!(tag_map().accepts(&Value::Map([("team".to_owned(), Value::UNKNOWN)].into())));
        let allowed = "AWS allows letters, digits, spaces and `_.:/=+-@`.";
        for (key, value, expected) in [
            ("", "x", "A key is empty.".to_owned()),
            ("aws:x", "x", "The key \"aws:x\" begins with `aws:`, which is reserved.".to_owned()),
            ("AWS:x", "x", "The key \"AWS:x\" begins with `aws:`, which is reserved.".to_owned()),
            (
                "talosendpoint:creating",
                "x",
                "The key \"talosendpoint:creating\" begins with `talosendpoint:`, which is reserved.".to_owned(),
            ),
            ("a✓", "x", format!("The key \"a✓\" holds '✓'. {allowed}")),
            ("a", "b<c", format!("The value of the key \"a\" holds '<'. {allowed}")),
            ("a", "b\n", format!("The value of the key \"a\" holds '\\n'. {allowed}")),
            ("a", &"x".repeat(257), "The value of the key \"a\" has 257 characters.".to_owned()),
        ] {
            assert_eq!(of(key, value), Some(expected), "{key}");
        }
        let long = "k".repeat(129);
        assert!(of(&long, "x").is_some_and(|reason| reason.ends_with("has 129 characters.")));
        let many = (0..50).map(|i| (i.to_string(), "x".into())).collect();
        assert_eq!(tag_map().reason(&Value::Map(many)).as_deref(), Some("There are 50 tags."));
        assert!(is_port("6443") && !is_port("0") && !is_port("070") && !is_port("65536"));
    }
}
