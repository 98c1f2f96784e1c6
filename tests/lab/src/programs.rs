//! Which outside programs this machine has, and what a test says when one is lacking.

use std::env;
use std::ffi::OsStr;
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// Ends the calling test early, visibly, where a program is lacking: `let terraform = need!(programs::terraform());`.
///
/// The expression is a [`Found`].
#[macro_export]
macro_rules! need {
    ($found:expr) => {
        match $found {
            Ok(value) => value,
            Err(missing) => {
                $crate::programs::report_skipped(&missing);
                return;
            }
        }
    };
}

/// A program's path, or the name of what was looked for and not found.
pub type Found = Result<PathBuf, Missing>;

/// The name of a program that this machine lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing(pub String);

/// The Terraform-compatible CLI under test: `TALOSENDPOINT_TEST_TERRAFORM` (a path or a name), else `terraform`.
pub fn terraform() -> Found {
    match env::var_os("TALOSENDPOINT_TEST_TERRAFORM") {
        Some(chosen) => find(&chosen.to_string_lossy()),
        None => find("terraform"),
    }
}

/// OpenTofu.
pub fn tofu() -> Found {
    find("tofu")
}

/// The Python that makes the virtual environment of [`super::venv`].
pub fn python3() -> Found {
    find("python3")
}

/// The first executable file called `name` on PATH; a `name` with a slash is taken as it is.
pub fn find(name: &str) -> Found {
    find_on(name, &env::var_os("PATH").unwrap_or_default())
}

/// As [`find`], on the given search path.
pub fn find_on(name: &str, search_path: &OsStr) -> Found {
    let candidates: Vec<PathBuf> = if name.contains('/') {
        vec![PathBuf::from(name)]
    } else {
        env::split_paths(search_path).map(|directory| directory.join(name)).collect()
    };
    candidates.into_iter().find(|candidate| is_executable(candidate)).ok_or_else(|| Missing(name.to_owned()))
}

/// The filesystem mirror with hashicorp/aws in it, which is too large to be fetched for a test: `TALOSENDPOINT_TEST_MIRROR`.
pub fn peer() -> Found {
    let mirror = env::var_os("TALOSENDPOINT_TEST_MIRROR").map(PathBuf::from);
    let holds_it = |mirror: &PathBuf| mirror.join("registry.terraform.io/hashicorp/aws").is_dir();
    mirror.filter(holds_it).ok_or_else(|| Missing("hashicorp/aws mirror (TALOSENDPOINT_TEST_MIRROR)".to_owned()))
}

/// The line that a skipped test leaves behind. What stands in brackets behind a name says how to provide it.
pub fn skipped_line(missing: &Missing) -> String {
    match missing.0.split_once(" (") {
        Some((name, how)) => format!("skipped: {name} not found ({how}\n"),
        None => format!("skipped: {} not found\n", missing.0),
    }
}

/// Writes [`skipped_line`] to the real standard output: `println!` would be swallowed by the capture of a test that
/// passes, and a skipped test must never look like a passed one.
pub fn report_skipped(missing: &Missing) {
    report_said(&skipped_line(missing));
}

/// The same for one case of a test, which a stand-in can't show: `skipped: CASE: REASON`.
pub fn report_skipped_case(case: &str, reason: &str) {
    report_said(&format!("skipped: {case}: {reason}\n"));
}

/// Writes something that is to be seen even where the test passes: a measurement.
pub fn report_said(text: &str) {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes()).unwrap();
    out.flush().unwrap();
}

fn is_executable(path: &Path) -> bool {
    path.metadata().is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}
