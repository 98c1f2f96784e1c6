//! Registering, which AWS refuses for a while, in part or for good. Before the stateful stand-in.

use std::time::Duration;

use lab::fake::Fake;
use lab::faults::Fault;

use crate::drain::wait_for;
use crate::fake_stage;
use crate::stage::{ADDRESS, NODE, attachment, changes, close, groups, stored, target};

#[test]
fn an_instance_that_is_starting_is_waited_for() {
    let (fake, workspace, venv) = fake_stage!();
    let [a] = groups(&fake.url(), ["a"]);
    starts_after(&fake, 2);
    workspace.main(&attachment(&[&a], ""));
    workspace.apply().ok();
    assert_eq!(fake.of("RegisterTargets").len(), 3);
    assert_eq!(workspace.plan().status, 0);
    close(&venv, &fake);
}

#[test]
fn an_instance_that_never_starts_is_an_error_that_says_so() {
    let (fake, workspace, venv) = fake_stage!();
    let [a] = groups(&fake.url(), ["a"]);
    starts_after(&fake, usize::MAX);
    workspace.main(&attachment(&[&a], "timeouts = { create = \"1s\" }"));
    let said = workspace.apply().with_status(1).flat();
    assert!(said.contains("Timed out"), "{said}");
    assert!(said.contains("not in a running state"), "{said}");
    assert_eq!(workspace.attributes(ADDRESS), None, "nothing was made");
    close(&venv, &fake);
}

#[test]
fn what_no_wait_helps_fails_at_once() {
    let (fake, workspace, venv) = fake_stage!();
    let [a] = groups(&fake.url(), ["a"]);
    workspace.main(&attachment(&[&a], ""));
    for message in [
        format!("The following targets are not in the target group VPC 'vpc-1': '{NODE}'"),
        format!("The following targets are not valid: '{NODE}'"),
        format!("The target '{NODE}' has an unsupported instance type"),
    ] {
        fake.fail(Fault::new("RegisterTargets", 400, "InvalidTarget", &message));
        let said = workspace.apply().with_status(1).flat();
        assert!(said.contains("AWS does not accept a target") && said.contains(&message), "{said}");
        assert!(said.contains("target_id ="), "the attribute is shown: {said}");
        assert_eq!(fake.of("RegisterTargets").len(), 1, "{message}");
        close(&venv, &fake);
    }
}

#[test]
fn a_group_that_not_all_of_aws_knows_yet_is_asked_again() {
    let (fake, workspace, venv) = fake_stage!();
    let [a] = groups(&fake.url(), ["a"]);
    fake.fail(Fault::new("RegisterTargets", 400, "TargetGroupNotFound", "One or more target groups not found"));
    workspace.main(&attachment(&[&a], ""));
    workspace.apply().ok();
    assert_eq!(fake.of("RegisterTargets").len(), 2);
    close(&venv, &fake);
}

#[test]
fn what_was_registered_before_a_failure_is_in_the_state() {
    let (fake, workspace, venv) = fake_stage!();
    let [a, b] = groups(&fake.url(), ["a", "b"]);
    fake.fail(Fault::new("RegisterTargets", 403, "AccessDenied", "not authorized").nth(2));
    workspace.main(&attachment(&[&a, &b], ""));
    let said = workspace.apply().with_status(1).flat();
    assert!(said.contains("Access denied by AWS"), "{said}");
    let registered: Vec<String> = fake
        .inventory()
        .health
        .into_iter()
        .filter_map(|(group, targets)| (!targets.is_empty()).then_some(group))
        .collect();
    assert_eq!(registered.len(), 1);
    assert_eq!(stored(&workspace), registered);

    workspace.apply().ok();
    assert_eq!(stored(&workspace).len(), 2);
    assert_eq!(workspace.plan().status, 0);
    close(&venv, &fake);
}

#[test]
fn a_group_whose_call_failed_is_still_missing_after_an_update() {
    let (fake, workspace, venv) = fake_stage!();
    let [a, b, c] = groups(&fake.url(), ["a", "b", "c"]);
    workspace.main(&attachment(&[&a], ""));
    workspace.apply().ok();
    close(&venv, &fake);

    fake.fail(Fault::new("RegisterTargets", 403, "AccessDenied", "not authorized").nth(2));
    workspace.main(&attachment(&[&b, &c], "drain = false"));
    workspace.apply().with_status(1);
    let groups = stored(&workspace);
    assert!(groups.contains(&a) && groups.len() == 2, "no group is left before the new ones are entered: {groups:?}");
    assert_eq!(workspace.attributes(ADDRESS).expect("in the state")["drain"], true, "not yet");
    workspace.apply().ok();
    assert_eq!(fake.of("DeregisterTargets").len(), 1);
    assert_eq!(workspace.plan().status, 0);
    close(&venv, &fake);
}

#[test]
fn ctrl_c_ends_the_wait_for_an_instance() {
    let (fake, workspace, venv) = fake_stage!();
    let [a] = groups(&fake.url(), ["a"]);
    starts_after(&fake, usize::MAX);
    workspace.main(&attachment(&[&a], ""));
    let applying = workspace.start_apply();
    wait_for(&fake, "RegisterTargets");
    applying.interrupt();
    let said = applying.finish(Duration::from_secs(30)).with_status(1).flat();
    assert!(said.contains("Interrupted on your request while waiting until AWS accepts the target"), "{said}");
    assert_eq!(workspace.attributes(ADDRESS), None);
    close(&venv, &fake);
}

#[test]
fn a_port_of_ones_own_is_a_registration_of_ones_own() {
    let (fake, workspace, venv) = fake_stage!();
    let [a] = groups(&fake.url(), ["a"]);
    target(&fake.url(), "RegisterTargets", &a, NODE, None);
    workspace.main(&attachment(&[&a], "port = 7000"));
    workspace.apply().ok();
    assert_eq!(changes(&fake), [format!("RegisterTargets a {NODE}:7000")]);
    assert_eq!(workspace.plan().status, 0);
    close(&venv, &fake);

    target(&fake.url(), "DeregisterTargets", &a, NODE, Some("7000"));
    workspace.apply().ok();
    assert_eq!(changes(&fake), [format!("RegisterTargets a {NODE}:7000")], "the group's own port doesn't count");
    close(&venv, &fake);

    workspace.main(&attachment(&[&a], "port = 7001"));
    let planned = workspace.plan_json();
    assert_eq!(planned["resource_changes"][0]["change"]["actions"], serde_json::json!(["delete", "create"]));
    workspace.apply().ok();
    assert_eq!(changes(&fake), [format!("DeregisterTargets a {NODE}:7000"), format!("RegisterTargets a {NODE}:7001")]);
    close(&venv, &fake);

    workspace.destroy().ok();
    let inventory = fake.inventory();
    let left: Vec<&String> = inventory.health_of("a").keys().collect();
    assert_eq!(left, [&format!("{NODE}:6443")], "somebody else's");
    close(&venv, &fake);
}

#[test]
fn without_a_port_it_is_the_groups_own() {
    let (fake, workspace, venv) = fake_stage!();
    let [a] = groups(&fake.url(), ["a"]);
    target(&fake.url(), "RegisterTargets", &a, NODE, Some("7000"));
    workspace.main(&attachment(&[&a], ""));
    workspace.apply().ok();
    assert_eq!(fake.inventory().health_of("a").len(), 2);

    target(&fake.url(), "DeregisterTargets", &a, NODE, None);
    let said = workspace.apply().ok().flat();
    assert!(said.contains("1 added"), "another port doesn't stand for it: {said}");
    workspace.destroy().ok();
    let inventory = fake.inventory();
    let left: Vec<&String> = inventory.health_of("a").keys().collect();
    assert_eq!(left, [&format!("{NODE}:7000")]);
    close(&venv, &fake);
}

/// The node is refused that many times before it is running.
fn starts_after(fake: &Fake, refusals: usize) {
    fake.set(|settings| {
        settings.starting.insert(NODE.to_owned(), refusals);
    });
}

#[test]
fn a_target_that_aws_no_longer_knows_is_gone() {
    let (fake, workspace, venv) = fake_stage!();
    let [a] = groups(&fake.url(), ["a"]);
    workspace.main(&attachment(&[&a], ""));
    workspace.apply().ok();
    let message = format!("The following targets are not valid: '{NODE}'");
    fake.fail(Fault::new("DescribeTargetHealth", 400, "InvalidTarget", &message));
    let said = workspace.plan().with_status(2).flat();
    assert!(said.contains("1 to add, 0 to change, 0 to destroy"), "{said}");
    fake.fail(Fault::new("DescribeTargetHealth", 403, "AccessDenied", "not authorized"));
    let said = workspace.plan().with_status(1).flat();
    assert!(said.contains("Access denied by AWS"), "a refusal is not an absence: {said}");
    close(&venv, &fake);
}
