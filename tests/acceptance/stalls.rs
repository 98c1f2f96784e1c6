//! Runs that end in the middle: after each call that changes something, by Ctrl-C once and twice, by the death of the provider and of
//! Terraform. The next apply completes the endpoint, and its destroy leaves nothing. `make test-long` does all of that; otherwise each call
//! meets one of the four ends.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use lab::skip::Missing;
use lab::{matrix, need};

use crate::bench::{Arguments, Bench};

/// How many benches work at the same time.
const BENCHES: usize = 4;

/// How long anything may take that waits for nothing but a busy machine.
const LIMIT: Duration = Duration::from_secs(60);

/// Every kind of part, and a first and a last change of attributes.
const BORN: Arguments =
    &[("worker_talos_api", ""), ("enable_cross_zone_load_balancing", "true"), ("enable_deletion_protection", "true")];

const GROWN: Arguments = &[("worker_talos_api", ""), ("trustd", "{}"), ("deregistration_delay", "60")];

const SMALL: Arguments = &[("worker_talos_api", "")];

/// How a run ends.
#[derive(Clone, Copy, Debug)]
enum End {
    InterruptedOnce,
    InterruptedTwice,
    ProviderKilled,
    TerraformKilled,
}

const ENDS: [End; 4] = [End::InterruptedOnce, End::InterruptedTwice, End::ProviderKilled, End::TerraformKilled];

/// What is going on when it ends.
#[derive(Clone, Copy, Debug)]
enum Operation {
    Create,
    Update,
    Destroy,
}

#[test]
fn a_create_that_ends_anywhere_is_completed_by_the_next_apply() {
    run_all(Operation::Create, need!(benches()));
}

#[test]
fn an_update_that_ends_anywhere_is_completed_by_the_next_apply() {
    run_all(Operation::Update, need!(benches()));
}

#[test]
fn a_destroy_that_ends_anywhere_is_completed_by_the_next_one() {
    run_all(Operation::Destroy, need!(benches()));
}

fn benches() -> Result<Vec<Bench>, Missing> {
    (0..BENCHES).map(|_| Bench::start()).collect()
}

fn run_all(operation: Operation, mut benches: Vec<Bench>) {
    let calls = count(operation, &mut benches[0]);
    let whole = (1..=calls).flat_map(|call| ENDS.map(|end| (call, end)));
    // Each call once, and each end at several calls. That a run may die after any call is also tested in process, call by call.
    let sampled = (1..=calls).map(|call| (call, ENDS[(call + operation as usize) % ENDS.len()]));
    let cases: Vec<(usize, End)> = if matrix::is_whole() { whole.collect() } else { sampled.collect() };
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for mut bench in benches {
            let (cases, next) = (&cases, &next);
            scope.spawn(move || {
                while let Some((call, end)) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    run(operation, *call, *end, &mut bench);
                }
            });
        }
    });
}

/// How many mutating calls the undisturbed operation makes.
fn count(operation: Operation, bench: &mut Bench) -> usize {
    prepare(operation, bench);
    match operation {
        Operation::Destroy => drop(bench.terraform.destroy().ok()),
        _ => drop(bench.terraform.apply().ok()),
    }
    let calls = bench.proxy.mutating().len();
    finish(operation, bench, "undisturbed");
    calls
}

fn run(operation: Operation, call: usize, end: End, bench: &mut Bench) {
    let title = format!("{operation:?}, call {call}, {end:?}");
    prepare(operation, bench);
    bench.proxy.stall_after(call);
    let mut terraform = match operation {
        Operation::Destroy => bench.terraform.start(["destroy", "-auto-approve", "-input=false", "-no-color"]),
        _ => bench.terraform.start_apply(),
    };
    let stalled = bench.proxy.wait_stalled(LIMIT);
    assert!(stalled.is_some(), "{title}: there was no such call");
    match end {
        End::InterruptedOnce => terraform.interrupt(),
        End::InterruptedTwice => {
            terraform.interrupt();
            // Two at once are one.
            assert!(terraform.wait_for("Interrupt received.", LIMIT), "{title}: the first interrupt was not taken");
            terraform.interrupt();
        }
        End::ProviderKilled => drop(terraform.kill_provider()),
        End::TerraformKilled => terraform.kill_terraform(),
    }
    let ended = terraform.wait(LIMIT).unwrap_or_else(|| panic!("{title}: it goes on"));
    bench.proxy.release();
    if !matches!(operation, Operation::Create) {
        recover_state(bench);
    }
    finish(operation, bench, &format!("{title}: it ended with {}, and then", ended.flat()));
}

/// Terraform writes its state file in place: its second interrupt ("data loss may have occurred") may end it between emptying and
/// writing. The user then takes the backup, which is from before the run.
fn recover_state(bench: &Bench) {
    if bench.terraform.read("terraform.tfstate").is_empty() {
        let backup = bench.terraform.read("terraform.tfstate.backup");
        bench.terraform.write("terraform.tfstate", &backup);
    }
}

/// A new state, and what must exist before the operation. No marker may be renewed while the calls are counted.
fn prepare(operation: Operation, bench: &mut Bench) {
    bench.renew_workspace();
    match operation {
        Operation::Create => bench.configure(BORN),
        Operation::Update => {
            bench.apply(SMALL);
            bench.configure(GROWN);
        }
        Operation::Destroy => drop(bench.apply(SMALL)),
    }
    bench.forget_calls();
    bench.set_env("TALOSENDPOINT_CREATE_LEASE", "60s");
}

/// What the user does next, and what must be true then.
fn finish(operation: Operation, bench: &mut Bench, title: &str) {
    bench.set_env("TALOSENDPOINT_CREATE_LEASE", "500ms");
    if !matches!(operation, Operation::Destroy) {
        let applied = bench.terraform.apply();
        assert_eq!(applied.status, 0, "{title}: {}", applied.said());
        let planned = bench.terraform.plan();
        assert_eq!(planned.status, 0, "{title}: {}", planned.said());
    }
    if matches!(operation, Operation::Create) {
        // As everywhere else but quicker: the destroy's own read sees it.
        let off = [
            ("LoadBalancerArn", &*bench.text("arn")),
            ("Attributes.member.1.Key", "deletion_protection.enabled"),
            ("Attributes.member.1.Value", "false"),
        ];
        bench.somebody("ModifyLoadBalancerAttributes", &off);
    }
    let destroyed = bench.terraform.destroy();
    assert_eq!(destroyed.status, 0, "{title}: {}", destroyed.said());
    let left = bench.left_behind();
    assert!(left.is_empty(), "{title}: {left:#?}");
}
