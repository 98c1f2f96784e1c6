//! The result.

use std::collections::BTreeMap;
use std::fmt;

use crate::fault::Kind;

/// A step of the lifecycle: its place in it, and its name.
type Step = (usize, &'static str);

/// What isn't mended yet after a kill or a fault that lasts: a step, what gives it away, and why. It is counted and shown, and fails nothing.
const OPEN: [(&str, &str, &str); 6] = [
    (
        "listener on",
        "talosendpoint:creating",
        "an update that makes a group without replacing one doesn't tag the load balancer: killed, then taken back or \
         destroyed, it leaves that group",
    ),
    (
        "create in parallel",
        "talosendpoint:creating",
        "a create that was killed is searched for by the names that the next one wants: of listeners that are off by then \
         it leaves the groups",
    ),
    ("parts lost", "\"third\"", "a listener that is taken over doesn't get tags that are new in the configuration"),
    (
        "listener on",
        "Still in use",
        "a listener whose owner couldn't be read after its birth is in no state, and keeps its group from being deleted",
    ),
    ("group replacement", UNSTORED, LOST_SUCCESSOR),
    ("group renamed", UNSTORED, LOST_SUCCESSOR),
];

const UNSTORED: &str = "unused group";

const LOST_SUCCESSOR: &str =
    "a destroy, after a replacement of a group whose state was never stored, leaves the successor";

/// Each cell's name and what was broken, and the counts by step and kind.
#[derive(Default)]
pub struct Table {
    counts: BTreeMap<Step, BTreeMap<Kind, (usize, usize)>>,
    failures: Vec<(String, String)>,
    open: BTreeMap<&'static str, usize>,
}

impl Table {
    /// Adds a cell.
    pub fn add(&mut self, step: Step, kind: Kind, name: String, result: Result<(), String>) {
        let (held, all) = self.counts.entry(step).or_default().entry(kind).or_default();
        *all += 1;
        match result {
            Ok(()) => *held += 1,
            Err(broken) => match is_open(step.1, kind, &broken) {
                Some(reason) => *self.open.entry(reason).or_default() += 1,
                None => self.failures.push((name, broken)),
            },
        }
    }

    /// The cells in which something was broken.
    pub fn failures(&self) -> &[(String, String)] {
        &self.failures
    }

    /// The cells in which something was broken, each with what it was.
    pub fn report(&self) -> String {
        let mut failures: Vec<&(String, String)> = self.failures.iter().collect();
        failures.sort();
        failures.iter().map(|(name, broken)| format!("{name}\n{broken}\n")).collect()
    }
}

/// The reason, if this is known.
fn is_open(step: &str, kind: Kind, broken: &str) -> Option<&'static str> {
    let left = broken.split("Changing calls").next().unwrap_or_default();
    let concerns = |name: &str, sign: &str| {
        name == step && left.contains(sign) && (sign != UNSTORED || kind == Kind::KilledUnstored)
    };
    let known = OPEN.iter().find(|(name, sign, _)| concerns(name, sign));
    known.filter(|_| kind.is_kill() || kind.lasts()).map(|(_, _, reason)| *reason)
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.counts.keys().map(|(_, name)| name.len()).max().unwrap_or_default();
        for (number, kind) in Kind::ALL.into_iter().enumerate() {
            writeln!(f, "{:>3} {}", number + 1, kind.name())?;
        }
        write!(f, "{:width$}", "")?;
        for number in 1..=Kind::ALL.len() {
            write!(f, " {number:>7}")?;
        }
        writeln!(f)?;
        let (mut held, mut all) = (0, 0);
        for ((_, name), kinds) in &self.counts {
            write!(f, "{name:width$}")?;
            for kind in Kind::ALL {
                match kinds.get(&kind) {
                    Some((good, of)) => {
                        (held, all) = (held + good, all + of);
                        write!(f, " {:>7}", format!("{good}/{of}"))?;
                    }
                    None => write!(f, " {:>7}", "")?,
                }
            }
            writeln!(f)?;
        }
        for (reason, count) in &self.open {
            writeln!(f, "open in {count} cells: {reason}")?;
        }
        write!(f, "{held} of {all} cells hold")
    }
}
