//! The tag of what a run makes, under the real Terraform: states that meet, permissions that are missing, an account that throttles one
//! run for longer than its lease.

use std::path::Path;
use std::time::{Duration, Instant};

use lab::fake::Fake;
use lab::faults::{Fault, error};
use lab::inventory::Inventory;
use lab::process::Outcome;
use lab::proxy::Proxy;
use lab::terraform::{REQUIRED, Workspace, provider};
use lab::{need, programs};

/// How long anything may take that waits for nothing but a busy machine.
const LIMIT: Duration = Duration::from_secs(60);

/// What a throttled run has to wait for: more than a lease.
const THROTTLED: Duration = Duration::from_secs(5);

const NODE: &str = "i-00000000000000001";

/// An account, and the proxy before it by which one role gets less than another.
struct Stage {
    fake: Fake,
    proxy: Proxy,
}

impl Stage {
    fn new() -> Stage {
        let fake = Fake::start();
        fake.set(|settings| settings.provisioning_describes = 0);
        Stage { proxy: Proxy::start(&fake.url()), fake }
    }

    /// A configuration directory of its own, which nothing restricts.
    fn workspace(&self, terraform: &Path) -> Workspace {
        Workspace::new(terraform, &provider()).endpoint(&self.fake.url()).env("TALOSENDPOINT_CREATE_LEASE", "2s")
    }

    /// The keys of all tags of ours, each once.
    fn tags(&self) -> Vec<String> {
        let all = self.fake.inventory();
        let parts = all.load_balancers.values().chain(all.target_groups.values()).chain(all.listeners.values());
        let keys = parts.flat_map(|part| part.tags.keys()).filter(|key| key.starts_with("talosendpoint:"));
        keys.cloned().collect::<std::collections::BTreeSet<_>>().into_iter().collect()
    }
}

/// A load balancer with these arguments, and a node behind it or none.
fn configure(workspace: &Workspace, arguments: &str, is_attached: bool) {
    let node = format!(
        r#"
resource "talosendpoint_nlb_attachment" "node" {{
  target_id         = "{NODE}"
  target_group_arns = talosendpoint_nlb.this.control_plane_target_group_arns
  drain             = false
}}
"#
    );
    let node = if is_attached { node.as_str() } else { "" };
    workspace.main(&format!(
        r#"{REQUIRED}provider "talosendpoint" {{}}

resource "talosendpoint_nlb" "this" {{
  name       = "prod"
  subnet_ids = ["subnet-0000000000000000a", "subnet-0000000000000000b"]
  {arguments}
}}
{node}"#
    ));
}

/// The import block in a message, for the resource of [`configure`].
fn import_block(said: &str) -> String {
    let id = said.split("import {").nth(1).and_then(|rest| rest.split("id = \"").nth(1));
    let id = id.and_then(|rest| rest.split('"').next()).unwrap_or_else(|| panic!("no import block: {said}"));
    format!("import {{\n  to = talosendpoint_nlb.this\n  id = \"{id}\"\n}}\n")
}

/// Applies, and expects this warning.
#[track_caller]
fn apply_with(workspace: &Workspace, warning: &str) {
    let told = workspace.apply().ok().flat();
    assert!(told.contains(warning), "{told}");
}

#[track_caller]
fn refused(outcome: Outcome, title: &str) -> String {
    let said = outcome.with_status(1).flat();
    assert!(said.contains(title), "{said}");
    said
}

/// What somebody relies on, without tags: what nobody may change unasked.
fn parts(all: &Inventory) -> Vec<&String> {
    all.load_balancers.keys().chain(all.target_groups.keys()).chain(all.listeners.keys()).collect()
}

/// The state is lost with the marker still on everything: the import takes over whose run is silent, and leaves nothing to do.
#[test]
fn what_carries_the_marker_can_be_imported() {
    let terraform = need!(programs::terraform());
    let stage = Stage::new();
    let lost = stage.workspace(&terraform);
    configure(&lost, "", true);
    lost.apply().ok();
    drop(lost);
    let before = stage.fake.inventory();
    assert_eq!(stage.tags(), ["talosendpoint:creating"]);
    let workspace = stage.workspace(&terraform);
    configure(&workspace, "", true);
    let arn = before.load_balancer("prod-api-nlb").field("LoadBalancerArn");
    let groups: Vec<&str> = before.target_groups.keys().map(String::as_str).collect();
    workspace.import("talosendpoint_nlb.this", arn).ok();
    workspace.import("talosendpoint_nlb_attachment.node", &format!("{NODE},{}", groups.join(","))).ok();
    workspace.apply().ok();
    workspace.assert_settled();
    let after = stage.fake.inventory();
    assert_eq!(parts(&after), parts(&before));
    assert_eq!(stage.tags(), Vec::<String>::new());
    stage.fake.assert_never_empty();
    workspace.destroy().ok();
    assert!(stage.fake.inventory().is_empty());
}

/// As with the condition `elasticloadbalancing:CreateAction`: what is made gets its tags, nothing else does.
#[test]
fn where_only_what_is_new_may_be_tagged() {
    let terraform = need!(programs::terraform());
    let stage = Stage::new();
    // Longer than it takes until the marker is renewed.
    stage.fake.set(|settings| settings.provisioning_time = Duration::from_secs(2));
    stage.proxy.fail(Fault::access_denied("AddTags").always());
    let workspace = stage.workspace(&terraform).endpoint(&stage.proxy.url());
    configure(&workspace, "", true);
    apply_with(&workspace, "Permission AddTags is missing");
    workspace.assert_settled();
    // A group replacement can't tag the load balancer: it says so, and goes on.
    configure(&workspace, "kubernetes_api = { target_port = 7443 }", true);
    apply_with(&workspace, "Permission AddTags is missing");
    workspace.assert_settled();
    stage.fake.assert_never_empty();
    assert_eq!(stage.fake.inventory().target_groups.len(), 2);
    // What the user asks for is not left out silently.
    configure(&workspace, "kubernetes_api = { target_port = 7443 }\n  tags = { team = \"x\" }", true);
    let said = refused(workspace.apply(), "Access denied by AWS");
    assert!(said.contains("elasticloadbalancing:AddTags"), "{said}");
    configure(&workspace, "kubernetes_api = { target_port = 7443 }", true);
    workspace.assert_settled();
    workspace.destroy().ok();
    assert!(stage.fake.inventory().is_empty());
}

/// What a killed run has left can't be taken over without tagging it: nothing of it is touched until that is allowed.
#[test]
fn leftovers_that_may_not_be_tagged_are_left_alone() {
    let terraform = need!(programs::terraform());
    let stage = Stage::new();
    let workspace = stage.workspace(&terraform).endpoint(&stage.proxy.url());
    configure(&workspace, "", false);
    stage.proxy.stall_after(2);
    let mut running = workspace.start_apply();
    stage.proxy.wait_stalled(LIMIT).expect("two calls");
    running.kill_provider();
    running.kill_terraform();
    drop(running.wait(LIMIT));
    stage.proxy.behave();
    std::fs::remove_file(workspace.path().join("terraform.tfstate")).ok();
    let left = stage.fake.inventory();
    assert_eq!(left.load_balancers.len(), 1);
    stage.proxy.fail(Fault::access_denied("AddTags").always());
    let said = refused(workspace.apply(), "Access denied by AWS");
    assert!(said.contains("elasticloadbalancing:AddTags"), "{said}");
    assert!(stage.fake.inventory() == left, "it was touched");
    stage.proxy.behave();
    workspace.apply().ok();
    workspace.assert_settled();
    assert!(parts(&stage.fake.inventory()).contains(&left.load_balancers.keys().next().unwrap()), "it was made anew");
}

/// All calls of a run are refused for longer than its lease, and another run takes over what it has made. It stops then, and neither its
/// next apply nor its destroy touches what is another's by now.
#[test]
fn a_run_that_is_throttled_for_longer_than_the_lease() {
    let terraform = need!(programs::terraform());
    let stage = Stage::new();
    let throttled = stage.workspace(&terraform).endpoint(&stage.proxy.url());
    let other = stage.workspace(&terraform);
    configure(&throttled, "", false);
    configure(&other, "", true);
    let since = std::sync::Mutex::new(None::<Instant>);
    stage.proxy.on("*", move |call| {
        let mut since = since.lock().unwrap();
        if call.action == "CreateTargetGroup" {
            since.get_or_insert_with(Instant::now);
        }
        let is_throttled = since.is_some_and(|since| since.elapsed() < THROTTLED);
        is_throttled.then(|| error(&call.service, 400, "Throttling", "Rate exceeded"))
    });
    let mut running = throttled.start_apply();
    let end = Instant::now() + LIMIT;
    while stage.proxy.of("CreateTargetGroup").is_empty() {
        assert!(Instant::now() < end, "it isn't throttled");
        std::thread::sleep(Duration::from_millis(20));
    }
    other.apply().ok();
    other.assert_settled();
    let before = stage.fake.inventory();
    let said = running.wait(LIMIT).expect("an end").with_status(1).flat();
    let is_told =
        ["Another run is creating this endpoint", "The name is taken"].iter().any(|title| said.contains(title));
    assert!(is_told, "{said}");
    assert!(throttled.attributes("talosendpoint_nlb.this").is_none(), "it is another's by now");
    refused(throttled.apply(), "The name is taken");
    throttled.destroy().ok();
    assert!(stage.fake.inventory() == before, "the other's was touched");
    other.assert_settled();
    stage.fake.assert_never_empty();
}

/// Two configurations want one name at the same time: one gets it, and the other has nothing then, whatever it does.
#[test]
fn two_states_of_one_name() {
    let terraform = need!(programs::terraform());
    let stage = Stage::new();
    // The winner is still at it when the loser finds its marker.
    stage.fake.set(|settings| settings.provisioning_time = Duration::from_secs(4));
    let states = [stage.workspace(&terraform), stage.workspace(&terraform)];
    states.iter().for_each(|state| configure(state, "", true));
    let mut running: Vec<_> = states.iter().map(Workspace::start_apply).collect();
    let ended: Vec<Outcome> = running.iter_mut().map(|running| running.wait(LIMIT).expect("an end")).collect();
    let won = ended.iter().position(|outcome| outcome.status == 0).expect("a winner");
    let (winner, loser) = (&states[won], &states[1 - won]);
    refused(ended[1 - won].clone(), "Another run is creating this endpoint");
    let before = stage.fake.inventory();
    assert_eq!(before.load_balancers.len(), 1);
    // The marker is still there, and a node registered: in use. After the winner's next read it is only a name that is taken.
    let said = refused(loser.apply(), "The name is taken");
    assert!(import_block(&said).contains(before.load_balancers.keys().next().unwrap()));
    winner.assert_settled();
    refused(loser.apply(), "The name is taken");
    loser.destroy().ok();
    assert_eq!(parts(&stage.fake.inventory()), parts(&before));
    winner.assert_settled();
    stage.fake.assert_never_empty();
    winner.destroy().ok();
    assert!(stage.fake.inventory().is_empty());
}

/// A role that may only read plans: it says nothing, and the marker does no harm until the role that applies takes it off.
#[test]
fn where_a_plan_may_not_remove_tags() {
    let terraform = need!(programs::terraform());
    let stage = Stage::new();
    stage.proxy.fail(Fault::access_denied("RemoveTags").always());
    let mut workspace = stage.workspace(&terraform);
    configure(&workspace, "", true);
    workspace.apply().ok();
    workspace = workspace.endpoint(&stage.proxy.url());
    let planned = workspace.plan().with_status(0).flat();
    assert!(!planned.contains("RemoveTags"), "{planned}");
    assert_eq!(stage.tags(), ["talosendpoint:creating"]);
    let other = stage.workspace(&terraform);
    configure(&other, "", false);
    let before = stage.fake.inventory();
    refused(other.apply(), "The name is taken by something in use");
    assert!(stage.fake.inventory() == before, "it was touched");
    workspace = workspace.endpoint(&stage.fake.url());
    workspace.apply().ok();
    assert_eq!(stage.tags(), Vec::<String>::new());
    workspace.assert_settled();
}

/// Nobody may: each update that should take a marker off says so, nothing fails, and no other state takes over what serves.
#[test]
fn where_nobody_may_remove_tags() {
    let terraform = need!(programs::terraform());
    let stage = Stage::new();
    stage.proxy.fail(Fault::access_denied("RemoveTags").always());
    let workspace = stage.workspace(&terraform).endpoint(&stage.proxy.url());
    configure(&workspace, "", true);
    workspace.apply().ok();
    workspace.assert_settled();
    for arguments in ["trustd = {}", "kubernetes_api = { target_port = 7443 }", ""] {
        configure(&workspace, arguments, true);
        apply_with(&workspace, "Permission RemoveTags is missing");
        let planned = workspace.plan().with_status(0).flat();
        assert!(!planned.contains("RemoveTags"), "{planned}");
    }
    let other = stage.workspace(&terraform).endpoint(&stage.proxy.url());
    configure(&other, "", true);
    let before = stage.fake.inventory();
    let said = refused(other.apply(), "The name is taken by something in use");
    assert!(stage.fake.inventory() == before, "it was touched");
    // As the message says, it can be taken over: from then on both states have it, which the tags no longer tell.
    drop(import_block(&said));
    stage.fake.assert_never_empty();
    workspace.destroy().ok();
    assert!(stage.fake.inventory().is_empty(), "{:#?}", stage.fake.inventory());
}
