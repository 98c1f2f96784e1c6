//! What cargo built, and where tests may write. Cargo tells that to test programs alone, so this crate reads it from the path of the
//! running one: `target/debug/deps/NAME-HASH`, an example's `target/debug/examples/NAME`.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

/// The folder of a profile, with the provider in it: `target/debug`.
///
/// # Panics
/// Where the running program isn't one that cargo built.
pub fn profile() -> PathBuf {
    let program = env::current_exe().unwrap();
    let profile = program.ancestors().nth(2).filter(|folder| folder.join("deps").is_dir());
    profile.unwrap_or_else(|| panic!("{} is not in cargo's target folder", program.display())).to_owned()
}

/// Where builds are: `target`, or `target/TRIPLE` with `--target`.
pub fn target() -> PathBuf {
    profile().parent().unwrap().to_owned()
}

/// A folder for what tests write, on the same file system as what was built.
pub fn scratch() -> PathBuf {
    let folder = target().join("tmp");
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// One of the example programs of the provider's package. Cargo builds none for `cargo test --test NAME`, so it is built here, once;
/// where it is fresh that costs nothing.
pub fn example(name: &str) -> PathBuf {
    static BUILT: Mutex<BTreeMap<String, PathBuf>> = Mutex::new(BTreeMap::new());
    let mut built = BUILT.lock().unwrap();
    let build = || {
        let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let mut cargo = Command::new(env!("CARGO"));
        cargo.current_dir(repository).args(["build", "--quiet", "--example", name]);
        cargo.args((!cfg!(debug_assertions)).then_some("--release"));
        assert!(cargo.status().unwrap().success(), "can't build the example {name}");
        profile().join("examples").join(format!("{name}{}", env::consts::EXE_SUFFIX))
    };
    built.entry(name.to_owned()).or_insert_with(build).clone()
}
