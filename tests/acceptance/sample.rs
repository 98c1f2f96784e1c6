//! A fixed sample of what the test program `matrix` goes through as a whole: faults of calls, and ends of the processes, with the real CLI
//! and the built provider before the stateful stand-in. `make test-long` takes every call instead of a few.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use lab::call::Call;
use lab::fake::{Fake, Moment};
use lab::faults::error;
use lab::inventory::{Inventory, Part};
use lab::proxy::Proxy;
use lab::server::Reply;
use lab::terraform::{REQUIRED, RunningCli, Workspace, provider};
use lab::{matrix, need, programs};

/// How many cases of a step a short run has.
const SAMPLE: usize = 15;

/// How many cases are under way at the same time.
const LANES: usize = 3;

/// How long anything may take that waits for nothing but a busy machine.
const LIMIT: Duration = Duration::from_secs(60);

/// How long a throttled account refuses everything.
const THROTTLED: Duration = Duration::from_secs(4);

/// What happens at a call that changes something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    InterruptedOnce,
    InterruptedTwice,
    ProviderKilled,
    TerraformKilled,
    Cut,
    Empty,
    Malformed,
    ErrorBefore,
    ErrorAfter,
    Throttled,
    Denied,
}

const KINDS: [Kind; 11] = [
    Kind::InterruptedOnce,
    Kind::InterruptedTwice,
    Kind::ProviderKilled,
    Kind::TerraformKilled,
    Kind::Cut,
    Kind::Empty,
    Kind::Malformed,
    Kind::ErrorBefore,
    Kind::ErrorAfter,
    Kind::Throttled,
    Kind::Denied,
];

impl Kind {
    fn ends(self) -> bool {
        matches!(self, Kind::InterruptedOnce | Kind::InterruptedTwice | Kind::ProviderKilled | Kind::TerraformKilled)
    }
}

/// What the user does afterwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    Again,
    Back,
    Destroy,
}

const NEXT: [Next; 3] = [Next::Again, Next::Back, Next::Destroy];

/// A change: the load balancer's arguments before and after, none where there is none.
struct Change {
    name: &'static str,
    before: Option<&'static str>,
    after: Option<&'static str>,
}

const CHANGES: [Change; 4] = [
    Change { name: "create", before: None, after: Some("worker_talos_api = { port = 50010 }") },
    Change { name: "listener on", before: Some(""), after: Some("trustd = {}\n  deregistration_delay = 60") },
    Change { name: "group replacement", before: Some(""), after: Some("kubernetes_api = { target_port = 7443 }") },
    Change { name: "destroy", before: Some("trustd = {}"), after: None },
];

#[test]
fn a_sample_of_faults_and_ends_before_the_stateful_stand_in() {
    let terraform = need!(programs::terraform());
    let began = Instant::now();
    let steps: Vec<Step> = CHANGES.into_iter().map(|change| Step::prepared(&terraform, change)).collect();
    let cases: Vec<(&Step, Case)> =
        steps.iter().flat_map(|step| step.cases().into_iter().map(move |case| (step, case))).collect();
    let only = std::env::var("TALOSENDPOINT_MATRIX").unwrap_or_default();
    let cases: Vec<(&Step, Case)> =
        cases.into_iter().filter(|(step, case)| format!("{}: {case:?}", step.change.name).contains(&only)).collect();
    let (next, failures) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..LANES {
            scope.spawn(|| {
                while let Some((step, case)) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if let Err(broken) = step.run(&terraform, *case) {
                        failures.lock().unwrap().push(format!("{}, {case:?}: {broken}", step.change.name));
                    }
                }
            });
        }
    });
    let failures = failures.into_inner().unwrap();
    println!("{} of {} cases hold, in {:.0?}", cases.len() - failures.len(), cases.len(), began.elapsed());
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}

#[derive(Clone, Copy, Debug)]
struct Case {
    call: usize,
    kind: Kind,
    next: Next,
}

/// A change with what is there before it.
struct Step {
    change: Change,
    account: Moment,
    /// The state file.
    state: Option<String>,
    /// How many calls of the change change something.
    calls: usize,
    /// What the account holds before the change and after it.
    contents: [Vec<String>; 2],
}

impl Step {
    fn prepared(terraform: &Path, change: Change) -> Step {
        let fake = Fake::start();
        fake.set(|settings| settings.provisioning_describes = 0);
        let workspace = workspace(terraform, &fake.url());
        if change.before.is_some() {
            configure(&workspace, change.before);
            workspace.apply().ok();
            workspace.run(["apply", "-refresh-only", "-auto-approve", "-input=false", "-no-color"]).ok();
        }
        let state = change.before.map(|_| workspace.read("terraform.tfstate"));
        let account = fake.moment();
        let before = content(&fake.inventory());
        fake.clear();
        configure(&workspace, change.after);
        // Without renewals, as the calls are counted in each case.
        workspace.env("TALOSENDPOINT_CREATE_LEASE", "60s").apply().ok();
        let calls = fake.mutating().len();
        Step { change, account, state, calls, contents: [before, content(&fake.inventory())] }
    }

    /// Every kind at a call, and every way to go on, in turn. All of the kinds that end something at every call in a long run.
    fn cases(&self) -> Vec<Case> {
        let ways = if self.change.before.is_some() { &NEXT[..] } else { &NEXT[..1] };
        let case = |number: usize| Case {
            call: 1 + number * 7 % self.calls,
            kind: KINDS[number % KINDS.len()],
            next: ways[number % ways.len()],
        };
        if !matrix::is_whole() {
            return (0..SAMPLE).map(case).collect();
        }
        let calls = (1..=self.calls).flat_map(|call| KINDS.map(|kind| (call, kind)));
        calls.flat_map(|(call, kind)| ways.iter().map(move |next| Case { call, kind, next: *next })).collect()
    }

    fn run(&self, terraform: &Path, case: Case) -> Result<(), String> {
        let fake = Fake::at(&self.account);
        let proxy = Proxy::start(&fake.url());
        let mut workspace = workspace(terraform, &proxy.url());
        if let Some(state) = &self.state {
            workspace.write("terraform.tfstate", state);
        }
        configure(&workspace, self.change.after);
        // Nothing may be renewed while calls are counted.
        workspace = workspace.env("TALOSENDPOINT_CREATE_LEASE", "60s");
        if case.kind.ends() {
            end(&workspace, &proxy, case)?;
        } else {
            disturb(&proxy, case);
            let outcome = workspace.apply();
            if case.kind != Kind::Denied && outcome.status != 0 {
                return Err(format!("a fault that passes failed the command: {}", outcome.said()));
            }
        }
        proxy.behave();
        recover_state(&workspace, self.state.as_deref());
        let workspace = workspace.env("TALOSENDPOINT_CREATE_LEASE", "500ms");
        match case.next {
            Next::Again => configure(&workspace, self.change.after),
            Next::Back => configure(&workspace, self.change.before),
            Next::Destroy => configure(&workspace, None),
        }
        succeed("the next apply", workspace.apply())?;
        let planned = workspace.plan();
        if planned.status != 0 {
            return Err(format!("the next plan isn't empty: {}", planned.said()));
        }
        let (now, [before, after]) = (content(&fake.inventory()), &self.contents);
        let none = content(&Inventory::default());
        let wanted = match case.next {
            Next::Again => after,
            Next::Back => before,
            Next::Destroy => &none,
        };
        if now != *wanted {
            return Err(format!("the account holds {now:#?} instead of {wanted:#?}"));
        }
        succeed("the destroy at the end", workspace.destroy())?;
        let left = fake.inventory();
        if !left.is_empty() {
            return Err(format!("the destroy at the end leaves {left:#?}"));
        }
        Ok(())
    }
}

/// What an account holds, but for ARNs, for the names of groups, which a replacement changes, and for the tags of runs.
fn content(inventory: &Inventory) -> Vec<String> {
    let passing = ["Arn", "DNSName", "CreatedTime", "TargetGroupName", "State."];
    let shown = |what: &str, part: &Part| {
        let fields: BTreeMap<_, _> =
            part.fields.iter().filter(|(name, _)| !passing.iter().any(|passing| name.contains(passing))).collect();
        let tags: Vec<_> = part.tags.iter().filter(|(key, _)| !key.starts_with("talosendpoint:")).collect();
        format!("{what}: {fields:?} {:?} {tags:?}", part.attributes)
    };
    let mut content: Vec<String> = inventory.load_balancers.values().map(|part| shown("load balancer", part)).collect();
    for listener in inventory.listeners.values() {
        let group = listener.field("DefaultActions.1.TargetGroupArn");
        let targets: Vec<_> = inventory.health.get(group).into_iter().flatten().map(|(target, _)| target).collect();
        let behind = inventory.target_groups.get(group).map(|part| shown("group", part));
        content.push(format!("{} {behind:?} {targets:?}", shown("listener", listener)));
    }
    content.push(format!("{} groups", inventory.target_groups.len()));
    content.sort();
    content
}

fn workspace(terraform: &Path, url: &str) -> Workspace {
    Workspace::new(terraform, &provider()).endpoint(url).env("TALOSENDPOINT_CREATE_LEASE", "500ms")
}

/// A load balancer with these arguments and a node behind it; or nothing.
fn configure(workspace: &Workspace, arguments: Option<&str>) {
    let resources = arguments.map_or(String::new(), |arguments| {
        format!(
            r#"
resource "talosendpoint_nlb" "this" {{
  name       = "prod"
  subnet_ids = ["subnet-0000000000000000a", "subnet-0000000000000000b"]
  {arguments}
}}

resource "talosendpoint_nlb_attachment" "node" {{
  target_id         = "i-00000000000000001"
  target_group_arns = talosendpoint_nlb.this.control_plane_target_group_arns
  drain             = false
}}
"#
        )
    });
    workspace.main(&format!("{REQUIRED}provider \"talosendpoint\" {{}}\n{resources}"));
}

/// Ends the change at its call.
fn end(workspace: &Workspace, proxy: &Proxy, case: Case) -> Result<(), String> {
    proxy.stall_after(case.call);
    let mut running: RunningCli = workspace.start_apply();
    if proxy.wait_stalled(LIMIT).is_none() {
        return Err("there was no such call".to_owned());
    }
    match case.kind {
        Kind::InterruptedOnce => running.interrupt(),
        Kind::InterruptedTwice => {
            running.interrupt();
            // Two at once are one.
            if !running.wait_for("Interrupt received.", LIMIT) {
                return Err("the first interrupt was not taken".to_owned());
            }
            running.interrupt();
        }
        Kind::ProviderKilled => drop(running.kill_provider()),
        _ => running.kill_terraform(),
    }
    let ended = running.wait(LIMIT);
    proxy.release();
    ended.map(drop).ok_or_else(|| "it goes on".to_owned())
}

/// Orders the fault of the change's call.
fn disturb(proxy: &Proxy, case: Case) {
    let count = AtomicUsize::new(0);
    let strikes = move |call: &Call| call.is_mutating() && count.fetch_add(1, Ordering::Relaxed) + 1 == case.call;
    let instead = |call: &Call, status, code: &str, message: &str| error(&call.service, status, code, message);
    match case.kind {
        Kind::Cut | Kind::Empty | Kind::Malformed | Kind::ErrorAfter => proxy.on_reply("*", move |call, reply| {
            if strikes(call) {
                match case.kind {
                    Kind::Cut => reply.body.truncate(reply.body.len() / 2),
                    Kind::Empty => reply.body.clear(),
                    Kind::Malformed => *reply = Reply::xml(200, "<html><body><h1>Sign in<br></body>"),
                    _ => *reply = instead(call, 500, "InternalFailure", "An internal error has occurred"),
                }
            }
        }),
        Kind::Throttled => {
            let since = Mutex::new(None::<Instant>);
            proxy.on("*", move |call| {
                let mut since = since.lock().unwrap();
                if strikes(call) {
                    *since = Some(Instant::now());
                }
                let is_throttled = since.is_some_and(|since| since.elapsed() < THROTTLED);
                is_throttled.then(|| instead(call, 400, "Throttling", "Rate exceeded"))
            });
        }
        Kind::ErrorBefore => proxy.on("*", move |call| {
            strikes(call).then(|| instead(call, 503, "ServiceUnavailable", "The service is unavailable"))
        }),
        _ => proxy.on("*", move |call| {
            let text = format!(
                "User: arn:aws:iam::123456789012:user/test is not authorized to perform: elasticloadbalancing:{}",
                call.action
            );
            strikes(call).then(|| instead(call, 403, "AccessDenied", &text))
        }),
    }
}

/// Terraform writes its state file in place: its second interrupt ("data loss may have occurred") may end it between emptying and
/// writing. The user then takes the state from before.
fn recover_state(workspace: &Workspace, before: Option<&str>) {
    let file = workspace.path().join("terraform.tfstate");
    if std::fs::read_to_string(&file).is_ok_and(|text| text.is_empty()) {
        match before {
            Some(state) => workspace.write("terraform.tfstate", state),
            None => std::fs::remove_file(file).unwrap(),
        }
    }
}

fn succeed(what: &str, outcome: lab::process::Outcome) -> Result<(), String> {
    if outcome.status == 0 { Ok(()) } else { Err(format!("{what} fails: {}", outcome.said())) }
}
