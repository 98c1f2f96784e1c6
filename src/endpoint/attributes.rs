//! Checks that several resources share.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::address_fault::{Accepted, fault};
use crate::framework::validator::{Validator, text};
use crate::framework::value::Value;

/// An IPv4 address in the usual notation.
pub fn ipv4_address() -> Validator {
    text("must be an IPv4 address such as `10.0.0.10`", |address| address.parse::<Ipv4Addr>().is_ok())
        .explain(bare_fault)
}

/// An IPv6 address.
pub fn ipv6_address() -> Validator {
    text("must be an IPv6 address such as `2001:db8::10`", |address| address.parse::<Ipv6Addr>().is_ok())
        .explain(bare_fault)
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

/// True for what could be the code of a region: `eu-central-1`, `us-gov-west-1`. It becomes a part of a host name, so nothing else may
/// pass.
pub fn is_region(code: &str) -> bool {
    let mut parts: Vec<&str> = code.split('-').collect();
    let number = parts.pop().unwrap_or_default();
    let is_word = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase());
    code.len() <= 32
        && parts.len() >= 2
        && parts.iter().all(is_word)
        && !number.is_empty()
        && number.bytes().all(|byte| byte.is_ascii_digit())
}

/// True for a port number without sign or leading zero.
pub fn is_port(text: &str) -> bool {
    text.parse::<u16>().is_ok_and(|port| port > 0 && port.to_string() == text)
}

/// The limits of AWS's tags: 1–128 characters in a key that doesn't begin with `aws:`, up to 256 in a value (API reference of Tag),
/// 50 on a resource, of which one is our own marker.
pub fn tag_map() -> Validator {
    Validator::new(
        "must be at most 49 tags, with keys of 1 to 128 characters that neither begin with `aws:` nor with \
         `talosendpoint:`, and values of at most 256 characters",
        |value| {
            let Value::Map(tags) = value else { return false };
            tags.len() <= 49 && tags.iter().all(|(key, value)| is_tag(key, value.as_str().unwrap_or_default()))
        },
    )
}

fn is_tag(key: &str, value: &str) -> bool {
    let reserved = key.to_ascii_lowercase();
    (1..=128).contains(&key.chars().count())
        && !reserved.starts_with("aws:")
        && !reserved.starts_with("talosendpoint:")
        && value.chars().count() <= 256
        && key.chars().chain(value.chars()).all(is_tag_character)
}

/// The pattern of TagKey and TagValue: letters, spaces, digits and `_.:/=+-@` of any script.
fn is_tag_character(c: char) -> bool {
    c.is_alphanumeric() || c.is_whitespace() && !c.is_control() || "_.:/=+-@".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_is_a_part_of_a_host_name_and_no_more() {
        for good in
            ["eu-central-1", "us-gov-west-1", "us-isob-east-1", "ap-southeast-5", "mx-central-1", "eusc-de-east-1"]
        {
            assert!(is_region(good), "{good}");
        }
        for bad in [
            "",
            "eu-west1",
            "eu-west-",
            "eu_west_1",
            "EU-WEST-1",
            "eu-west-1a",
            "x.evil.com/",
            "eu-central-1.evil",
            "-central-1",
        ] {
            assert!(!is_region(bad), "{bad}");
        }
    }

    #[test]
    fn an_id_has_its_kind() {
        let subnet = id_of("subnet");
        assert!(subnet.accepts(&"subnet-0123456789abcdef0".into()));
        for bad in ["", "subnet", "subnet-", "10.0.0.0/24", "sg-0123456789abcdef0", "subnet-a b", "eu-central-1a"] {
            assert!(!subnet.accepts(&bad.into()), "{bad}");
        }
    }

    #[test]
    fn tags_follow_the_rules_of_aws() {
        assert!(is_tag("team", "infra 1/2"));
        for (key, value) in [("", "x"), ("aws:x", "x"), ("AWS:x", "x"), ("talosendpoint:creating", "x"), ("a", "b!c")] {
            assert!(!is_tag(key, value), "{key}");
        }
        assert!(is_port("6443") && !is_port("0") && !is_port("070") && !is_port("65536"));
    }
}
