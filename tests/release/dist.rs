//! `make dist`: the files of a release are named as registries read them, install from mirrors, and are what their checksums say.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Arc, OnceLock};

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use lab::need;
use lab::programs::{self, release};
use lab::server::{Reply, Request, Server};
use lab::terraform::{REQUIRED, VERSION, Workspace, provider};
use lab::tls::{Authority, Front};
use tempfile::TempDir;

const NAME: &str = "terraform-provider-talosendpoint";
const ADDRESS: &str = "registry.terraform.io/talosendpoint/talosendpoint";

/// `scripts/dist.py` with these arguments.
fn dist(arguments: &[&str], environment: &[(&str, &str)]) -> Output {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/dist.py");
    Command::new("python3").arg(script).args(arguments).envs(environment.iter().copied()).output().unwrap()
}

#[track_caller]
fn ok(output: &Output) {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// A folder with the files of a release for several platforms, of which a small file is the program.
fn made() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().display().to_string();
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml").display().to_string();
    for triple in
        ["x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu", "aarch64-apple-darwin", "x86_64-pc-windows-msvc"]
    {
        ok(&dist(&["zip", &program, triple, VERSION, &place], &[]));
    }
    ok(&dist(&["sums", VERSION, &place], &[]));
    folder
}

/// The release build, or else the one for development, which is much larger.
fn program() -> PathBuf {
    release().unwrap_or_else(|_| provider())
}

/// A folder with what `make dist` makes of the real program. That is large, so all tests share one. What is built is built already.
fn real() -> &'static Path {
    static FOLDER: OnceLock<TempDir> = OnceLock::new();
    let folder = FOLDER.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let made = Command::new("make")
            .args(["--silent", "--old-file=release", "dist"])
            .arg(format!("RELEASE={}", program().display()))
            .arg(format!("VERSION={VERSION}"))
            .arg(format!("DIST={}", folder.path().display()))
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .env_remove("MAKEFLAGS") // of a `make test` around this
            .output()
            .unwrap();
        ok(&made);
        folder
    });
    folder.path()
}

fn platform() -> String {
    let processor = if cfg!(target_arch = "aarch64") { "arm64" } else { "amd64" };
    format!("linux_{processor}")
}

fn zip(folder: &Path) -> PathBuf {
    folder.join(format!("{NAME}_{VERSION}_{}.zip", platform()))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Terraform's hash of an archive as a file.
fn zh(archive: &Path) -> String {
    format!("zh:{}", hex(digest(&SHA256, &fs::read(archive).unwrap()).as_ref()))
}

/// Terraform's hash of what is in an archive: of its files' names and hashes, in order (golang.org/x/mod/sumdb/dirhash, Hash1).
fn h1(files: &BTreeMap<String, Vec<u8>>) -> String {
    let lines: String =
        files.iter().map(|(name, content)| format!("{}  {name}\n", hex(digest(&SHA256, content).as_ref()))).collect();
    format!("h1:{}", STANDARD.encode(digest(&SHA256, lines.as_bytes()).as_ref()))
}

/// What the archive of this machine's platform must hold.
fn content() -> BTreeMap<String, Vec<u8>> {
    let licence = fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("LICENSE")).unwrap();
    let program = fs::read(program()).unwrap();
    BTreeMap::from([("LICENSE".to_owned(), licence), (format!("{NAME}_v{VERSION}"), program)])
}

/// The hashes that Terraform has locked, in order.
fn locked(workspace: &Workspace) -> Vec<String> {
    let lock = workspace.read(".terraform.lock.hcl");
    let quoted = lock.split('"').filter(|text| text.starts_with("h1:") || text.starts_with("zh:"));
    quoted.map(str::to_owned).collect()
}

fn workspace(program: &Path, method: &str) -> Workspace {
    let workspace = Workspace::new(program, &provider());
    workspace.write("cli.tfrc", &format!("provider_installation {{\n{method}}}\n"));
    workspace.main(REQUIRED);
    workspace
}

#[test]
fn the_files_are_named_as_registries_read_them() {
    need!(programs::python3());
    let folder = made();
    let mut names: Vec<String> =
        fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    let ends =
        ["SHA256SUMS", "darwin_arm64.zip", "linux_amd64.zip", "linux_arm64.zip", "manifest.json", "windows_amd64.zip"];
    assert_eq!(names, ends.map(|end| format!("{NAME}_{VERSION}_{end}")));
    let sums = fs::read_to_string(folder.path().join(format!("{NAME}_{VERSION}_SHA256SUMS"))).unwrap();
    let wanted: String =
        names[1..].iter().map(|name| format!("{}  {name}\n", &zh(&folder.path().join(name))["zh:".len()..])).collect();
    assert_eq!(sums, wanted);
    let manifest = fs::read_to_string(folder.path().join(format!("{NAME}_{VERSION}_manifest.json"))).unwrap();
    assert!(manifest.contains("\"protocol_versions\": [\"6.0\"]"), "{manifest}");
}

/// Nothing of the machine and of the moment is in an archive: not the program's time and mode, not the zone, not the mask.
#[test]
fn the_same_program_gives_the_same_archive() {
    need!(programs::python3());
    let folder = tempfile::tempdir().unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/dist.py");
    let pack = |name: &str, touched: &str, mode: u32, zone: &str, mask: &str| {
        let program = folder.path().join(name);
        fs::write(&program, "the program").unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(mode)).unwrap();
        ok(&Command::new("touch").args(["-d", touched]).arg(&program).output().unwrap());
        let place = folder.path().join(format!("{name}.dist"));
        let packed = Command::new("sh")
            .args(["-c", &format!("umask {mask} && exec python3 \"$@\""), "sh"])
            .arg(&script)
            .arg("zip")
            .arg(&program)
            .args(["x86_64-unknown-linux-gnu", VERSION])
            .arg(&place)
            .env("TZ", zone)
            .output()
            .unwrap();
        ok(&packed);
        fs::read(place.join(format!("{NAME}_{VERSION}_linux_amd64.zip"))).unwrap()
    };
    let one = pack("one", "2001-02-03 04:05:06", 0o700, "UTC", "077");
    let other = pack("other", "2020-10-10 10:10:10", 0o644, "Asia/Tokyo", "022");
    assert_eq!(one, other);
    // The first entry's time and date, in the form of MS-DOS: midnight of 1980-01-01.
    assert_eq!(one[10..14], [0, 0, 0x21, 0]);
}

#[test]
fn a_version_that_is_not_the_crates_and_a_platform_that_no_registry_has_are_refused() {
    need!(programs::python3());
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().display().to_string();
    let said = |arguments: &[&str]| {
        let output = dist(arguments, &[]);
        assert!(!output.status.success(), "{arguments:?}");
        String::from_utf8(output.stderr).unwrap()
    };
    let binary = provider().display().to_string();
    assert!(said(&["zip", &binary, "x86_64-unknown-linux-gnu", "9.9.9", &place]).contains("Cargo.toml"));
    assert!(said(&["zip", &binary, "x86_64-unknown-freebsd", VERSION, &place]).contains("is no platform"));
    assert!(said(&["sums", VERSION, &place]).contains("has no"));
    assert!(said(&["check", "9.9.9"]).contains("Cargo.toml"));
    assert!(said(&["sums"]).contains("dist.py zip"));
}

#[test]
fn it_installs_from_a_folder_and_the_locked_hashes_are_ours() {
    let terraform = need!(programs::terraform());
    need!(programs::python3());
    need!(programs::find("make"));
    let mirror = tempfile::tempdir().unwrap();
    let packed = mirror.path().join(ADDRESS);
    fs::create_dir_all(&packed).unwrap();
    let archive = zip(real());
    fs::copy(&archive, packed.join(archive.file_name().unwrap())).unwrap();
    let method = format!("  filesystem_mirror {{\n    path = {:?}\n  }}\n", mirror.path());
    let workspace = workspace(&terraform, &method);
    workspace.init().ok();
    assert_eq!(locked(&workspace), [h1(&content())]);
    fs::remove_file(workspace.path().join(".terraform.lock.hcl")).unwrap();
    let mirror = format!("-fs-mirror={}", mirror.path().display());
    workspace.run(["providers", "lock", "-no-color", &mirror, &format!("-platform={}", platform())]).ok();
    assert_eq!(locked(&workspace), [h1(&content())]);
    // What was installed runs.
    workspace.init().ok();
    let schemas = workspace.run(["providers", "schema", "-json"]).ok();
    assert!(schemas.stdout.contains("talosendpoint_nlb"));
    let installed = format!(".terraform/providers/{ADDRESS}/{VERSION}/{}/{NAME}_v{VERSION}", platform());
    let mode = fs::metadata(workspace.path().join(installed)).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o755);
}

/// The protocol of network mirrors, over the files of `folder`.
fn network_mirror(folder: &Path, hashes: &[String]) -> Server {
    let archive = zip(folder);
    let name = archive.file_name().unwrap().to_str().unwrap().to_owned();
    let base = format!("/{ADDRESS}/");
    let version = serde_json::json!({ "archives": { platform(): { "url": name, "hashes": hashes } } }).to_string();
    let archive = fs::read(&archive).unwrap();
    Server::start(Arc::new(move |request: Request| {
        let json = |body: &str| Reply {
            status: 200,
            headers: vec![("content-type".to_owned(), "application/json".to_owned())],
            body: body.as_bytes().to_vec(),
        };
        let reply = match request.path.strip_prefix(&base) {
            Some("index.json") => json(&format!("{{\"versions\":{{{VERSION:?}:{{}}}}}}")),
            Some(file) if file == format!("{VERSION}.json") => json(&version),
            Some(file) if file == name => Reply {
                status: 200,
                headers: vec![("content-type".to_owned(), "application/zip".to_owned())],
                body: archive.clone(),
            },
            _ => Reply::text(404, "no such file"),
        };
        Box::pin(async move { reply })
    }))
}

/// A workspace that installs from a network mirror which gives these hashes, and the address of that mirror.
fn behind_mirror(program: &Path, authority: &Authority, front: &Front) -> (Workspace, String) {
    let url = format!("{}/", front.url("127.0.0.1"));
    let workspace = workspace(program, &format!("  network_mirror {{\n    url = {url:?}\n  }}\n"));
    let bundle = authority.write_to(workspace.path()).display().to_string();
    (workspace.env("SSL_CERT_FILE", &bundle), url)
}

/// Terraform checks the hash of the archive (`zh`) when it has fetched it, and locks that of its content (`h1`).
#[test]
fn it_installs_from_a_network_mirror_and_both_hashes_are_ours() {
    let terraform = need!(programs::terraform());
    need!(programs::python3());
    need!(programs::find("make"));
    for hashes in [vec![zh(&zip(real()))], vec![h1(&content())], vec![h1(&content()), zh(&zip(real()))]] {
        let server = network_mirror(real(), &hashes);
        let authority = Authority::new();
        let front = Front::start(&authority, &["127.0.0.1"], &server.url());
        let (workspace, url) = behind_mirror(&terraform, &authority, &front);
        workspace.init().ok();
        assert_eq!(locked(&workspace), [h1(&content())]);
        fs::remove_file(workspace.path().join(".terraform.lock.hcl")).unwrap();
        let (mirror, platform) = (format!("-net-mirror={url}"), format!("-platform={}", platform()));
        workspace.run(["providers", "lock", "-no-color", &mirror, &platform]).ok();
        assert_eq!(locked(&workspace), [h1(&content())]);
    }
}

#[test]
fn an_archive_that_is_not_what_the_mirror_says_is_refused() {
    let terraform = need!(programs::terraform());
    need!(programs::python3());
    need!(programs::find("make"));
    let server = network_mirror(real(), &[format!("zh:{}", "0".repeat(64))]);
    let authority = Authority::new();
    let front = Front::start(&authority, &["127.0.0.1"], &server.url());
    let (workspace, _) = behind_mirror(&terraform, &authority, &front);
    let said = workspace.init().with_status(1).flat();
    assert!(said.contains("checksum"), "{said}");
}

#[test]
fn the_checksums_are_signed_where_there_is_a_key() {
    need!(programs::python3());
    let gpg = need!(programs::find("gpg"));
    let files = made();
    let home = tempfile::tempdir().unwrap();
    fs::set_permissions(home.path(), fs::Permissions::from_mode(0o700)).unwrap();
    let home_path = home.path().display().to_string();
    let run = |arguments: &[&str]| {
        let output = Command::new(&gpg).env("GNUPGHOME", &home_path).args(arguments).output().unwrap();
        ok(&output);
        String::from_utf8(output.stdout).unwrap()
    };
    run(&["--batch", "--passphrase", "", "--quick-generate-key", "releases@example.org", "ed25519", "sign", "never"]);
    let listed = run(&["--batch", "--with-colons", "--list-keys"]);
    let fingerprint = listed.lines().find_map(|line| line.strip_prefix("fpr:")).unwrap().trim_matches(':').to_owned();
    let place = files.path().display().to_string();
    ok(&dist(&["sums", VERSION, &place], &[("GNUPGHOME", &home_path), ("GPG_FINGERPRINT", &fingerprint)]));
    let sums = files.path().join(format!("{NAME}_{VERSION}_SHA256SUMS"));
    let signature = format!("{}.sig", sums.display());
    run(&["--batch", "--verify", &signature, &sums.display().to_string()]);
    assert!(fs::read(&signature).unwrap()[0] & 0x80 != 0, "registries take a binary signature, no text");
    let unsigned = tempfile::tempdir().unwrap();
    for file in fs::read_dir(files.path()).unwrap() {
        let file = file.unwrap().path();
        fs::copy(&file, unsigned.path().join(file.file_name().unwrap())).unwrap();
    }
    ok(&dist(&["sums", VERSION, &unsigned.path().display().to_string()], &[]));
    assert!(
        !unsigned.path().join(format!("{NAME}_{VERSION}_SHA256SUMS.sig")).exists(),
        "a signature of other checksums"
    );
    fs::write(&sums, "changed").unwrap();
    let output =
        Command::new(&gpg).env("GNUPGHOME", &home_path).args(["--batch", "--verify", &signature]).arg(&sums).output();
    assert!(!output.unwrap().status.success(), "a signature that holds for anything");
    // The agent that gpg has started ends with this test.
    Command::new("gpgconf").env("GNUPGHOME", &home_path).args(["--kill", "all"]).status().unwrap();
}
