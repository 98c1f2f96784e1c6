//! What must stay true of the repository as a whole, so that it need not be written in a guide and believed: the arrows of the
//! architecture, files without circles, what pure files don't do, sizes and names, every schema, every example.
//!
//! Each rule is a function from files to problems, is proven by a sample that breaks it, and says what to do.

// The lints' exceptions for tests cover test functions only, not what they share.
#![allow(clippy::unwrap_used)]

mod source;
mod arrows;
mod circles;
mod words;
mod literals;
mod purity;
mod shape;
mod pages;
mod manifest;
mod skips;
mod schema;
mod extremes;
mod settings;
mod docs;
mod wiring;
mod examples;
mod example_variables;
mod page_examples;
mod install;
mod mirror;
mod clis;
mod release;
mod portability;
mod workflows;
mod go_program;

use std::path::{Path, PathBuf};

/// The repository's folder.
fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// A file of the repository.
fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// # Panics
/// With every problem, one a line.
#[track_caller]
fn assert_none(problems: &[String]) {
    assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
}
