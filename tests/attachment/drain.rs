//! Draining, which only the stateful stand-in shows.

use std::time::{Duration, Instant};

use lab::fake::Fake;
use lab::faults::Fault;
use lab::log::Entry;
use lab::process::Outcome;
use lab::terraform::Workspace;

use crate::fake_stage;
use crate::stage::{NODE, ask, attachment, changes, close, groups, stored, target};

const HOUR: Duration = Duration::from_secs(3600);

#[test]
fn a_destroy_waits_until_the_target_is_drained() {
    let (fake, workspace, venv) = fake_stage!();
    let [a, b] = groups(&fake.url(), ["a", "b"]);
    workspace.main(&attachment(&[&a, &b], ""));
    workspace.apply().ok();
    close(&venv, &fake);

    let draining = Duration::from_secs(3);
    fake.set(|settings| settings.draining_time = draining);
    workspace.destroy().ok();
    let deregistered = fake.of("DeregisterTargets");
    let looks = fake.of("DescribeTargetHealth");
    let waited = looks.last().expect("looks").started - deregistered[0].started;
    assert!(waited >= draining, "{waited:?}");
    assert_eq!(fake.of("DescribeTargetGroupAttributes").len(), 2, "each group's delay is asked once");
    assert!(fake.inventory().health_of("a").is_empty());
    close(&venv, &fake);
}

#[test]
fn a_group_that_is_left_is_waited_for_too() {
    let (fake, workspace, venv) = fake_stage!();
    let [a, b] = groups(&fake.url(), ["a", "b"]);
    workspace.main(&attachment(&[&a], ""));
    workspace.apply().ok();
    close(&venv, &fake);

    let draining = Duration::from_secs(2);
    fake.set(|settings| settings.draining_time = draining);
    workspace.main(&attachment(&[&b], ""));
    workspace.apply().ok();
    assert_eq!(changes(&fake), [format!("RegisterTargets b {NODE}"), format!("DeregisterTargets a {NODE}")]);
    let left = fake.of("DeregisterTargets")[0].started;
    let looks = fake.of("DescribeTargetHealth");
    assert!(looks.last().expect("looks").started - left >= draining);
    close(&venv, &fake);
}

#[test]
fn a_target_that_is_registered_again_is_not_waited_for() {
    let (fake, workspace, venv) = fake_stage!();
    let [a] = groups(&fake.url(), ["a"]);
    workspace.main(&attachment(&[&a], ""));
    workspace.apply().ok();
    close(&venv, &fake);

    fake.set(|settings| settings.draining_time = HOUR);
    let destroying = workspace.start(["destroy", "-auto-approve", "-input=false", "-no-color"]);
    wait_for(&fake, "DescribeTargetGroupAttributes");
    target(&fake.url(), "RegisterTargets", &a, NODE, None);
    let said = destroying.finish(Duration::from_secs(30)).ok().flat();
    assert!(!said.contains("Warning: Not seen drained"), "{said}");
    assert_eq!(fake.inventory().health_of("a").len(), 1, "somebody else's now");
    close(&venv, &fake);
}

#[test]
fn without_drain_nothing_waits() {
    let (fake, workspace, venv) = fake_stage!();
    let [a] = groups(&fake.url(), ["a"]);
    workspace.main(&attachment(&[&a], "drain = false"));
    workspace.apply().ok();
    fake.set(|settings| settings.draining_time = HOUR);
    close(&venv, &fake);

    workspace.destroy().ok();
    assert_eq!(fake.sequence().last().map(String::as_str), Some("DeregisterTargets"));
    assert_eq!(fake.inventory().health_of("a").values().next().expect("shown").split(' ').next(), Some("draining"));
    close(&venv, &fake);
}

#[test]
fn a_wait_that_expires_is_a_warning() {
    let (fake, workspace, venv) = fake_stage!();
    let workspace = workspace.env("TALOSENDPOINT_DRAIN_MARGIN", "1s");
    let [a] = groups(&fake.url(), ["a"]);
    let delay = [
        ("TargetGroupArn", a.as_str()),
        ("Attributes.member.1.Key", "deregistration_delay.timeout_seconds"),
        ("Attributes.member.1.Value", "1"),
    ];
    ask(&fake.url(), "ModifyTargetGroupAttributes", &delay).result();
    fake.set(|settings| settings.draining_time = HOUR);
    workspace.main(&attachment(&[&a], ""));
    workspace.apply().ok();
    let outcome = workspace.destroy().ok();
    assert!(outcome.flat().contains("Warning: Not seen drained in time"), "{}", outcome.said());
    let waited = time_after_deregistration(&fake);
    assert!(waited >= Duration::from_secs(1), "the delay counts: {waited:?}");
    assert_eq!(stored(&workspace), Vec::<String>::new());
    close(&venv, &fake);
}

/// The group's delay is 300 seconds here.
#[test]
fn timeouts_end_the_wait_as_well() {
    let (fake, workspace, venv) = fake_stage!();
    let [a] = groups(&fake.url(), ["a"]);
    fake.set(|settings| settings.draining_time = HOUR);
    workspace.main(&attachment(&[&a], "timeouts = { delete = \"2s\" }"));
    workspace.apply().ok();
    let outcome = workspace.destroy().ok();
    assert!(outcome.flat().contains("Warning: Not seen drained in time"), "{}", outcome.said());
    close(&venv, &fake);
}

#[test]
fn a_wait_that_may_not_look_is_a_warning() {
    let (fake, workspace, venv) = fake_stage!();
    let [a] = groups(&fake.url(), ["a"]);
    workspace.main(&attachment(&[&a], ""));
    workspace.apply().ok();
    fake.fail(Fault::access_denied("DescribeTargetHealth"));
    let outcome = destroy_as_stored(&workspace).ok();
    let said = outcome.flat();
    assert!(said.contains("Warning: Not known whether drained"), "{said}");
    assert!(said.contains("elasticloadbalancing:DescribeTargetHealth"), "{said}");
    close(&venv, &fake);
}

#[test]
fn draining_is_not_registered() {
    let (fake, workspace, venv) = fake_stage!();
    let [a, b] = groups(&fake.url(), ["a", "b"]);
    workspace.main(&attachment(&[&a, &b], ""));
    workspace.apply().ok();
    close(&venv, &fake);

    fake.set(|settings| settings.draining_time = HOUR);
    target(&fake.url(), "DeregisterTargets", &a, NODE, None);
    assert_eq!(workspace.plan().status, 2);
    workspace.apply().ok();
    assert_eq!(changes(&fake), [format!("RegisterTargets a {NODE}")]);
    assert_eq!(workspace.plan().status, 0);
    close(&venv, &fake);
}

#[test]
fn ctrl_c_ends_the_wait_and_the_next_destroy_goes_on() {
    let (fake, workspace, venv) = fake_stage!();
    let [a] = groups(&fake.url(), ["a"]);
    workspace.main(&attachment(&[&a], ""));
    workspace.apply().ok();
    close(&venv, &fake);

    fake.set(|settings| settings.draining_time = HOUR);
    let destroying = workspace.start(["destroy", "-auto-approve", "-input=false", "-no-color"]);
    wait_for(&fake, "DescribeTargetGroupAttributes");
    destroying.interrupt();
    let outcome = destroying.finish(Duration::from_secs(30)).with_status(1);
    let said = outcome.flat();
    assert!(said.contains("Interrupted on your request while waiting until the target is drained"), "{said}");
    assert_eq!(stored(&workspace), [a]);

    fake.set(|settings| settings.draining_time = Duration::ZERO);
    destroy_as_stored(&workspace).ok();
    assert_eq!(changes(&fake), [format!("DeregisterTargets a {NODE}"), format!("DeregisterTargets a {NODE}")]);
    close(&venv, &fake);
}

fn destroy_as_stored(workspace: &Workspace) -> Outcome {
    workspace.run(["destroy", "-auto-approve", "-input=false", "-no-color", "-refresh=false"])
}

fn time_after_deregistration(fake: &Fake) -> Duration {
    let calls = fake.calls();
    let from = calls.iter().find(|call| call.action == "DeregisterTargets").expect("deregistered");
    calls.last().expect("calls").started - from.started
}

/// Waits until `action` has been asked.
pub fn wait_for(fake: &Fake, action: &str) {
    let end = Instant::now() + Duration::from_secs(60);
    let asked = |entry: &Entry| matches!(entry, Entry::Call(call) if call.action == action);
    while !fake.entries().iter().any(asked) {
        assert!(Instant::now() < end, "no {action}: {:?}", fake.sequence());
        std::thread::sleep(Duration::from_millis(20));
    }
}
