//! Attachments whose addresses, keys or objects change while what they register stays the same: with the real CLI and random delays,
//! one after the other, a few and all at once. Whatever the order, every node is registered in the end.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::time::Duration;

use lab::fake::Fake;
use lab::fake::watch::Snapshot;
use lab::terraform::Workspace;
use serde_json::{Value, json};

use crate::drain::wait_for;
use crate::fake_stage;
use crate::stage::{close, groups};
use lab::terraform::REQUIRED;

const NODES: [&str; 3] = ["i-00000000000000001", "i-00000000000000002", "i-00000000000000003"];

const PARALLELISM: [u32; 3] = [1, 3, 10];

/// One change of a configuration, and what it may cost.
struct Move {
    /// The configuration that is applied before.
    before: String,
    /// The one that is applied then.
    after: String,
    /// Further arguments of that apply.
    arguments: Vec<&'static str>,
    /// Done to the state in between.
    disturb: fn(&mut Value),
    /// How many nodes the groups may lack at a moment, at most, with that parallelism.
    may_lack: fn(u32) -> usize,
    /// What stands in the output of the apply.
    says: &'static str,
}

impl Default for Move {
    fn default() -> Move {
        Move {
            before: String::new(),
            after: String::new(),
            arguments: Vec::new(),
            disturb: |_| {},
            may_lack: none_where_all_fit,
            says: "Apply complete!",
        }
    }
}

/// With few operations at a time Terraform may plan and destroy all of the old before the first of the new.
fn none_where_all_fit(parallelism: u32) -> usize {
    if parallelism >= 10 { 0 } else { NODES.len() }
}

/// Attachments of the three nodes; `meta` are lines before `target_id`, `id` is the expression of the node.
fn attachments(groups: &[String], meta: &str, id: &str) -> String {
    format!(
        "{REQUIRED}locals {{ nodes = {NODES:?} }}\nresource \"talosendpoint_nlb_attachment\" \"node\" {{\n  {meta}\n  target_id = {id}\n  \
         target_group_arns = {groups:?}\n}}\n"
    )
}

fn keyed(groups: &[String], prefix: &str) -> String {
    let keys = format!("for_each = {{ for i, id in local.nodes : \"{prefix}-${{i}}\" => id }}");
    attachments(groups, &keys, "each.value")
}

/// Applies each change once for each parallelism, from the same state.
fn check(change: impl Fn(&[String]) -> Move) {
    check_with(&PARALLELISM, change);
}

fn check_with(parallelism: &[u32], change: impl Fn(&[String]) -> Move) {
    let (fake, workspace, venv) = fake_stage!();
    let arns = groups(&fake.url(), ["a", "b"]);
    let change = change(&arns);
    workspace.main(&change.before);
    workspace.apply().ok();
    let mut state: Value = serde_json::from_str(&workspace.read("terraform.tfstate")).expect("a state");
    (change.disturb)(&mut state);
    fake.set(|settings| settings.latency = Duration::from_millis(60));
    for (round, parallelism) in (0..rounds()).flat_map(|_| parallelism).enumerate() {
        state["serial"] = json!(1000 * (round + 1));
        workspace.write("terraform.tfstate", &state.to_string());
        workspace.main(&change.after);
        assert_eq!(registered(&fake), whole(), "before, parallelism {parallelism}");
        let begun = fake.snapshots().len();
        let option = format!("-parallelism={parallelism}");
        let mut arguments = vec!["apply", "-auto-approve", "-input=false", "-no-color", &option];
        arguments.extend(&change.arguments);
        let said = workspace.run(arguments).ok().flat();
        let place = format!("parallelism {parallelism}: {:#?}\n{said}", crate::stage::changes(&fake));
        assert_eq!(registered(&fake), whole(), "{place}");
        let least = least_registered(&fake.snapshots()[begun..]);
        assert!(least + (change.may_lack)(*parallelism) >= NODES.len(), "{least} at a moment, {place}");
        assert!(said.contains(change.says), "{place}");
        assert_planned_empty(&workspace, &place);
        fake.clear();
    }
    workspace.destroy().ok();
    assert_eq!(registered(&fake), BTreeSet::new(), "what nobody has any more goes");
    close(&venv, &fake);
}

/// How often each change is made with each parallelism: the order is another one each time.
fn rounds() -> usize {
    if lab::matrix::is_whole() { 10 } else { 1 }
}

#[track_caller]
fn assert_planned_empty(workspace: &Workspace, place: &str) {
    let plan = workspace.plan();
    assert_eq!(plan.status, 0, "{place}\nthe next plan: {}", plan.said());
}

/// Every registration that isn't draining, as `GROUP NODE`.
fn registered(fake: &Fake) -> BTreeSet<String> {
    let inventory = fake.inventory();
    let mut found = BTreeSet::new();
    for (name, port) in [("a", 6443), ("b", 6444)] {
        let targets = inventory.health_of(name).iter().filter(|(_, health)| !health.starts_with("draining"));
        found.extend(targets.map(|(target, _)| format!("{name} {}", target.trim_end_matches(&format!(":{port}")))));
    }
    found
}

fn whole() -> BTreeSet<String> {
    let of = |group: &str| NODES.map(|node| format!("{group} {node}"));
    of("a").into_iter().chain(of("b")).collect()
}

/// How many targets a group had when it had fewest.
fn least_registered(snapshots: &[Snapshot]) -> usize {
    let listeners = snapshots.iter().flat_map(|snapshot| &snapshot.listeners);
    listeners.map(|listener| listener.registered).min().unwrap_or(NODES.len())
}

#[test]
fn keys_that_change() {
    check(|groups| Move {
        before: keyed(groups, "k0"),
        after: keyed(groups, "k1"),
        says: "Warning: Attachments changed their addresses",
        ..Move::default()
    });
}

#[test]
fn keys_that_change_without_a_refresh() {
    check_with(&[1, 10], |groups| Move {
        before: keyed(groups, "k0"),
        after: keyed(groups, "k1"),
        arguments: vec!["-refresh=false"],
        ..Move::default()
    });
}

#[test]
fn from_count_to_for_each() {
    check(|groups| Move {
        before: attachments(groups, "count = 3", "local.nodes[count.index]"),
        after: attachments(groups, "for_each = toset(local.nodes)", "each.value"),
        says: "moved {",
        ..Move::default()
    });
}

/// Each attachment gets the target of its neighbour: all are replaced, and no one is removed.
#[test]
fn targets_that_change_places() {
    check(|groups| Move {
        before: attachments(groups, "count = 3", "local.nodes[count.index]"),
        after: attachments(groups, "count = 3", "local.nodes[(count.index + 1) % 3]"),
        ..Move::default()
    });
}

#[test]
fn replaced_on_demand_with_create_before_destroy() {
    let meta = "count = 3\n  lifecycle {\n    create_before_destroy = true\n  }";
    check(|groups| Move {
        before: attachments(groups, meta, "local.nodes[count.index]"),
        after: attachments(groups, meta, "local.nodes[count.index]"),
        arguments: vec![
            "-replace=talosendpoint_nlb_attachment.node[0]",
            "-replace=talosendpoint_nlb_attachment.node[1]",
            "-replace=talosendpoint_nlb_attachment.node[2]",
        ],
        may_lack: |_| 0,
        ..Move::default()
    });
}

/// The word of the user is obeyed: what is replaced without `create_before_destroy` leaves first.
#[test]
fn replaced_on_demand() {
    check_with(&[1, 10], |groups| Move {
        before: keyed(groups, "k"),
        after: keyed(groups, "k"),
        arguments: vec!["-replace=talosendpoint_nlb_attachment.node[\"k-1\"]"],
        may_lack: |_| 1,
        ..Move::default()
    });
}

#[test]
fn a_run_that_is_interrupted_while_it_replaces() {
    let (fake, workspace, venv) = fake_stage!();
    let arns = groups(&fake.url(), ["a", "b"]);
    let meta = "count = 3\n  lifecycle {\n    create_before_destroy = true\n  }";
    workspace.main(&attachments(&arns, meta, "local.nodes[count.index]"));
    workspace.apply().ok();
    close(&venv, &fake);

    fake.set(|settings| settings.latency = Duration::from_secs(1));
    let replace = [0, 1, 2].map(|index| format!("-replace=talosendpoint_nlb_attachment.node[{index}]"));
    let apply = ["apply", "-auto-approve", "-input=false", "-no-color"].map(str::to_owned);
    let running = workspace.start(apply.into_iter().chain(replace));
    wait_for(&fake, "RegisterTargets");
    running.interrupt();
    running.finish(Duration::from_secs(60)).with_status(1);
    assert!(workspace.read("terraform.tfstate").contains("\"deposed\""));

    fake.set(|settings| settings.latency = Duration::from_millis(60));
    workspace.apply().ok();
    assert_eq!(registered(&fake), whole(), "{:?}", crate::stage::changes(&fake));
    assert_planned_empty(&workspace, "");
    close(&venv, &fake);
}

/// Two objects of each node, the second one of another resource or deposed: neither keeps the registration for the other.
#[test]
fn nothing_is_left_when_all_are_destroyed() {
    for disturb in [depose, second] {
        let (fake, workspace, venv) = fake_stage!();
        let arns = groups(&fake.url(), ["a", "b"]);
        workspace.main(&keyed(&arns, "k"));
        workspace.apply().ok();
        let mut state: Value = serde_json::from_str(&workspace.read("terraform.tfstate")).expect("a state");
        disturb(&mut state);
        state["serial"] = json!(100);
        workspace.write("terraform.tfstate", &state.to_string());
        workspace.destroy().ok();
        assert_eq!(registered(&fake), BTreeSet::new());
        close(&venv, &fake);
    }
}

/// A copy of the resource under another name.
fn second(state: &mut Value) {
    let mut copy = state["resources"][0].clone();
    copy["name"] = json!("second");
    state["resources"].as_array_mut().expect("resources").push(copy);
}

/// What a run leaves that is killed between the create and the destroy of `create_before_destroy`.
#[test]
fn objects_that_a_killed_run_has_deposed() {
    let meta = "count = 3\n  lifecycle {\n    create_before_destroy = true\n  }";
    check(|groups| Move {
        before: attachments(groups, meta, "local.nodes[count.index]"),
        after: attachments(groups, meta, "local.nodes[count.index]"),
        disturb: depose,
        says: "3 destroyed",
        ..Move::default()
    });
}

/// A copy of each object, deposed.
fn depose(state: &mut Value) {
    for resource in state["resources"].as_array_mut().expect("resources") {
        let instances = resource["instances"].as_array_mut().expect("instances");
        let deposed = instances.clone().into_iter().map(|mut instance| {
            instance["deposed"] = json!("00000001");
            instance
        });
        instances.extend(deposed.collect::<Vec<_>>());
    }
}

#[test]
fn one_of_two_that_registered_the_same() {
    let second = |groups: &[String]| {
        let mut config = keyed(groups, "k");
        write!(
            config,
            "resource \"talosendpoint_nlb_attachment\" \"second\" {{\n  for_each = toset(local.nodes)\n  target_id = each.value\n  \
             target_group_arns = {groups:?}\n}}\n"
        )
        .expect("to memory");
        config
    };
    check(|groups| Move { before: second(groups), after: keyed(groups, "k"), says: "3 destroyed", ..Move::default() });
}

#[test]
fn one_that_was_tainted() {
    check_with(&[1, 10], |groups| Move {
        before: keyed(groups, "k"),
        after: keyed(groups, "k"),
        disturb: |state| state["resources"][0]["instances"][0]["status"] = json!("tainted"),
        may_lack: |_| 1,
        ..Move::default()
    });
}

/// The creates wait for something slow, while the removals begin at once.
#[test]
fn creates_behind_slow_resources() {
    let slow = "resource \"terraform_data\" \"slow\" {\n  count = 4\n  provisioner \"local-exec\" {\n    command = \"sleep 1\"\n  }\n}\n";
    let keys = "depends_on = [terraform_data.slow]\n  for_each = toset(local.nodes)";
    check_with(&[3, 10], |groups| Move {
        before: keyed(groups, "k"),
        after: attachments(groups, keys, "each.value") + slow,
        ..Move::default()
    });
}

/// The same instances, of which the plan knows only that they may change.
#[test]
fn targets_that_are_unknown_at_plan() {
    let source = |generation: u32| {
        format!(
            "resource \"terraform_data\" \"node\" {{\n  count = 3\n  input = local.nodes[count.index]\n  triggers_replace = {generation}\n}}\n"
        )
    };
    let keys = |prefix: &str| format!("for_each = {{ for i in range(3) : \"{prefix}-${{i}}\" => i }}");
    check(|groups| Move {
        before: attachments(groups, &keys("k0"), "terraform_data.node[each.value].output") + &source(1),
        after: attachments(groups, &keys("k1"), "terraform_data.node[each.value].output") + &source(2),
        // A create needs its instance, which needs nothing of the attachments that are removed.
        may_lack: |_| NODES.len(),
        ..Move::default()
    });
}

#[test]
fn a_saved_plan_knows_what_stays() {
    let (fake, workspace, venv) = fake_stage!();
    let arns = groups(&fake.url(), ["a", "b"]);
    workspace.main(&keyed(&arns, "k0"));
    workspace.apply().ok();
    close(&venv, &fake);
    workspace.main(&keyed(&arns, "k1"));
    let said = workspace.run(["plan", "-input=false", "-no-color", "-out=saved.tfplan"]).ok().flat();
    assert_eq!(said.matches("Attachments changed their addresses").count(), 1, "{said}");
    for node in NODES {
        assert!(said.contains(&format!("# {node} in a, b moved {{")), "{said}");
    }
    workspace.run(["apply", "-input=false", "-no-color", "saved.tfplan"]).ok();
    assert!(fake.of("DeregisterTargets").is_empty(), "{:?}", fake.sequence());
    assert_eq!(registered(&fake), whole());
    assert_planned_empty(&workspace, "");
    close(&venv, &fake);
}

/// One names the group's own port and the other doesn't: AWS alone knows that they are the same, or that they aren't.
#[test]
fn a_port_that_may_be_the_groups_own() {
    for (port, removed) in [(6443, 0), (7000, 1)] {
        let (fake, workspace, venv) = fake_stage!();
        let [a] = groups(&fake.url(), ["a"]);
        let one = |name: &str, more: String| {
            let node = NODES[0];
            format!(
                "resource \"talosendpoint_nlb_attachment\" \"{name}\" {{\n  target_id = {node:?}\n  target_group_arns = [{a:?}]\n{more}}}\n"
            )
        };
        let stays = one("stays", format!("  port = {port}\n"));
        workspace.main(&(REQUIRED.to_owned() + &stays + &one("goes", String::new())));
        workspace.apply().ok();
        close(&venv, &fake);
        workspace.main(&(REQUIRED.to_owned() + &stays));
        workspace.apply().ok();
        assert_eq!(fake.of("DeregisterTargets").len(), removed, "{port}");
        assert_planned_empty(&workspace, "");
        close(&venv, &fake);
    }
}
