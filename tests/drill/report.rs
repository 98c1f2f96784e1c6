//! One table of all drills of this run, and a second chance for a goal: the machine may be busy with something else.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use lab::skip::say;

use crate::laboratory::Laboratory;
use crate::needed::versions;
use crate::setup::Setup;
use crate::table::{Row, table};

/// How many reports there are; the last one prints.
const REPORTING: usize = 12;

/// How often a drill is repeated before its goal is missed.
const ATTEMPTS: usize = 3;

static ROWS: Mutex<Vec<Row>> = Mutex::new(Vec::new());
static OVER: AtomicUsize = AtomicUsize::new(0);

/// One network's share of the table. It is there when the drills end, however it does.
pub struct Report {
    title: &'static str,
    rows: Vec<Row>,
}

impl Report {
    /// For the drills of one network.
    pub fn of(title: &'static str) -> Report {
        Report { title, rows: Vec::new() }
    }

    /// Makes the network of a setup and starts it.
    pub fn laboratory(&self, setup: &Setup) -> Laboratory {
        let lab = Laboratory::start(setup).unwrap_or_else(|problem| panic!("{}: {problem}", self.title));
        lab.settle().unwrap_or_else(|problem| panic!("{}: {problem}", self.title));
        lab
    }

    /// Does a drill until its goals are reached, at most three times; the best counts.
    pub fn drill(&mut self, drill: impl Fn() -> Result<Vec<Row>, String>) {
        let bad = |rows: &Vec<Row>| rows.iter().filter(|row| !row.is_good()).count();
        let mut best: Option<Vec<Row>> = None;
        for attempt in 1..=ATTEMPTS {
            let mut rows = drill().unwrap_or_else(|problem| panic!("{}: {problem}", self.title));
            for row in &mut rows {
                if attempt > 1 {
                    row.happened.push_str(&format!(" (attempt {attempt})"));
                }
            }
            let done = bad(&rows) == 0;
            if best.as_ref().is_none_or(|best| bad(&rows) < bad(best)) {
                best = Some(rows);
            }
            if done {
                break;
            }
        }
        self.rows.extend(best.unwrap_or_default());
    }

    /// Adds what was measured otherwise.
    pub fn add(&mut self, row: Row) {
        self.rows.push(row);
    }

    /// # Panics
    /// When a goal was missed.
    #[track_caller]
    pub fn assert_good(&self, lab: &Laboratory) {
        let bad: Vec<Row> = self.rows.iter().filter(|row| !row.is_good()).cloned().collect();
        assert!(bad.is_empty(), "{}\n{}{}", self.title, table(&bad), lab.logs());
    }
}

impl Drop for Report {
    fn drop(&mut self) {
        // A choice of tests was made: who knows which is the last one?
        let chosen = std::env::args().skip(1).any(|argument| !argument.starts_with('-') || argument == "--skip");
        let mut rows = ROWS.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if !self.rows.is_empty() {
            rows.push(Row::noted(format!("[{}]", self.title), ""));
        }
        rows.append(&mut self.rows);
        let last = OVER.fetch_add(1, Ordering::SeqCst) + 1 == REPORTING;
        if (chosen || last) && !rows.is_empty() {
            rows.insert(0, Row::noted(versions(), ""));
            say(&format!("\n{}\n", table(&rows)));
            rows.clear();
        }
    }
}
