//! Where the processes under test are.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use lab::{build, programs, skip};

/// The real provider.
pub fn provider() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_terraform-provider-talosendpoint"))
}

/// The real provider in every build that there is: what needs no fixture is proven of the release build too.
pub fn providers() -> impl Iterator<Item = &'static Path> {
    static RELEASE: OnceLock<Option<PathBuf>> = OnceLock::new();
    let release = RELEASE.get_or_init(|| programs::release().inspect_err(skip::report).ok());
    std::iter::once(provider()).chain(release.as_deref())
}

/// The plugin with bad manners, tests/fixture/process.rs.
pub fn fixture() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| build::example("fixture_process"))
}
