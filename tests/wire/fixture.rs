//! Where the processes under test are.

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

/// The real provider.
pub fn provider() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_terraform-provider-talosendpoint"))
}

/// The real provider in every build that there is: what needs no fixture is proven of the release build too, which
/// `TALOSENDPOINT_TEST_RELEASE` names (`make test` sets it).
pub fn providers() -> impl Iterator<Item = &'static Path> {
    static RELEASE: OnceLock<Option<PathBuf>> = OnceLock::new();
    let release = RELEASE.get_or_init(|| std::env::var_os("TALOSENDPOINT_TEST_RELEASE").map(PathBuf::from));
    std::iter::once(provider()).chain(release.as_deref())
}

/// The plugin with bad manners, tests/fixture/process.rs. Cargo builds no example for `cargo test --test wire`, so it is
/// built here, once; when it is fresh that costs nothing.
pub fn fixture() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.current_dir(env!("CARGO_MANIFEST_DIR"));
        cargo.args(["build", "--quiet", "--example", "fixture_process"]);
        if !cfg!(debug_assertions) {
            cargo.arg("--release");
        }
        assert!(cargo.status().unwrap().success(), "can't build the fixture");
        let folder = provider().parent().unwrap();
        folder.join("examples").join(format!("fixture_process{}", std::env::consts::EXE_SUFFIX))
    })
}
