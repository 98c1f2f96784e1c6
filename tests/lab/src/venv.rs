//! The Python environments of the tests (`tests/requirements*.txt`), made on first use under the target directory.

use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;

use super::build;
use super::programs;
use super::skip::Missing;

const MOTO: &str = include_str!("../../requirements.txt");

const MINISTACK: &str = include_str!("../../requirements-ministack.txt");

/// A complete virtual environment with the pinned packages in it.
#[derive(Debug, Clone)]
pub struct Venv {
    root: PathBuf,
}

impl Venv {
    /// The environment with moto and botocore's models, for today's requirements. The first caller makes it (about half a minute); concurrent tests and
    /// processes wait for that one. pip takes its settings (index, mirror, certificates) from the process environment.
    ///
    /// # Panics
    /// With pip's own output when the packages can't be installed: python is there, so that is no reason to skip.
    pub fn get() -> Result<Venv, Missing> {
        Venv::with(MOTO)
    }

    /// As [`Venv::get`], the environment with MiniStack.
    pub fn ministack() -> Result<Venv, Missing> {
        Venv::with(MINISTACK)
    }

    fn with(requirements: &str) -> Result<Venv, Missing> {
        let python = programs::python3()?;
        let target = build::target();
        let root = target.join(format!("test-venv-{:016x}", fingerprint(&python, requirements)));
        fs::create_dir_all(&target).unwrap();
        let lock = File::create(target.join("test-venv.lock")).unwrap();
        lock.lock().unwrap(); // held until `lock` is dropped, also when this process is killed
        if !root.join(COMPLETE).exists() {
            build(&python, &root, requirements);
        }
        Ok(Venv { root })
    }

    /// The environment's interpreter.
    pub fn python(&self) -> PathBuf {
        self.root.join("bin/python")
    }

    /// botocore's folder of service models (`elbv2/2015-12-01/service-2.json.gz`, …).
    pub fn botocore_data(&self) -> PathBuf {
        let lib = self.root.join("lib");
        let found = fs::read_dir(&lib)
            .unwrap()
            .map(|entry| entry.unwrap().path().join("site-packages/botocore/data"))
            .find(|path| path.is_dir());
        found.unwrap_or_else(|| panic!("no botocore under {}", lib.display()))
    }
}

/// Written last. Scripts in a virtual environment name their own folder, so it can't be made elsewhere and renamed;
/// what is renamed is this marker.
const COMPLETE: &str = "complete";

fn build(python: &Path, root: &Path, packages: &str) {
    if root.exists() {
        fs::remove_dir_all(root).unwrap(); // the leftover of a run that was killed
    }
    run(Command::new(python).args(["-m", "venv"]).arg(root));
    let requirements = root.join("requirements.txt");
    fs::write(&requirements, packages).unwrap();
    run(Command::new(root.join("bin/python"))
        .args(["-m", "pip", "install", "--quiet", "--requirement"])
        .arg(&requirements));
    let marker = root.join("complete.new");
    fs::write(&marker, "").unwrap();
    fs::rename(&marker, root.join(COMPLETE)).unwrap();
}

fn run(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{command:?} failed: {}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

/// Also of the interpreter: an environment made by another Python doesn't work with this one.
fn fingerprint(python: &Path, requirements: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    requirements.hash(&mut hasher);
    python.canonicalize().unwrap().hash(&mut hasher);
    hasher.finish()
}
