//! Which outside programs this machine has.

use std::env;
use std::ffi::OsStr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::skip::{self, Missing};

/// A program's path, or the name of what was looked for and not found.
pub type Found = Result<PathBuf, Missing>;

/// The Terraform-compatible CLI under test: `TALOSENDPOINT_TEST_TERRAFORM` (a path or a name), else `terraform`.
pub fn terraform() -> Found {
    match env::var_os("TALOSENDPOINT_TEST_TERRAFORM") {
        Some(chosen) => find(&chosen.to_string_lossy()),
        None => find("terraform"),
    }
}

/// What not every CLI of today has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Feature {
    /// Functions of providers.
    Functions,
    /// The versions that the examples ask for (`required_version`).
    Examples,
    /// `moved` blocks that lead to another provider address or type.
    Moves,
    /// Resource identities, in the state and in import blocks.
    Identity,
    /// `query`, and list blocks.
    Query,
}

impl Feature {
    /// The first minor version of Terraform 1 and of OpenTofu 1 that has it.
    fn since(self) -> [Option<u64>; 2] {
        match self {
            Feature::Functions => [Some(8), Some(7)],
            Feature::Examples => [Some(8), Some(8)],
            Feature::Moves => [Some(8), Some(10)],
            Feature::Identity => [Some(12), Some(12)],
            Feature::Query => [Some(14), None],
        }
    }
}

/// [`terraform`], if it has this.
pub fn terraform_with(feature: Feature) -> Found {
    let program = terraform()?;
    let output = Command::new(&program).arg("version").env_clear().env("CHECKPOINT_DISABLE", "1").output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    let name = match feature {
        Feature::Functions => "CLI with functions",
        Feature::Examples => "CLI for the examples",
        Feature::Moves => "CLI with moves between providers",
        Feature::Identity => "CLI with identities",
        Feature::Query => "CLI with query",
    };
    let missing = || Missing(format!("{name} (TALOSENDPOINT_TEST_TERRAFORM: Terraform 1.14 or newer has all)"));
    if has(feature, &text) { Ok(program) } else { Err(missing()) }
}

/// Whether the CLI whose `version` prints this has a feature. Warnings may come before the line that says it: `Terraform v1.15.9`.
pub fn has(feature: Feature, version: &str) -> bool {
    let [terraform, tofu] = feature.since();
    let of = |begin: &str| version.lines().find_map(|line| line.strip_prefix(begin)?.split('.').next()?.parse().ok());
    let is_since =
        |since: Option<u64>, minor: Option<u64>| since.zip(minor).is_some_and(|(since, minor)| minor >= since);
    is_since(terraform, of("Terraform v1.")) || is_since(tofu, of("OpenTofu v1."))
}

/// OpenTofu.
pub fn tofu() -> Found {
    find("tofu")
}

/// Terraform and OpenTofu, as far as they are here; each that isn't is reported as skipped.
pub fn both() -> Vec<PathBuf> {
    let found = [terraform(), tofu()].into_iter();
    found.filter_map(|program| program.inspect_err(skip::report).ok()).collect()
}

/// The release build of the provider: `TALOSENDPOINT_TEST_RELEASE`, which `make test` sets.
pub fn release() -> Found {
    let named = env::var_os("TALOSENDPOINT_TEST_RELEASE").map(PathBuf::from);
    named.ok_or_else(|| Missing("release build (make release)".to_owned()))
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

/// The filesystem mirror of providers that are too large to be fetched for a test: `TALOSENDPOINT_TEST_MIRROR`. Empty means none.
pub fn mirror() -> Option<PathBuf> {
    env::var_os("TALOSENDPOINT_TEST_MIRROR").filter(|path| !path.is_empty()).map(PathBuf::from)
}

/// The mirror, if hashicorp/aws is in it.
pub fn peer() -> Found {
    let holds_it = |mirror: &PathBuf| mirror.join("registry.terraform.io/hashicorp/aws").is_dir();
    mirror().filter(holds_it).ok_or_else(|| Missing("hashicorp/aws mirror (TALOSENDPOINT_TEST_MIRROR)".to_owned()))
}

fn is_executable(path: &Path) -> bool {
    path.metadata().is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}

/// A path as a word of `sh`, whatever is in it.
pub fn quoted(path: &Path) -> String {
    format!("'{}'", path.display().to_string().replace('\'', "'\\''"))
}
