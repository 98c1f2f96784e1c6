//! Builds the Go programs and asks them.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use lab::build;
use lab::programs::{self, Found};
use lab::skip::{self, Missing};

use crate::answer::Answer;
use crate::case::Case;

/// The minors of Talos 1 that have a program; each has a folder of this name.
pub const MINORS: [u32; 6] = [9, 10, 11, 12, 13, 14];

/// One minor's program.
#[derive(Clone, Debug)]
pub struct Oracle {
    program: PathBuf,
    /// Secrets of a cluster, made once for all versions: a cluster keeps its own through every upgrade.
    secrets: PathBuf,
}

impl Oracle {
    /// What the library makes of `cases`, in their order.
    pub fn ask(&self, cases: &[Case]) -> Vec<Answer> {
        let mut child = self.command().stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut input = child.stdin.take().unwrap();
        let text = serde_json::to_string(&cases.iter().map(Case::json).collect::<Vec<_>>()).unwrap();
        // Written from a thread: a program that answers before it has read all must not block both.
        let writer = std::thread::spawn(move || input.write_all(text.as_bytes()).unwrap());
        let output = child.wait_with_output().unwrap();
        writer.join().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let answers: Vec<serde_json::Value> = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(answers.len(), cases.len());
        answers.iter().map(Answer::read).collect()
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.arg("answer").arg(&self.secrets);
        command
    }

    /// What it makes of one.
    pub fn ask_one(&self, case: &Case) -> Answer {
        self.ask(std::slice::from_ref(case)).remove(0)
    }
}

/// All programs that can be had on this machine; each other one is reported as skipped, once.
pub fn all() -> Result<&'static BTreeMap<u32, Oracle>, Missing> {
    static ALL: OnceLock<Result<BTreeMap<u32, Oracle>, Missing>> = OnceLock::new();
    ALL.get_or_init(build_all).as_ref().map_err(Missing::clone)
}

fn build_all() -> Result<BTreeMap<u32, Oracle>, Missing> {
    let go = go()?;
    let mut oracles = BTreeMap::new();
    let mut first = None;
    for minor in MINORS {
        match build(&go, minor, &[]) {
            Ok(program) => {
                let secrets = secrets(&program);
                oracles.insert(minor, Oracle { program, secrets });
            }
            Err(missing) => {
                skip::report(&missing);
                first.get_or_insert(missing);
            }
        }
    }
    match first {
        Some(missing) if oracles.is_empty() => Err(missing),
        _ => Ok(oracles),
    }
}

/// The file of secrets; made by `program` where there is none yet.
fn secrets(program: &Path) -> PathBuf {
    let file = program.with_file_name("secrets.yaml");
    if !file.is_file() {
        let output = Command::new(program).arg("secrets").output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let half = tempfile::NamedTempFile::new_in(file.parent().unwrap()).unwrap();
        std::fs::write(half.path(), output.stdout).unwrap();
        half.persist(&file).unwrap();
    }
    file
}

/// Go on PATH, in GOROOT, or where its own installation page puts it.
pub fn go() -> Found {
    let places = std::env::var_os("GOROOT").map(PathBuf::from).into_iter().chain([PathBuf::from("/usr/local/go")]);
    let others = places.map(|place| programs::find(&place.join("bin/go").to_string_lossy()));
    [programs::find("go")].into_iter().chain(others).find_map(Result::ok).ok_or(Missing("go".to_owned()))
}

/// Builds the program of one minor; Go's own cache makes a second time quick.
///
/// # Panics
/// When it doesn't compile.
pub fn build(go: &Path, minor: u32, environment: &[(&str, OsString)]) -> Found {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/talos-oracle/v1.{minor}"));
    let program = build::scratch().join(format!("talos-oracle/v1.{minor}"));
    let output = Command::new(go)
        .args(["build", "-mod=readonly", "-buildvcs=false", "-o"])
        .arg(&program)
        .arg(".")
        .current_dir(folder)
        .env_remove("GOFLAGS")
        .env("GOTOOLCHAIN", "local") // an old Go would fetch a newer one behind our back
        .envs(environment.iter().cloned())
        .output()
        .unwrap();
    if output.status.success() {
        return Ok(program);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    match why_not(minor, &said) {
        Some(missing) => Err(missing),
        None => panic!("the program for Talos v1.{minor} doesn't compile:\n{said}"),
    }
}

/// What this machine lacks, if that is why a build failed.
pub fn why_not(minor: u32, said: &str) -> Option<Missing> {
    if let Some((_, rest)) = said.split_once("requires go >= ") {
        let version = rest.split_whitespace().next()?;
        return Some(Missing(format!("go {version} or newer, for Talos v1.{minor},")));
    }
    let unreachable =
        ["dial tcp", "lookup disabled by GOPROXY", "i/o timeout", "TLS handshake", "proxyconnect", "x509:"];
    let line = said.lines().find(|line| unreachable.iter().any(|reason| line.contains(reason)))?;
    Some(Missing(format!("a Go module proxy, for Talos v1.{minor} ({}),", line.trim())))
}
