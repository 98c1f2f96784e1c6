//! A packet that comes in, and whether a condition of a rule holds for it.

use std::net::IpAddr;

use serde_json::Value as Json;

/// The first packet of a connection, or an advertisement.
#[derive(Clone, Copy, Debug)]
pub struct Packet<'a> {
    /// What it carries.
    pub protocol: Protocol,
    /// Where it is from; unset: from anywhere.
    pub source: Option<IpAddr>,
    /// The host's own address in the network of its peers.
    pub own: IpAddr,
    /// The interface that has that address.
    pub interface: &'a str,
}

/// What a packet carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// A connection to a port.
    Tcp(u16),
    /// An advertisement of Keepalived.
    Vrrp,
}

impl Protocol {
    fn name(self) -> &'static str {
        match self {
            Protocol::Tcp(_) => "tcp",
            Protocol::Vrrp => "vrrp",
        }
    }

    fn number(self) -> u64 {
        match self {
            Protocol::Tcp(_) => 6,
            Protocol::Vrrp => 112,
        }
    }
}

/// Whether a condition holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Match {
    /// It does.
    Yes,
    /// It doesn't.
    No,
    /// That can't be judged from here.
    Maybe,
}

impl Match {
    /// Whether both hold.
    #[must_use]
    pub fn and(self, other: Match) -> Match {
        match (self, other) {
            (Match::No, _) | (_, Match::No) => Match::No,
            (Match::Yes, Match::Yes) => Match::Yes,
            _ => Match::Maybe,
        }
    }

    fn not(self) -> Match {
        match self {
            Match::Yes => Match::No,
            Match::No => Match::Yes,
            Match::Maybe => Match::Maybe,
        }
    }

    fn of(holds: bool) -> Match {
        if holds { Match::Yes } else { Match::No }
    }
}

/// The elements of a set by its name.
pub type Sets<'s> = dyn Fn(&str) -> Option<&'s [Json]> + 's;

impl Packet<'_> {
    /// An address of its family.
    pub fn source_or_own(&self) -> IpAddr {
        self.source.unwrap_or(self.own)
    }

    /// A `match` statement.
    pub fn matches(&self, condition: &Json, sets: &Sets<'_>) -> Match {
        let (Some(left), Some(right)) = (condition.get("left"), condition.get("right")) else { return Match::Maybe };
        match condition.get("op").and_then(Json::as_str) {
            Some("==" | "in") => self.equals(left, right, sets),
            Some("!=") => self.equals(left, right, sets).not(),
            _ => Match::Maybe,
        }
    }

    /// Whether what `left` is about has one of the values of `right`.
    pub fn equals(&self, left: &Json, right: &Json, sets: &Sets<'_>) -> Match {
        let several = |values: &[Json]| {
            let each: Vec<Match> = values.iter().map(|value| self.equals(left, value, sets)).collect();
            if each.contains(&Match::Yes) {
                Match::Yes
            } else if each.contains(&Match::Maybe) {
                Match::Maybe
            } else {
                Match::No
            }
        };
        if let Some(values) = right.get("set").and_then(Json::as_array).or(right.as_array()) {
            return several(values);
        }
        if let Some(name) = right.as_str().and_then(|text| text.strip_prefix('@')) {
            return sets(name).map_or(Match::Maybe, several);
        }
        if let Some(value) = right.get("elem").and_then(|elem| elem.get("val")) {
            return self.equals(left, value, sets);
        }
        self.has(left, right)
    }

    /// Whether what `left` is about has the value `right`, a range or a prefix.
    fn has(&self, left: &Json, right: &Json) -> Match {
        let part = |kind: &str, name: &str| left.get(kind).and_then(|one| one.get(name)).and_then(Json::as_str);
        if let Some(key) = part("meta", "key") {
            return self.has_meta(key, right);
        }
        if let Some(key) = part("ct", "key") {
            return match key {
                // It is the first of its connection.
                "state" => right.as_str().map_or(Match::Maybe, |state| Match::of(state == "new")),
                // Nobody translates the addresses of what is meant for this host.
                "status" => right.as_str().map_or(Match::Maybe, |_| Match::No),
                _ => Match::Maybe,
            };
        }
        match (part("payload", "protocol"), part("payload", "field")) {
            (Some(protocol @ ("ip" | "ip6")), Some(field)) => {
                if self.source_or_own().is_ipv4() != (protocol == "ip") {
                    return Match::No;
                }
                match field {
                    "saddr" => self.source.map_or(Match::Maybe, |source| address_is(source, right)),
                    "protocol" | "nexthdr" => self.has_protocol(right),
                    _ => Match::Maybe,
                }
            }
            (Some("tcp" | "th"), Some("dport")) => match self.protocol {
                Protocol::Tcp(port) => number_is(u64::from(port), right),
                Protocol::Vrrp => Match::No,
            },
            (Some("tcp"), _) => {
                if self.protocol == Protocol::Vrrp {
                    Match::No
                } else {
                    Match::Maybe
                }
            }
            (Some("udp" | "udplite" | "sctp" | "dccp" | "icmp" | "icmpv6" | "igmp" | "esp" | "ah"), _) => Match::No,
            _ => Match::Maybe,
        }
    }

    fn has_meta(&self, key: &str, right: &Json) -> Match {
        match key {
            "l4proto" => self.has_protocol(right),
            "nfproto" => {
                let own = if self.source_or_own().is_ipv4() { "ipv4" } else { "ipv6" };
                right.as_str().map_or(Match::Maybe, |name| Match::of(name == own))
            }
            "iifname" | "iif" => match right.as_str() {
                Some(pattern) if pattern.ends_with('*') => {
                    Match::of(self.interface.starts_with(pattern.trim_end_matches('*')))
                }
                Some(name) => Match::of(name == self.interface),
                None => Match::Maybe,
            },
            _ => Match::Maybe,
        }
    }

    fn has_protocol(&self, right: &Json) -> Match {
        match right.as_str() {
            Some(name) => Match::of(name == self.protocol.name()),
            None => number_is(self.protocol.number(), right),
        }
    }
}

/// Whether a number is `right` or in its range.
fn number_is(number: u64, right: &Json) -> Match {
    if let Some(value) = right.as_u64() {
        return Match::of(value == number);
    }
    let bound = |at: usize| right.get("range").and_then(|range| range.get(at)).and_then(Json::as_u64);
    match (bound(0), bound(1)) {
        (Some(least), Some(most)) => Match::of((least..=most).contains(&number)),
        _ => Match::Maybe,
    }
}

/// Whether an address is `right`, or in its range or network.
fn address_is(address: IpAddr, right: &Json) -> Match {
    let parsed = |value: Option<&Json>| value.and_then(Json::as_str).and_then(|text| text.parse::<IpAddr>().ok());
    if let Some(value) = parsed(Some(right)) {
        return Match::of(value == address);
    }
    if let Some(range) = right.get("range") {
        return match (parsed(range.get(0)), parsed(range.get(1))) {
            (Some(least), Some(most)) => Match::of((least..=most).contains(&address)),
            _ => Match::Maybe,
        };
    }
    let Some(prefix) = right.get("prefix") else { return Match::Maybe };
    let length = prefix.get("len").and_then(Json::as_u64).and_then(|length| u32::try_from(length).ok());
    match (parsed(prefix.get("addr")), length) {
        (Some(network), Some(length)) if network.is_ipv4() == address.is_ipv4() => {
            let unused = 128_u32.saturating_sub(if network.is_ipv4() { length + 96 } else { length });
            let top = |address: IpAddr| bits(address).checked_shr(unused).unwrap_or_default();
            Match::of(top(network) == top(address))
        }
        (Some(_), Some(_)) => Match::No,
        _ => Match::Maybe,
    }
}

fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(address.to_bits()),
        IpAddr::V6(address) => address.to_bits(),
    }
}
