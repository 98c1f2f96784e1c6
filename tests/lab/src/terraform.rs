//! The real CLI (`terraform` or `tofu`) in a folder of its own, with the provider under test and nothing of the
//! machine's own configuration.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::io::Write;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

use super::build;
use super::process::{Outcome, Running};
use super::programs;

/// How long one command may take. No stand-in needs more than seconds: what reaches this hangs.
const LIMIT: Duration = Duration::from_secs(180);

/// The provider's source address, on both registries that may be implied.
const ADDRESSES: [&str; 2] =
    ["registry.terraform.io/talosendpoint/talosendpoint", "registry.opentofu.org/talosendpoint/talosendpoint"];

const BINARY: &str = "terraform-provider-talosendpoint";

/// What names the provider's source at the beginning of a configuration.
pub const REQUIRED: &str = r#"terraform {
  required_providers {
    talosendpoint = { source = "talosendpoint/talosendpoint" }
  }
}
"#;

/// The same for another provider.
pub fn required(address: &str) -> String {
    let name = address.rsplit('/').next().unwrap_or(address);
    REQUIRED.replace("talosendpoint/talosendpoint", address).replace("talosendpoint =", &format!("{name} ="))
}

/// The version under which [`Workspace::installed`] offers the provider.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The provider binary under test: `TALOSENDPOINT_TEST_PROVIDER`, else the one that cargo has just built.
pub fn provider() -> PathBuf {
    match env::var_os("TALOSENDPOINT_TEST_PROVIDER") {
        Some(chosen) => PathBuf::from(chosen),
        None => build::profile().join(BINARY),
    }
}

/// What the provider's `migrate` says to a state.
pub fn migrate(state: &[u8]) -> Outcome {
    let mut command = Command::new(provider());
    command.arg("migrate").env_clear().stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // It may end before it has read everything.
    let _ = stdin.write_all(state);
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    Outcome {
        status: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A configuration's folder with the environment in which the CLI runs there. It vanishes with this value.
pub struct Workspace {
    folder: TempDir,
    program: PathBuf,
    environment: BTreeMap<String, String>,
}

impl Workspace {
    /// Takes the provider by `dev_overrides`: no `init` is needed (nor possible) for it and for the built-in
    /// `terraform_data`. Other providers come from `TALOSENDPOINT_TEST_MIRROR`, a filesystem mirror, by
    /// [`Workspace::init`].
    pub fn new(program: &Path, provider: &Path) -> Workspace {
        Workspace::overriding(program, &ADDRESSES, provider)
    }

    /// As [`Workspace::new`], any provider at any source addresses; these end with the same name.
    pub fn overriding(program: &Path, addresses: &[&str], provider: &Path) -> Workspace {
        let workspace = Workspace::empty(program);
        let folder = workspace.path().join("override");
        let name = addresses.iter().find_map(|address| address.split('/').next_back()).expect("an address");
        place(provider, &folder, &format!("terraform-provider-{name}"));
        let lines: String = addresses.iter().map(|address| format!("    {address:?} = {folder:?}\n")).collect();
        let overrides = format!("  dev_overrides {{\n{lines}  }}\n");
        workspace.configure(&(overrides + &other_providers("")));
        workspace
    }

    /// Takes one more provider, at `source` (`OWNER/NAME`), by `dev_overrides`.
    pub fn beside(self, source: &str, provider: &Path) -> Workspace {
        let name = source.split('/').next_back().expect("a source address");
        let folder = self.path().join(format!("beside-{name}"));
        place(provider, &folder, &format!("terraform-provider-{name}"));
        let lines: String = ["registry.terraform.io", "registry.opentofu.org"]
            .iter()
            .map(|registry| format!("    \"{registry}/{source}\" = {folder:?}\n"))
            .collect();
        let overrides = self.read("cli.tfrc").replace("  dev_overrides {\n", &format!("  dev_overrides {{\n{lines}"));
        self.write("cli.tfrc", &overrides);
        self
    }

    /// Beside the provider, a stand-in for the one at `source` (`OWNER/NAME`), which has nothing but the schemas of `version` in `file`:
    /// tests/fixture/schemas.rs.
    pub fn stand_in(self, source: &str, file: &Path, version: &str) -> Workspace {
        let workspace = self.beside(source, &build::example("schema_provider"));
        workspace.env("SCHEMAS_FILE", &file.display().to_string()).env("SCHEMAS_VERSION", version)
    }

    /// Takes the provider as a user does, installed from a mirror by [`Workspace::init`], as [`VERSION`].
    pub fn installed(program: &Path, provider: &Path) -> Workspace {
        let workspace = Workspace::empty(program);
        let mirror = workspace.path().join("mirror");
        for address in ADDRESSES {
            let folder = mirror.join(address).join(VERSION).join(platform());
            place(provider, &folder, &format!("{BINARY}_v{VERSION}"));
        }
        let method = format!("  filesystem_mirror {{\n    path = {mirror:?}\n    include = {ADDRESSES:?}\n  }}\n");
        let others = other_providers(&format!("    exclude = {ADDRESSES:?}\n"));
        workspace.configure(&(method + &others));
        workspace
    }

    /// Where every AWS service is (`AWS_ENDPOINT_URL`).
    pub fn endpoint(self, url: &str) -> Workspace {
        self.env("AWS_ENDPOINT_URL", url)
    }

    /// One more environment variable, or another value for one that is set already.
    pub fn env(mut self, name: &str, value: &str) -> Workspace {
        self.environment.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Takes an environment variable away.
    pub fn without_env(mut self, name: &str) -> Workspace {
        self.environment.remove(name);
        self
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes `main.tf`, in place of the former one.
    pub fn main(&self, content: &str) {
        self.write("main.tf", content);
    }

    /// Writes a file.
    pub fn write(&self, name: &str, content: &str) {
        fs::write(self.path().join(name), content).unwrap();
    }

    /// Copies what is in `folder` into this one.
    pub fn take(&self, folder: &Path) {
        copy(folder, self.path());
    }

    /// Copies what is in `folder` into a folder `name` of this one, as a local module.
    pub fn take_module(&self, folder: &Path, name: &str) {
        copy(folder, &self.path().join(name));
    }

    /// Reads a file.
    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path().join(name)).unwrap()
    }

    /// `init`.
    pub fn init(&self) -> Outcome {
        self.run(["init", "-input=false", "-no-color"])
    }

    /// `plan`: status 0 means no changes, 2 changes, 1 an error.
    pub fn plan(&self) -> Outcome {
        self.run(["plan", "-input=false", "-no-color", "-detailed-exitcode"])
    }

    /// Plans, and expects nothing to change.
    ///
    /// # Panics
    /// With the plan when there is one.
    #[track_caller]
    pub fn assert_settled(&self) {
        let outcome = self.plan();
        assert_eq!(outcome.status, 0, "not an empty plan: {}", outcome.said());
    }

    /// A plan as JSON (`show -json` of the saved plan).
    ///
    /// # Panics
    /// When planning fails.
    #[track_caller]
    pub fn plan_json(&self) -> Value {
        self.run(["plan", "-input=false", "-no-color", "-out=saved.tfplan"]).ok();
        let shown = self.run(["show", "-json", "saved.tfplan"]).ok();
        serde_json::from_str(&shown.stdout).unwrap()
    }

    /// `apply` without questions.
    pub fn apply(&self) -> Outcome {
        self.run(APPLY)
    }

    /// `destroy` without questions.
    pub fn destroy(&self) -> Outcome {
        self.run(["destroy", "-auto-approve", "-input=false", "-no-color"])
    }

    /// `import`.
    pub fn import(&self, address: &str, id: &str) -> Outcome {
        self.run(["import", "-input=false", "-no-color", address, id])
    }

    /// The state as JSON (`show -json`).
    ///
    /// # Panics
    /// When there is none that the CLI can read.
    #[track_caller]
    pub fn state_json(&self) -> Value {
        let shown = self.run(["show", "-json"]).ok();
        serde_json::from_str(&shown.stdout).unwrap()
    }

    /// The attributes of one resource of the root module in the state; `None` when it isn't there.
    #[track_caller]
    pub fn attributes(&self, address: &str) -> Option<Value> {
        let state = self.state_json();
        let resources = state["values"]["root_module"]["resources"].as_array()?;
        let found = resources.iter().find(|resource| resource["address"] == address)?;
        Some(found["values"].clone())
    }

    /// The value of one output in the state; null when it isn't there.
    #[track_caller]
    pub fn output(&self, name: &str) -> Value {
        self.state_json()["values"]["outputs"][name]["value"].clone()
    }

    /// Any command, to its end.
    ///
    /// # Panics
    /// When it hangs.
    #[track_caller]
    pub fn run<I: IntoIterator<Item = S>, S: AsRef<str>>(&self, arguments: I) -> Outcome {
        self.start(arguments).0.finish(LIMIT)
    }

    /// Any command in a named workspace of the CLI (`TF_WORKSPACE`), to its end.
    ///
    /// # Panics
    /// When it hangs.
    #[track_caller]
    pub fn run_in(&self, name: &str, arguments: &[&str]) -> Outcome {
        let mut command = self.command(arguments);
        command.env("TF_WORKSPACE", name);
        RunningCli(Running::start(command)).finish(LIMIT)
    }

    /// Any command with further environment variables, to its end.
    ///
    /// # Panics
    /// When it hangs.
    #[track_caller]
    pub fn run_with(&self, environment: &[(&str, &str)], arguments: &[&str]) -> Outcome {
        let mut command = self.command(arguments);
        command.envs(environment.iter().copied());
        RunningCli(Running::start(command)).finish(LIMIT)
    }

    /// `apply` without questions, to be interrupted or killed.
    pub fn start_apply(&self) -> RunningCli {
        self.start(APPLY)
    }

    /// Any command with further environment variables, to be interrupted or killed.
    pub fn start_with(&self, environment: &[(&str, &str)], arguments: &[&str]) -> RunningCli {
        let mut command = self.command(arguments);
        command.envs(environment.iter().copied());
        RunningCli(Running::start(command))
    }

    /// Any command, to be interrupted or killed.
    pub fn start<I: IntoIterator<Item = S>, S: AsRef<str>>(&self, arguments: I) -> RunningCli {
        RunningCli(Running::start(self.command(arguments)))
    }

    fn command<I: IntoIterator<Item = S>, S: AsRef<str>>(&self, arguments: I) -> Command {
        let mut command = Command::new(&self.program);
        for argument in arguments {
            command.arg(argument.as_ref());
        }
        command.current_dir(self.path()).env_clear().envs(&self.environment);
        command
    }

    fn empty(program: &Path) -> Workspace {
        // Beside the built provider, so that it can be hard-linked instead of copied.
        let folder = tempfile::Builder::new().prefix("workspace-").tempdir_in(build::scratch()).unwrap();
        let home = folder.path().display().to_string();
        let search_path = env::var("PATH").unwrap_or_default();
        let config = folder.path().join("cli.tfrc").display().to_string();
        let environment = [
            ("PATH", search_path.as_str()),
            ("HOME", &home),
            ("TF_CLI_CONFIG_FILE", &config),
            ("TF_IN_AUTOMATION", "1"),
            ("CHECKPOINT_DISABLE", "1"),
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "test"),
            ("AWS_REGION", "us-east-1"),
            ("AWS_EC2_METADATA_DISABLED", "true"),
        ];
        Workspace {
            program: program.to_owned(),
            environment: environment.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
            folder,
        }
    }

    fn configure(&self, methods: &str) {
        let content = format!("provider_installation {{\n{methods}}}\n");
        self.write("cli.tfrc", &content);
    }
}

/// `apply` without questions.
pub const APPLY: [&str; 4] = ["apply", "-auto-approve", "-input=false", "-no-color"];

/// A CLI at work, with everything it started in one process group; all of it ends with this value.
pub struct RunningCli(Running);

impl RunningCli {
    /// SIGKILL to the CLI alone: its provider becomes an orphan.
    pub fn kill_terraform(&self) {
        self.0.kill_leader();
    }

    /// SIGKILL to its providers alone; how many there were.
    pub fn kill_provider(&self) -> usize {
        self.0.kill_children("terraform-provider-")
    }
}

/// [`Running::interrupt`], [`Running::children`], [`Running::group`].
impl Deref for RunningCli {
    type Target = Running;

    fn deref(&self) -> &Running {
        &self.0
    }
}

impl RunningCli {
    /// [`Running::wait`].
    pub fn wait(&mut self, limit: Duration) -> Option<Outcome> {
        self.0.wait(limit)
    }

    /// [`Running::finish`].
    #[track_caller]
    pub fn finish(self, limit: Duration) -> Outcome {
        self.0.finish(limit)
    }
}

/// Puts the provider as `name` into a folder that holds nothing else: beside it cargo keeps files whose names begin
/// like it, which Terraform would take for candidates.
fn place(provider: &Path, folder: &Path, name: &str) {
    fs::create_dir_all(folder).unwrap();
    let to = folder.join(name);
    if fs::hard_link(provider, &to).is_err() {
        fs::copy(provider, &to).unwrap();
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

/// The installation method for everything but our provider; without a mirror there is none, never the network.
fn other_providers(exclude: &str) -> String {
    match programs::mirror() {
        Some(mirror) => format!("  filesystem_mirror {{\n    path = {mirror:?}\n{exclude}  }}\n"),
        None => String::new(),
    }
}

/// Terraform's name of this platform.
fn platform() -> String {
    let architecture = match env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    };
    format!("{}_{architecture}", env::consts::OS)
}
