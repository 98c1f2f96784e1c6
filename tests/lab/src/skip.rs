//! What a test does where the machine, or a stand-in, lacks what it needs: it says so in one line, whatever captures its output.
//!
//! With `TALOSENDPOINT_TEST_STRICT=1` it fails instead, unless [`ALLOWED`] lists what is lacking: a suite that skips in silence proves
//! nothing.

use std::collections::BTreeSet;
use std::env;
use std::io::{self, Write};
use std::sync::{Mutex, PoisonError};

/// What may be lacking under `TALOSENDPOINT_TEST_STRICT=1`: the name of a [`Missing`] or of a case, and why it may.
pub const ALLOWED: &[(&str, &str)] = &[
    ("tofu", "OpenTofu speaks the same protocol as Terraform, and not every machine has both"),
    ("CLI with functions", "Terraform 1.8 and OpenTofu 1.7 brought them"),
    ("CLI for the examples", "they ask for Terraform or OpenTofu 1.8"),
    ("CLI with moves between providers", "Terraform 1.8 and OpenTofu 1.10 brought them"),
    (
        "CLI with identities",
        "Terraform 1.12 brought it; `make test` runs on the CLI that is there, `scripts/test-clis` on others",
    ),
    ("CLI with query", "Terraform 1.14 brought it; the same, and the wire tests ask as it does"),
    ("hashicorp/aws mirror", "800 MB, which no test fetches; `.ci/run` finds a mirror where Terraform would"),
    (
        "siderolabs/talos mirror",
        "no registry that tests use has it; its schemas stand in, and Talos' own library reads the patches",
    ),
    ("git repository", "an unpacked archive has none"),
    ("cloud-init", "changes the machine that it is installed on; what it would read is also parsed as YAML"),
    ("the guide's pidof", "Keepalived 2.3 mended the fault that this case shows"),
    (
        "a start with many open files",
        "a container may set a lower limit than systemd does; the file is checked all the same",
    ),
    ("systemd in a container", "a kernel, or a container around the tests, may forbid what systemd-nspawn does"),
    ("a load balancer is born in its subnets", "MiniStack ignores SubnetMappings of CreateLoadBalancer"),
    ("listeners go with their load balancer", "MiniStack keeps them"),
];

/// The name of something that this machine lacks. What stands in brackets behind it says how to provide it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing(pub String);

impl Missing {
    /// Without the brackets.
    pub fn name(&self) -> &str {
        self.0.split_once(" (").map_or(&self.0, |(name, _)| name)
    }
}

/// Ends the calling test early, visibly, where something is lacking: `let terraform = need!(programs::terraform());`.
///
/// The expression is a `Result<_, Missing>`.
#[macro_export]
macro_rules! need {
    ($found:expr) => {
        match $found {
            Ok(value) => value,
            Err(missing) => {
                $crate::skip::report(&missing);
                return;
            }
        }
    };
}

/// Says that a test, or a part of one, is skipped for lack of something: `skipped: NAME not found (HOW TO PROVIDE IT)`.
///
/// # Panics
/// Under `TALOSENDPOINT_TEST_STRICT=1`, unless it is allowed.
#[track_caller]
pub fn report(missing: &Missing) {
    let how = &missing.0[missing.name().len()..];
    skipped(missing.name(), &format!("skipped: {} not found{how}\n", missing.name()));
}

/// Says once that one case can't be shown here: `skipped: CASE: REASON`.
///
/// # Panics
/// Under `TALOSENDPOINT_TEST_STRICT=1`, unless it is allowed.
#[track_caller]
pub fn case(name: &str, reason: &str) {
    static REPORTED: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    let line = format!("skipped: {name}: {reason}\n");
    if REPORTED.lock().unwrap_or_else(PoisonError::into_inner).insert(line.clone()) {
        skipped(name, &line);
    }
}

/// Writes something that is to be seen even where the test passes, such as a measurement: `println!` would be swallowed.
pub fn say(text: &str) {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes()).unwrap();
    out.flush().unwrap();
}

#[track_caller]
fn skipped(name: &str, line: &str) {
    say(line);
    let is_allowed = ALLOWED.iter().any(|(allowed, _)| *allowed == name);
    assert!(
        is_allowed || !is_strict(),
        "TALOSENDPOINT_TEST_STRICT allows no skip for `{name}`: provide it, or list it with the reason in tests/lab/src/skip.rs"
    );
}

fn is_strict() -> bool {
    env::var_os("TALOSENDPOINT_TEST_STRICT").is_some_and(|value| !value.is_empty() && value != "0")
}
