//! A host's packet filter, from what `nft -j list ruleset` prints, and what becomes of a packet that comes in.
//!
//! Not every condition can be judged from here. A packet counts as dropped only where no rule that may let it in is on its way.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use packet::{Match, Packet};

pub mod packet;

/// Deeper than any set of rules that a kernel takes.
const DEEPEST: usize = 16;

/// The tables of a host.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ruleset {
    chains: BTreeMap<ChainName, Chain>,
    sets: BTreeMap<ChainName, Vec<Json>>,
}

/// Where a chain or a set is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ChainName {
    /// `ip`, `ip6`, `inet` and others.
    pub family: String,
    /// The table.
    pub table: String,
    /// The chain.
    pub name: String,
}

#[derive(Clone, Debug, Default, PartialEq)]
struct Chain {
    /// Whether packets that come in begin here.
    is_of_input: bool,
    drops_by_default: bool,
    /// The statements of each rule.
    rules: Vec<Vec<Json>>,
}

/// Where a packet may get to from a chain.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Fates {
    accepted: bool,
    dropped: bool,
    /// Back to where the chain was entered.
    returned: bool,
}

/// What a rule does with a packet that it is about.
enum Effect<'a> {
    /// It goes on to the next rule.
    Continue,
    Accept,
    Drop,
    Return,
    Jump(&'a str),
    Goto(&'a str),
    /// Something that can't be judged from here.
    Unknown,
}

impl Ruleset {
    /// Reads what `nft` printed; none where that is no list of rules.
    pub fn parse(text: &str) -> Option<Ruleset> {
        let printed: Json = serde_json::from_str(text).ok()?;
        let mut ruleset = Ruleset::default();
        for entry in printed.get("nftables")?.as_array()? {
            let Some((kind, object)) = entry.as_object().and_then(|entry| entry.iter().next()) else { continue };
            let text = |name: &str| object.get(name).and_then(Json::as_str).unwrap_or_default();
            let at = |name: &str| ChainName {
                family: text("family").to_owned(),
                table: text("table").to_owned(),
                name: text(name).to_owned(),
            };
            let array = |name: &str| object.get(name).and_then(Json::as_array).cloned().unwrap_or_default();
            match kind.as_str() {
                "chain" => {
                    let chain = ruleset.chains.entry(at("name")).or_default();
                    chain.is_of_input = text("type") == "filter" && ["input", "prerouting"].contains(&text("hook"));
                    chain.drops_by_default = text("policy") == "drop";
                }
                "rule" => ruleset.chains.entry(at("chain")).or_default().rules.push(array("expr")),
                "set" => drop(ruleset.sets.insert(at("name"), array("elem"))),
                _ => {}
            }
        }
        Some(ruleset)
    }

    /// The chain that drops the packet whatever else holds; none where it may well come in.
    pub fn drops(&self, packet: &Packet<'_>) -> Option<&ChainName> {
        let of_family = |name: &ChainName| match name.family.as_str() {
            "ip" => packet.source_or_own().is_ipv4(),
            "ip6" => packet.source_or_own().is_ipv6(),
            family => family == "inet",
        };
        let begins = self.chains.iter().filter(|(name, chain)| chain.is_of_input && of_family(name));
        let mut dropping = begins.filter(|(name, chain)| {
            let fates = self.fates(name, packet, 0);
            !fates.accepted && (!fates.returned || chain.drops_by_default) && (fates.dropped || fates.returned)
        });
        dropping.next().map(|(name, _)| name)
    }

    /// Whether a table of the family has the chain.
    pub fn has(&self, chain: &ChainName) -> bool {
        self.chains.contains_key(chain)
    }

    fn fates(&self, at: &ChainName, packet: &Packet<'_>, depth: usize) -> Fates {
        let mut fates = Fates::default();
        let Some(chain) = self.chains.get(at).filter(|_| depth < DEEPEST) else {
            return Fates { accepted: true, ..fates };
        };
        for rule in &chain.rules {
            let (matches, effect) = self.rule(rule, at, packet);
            if matches == Match::No {
                continue;
            }
            let into = |name: &str| self.fates(&ChainName { name: name.to_owned(), ..at.clone() }, packet, depth + 1);
            let ends = match effect {
                Effect::Continue => false,
                Effect::Accept => set(&mut fates.accepted),
                Effect::Drop => set(&mut fates.dropped),
                Effect::Return => set(&mut fates.returned),
                Effect::Unknown => {
                    fates.accepted = true;
                    false
                }
                Effect::Jump(name) => {
                    let there = into(name);
                    fates.accepted |= there.accepted;
                    fates.dropped |= there.dropped;
                    !there.returned
                }
                Effect::Goto(name) => {
                    let there = into(name);
                    fates.accepted |= there.accepted;
                    fates.dropped |= there.dropped;
                    fates.returned |= there.returned;
                    true
                }
            };
            if ends && matches == Match::Yes {
                return fates;
            }
        }
        Fates { returned: true, ..fates }
    }

    /// Whether a rule is about the packet, and what it does then.
    fn rule<'a>(&self, statements: &'a [Json], at: &ChainName, packet: &Packet<'_>) -> (Match, Effect<'a>) {
        let mut matches = Match::Yes;
        for statement in statements {
            let Some((kind, value)) = statement.as_object().and_then(|one| one.iter().next()) else { continue };
            let set = |name: &str| self.sets.get(&ChainName { name: name.to_owned(), ..at.clone() }).map(Vec::as_slice);
            match kind.as_str() {
                "match" => matches = matches.and(packet.matches(value, &set)),
                "vmap" => return verdict_of_map(value, packet, matches),
                // An extension of iptables: a condition, or a target such as `LOG` that lets nothing in.
                "limit" | "quota" | "connlimit" | "xt" => matches = matches.and(Match::Maybe),
                // What has no effect on the packet's way.
                "counter" | "log" | "comment" | "mangle" | "meta" | "ct helper" | "notrack" => {}
                _ => return (matches, effect(kind, value)),
            }
            if matches == Match::No {
                break;
            }
        }
        (matches, Effect::Continue)
    }
}

fn set(fate: &mut bool) -> bool {
    *fate = true;
    true
}

fn effect<'a>(kind: &str, value: &'a Json) -> Effect<'a> {
    let target = || value.get("target").and_then(Json::as_str).unwrap_or_default();
    match kind {
        "accept" => Effect::Accept,
        "drop" | "reject" => Effect::Drop,
        "return" => Effect::Return,
        "continue" => Effect::Continue,
        "jump" => Effect::Jump(target()),
        "goto" => Effect::Goto(target()),
        _ => Effect::Unknown,
    }
}

/// A rule that has a verdict for each of several values.
fn verdict_of_map<'a>(map: &'a Json, packet: &Packet<'_>, matches: Match) -> (Match, Effect<'a>) {
    let key = map.get("key").unwrap_or(&Json::Null);
    let Some(entries) = map.get("data").and_then(|data| data.get("set")).and_then(Json::as_array) else {
        return (matches, Effect::Unknown);
    };
    for entry in entries {
        let (Some(value), Some(verdict)) = (entry.get(0), entry.get(1).and_then(Json::as_object)) else { continue };
        match packet.equals(key, value, &|_| None) {
            Match::No => {}
            Match::Maybe => return (Match::Maybe, Effect::Unknown),
            Match::Yes => {
                let verdict = verdict.iter().next();
                return (matches, verdict.map_or(Effect::Unknown, |(kind, value)| effect(kind, value)));
            }
        }
    }
    (Match::No, Effect::Continue)
}

#[cfg(test)]
mod tests;
