//! The result.

use std::collections::BTreeMap;
use std::fmt;

use crate::fault::Kind;

/// A step of the lifecycle: its place in it, and its name.
type Step = (usize, &'static str);

/// Each cell's name and what was broken, and the counts by step and kind.
#[derive(Default)]
pub struct Table {
    counts: BTreeMap<Step, BTreeMap<Kind, (usize, usize)>>,
    failures: Vec<(String, String)>,
}

impl Table {
    /// Adds a cell.
    pub fn add(&mut self, step: Step, kind: Kind, name: String, result: Result<(), String>) {
        let (held, all) = self.counts.entry(step).or_default().entry(kind).or_default();
        *all += 1;
        match result {
            Ok(()) => *held += 1,
            Err(broken) => self.failures.push((name, broken)),
        }
    }

    /// True if there is no cell.
    pub fn is_empty(&self) -> bool {
        self.counts.is_empty()
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
        write!(f, "{held} of {all} cells hold")
    }
}
