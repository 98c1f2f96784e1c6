//! What the log says while an endpoint is made: what is waited for, and each call of AWS; never a body, never a secret.

use std::time::Duration;

use lab::fake::Fake;

use crate::child;
use crate::config::config;
use crate::creation::quick;
use crate::terraform::Terraform;

/// Longer than the time between two reports.
const PROVISIONING: Duration = Duration::from_secs(15);

async fn a_slow_create() {
    let fake: Fake = quick();
    fake.set(|settings| settings.provisioning_time = PROVISIONING);
    let tags =
        ("tags", talosendpoint::framework::value::Value::Map([("team".to_owned(), "in-the-body".into())].into()));
    Terraform::at(&fake.url()).await.apply_well(&config([tags])).await;
}

/// The fields of the lines with this message.
fn lines(said: &str, message: &str) -> Vec<serde_json::Map<String, serde_json::Value>> {
    let objects = said.lines().filter_map(|line| serde_json::from_str(line).ok());
    objects.filter(|line: &serde_json::Map<_, _>| line.get("@message").is_some_and(|text| text == message)).collect()
}

#[test]
fn a_wait_is_reported_and_each_call_has_one_line() {
    let path = concat!(module_path!(), "::", "a_wait_is_reported_and_each_call_has_one_line");
    let Some(said) = child::said(path, a_slow_create) else { return };
    let waits = lines(&said, "waiting for the load balancer to become active");
    assert!(waits.len() >= 2, "one at once, one after ten seconds: {said}");
    for wait in &waits {
        assert_eq!((wait["@level"].as_str(), wait["state"].as_str()), (Some("info"), Some("provisioning")), "{wait:?}");
    }
    let calls = lines(&said, "call of AWS");
    for action in ["CreateLoadBalancer", "CreateTargetGroup", "CreateListener", "DescribeTags"] {
        let call = calls.iter().find(|call| call["action"] == action).unwrap_or_else(|| panic!("{action}: {said}"));
        assert_eq!((call["@level"].as_str(), call["service"].as_str()), (Some("debug"), Some("elasticloadbalancing")));
        assert!(call["status"] == "200" && call["attempt"] == "1" && call.contains_key("request_id"), "{call:?}");
        assert!(call["duration_ms"].as_str().is_some_and(|time| time.parse::<u64>().is_ok()), "{call:?}");
    }
    assert!(!said.contains("in-the-body"), "a body is in the log");
}
