//! What a plugin writes on stderr, as the host will parse it.

use serde_json::{Map, Value};

use super::{
    client::{Launch, Plugin},
    fixture::{fixture, providers},
};

/// The host's buffer for one line.
const HOSTS_LIMIT: usize = 64 * 1024;

/// Parses stderr as strictly as anything that reads it: each line an object, the reserved keys strings of the right form.
fn entries(stderr: &str) -> Vec<Map<String, Value>> {
    let form = regex::Regex::new(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}(Z|[+-]\d\d:\d\d)$").unwrap();
    let parse = |line: &str| {
        assert!(line.len() < HOSTS_LIMIT, "{} bytes", line.len());
        let entry: Map<String, Value> = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        let text = |key: &str| entry[key].as_str().unwrap_or_else(|| panic!("{key}: {line}"));
        assert!(["trace", "debug", "info", "warn", "error"].contains(&text("@level")), "{line}");
        assert!(form.is_match(text("@timestamp")), "{line}");
        text("@message");
        entry
    };
    stderr.lines().map(parse).collect()
}

async fn logged(launch: Launch, calls: &[&str]) -> String {
    let mut plugin: Plugin = launch.start().await;
    for what in calls {
        plugin.call(what).await.unwrap();
    }
    plugin.shutdown().await;
    plugin.stderr()
}

#[tokio::test]
async fn every_line_is_an_object_whatever_the_text() {
    let long = format!("log:{}", "\u{7}\"é".repeat(100_000));
    let nasty = ["log:two\nlines\r\n", "log:{\"@level\": 1, \"@message\": null}", "log:panic: \u{0}\u{1b}[31m", &long];
    let stderr = logged(Launch::of(fixture()).env("TF_LOG", "TRACE"), &nasty).await;
    let entries = entries(&stderr);
    let of_fixture = |level: &str| {
        let wanted = |entry: &&Map<String, Value>| entry["@level"] == level && entry["@module"] == "fixture_process";
        entries.iter().filter(wanted).collect::<Vec<_>>()
    };
    for level in ["error", "info", "trace"] {
        let messages = of_fixture(level);
        assert_eq!(messages.len(), nasty.len(), "{level}");
        assert_eq!(messages[0]["@message"], "two\nlines\r\n");
        assert_eq!(messages[0]["tf_rpc"], "two\nlines\r\n", "a span's fields are on its lines");
    }
    assert_eq!(of_fixture("info")[0]["number"], "1000000");
    assert!(entries.iter().any(|entry| entry["@module"] == "talosendpoint::plugin"), "the process layer speaks too");
}

#[tokio::test]
async fn other_crates_are_never_heard() {
    let stderr = logged(Launch::of(fixture()).env("TF_LOG_PROVIDER", "TRACE"), &["log:text"]).await;
    assert!(!stderr.contains("hunter2"), "{stderr}");
    for entry in entries(&stderr) {
        let module = entry["@module"].as_str().unwrap();
        assert!(module.starts_with("fixture_process") || module.starts_with("talosendpoint"), "{module}");
    }
}

#[tokio::test]
async fn the_level_is_the_hosts_and_without_one_only_errors_are_written() {
    for (variables, expected) in [
        (&[][..], &["error"][..]),
        (&[("TF_LOG", "")], &["error"]),
        (&[("TF_LOG", "OFF")], &[]),
        (&[("TF_LOG", "INFO")], &["error", "info"]),
        (&[("TF_LOG", "TRACE"), ("TF_LOG_PROVIDER", "ERROR")], &["error"]),
        (&[("TF_LOG_PROVIDER", "JSON")], &["error", "info", "trace"]),
    ] {
        let launch = variables.iter().fold(Launch::of(fixture()), |launch, (name, value)| launch.env(name, value));
        let stderr = logged(launch, &["log:text"]).await;
        let entries = entries(&stderr);
        let mine = entries.iter().filter(|entry| entry["@module"] == "fixture_process");
        let levels: Vec<_> = mine.map(|entry| entry["@level"].as_str().unwrap()).collect();
        assert_eq!(levels, expected, "{variables:?}");
    }
}

#[tokio::test]
async fn a_quiet_run_writes_nothing_at_all() {
    for provider in providers() {
        assert_eq!(logged(Launch::of(provider), &[]).await, "");
    }
}

#[tokio::test]
async fn a_refused_client_is_in_the_log_and_its_certificate_is_not() {
    for provider in providers() {
        let mut plugin = Launch::of(provider).env("TF_LOG", "DEBUG").start().await;
        // A connect-and-close probe never finishes its TLS handshake.
        drop(plugin.handshake.dial().await.unwrap());
        plugin.serves().await.unwrap();
        plugin.shutdown().await;
        let stderr = plugin.stderr();
        assert!(entries(&stderr).iter().any(|entry| entry["@message"] == "connection refused"), "{stderr}");
        assert!(!stderr.contains("BEGIN") && !stderr.contains("PRIVATE"), "{stderr}");
    }
}
