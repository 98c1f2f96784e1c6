//! Whether hosts are believed that OpenSSH believes, with its own client and server: what `ssh -o StrictHostKeyChecking=yes` accepts is
//! accepted, and nothing else. The server speaks over a pipe, so that a host may have any name.

// The lints' exceptions for tests cover test functions only, not what they share.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use futures_util::{StreamExt, stream};
use lab::need;
use lab::programs::find_on;
use lab::skip::Missing;

use super::*;
use crate::remote::ssh::attempt_limit::AttemptLimit;
use crate::remote::ssh::log_in::log_in;
use crate::remote::ssh::settings::{Hop, SshSettings};
use crate::remote::ssh::ssh_error::SshError;

/// Where sshd is on most systems.
const PATH: &str = "/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/bin";

/// The folder that sshd changes its root to, and refuses to start without where root starts it.
const EMPTY: &str = "/run/sshd";

const HOST: &str = "lb-01.example.com";

/// Makes what a host has, and what somebody may know of it.
struct Keys {
    folder: tempfile::TempDir,
    makes_empty: bool,
}

impl Drop for Keys {
    fn drop(&mut self) {
        if self.makes_empty {
            let _others_use_it = fs::remove_dir(EMPTY);
        }
    }
}

impl Keys {
    fn new() -> Keys {
        let folder = tempfile::tempdir().unwrap();
        let makes_empty = fs::create_dir(EMPTY).is_ok();
        let keys = Keys { folder, makes_empty };
        for (name, kind) in [
            ("own", "ed25519"),
            ("ecdsa", "ecdsa"),
            ("other", "ed25519"),
            ("ca", "ed25519"),
            ("ca2", "ecdsa"),
            ("rsa", "rsa"),
        ] {
            keys.ssh_keygen(&["-t", kind, "-N", "", "-C", "", "-f", name]);
        }
        keys
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn ssh_keygen(&self, arguments: &[&str]) -> bool {
        let mut command = Command::new("ssh-keygen");
        let output = command.current_dir(self.path()).arg("-q").args(arguments).output().unwrap();
        output.status.success()
    }

    /// The text of a file of known hosts, with a key in place of its name in braces.
    fn known_hosts(&self, lines: &str) -> String {
        let mut text = lines.replace("HOST", HOST);
        for name in ["own", "ecdsa", "other", "ca", "ca2", "rsa"] {
            let key = fs::read_to_string(self.path().join(format!("{name}.pub"))).unwrap();
            text = text.replace(&format!("{{{name}}}"), key.trim());
        }
        text + "\n"
    }

    /// What a host is given, and who knows it, in files of that number.
    fn write(&self, number: usize, reached: &Reached, lines: &str) {
        // The key exchange that costs least.
        let mut config = "PidFile none\nUsePAM no\nStrictModes no\nKexAlgorithms curve25519-sha256\n".to_owned();
        for key in reached.keys {
            config += &format!("HostKey {}\n", self.path().join(key).display());
        }
        if !reached.certificate.is_empty() {
            let public = format!("{number}.pub");
            fs::copy(self.path().join("own.pub"), self.path().join(&public)).unwrap();
            let sign: Vec<&str> = ["-h", "-I", "host"].into_iter().chain(reached.certificate.split(' ')).collect();
            assert!(self.ssh_keygen(&[sign, vec![&public]].concat()), "{}", reached.certificate);
            config += &format!("HostCertificate {}\n", self.path().join(format!("{number}-cert.pub")).display());
        }
        fs::write(self.config(number), config).unwrap();
        fs::write(self.known_hosts_path(number), self.known_hosts(lines)).unwrap();
    }

    fn config(&self, number: usize) -> PathBuf {
        self.path().join(format!("sshd_config-{number}"))
    }

    fn known_hosts_path(&self, number: usize) -> PathBuf {
        self.path().join(format!("known_hosts-{number}"))
    }

    /// Whether OpenSSH believes a host.
    async fn does_openssh(&self, number: usize, reached: &Reached) -> bool {
        let server = format!("ProxyCommand={} -i -f {}", sshd().display(), self.config(number).display());
        let known = format!("UserKnownHostsFile={}", self.known_hosts_path(number).display());
        let mut command = tokio::process::Command::new("ssh");
        command.args(["-F", "none", "-p", &reached.port.to_string(), "-o", &server, "-o", &known]);
        for option in [
            "GlobalKnownHostsFile=none",
            "StrictHostKeyChecking=yes",
            "BatchMode=yes",
            "IdentityFile=none",
            "IdentityAgent=none",
        ] {
            command.args(["-o", option]);
        }
        let output = command.arg(format!("nobody@{}", reached.host)).arg("true").output().await.unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        // Nobody is let in: it is asked only where the host is believed.
        assert!(said.contains("Permission denied") != said.contains("Host key verification failed"), "{said}");
        said.contains("Permission denied")
    }

    /// Whether this program does.
    async fn do_we(&self, number: usize, reached: &Reached) -> bool {
        let mut command = tokio::process::Command::new(sshd());
        command.arg("-i").arg("-f").arg(self.config(number)).kill_on_drop(true);
        let mut server = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let stream = tokio::io::join(server.stdout.take().unwrap(), server.stdin.take().unwrap());
        let settings = SshSettings {
            user: Some("nobody".to_owned()),
            private_key_path: Some(self.path().join("other").display().to_string()),
            known_hosts_path: Some(self.known_hosts_path(number).display().to_string()),
            ..SshSettings::default()
        };
        let hop = Hop { host: reached.host.to_owned(), port: Some(reached.port), user: None, host_key: None };
        let limit = AttemptLimit::new(Duration::from_secs(20));
        match log_in(&settings, &hop, stream, reached.host, &limit).await {
            Err(SshError::Denied { .. }) => true,
            Err(SshError::HostKey { .. }) => false,
            other => panic!("{:?}", other.map(drop)),
        }
    }
}

fn sshd() -> PathBuf {
    find_on("sshd", PATH.as_ref()).unwrap()
}

/// OpenSSH's programs.
fn needed() -> Result<(), Missing> {
    for program in ["ssh", "sshd", "ssh-keygen"] {
        find_on(program, PATH.as_ref())?;
    }
    Ok(())
}

/// How a host is reached, and what it has: its key, and beside that a certificate (what `ssh-keygen` signs it with) or another key.
struct Reached {
    host: &'static str,
    port: u16,
    certificate: &'static str,
    keys: &'static [&'static str],
}

const PLAIN: Reached = Reached { host: HOST, port: 22, certificate: "", keys: &["own"] };
const AT_PORT: Reached = Reached { port: 2222, ..PLAIN };
const TWO_KEYS: Reached = Reached { keys: &["own", "ecdsa"], ..PLAIN };
const SIGNED: Reached = Reached { certificate: "-s ca -n lb-01.example.com", ..PLAIN };
const SIGNED_AT_PORT: Reached = Reached { port: 2222, ..SIGNED };

const fn named(host: &'static str) -> Reached {
    Reached { host, ..PLAIN }
}

const fn signed(certificate: &'static str) -> Reached {
    Reached { certificate, ..PLAIN }
}

/// What both say the same about.
const SAME: &[(Reached, &str)] = &[
    (PLAIN, "HOST {own}"),
    (PLAIN, "HOST {other}"),
    (PLAIN, "HOST {other}\nHOST {own}"),
    (PLAIN, "HOST {ecdsa}"),
    (PLAIN, "# HOST {own}"),
    (PLAIN, "@revoked HOST {own}\nHOST {own}"),
    (PLAIN, concat!("HOST {own}\n@revoked ", " * ", " {own}")),
    (PLAIN, "HOST {own}\n@revoked * {other}"),
    (PLAIN, "@REVOKED HOST {own}\nHOST {own}"),
    (PLAIN, "@cert-authority HOST {own}"),
    (PLAIN, "[HOST]:22 {own}"),
    (TWO_KEYS, "HOST {ecdsa}"),
    (TWO_KEYS, "HOST {other}\nHOST {ecdsa}"),
    (named("LB-01.Example.com"), "lb-01.EXAMPLE.com {own}"),
    (named("lb-01.example.com."), "HOST {own}"),
    (named("2001:DB8:0::1"), "2001:db8::1 {own}"),
    (named("2001:db8::1"), "2001:db8:0::1 {own}"),
    (named("192.0.2.21"), "192.0.2.* {own}"),
    (AT_PORT, "[HOST]:2222 {own}"),
    (AT_PORT, "HOST {own}"),
    (AT_PORT, "HOST {other}"),
    (AT_PORT, "HOST {own}\n[HOST]:2222 {other}"),
    (AT_PORT, "HOST {own}\n[HOST]:2222 {ecdsa}"),
    (AT_PORT, "HOST {other}\n[HOST]:2222 {own}"),
    (AT_PORT, "@revoked [HOST]:2222 {own}\nHOST {own}"),
    (Reached { host: "2001:db8::1", ..AT_PORT }, "[2001:db8::1]:2222 {own}"),
    // Authorities, and hosts that have a certificate or none.
    (PLAIN, "@cert-authority HOST {ca}"),
    (PLAIN, "@cert-authority HOST {ca}\nHOST {own}"),
    (SIGNED, "@cert-authority HOST {ca}"),
    (SIGNED, "@cert-authority *.example.com {ca}"),
    (SIGNED, "@cert-authority *.example.org {ca}"),
    (SIGNED, "@cert-authority HOST {ca}\nHOST {other}"),
    (SIGNED, "@cert-authority HOST {ca2}\nHOST {own}"),
    (SIGNED, "@cert-authority HOST {ca2}\nHOST {other}"),
    (SIGNED, "HOST {own}"),
    (SIGNED, "HOST {ca}"),
    (SIGNED, "@cert-authority HOST {ca}\n@revoked * {own}"),
    (SIGNED, "@cert-authority HOST {ca}\n@revoked * {ca}"),
    (SIGNED_AT_PORT, "@cert-authority [HOST]:2222 {ca}"),
    (SIGNED_AT_PORT, "@cert-authority HOST {ca}"),
    (SIGNED_AT_PORT, "@cert-authority *.example.com {ca}"),
    (SIGNED_AT_PORT, "@cert-authority [*.example.com]:* {ca}"),
    (SIGNED_AT_PORT, "@cert-authority HOST {ca}\n[HOST]:2222 {other}"),
    // Certificates that hold, and others.
    (signed("-s ca"), "@cert-authority * {ca}"),
    (signed("-s ca -n LB-01.example.com"), "@cert-authority * {ca}"),
    (signed("-s ca -n lb-02,lb-01.example.com"), "@cert-authority * {ca}"),
    (signed("-s ca -n lb-02"), "@cert-authority * {ca}"),
    (signed("-s ca -n [lb-01.example.com]:22"), "@cert-authority * {ca}"),
    (Reached { host: "2001:DB8::0:1", ..signed("-s ca -n 2001:db8::1") }, "@cert-authority * {ca}"),
    (signed("-s ca -V -2h:-1h"), "@cert-authority * {ca}"),
    (signed("-s ca -V -2h:-1h"), "@cert-authority * {ca}\nHOST {own}"),
    (signed("-s ca -V +1h:+2h"), "@cert-authority * {ca}"),
    (signed("-s ca -O critical:a=b"), "@cert-authority * {ca}"),
    (signed("-s ca -O extension:a=b"), "@cert-authority * {ca}"),
    (signed("-s ca2"), "@cert-authority * {ca2}"),
    (signed("-s rsa"), "@cert-authority * {rsa}"),
    (signed("-s rsa -t rsa-sha2-256"), "@cert-authority * {rsa}"),
    (signed("-s rsa -t ssh-rsa"), "@cert-authority * {rsa}"),
];

/// What OpenSSH accepts and this program doesn't, and the other way round.
const DIFFERENT: &[(Reached, &str, bool)] = &[
    // A key that is revoked for a host is for all its ports, and a tab is as good as a blank.
    (AT_PORT, "@revoked HOST {own}\n[HOST]:2222 {own}", true),
    (PLAIN, "@revoked\t*\t{own}\nHOST {own}", true),
    // The kinds that a line without the port has are asked for as well.
    (Reached { port: 2222, ..TWO_KEYS }, "HOST {ecdsa}", false),
    // A host that has another key is asked for an RSA key no more than one that has none.
    (Reached { keys: &["own", "rsa"], ..PLAIN }, "HOST {rsa}", true),
];

#[tokio::test]
async fn what_openssh_believes_is_believed() {
    need!(needed());
    let keys = Keys::new();
    let same = SAME.iter().map(|(reached, lines)| (reached, *lines, None));
    let different = DIFFERENT.iter().map(|(reached, lines, accepts)| (reached, *lines, Some(*accepts)));
    let cases = same.chain(different).enumerate().map(|(number, (reached, lines, openssh_alone))| {
        let keys = &keys;
        async move {
            keys.write(number, reached, lines);
            let (openssh, own) = (keys.does_openssh(number, reached).await, keys.do_we(number, reached).await);
            let is_right = openssh_alone.map_or(openssh == own, |alone| (openssh, own) == (alone, !alone));
            let (host, port, certificate) = (reached.host, reached.port, reached.certificate);
            let wrong = format!("OpenSSH {openssh}, own {own}: {host} {port} {certificate} {lines}");
            (own, (!is_right).then_some(wrong))
        }
    });
    let found: Vec<(bool, Option<String>)> = stream::iter(cases).buffer_unordered(4).collect().await;
    let accepted = found.iter().filter(|(own, _)| *own).count();
    let wrong: Vec<String> = found.into_iter().filter_map(|(_, wrong)| wrong).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(accepted > 20, "{accepted}");
}

/// The first field of a line, and names that it may mean.
const NAMES: &[(&str, &[&str])] = &[
    ("lb-01", &["lb-01", "lb-010", "[lb-01]:2222"]),
    ("[lb-01]:2222", &["lb-01", "[lb-01]:2222", "[lb-01]:222"]),
    ("a,lb-01,b", &["lb-01", "a", "b", "a,lb-01"]),
    (",lb-01", &["lb-01"]),
    ("*.example", &["a.example", "[a.example]:2222", ".example", "example"]),
    ("[*.example]:2222", &["[a.example]:2222", "[a.example]:22", "a.example"]),
    ("[*]:*", &["[a]:1", "a"]),
    ("*:2222", &["[a]:2222", "a:2222", "a"]),
    ("*", &["a", "[a]:1", "2001:db8::1"]),
    ("lb-0?", &["lb-01", "lb-0", "lb-011"]),
    ("*a*b*", &["xaxbx", "xbxa", "ab"]),
    ("*,!lb-01", &["lb-01", "lb-02"]),
    ("!lb-01,*", &["lb-01", "lb-02"]),
    ("!lb-01", &["lb-01", "lb-02"]),
    ("*.example,!lb-0?.example", &["lb-01.example", "lb-11.example"]),
    ("2001:db8::*", &["2001:db8::1", "2001:db9::1"]),
    ("\"lb-01\"", &["lb-01"]),
    ("@x lb-01", &["lb-01"]),
    ("@revoked lb-01", &["lb-01", "lb-02"]),
    (concat!("@cert-authority ", " *.example"), &["lb-01.example"]),
    ("  lb-01", &["lb-01"]),
    ("|1|AAAA|AAAA,lb-01", &["lb-01"]),
];

#[test]
fn a_line_means_the_hosts_that_ssh_keygen_finds_in_it() {
    need!(needed());
    let keys = Keys::new();
    let finds = |name: &str| keys.ssh_keygen(&["-f", "known_hosts", "-F", name]);
    for (field, names) in NAMES {
        for is_hashed in [false, true] {
            let text = keys.known_hosts(&format!("other {{other}}\n{field} {{own}}"));
            fs::write(keys.path().join("known_hosts"), &text).unwrap();
            if is_hashed {
                keys.ssh_keygen(&["-H", "-f", "known_hosts"]);
            }
            let text = fs::read_to_string(keys.path().join("known_hosts")).unwrap();
            for name in *names {
                let found = !known_hosts::entries(&text, name).is_empty();
                assert_eq!(finds(name), found, "{field}: {name}, hashed: {is_hashed}: {text}");
            }
        }
    }
}
