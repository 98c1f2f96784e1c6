//! What machines of [`super::container`] boot: a root tree of the distribution that runs here (Debian or Ubuntu), with systemd, an SSH
//! server and cloud-init; and a folder repository with what is installed on them later. Both are made once, by mmdebstrap.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use crate::build;
use crate::programs::quoted;
use crate::skip::Missing;

/// What is in the tree when a machine boots for the first time, beside what every Debian has.
const PACKAGES: &str = "systemd,systemd-sysv,libpam-systemd,dbus,openssh-server,sudo,cloud-init,iproute2";

/// What the folder's name begins with until it is complete, before the number of the process that makes it.
const UNFINISHED: &str = "debian-unfinished-";

/// Run with the tree's path, a folder for packages and the URL of the repository.
const CUSTOMIZE: &str = include_str!("debian/customize.sh");

/// Where machines look for packages; only a test that starts a server there lets them find any.
pub const REPOSITORY: &str = "http://192.0.2.5:8000";

/// The tree and the repository.
#[derive(Debug, Clone)]
pub struct Debian {
    folder: PathBuf,
}

impl Debian {
    /// What an earlier call or run has made, or made now.
    ///
    /// # Errors
    /// Where packages can't be had, with the reason.
    pub fn find_or_make() -> Result<Debian, Missing> {
        static MADE: OnceLock<Result<Debian, String>> = OnceLock::new();
        MADE.get_or_init(make).clone().map_err(|reason| Missing(format!("packages of the distribution ({reason})")))
    }

    /// The root tree, which is never written to.
    pub fn root(&self) -> PathBuf {
        self.folder.join("root")
    }

    /// The folder of packages, with an index that apt reads.
    pub fn repository(&self) -> PathBuf {
        self.folder.join("repository")
    }

    /// What it is, such as `Debian GNU/Linux 12 (bookworm)`.
    pub fn name(&self) -> String {
        let text = fs::read_to_string(self.root().join("etc/os-release")).unwrap_or_default();
        field(&text, "PRETTY_NAME").unwrap_or_default()
    }

    /// The version of a package of the repository.
    pub fn version(&self, package: &str) -> String {
        let text = fs::read_to_string(self.repository().join("Packages")).unwrap_or_default();
        let entry = text.split("\n\n").find(|entry| entry.lines().any(|line| line == format!("Package: {package}")));
        let version = entry.and_then(|entry| entry.lines().find_map(|line| line.strip_prefix("Version: ")));
        version.unwrap_or_default().to_owned()
    }
}

/// A field of a file such as `/etc/os-release`.
fn field(text: &str, name: &str) -> Option<String> {
    let value = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='))?;
    Some(value.trim_matches('"').to_owned())
}

fn make() -> Result<Debian, String> {
    let here = fs::read_to_string("/etc/os-release").map_err(|error| format!("/etc/os-release: {error}"))?;
    let suite = field(&here, "VERSION_CODENAME").ok_or("this is neither Debian nor Ubuntu")?;
    let mut key = DefaultHasher::new();
    (PACKAGES, CUSTOMIZE, REPOSITORY, &suite).hash(&mut key);
    let folder = build::scratch().join(format!("debian-{suite}-{:016x}", key.finish()));
    if !folder.exists() {
        // Under another name until it is complete: a run may be killed, and two may make it at once.
        remove_abandoned(&build::scratch());
        let prefix = format!("{UNFINISHED}{}-", std::process::id());
        let unfinished = tempfile::Builder::new().prefix(&prefix).tempdir_in(build::scratch());
        let unfinished = unfinished.map_err(|error| error.to_string())?;
        bootstrap(&suite, unfinished.path())?;
        let unfinished = unfinished.keep();
        if fs::rename(&unfinished, &folder).is_err() {
            let _other_was_first = fs::remove_dir_all(unfinished);
        }
    }
    Ok(Debian { folder })
}

/// What runs have left that were killed meanwhile.
fn remove_abandoned(scratch: &Path) {
    let entries = fs::read_dir(scratch).into_iter().flatten().flatten();
    for entry in entries {
        let name = entry.file_name().to_string_lossy().into_owned();
        let owner = name.strip_prefix(UNFINISHED).and_then(|rest| rest.split('-').next());
        if owner.is_some_and(|pid| !Path::new("/proc").join(pid).exists()) {
            let _another_run_does_it_too = fs::remove_dir_all(entry.path());
        }
    }
}

fn bootstrap(suite: &str, folder: &Path) -> Result<(), String> {
    let failed = |error: std::io::Error| error.to_string();
    let (root, repository, hook) = (folder.join("root"), folder.join("repository"), folder.join("customize.sh"));
    fs::create_dir(&repository).map_err(failed)?;
    fs::write(&hook, CUSTOMIZE).map_err(failed)?;
    let mut command = Command::new("mmdebstrap");
    command.args(["--variant=apt", "--mode=root", "--format=directory", "--dpkgopt=force-unsafe-io"]);
    for folder in ["doc", "man", "locale", "info"] {
        command.arg(format!("--dpkgopt=path-exclude=/usr/share/{folder}/*"));
    }
    command.args(["--aptopt=APT::Install-Recommends \"false\"", &format!("--include={PACKAGES}")]);
    let customize = format!("sh {} \"$1\" {} {REPOSITORY}", quoted(&hook), quoted(&repository));
    command.arg(format!("--customize-hook={customize}")).arg(suite).arg(&root);
    let output =
        command.stdin(Stdio::null()).stdout(Stdio::null()).output().map_err(|error| format!("mmdebstrap: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let reason = said.lines().rev().find(|line| line.starts_with("E: ")).unwrap_or("mmdebstrap failed");
    Err(reason.trim_start_matches("E: ").to_owned())
}
