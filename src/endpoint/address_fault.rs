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

/// Why a port is never part of a host here.
const PORTS_ELSEWHERE: &str = "where a port can be changed, it has an argument of its own";

/// The first thing that is wrong with `text`, in whole sentences; none where nothing is found.
pub fn fault(text: &str, accepted: Accepted) -> Option<String> {
    characters(text, accepted).or_else(|| decoration(text)).or_else(|| prefix(text, accepted)).or_else(|| {
        if is_numeric(text) {
            numbers(text)
        } else if let Some(mapped) = mapped(text) {
            Some(format!("It is an IPv4 address written as IPv6. Write `{mapped}`."))
        } else {
            hexadecimal(text).or_else(|| if accepted.name { name(text) } else { name_for_address(text) })
        }
    })
}

fn characters(text: &str, accepted: Accepted) -> Option<String> {
    let trimmed = text.trim();
    if trimmed.is_empty() {
        let what = if accepted.name { "a DNS name or an address" } else { "an address" };
        return Some(format!(
            "It is empty. Write {what}, or leave it out: an argument with `null`, an element of a list with \
             `compact()`."
        ));
    }
    if trimmed != text {
        return Some(format!("There is a blank before or after it. Write `{trimmed}`."));
    }
    if text.contains(char::is_whitespace) {
        return Some("There is a blank in it. Remove the blank.".to_owned());
    }
    let strange = text.chars().find(|c| !c.is_ascii())?;
    Some(match (is_name(text), accepted.name) {
        (true, true) => {
            format!("`{strange}` is not an ASCII letter. Write the name in the form that DNS has, with `xn--`.")
        }
        (true, false) => return name_for_address(text),
        (false, _) => {
            let code = u32::from(strange);
            format!("`{strange}` (U+{code:04X}) is not an ASCII character. Type the address instead of copying it.")
        }
    })
}

/// What belongs to a URL, or to one machine.
fn decoration(text: &str) -> Option<String> {
    if let Some((_, rest)) = text.split_once("://") {
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let (host, port) = split_port(authority.rsplit('@').next().unwrap_or_default());
        return Some(match (host, port) {
            ("", _) => "It is a URL. Write a host alone.".to_owned(),
            (host, None) => format!("It is a URL. Write the host alone: `{host}`."),
            (host, Some(_)) => format!("It is a URL. Write the host alone: `{host}`; {PORTS_ELSEWHERE}."),
        });
    }
    if text.contains('[') || text.contains(']') {
        return Some(match split_port(text) {
            (host, Some(_)) => {
                format!("Brackets belong in URLs, and it ends in a port. Write `{host}`; {PORTS_ELSEWHERE}.")
            }
            (host, None) => format!("Brackets belong in URLs. Write `{host}`."),
        });
    }
    if let Some((address, zone)) = text.split_once('%') {
        return Some(format!(
            "The zone `%{zone}` means something on one machine only. Write `{address}`, if it is not link-local."
        ));
    }
    let (host, port) = text.split_once(':')?;
    let is_port = !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit());
    (is_port && !host.is_empty()).then(|| format!("It ends in a port. Write `{host}`; {PORTS_ELSEWHERE}."))
}

/// A host as it stands in a URL: without its brackets, and its port.
fn split_port(host: &str) -> (&str, Option<&str>) {
    let (host, port) = match host.strip_prefix('[') {
        Some(inside) => inside.split_once(']').map_or((inside, ""), |(host, rest)| (host, rest)),
        None => host.find(':').map_or((host, ""), |colon| host.split_at(colon)),
    };
    (host.trim_end_matches(']'), port.strip_prefix(':').filter(|port| !port.is_empty()))
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
    Some(match (prefix.parse::<u32>(), mapped(address)) {
        (Ok(0), _) if digits => "A prefix length of 0 would put every address into this subnet.".to_owned(),
        (Ok(number @ 96..=128), Some(ip)) if digits => {
            format!("It is an IPv4 address written as IPv6. Write `{ip}/{}`.", number - 96)
        }
        (_, Some(ip)) => format!("It is an IPv4 address written as IPv6. Write `{ip}`, with a prefix length up to 32."),
        (Ok(number), None) if digits && number <= highest => format!("Write the prefix length as `/{number}`."),
        (Ok(_), None) if digits => format!("Its prefix length is more than {highest}, the bits of such an address."),
        _ => match prefix.parse::<Ipv4Addr>().ok().and_then(prefix_of_mask) {
            Some(length) => format!("`{prefix}` is a netmask. Write `{address}/{length}`."),
            None => format!("A prefix length is a number from 1 to {highest}, such as `/24`."),
        },
    })
}

/// The prefix length that a netmask says.
fn prefix_of_mask(mask: Ipv4Addr) -> Option<u32> {
    let bits = mask.to_bits();
    (bits.leading_ones() + bits.trailing_zeros() >= 32).then(|| bits.leading_ones())
}

/// The IPv4 address that is written as IPv6.
fn mapped(text: &str) -> Option<Ipv4Addr> {
    match text.parse::<IpAddr>() {
        Ok(IpAddr::V6(ip)) => ip.to_ipv4_mapped(),
        _ => None,
    }
}

const FOUR_NUMBERS: &str = "An IPv4 address has four decimal numbers, with a dot between each two.";

/// Of text that holds digits and dots alone: an IPv4 address was meant.
fn numbers(text: &str) -> Option<String> {
    let parts: Vec<&str> = text.split('.').collect();
    if parts.len() != 4 || parts.contains(&"") {
        return Some(FOUR_NUMBERS.to_owned());
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

/// Of numbers, some of them hexadecimal: browsers and `ping` take them for an IPv4 address.
fn hexadecimal(text: &str) -> Option<String> {
    let parts: Vec<&str> = text.split('.').collect();
    let numbers = parts.iter().map(|part| number(part)).collect::<Option<Vec<u32>>>()?;
    Some(match numbers[..] {
        [a @ 0..=255, b @ 0..=255, c @ 0..=255, d @ 0..=255] => {
            format!("The numbers of an IPv4 address are decimal here. Write `{a}.{b}.{c}.{d}`.")
        }
        _ => FOUR_NUMBERS.to_owned(),
    })
}

/// A decimal or hexadecimal number.
fn number(text: &str) -> Option<u32> {
    match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(digits) => u32::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    }
}

/// True for text that some programs take for an IPv4 address, and that is none here: its last part is a number.
pub fn ends_in_a_number(text: &str) -> bool {
    let last = text.split('.').next_back().unwrap_or_default();
    last.bytes().all(|b| b.is_ascii_digit()) || number(last).is_some()
}

fn is_numeric(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit() || b == b'.')
}

/// True for what can only be a name: IPv6 has no other letters than these.
fn is_name(text: &str) -> bool {
    !text.contains(':') && text.chars().any(char::is_alphabetic)
}

fn name_for_address(text: &str) -> Option<String> {
    is_name(text).then(|| "It is a name. Write the address that the name leads to.".to_owned())
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
    ends_in_a_number(text).then(|| "The last part of a name is no number.".to_owned())
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
            ("https://192.0.2.1:6443", "It is a URL. Write the host alone: `192.0.2.1`; where a port can be changed"),
            ("https://192.0.2.1/x", "It is a URL. Write the host alone: `192.0.2.1`."),
            ("https://admin:secret@192.0.2.1", "Write the host alone: `192.0.2.1`."),
            ("https://[2001:db8::1]:6443/x", "Write the host alone: `2001:db8::1`; where"),
            ("https://", "Write a host alone."),
            ("[2001:db8::1]", "Brackets belong in URLs. Write `2001:db8::1`."),
            ("[2001:db8::1]:6443", "it ends in a port. Write `2001:db8::1`; where a port can be changed"),
            ("::ffff:192.0.2.1", "It is an IPv4 address written as IPv6. Write `192.0.2.1`."),
            ("0xC0.0x00.0x02.0x01", "are decimal here. Write `192.0.2.1`."),
            ("0xC0000201", "four decimal numbers"),
            ("fe80::1%eth0", "The zone `%eth0`"),
            ("192.0.2", "four decimal numbers"),
            ("192.0.2.1.", "four decimal numbers"),
            ("192.0.2.300", "`300` is more than 255"),
            ("192.000.02.1", "Write `192.0.2.1`"),
            ("192.0.2.1‑4", "`‑` (U+2011) is not an ASCII character"),
        ];
        for accepted in [BARE, PREFIX, HOST] {
            check(accepted, &everywhere);
        }
        check(
            BARE,
            &[
                ("192.0.2.1/24", "It has a prefix length. Write `192.0.2.1`."),
                ("cp-01.example", "It is a name."),
                ("cp-01.exämple", "It is a name."),
                ("", "Write an address, or leave it out: an argument with `null`"),
            ],
        );
        check(HOST, &[("192.0.2.1/24", "Write `192.0.2.1`."), ("", "Write a DNS name or an address, or leave it out")]);
    }

    #[test]
    fn prefix_lengths_fit_the_family() {
        check(
            PREFIX,
            &[
                ("192.0.2.1/33", "more than 32"),
                ("2001:db8::1/129", "more than 128"),
                ("192.0.2.1/024", "Write the prefix length as `/24`."),
                ("192.0.2.1/", "a number from 1 to 32"),
                ("192.0.2.1/+8", "a number from 1 to 32"),
                ("192.0.2.1/0", "would put every address into this subnet"),
                ("::ffff:192.0.2.1/120", "Write `192.0.2.1/24`."),
                ("::ffff:192.0.2.1/24", "Write `192.0.2.1`, with a prefix length up to 32."),
                ("192.0.2.1/255.255.255.0", "is a netmask. Write `192.0.2.1/24`."),
                ("192.0.2.1/255.0.255.0", "a number from 1 to 32"),
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
                ("api.example.123", "The last part of a name is no number."),
                ("api.0x7f", "The last part of a name is no number."),
            ],
        );
        let long = format!("{}.example.com", "a".repeat(64));
        check(HOST, &[(&long, "It is too long")]);
        assert_eq!(fault("2001:db8:::1", HOST), None);
    }
}
