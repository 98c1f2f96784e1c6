//! What is wrong with text that should be an address or a host: the one thing that the user has to change, and how it reads then.

use std::net::{IpAddr, Ipv4Addr};

/// What an input takes beside an address.
#[derive(Clone, Copy, Debug)]
pub struct Accepted {
    /// A prefix length after the address.
    pub prefix: bool,
    /// A DNS name instead of it.
    pub name: bool,
}

/// The first thing that is wrong with `text`, in whole sentences; none where nothing is found.
pub fn fault(text: &str, accepted: Accepted) -> Option<String> {
    characters(text).or_else(|| decoration(text)).or_else(|| prefix(text, accepted)).or_else(|| {
        if is_numeric(text) {
            numbers(text)
        } else if accepted.name {
            name(text)
        } else {
            is_name(text).then(|| "It is a name. Write the address that the name leads to.".to_owned())
        }
    })
}

fn characters(text: &str) -> Option<String> {
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return Some("It is empty. Write an address, or remove the argument.".to_owned());
    }
    if trimmed != text {
        return Some(format!("There is a blank before or after it. Write `{trimmed}`."));
    }
    if text.contains(char::is_whitespace) {
        return Some("There is a blank in it. Remove the blank.".to_owned());
    }
    let strange = text.chars().find(|c| !c.is_ascii())?;
    Some(match is_name(text) {
        true => format!("`{strange}` is not an ASCII letter. Write the name in the form that DNS has, with `xn--`."),
        false => format!("`{strange}` is not an ASCII character. Type the address instead of copying it."),
    })
}

/// What belongs to a URL, or to one machine.
fn decoration(text: &str) -> Option<String> {
    if let Some((_, rest)) = text.split_once("://") {
        let host = rest.split('/').next().unwrap_or_default();
        return Some(format!("It is a URL. Write the host alone: `{}`.", without_port(host)));
    }
    if text.contains('[') || text.contains(']') {
        let inside = text.trim_start_matches('[').split(']').next().unwrap_or_default();
        return Some(format!("Brackets belong in URLs. Write `{inside}`."));
    }
    if let Some((address, zone)) = text.split_once('%') {
        return Some(format!(
            "The zone `%{zone}` means something on one machine only. Write `{address}`, if it is not link-local."
        ));
    }
    let (host, port) = text.split_once(':')?;
    let is_port = !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit());
    (is_port && !host.is_empty()).then(|| {
        format!("It ends in a port. Write `{host}`; where a port can be changed, it has an argument of its own.")
    })
}

fn without_port(host: &str) -> &str {
    match host.strip_prefix('[') {
        Some(inside) => inside.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    }
}

fn prefix(text: &str, accepted: Accepted) -> Option<String> {
    let (address, prefix) = text.split_once('/')?;
    if address.parse::<IpAddr>().is_err() {
        return fault(address, Accepted { name: false, ..accepted });
    }
    if !accepted.prefix {
        return Some(format!("It has a prefix length. Write `{address}`."));
    }
    let highest = if address.contains(':') { 128 } else { 32 };
    let digits = !prefix.is_empty() && prefix.bytes().all(|b| b.is_ascii_digit());
    Some(match prefix.parse::<u32>() {
        Ok(number) if digits && number <= highest => format!("Write the prefix length as `/{number}`."),
        Ok(_) if digits => format!("Its prefix length is more than {highest}, the bits of such an address."),
        _ => match prefix.parse::<Ipv4Addr>().ok().and_then(prefix_of_mask) {
            Some(length) => format!("`{prefix}` is a netmask. Write `{address}/{length}`."),
            None => format!("A prefix length is a number from 0 to {highest}, such as `/24`."),
        },
    })
}

/// The prefix length that a netmask says.
fn prefix_of_mask(mask: Ipv4Addr) -> Option<u32> {
    let bits = mask.to_bits();
    (bits.leading_ones() + bits.trailing_zeros() >= 32).then(|| bits.leading_ones())
}

/// Of text that holds digits and dots alone: an IPv4 address was meant.
fn numbers(text: &str) -> Option<String> {
    let parts: Vec<&str> = text.split('.').collect();
    if parts.len() != 4 || parts.contains(&"") {
        return Some("An IPv4 address has four numbers, with a dot between each two.".to_owned());
    }
    if let Some(high) = parts.iter().find(|part| part.parse::<u64>().is_ok_and(|number| number > 255)) {
        return Some(format!("`{high}` is more than 255, the highest number in an IPv4 address."));
    }
    let zero = parts.iter().find(|part| part.len() > 1 && part.starts_with('0'))?;
    let plain: Vec<&str> = parts.iter().map(|part| part.trim_start_matches('0')).collect();
    let plain: Vec<&str> = plain.iter().map(|part| if part.is_empty() { "0" } else { part }).collect();
    Some(format!(
        "Some programs read the leading zero of `{zero}` as octal. Write `{}` if that is what you mean.",
        plain.join(".")
    ))
}

fn is_numeric(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit() || b == b'.')
}

/// True for what can only be a name: IPv6 has no other letters than these.
fn is_name(text: &str) -> bool {
    !text.contains(':') && text.chars().any(|c| c.is_alphabetic())
}

fn name(text: &str) -> Option<String> {
    if text.contains(':') {
        return None; // an IPv6 address was meant
    }
    if let Some(name) = text.strip_suffix('.') {
        return Some(format!("Leave out the dot at the end: certificates have none. Write `{name}`."));
    }
    if text.contains('*') {
        return Some("A wildcard is no name that anybody dials. Write the name itself.".to_owned());
    }
    if let Some(other) = text.chars().find(|c| !c.is_ascii_alphanumeric() && !"-.".contains(*c)) {
        return Some(format!("`{other}` can't be in the name of a host, only letters, digits, `-` and `.`."));
    }
    if text.split('.').any(str::is_empty) {
        return Some("There is nothing between two dots, or before the first.".to_owned());
    }
    if text.split('.').any(|label| label.starts_with('-') || label.ends_with('-')) {
        return Some("No part of a name begins or ends with `-`.".to_owned());
    }
    if text.len() > 253 || text.split('.').any(|label| label.len() > 63) {
        return Some("It is too long: a name has at most 253 characters, and 63 between two dots.".to_owned());
    }
    let last = text.split('.').next_back().unwrap_or_default();
    last.bytes().all(|b| b.is_ascii_digit()).then(|| "The last part of a name has a letter.".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const BARE: Accepted = Accepted { prefix: false, name: false };
    const PREFIX: Accepted = Accepted { prefix: true, name: false };
    const HOST: Accepted = Accepted { prefix: false, name: true };

    fn check(accepted: Accepted, cases: &[(&str, &str)]) {
        for (text, want) in cases {
            let said = fault(text, accepted).unwrap_or_default();
            assert!(said.contains(want) && !want.is_empty(), "{text:?}: {said:?} doesn't say {want:?}");
        }
    }

    #[test]
    fn each_mistake_is_named() {
        let everywhere = [
            ("", "It is empty."),
            ("  ", "It is empty."),
            (" 192.0.2.1", "Write `192.0.2.1`."),
            ("192.0. 2.1", "There is a blank in it."),
            ("192.0.2.1:6443", "It ends in a port. Write `192.0.2.1`"),
            ("https://192.0.2.1:6443", "It is a URL. Write the host alone: `192.0.2.1`."),
            ("https://[2001:db8::1]:6443/x", "Write the host alone: `2001:db8::1`."),
            ("[2001:db8::1]", "Brackets belong in URLs. Write `2001:db8::1`."),
            ("[2001:db8::1]:6443", "Write `2001:db8::1`."),
            ("fe80::1%eth0", "The zone `%eth0`"),
            ("192.0.2", "four numbers"),
            ("192.0.2.1.", "four numbers"),
            ("192.0.2.300", "`300` is more than 255"),
            ("192.000.02.1", "Write `192.0.2.1`"),
            ("192.0.2.1‑4", "`‑` is not an ASCII character"),
        ];
        for accepted in [BARE, PREFIX, HOST] {
            check(accepted, &everywhere);
        }
        check(
            BARE,
            &[("192.0.2.1/24", "It has a prefix length. Write `192.0.2.1`."), ("cp-01.example", "It is a name.")],
        );
        check(HOST, &[("192.0.2.1/24", "Write `192.0.2.1`.")]);
    }

    #[test]
    fn prefix_lengths_fit_the_family() {
        check(
            PREFIX,
            &[
                ("192.0.2.1/33", "more than 32"),
                ("2001:db8::1/129", "more than 128"),
                ("192.0.2.1/024", "Write the prefix length as `/24`."),
                ("192.0.2.1/", "a number from 0 to 32"),
                ("192.0.2.1/+8", "a number from 0 to 32"),
                ("192.0.2.1/255.255.255.0", "is a netmask. Write `192.0.2.1/24`."),
                ("192.0.2.1/255.0.255.0", "a number from 0 to 32"),
                ("192.0.2.01/24", "leading zero of `01`"),
                ("cp-01/24", "It is a name."),
            ],
        );
    }

    #[test]
    fn names_are_those_of_hosts() {
        check(
            HOST,
            &[
                ("api.exämple.com", "with `xn--`"),
                ("api.example.com.", "Write `api.example.com`."),
                ("*.example.com", "A wildcard"),
                ("api_1.example.com", "`_` can't be in the name of a host"),
                ("api..example.com", "nothing between two dots"),
                ("-api.example.com", "begins or ends with `-`"),
                ("api.example.123", "The last part of a name has a letter."),
            ],
        );
        let long = format!("{}.example.com", "a".repeat(64));
        check(HOST, &[(&long, "It is too long")]);
        assert_eq!(fault("2001:db8:::1", HOST), None);
    }
}
