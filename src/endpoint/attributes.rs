//! Checks that several resources share.

use std::net::{Ipv4Addr, Ipv6Addr};

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

/// True for what could be the code of a region: it becomes a part of a host name.
pub fn is_region(code: &str) -> bool {
    region::is_region(code)
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
         `talosendpoint:`, and values of at most 256 characters, of letters, digits, spaces and `_.:/=+-@`",
        |value| {
            let Value::Map(tags) = value else { return false };
            tags.len() <= 49 && tags.iter().all(|(key, value)| tag_fault(key, value).is_none())
        },
    )
    .explain_value(|value| {
        let Value::Map(tags) = value else { return None };
        if tags.len() > 49 {
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
