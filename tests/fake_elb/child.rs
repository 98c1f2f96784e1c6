//! Scenarios in processes of their own: the lease and everything else that the environment decides is set there, and what such a
//! process says can be searched for what must never be said.

use std::process::Command;

/// Says that this process runs one scenario.
const CHILD: &str = "TALOSENDPOINT_TEST_SCENARIO";

/// The secret key of every scenario: it must be in nothing that a user or a log sees.
pub const SECRET: &str = "verysecretkeyofthescenario0123456789";

/// Runs `scenario`, here or in a process of its own.
pub fn run<F: Future<Output = ()>>(path: &str, scenario: impl FnOnce() -> F) {
    let _ = said(path, scenario);
}

/// The same. All that the process of its own has said; none in that process.
pub fn said<F: Future<Output = ()>>(path: &str, scenario: impl FnOnce() -> F) -> Option<String> {
    if std::env::var_os(CHILD).is_some() {
        talosendpoint::plugin::log::install(&["talosendpoint"]).unwrap();
        tokio::runtime::Runtime::new().unwrap().block_on(scenario());
        return None;
    }
    let name = path.split_once("::").unwrap().1;
    let output = Command::new(std::env::current_exe().unwrap())
        .args([name, "--exact", "--nocapture", "--test-threads=1"])
        .env_clear()
        .env(CHILD, "1")
        .env("TALOSENDPOINT_CREATE_LEASE", "3s")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        // What stays refused is told within seconds.
        .env("AWS_MAX_ATTEMPTS", "3")
        .env("TF_LOG", "TRACE")
        .env("RUST_BACKTRACE", "0")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(!said.contains(SECRET), "the secret key was said:\n{said}");
    assert!(said.contains("1 passed"), "{said}");
    assert!(output.status.success(), "{said}");
    Some(said.into_owned())
}

/// A test that runs in a process of its own.
macro_rules! scenario {
    ($(#[doc = $doc:literal])* async fn $name:ident() $body:block) => {
        $(#[doc = $doc])*
        #[test]
        fn $name() {
            crate::child::run(concat!(module_path!(), "::", stringify!($name)), || async $body);
        }
    };
}
pub(crate) use scenario;
