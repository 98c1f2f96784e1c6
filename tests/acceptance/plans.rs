//! Plans that are saved, stale, or narrowed to a target.

use lab::need;
use lab::process::Outcome;

use crate::bench::Bench;

#[test]
fn a_saved_plan_is_applied_and_a_stale_one_refused() {
    let bench = need!(Bench::start());
    bench.configure(&[]);
    save(&bench, "create");
    assert_eq!(bench.mutations(), "", "a plan changes nothing");
    bench.forget_calls();
    apply(&bench, "create").ok();
    assert!(bench.mutations().contains("CreateLoadBalancer"));
    bench.terraform.assert_settled();

    bench.configure(&[("deregistration_delay", "60")]);
    save(&bench, "one");
    save(&bench, "other");
    bench.forget_calls();
    apply(&bench, "one").ok();
    assert_eq!(bench.mutations(), "ModifyTargetGroupAttributes*3");
    bench.forget_calls();
    let said = apply(&bench, "other").with_status(1).flat();
    assert!(said.contains("Error: Saved plan is stale"), "{said}");
    assert!(bench.proxy.calls().is_empty());
    bench.terraform.assert_settled();

    bench.terraform.run(["plan", "-destroy", "-no-color", "-input=false", "-out=destroy"]).ok();
    apply(&bench, "destroy").ok();
    bench.assert_nothing_left();
}

/// What the plan didn't know is not undone by it, and not lost either: the next plan shows it.
#[test]
fn what_changes_between_plan_and_apply_is_seen_next_time() {
    let bench = need!(Bench::start());
    bench.apply(&[]);
    bench.configure(&[("deregistration_delay", "60")]);
    save(&bench, "saved");
    let listener = bench.listener_arn("talos_api");
    bench.somebody("DeleteListener", &[("ListenerArn", &listener)]);
    bench.forget_calls();
    apply(&bench, "saved").ok();
    assert_eq!(bench.mutations(), "ModifyTargetGroupAttributes*3", "exactly what was planned");
    assert_eq!(bench.moto.inventory().listeners.len(), 2);
    assert_eq!(
        bench.moto.inventory().target_group("lab-api-tg").attribute("deregistration_delay.timeout_seconds"),
        "60"
    );
    bench.apply(&[("deregistration_delay", "60")]);
    assert_eq!(bench.moto.inventory().listeners.len(), 3);
    bench.terraform.assert_settled();
    bench.destroy();
}

#[test]
fn a_target_is_all_that_is_touched() {
    let bench = need!(Bench::start());
    let other = bench.resource("other", &[("name", r#""other""#)]);
    let node = r#"resource "talosendpoint_nlb_attachment" "node" {
  target_id         = "i-0123456789abcdef0"
  target_group_arns = talosendpoint_nlb.other.control_plane_target_group_arns
}
"#;
    bench.configure(&[("blocks", &format!("{other}{node}"))]);
    bench.terraform.run(["apply", "-auto-approve", "-no-color", "-target=talosendpoint_nlb_attachment.node"]).ok();
    let made = bench.moto.inventory();
    assert_eq!(made.load_balancers.len(), 1);
    assert!(made.health_of("other-api-tg").contains_key("i-0123456789abcdef0:6443"), "with what it depends on");
    bench.terraform.apply().ok();
    bench.terraform.assert_settled();

    let left = bench.moto.inventory().load_balancer("lab-api-nlb").field("LoadBalancerArn").to_owned();
    bench.forget_calls();
    bench.terraform.run(["destroy", "-auto-approve", "-no-color", "-target=talosendpoint_nlb.other"]).ok();
    let first = bench.proxy.mutating().into_iter().map(|call| call.action).next();
    assert_eq!(first.as_deref(), Some("DeregisterTargets"), "with what depends on it, and that first");
    let now = bench.moto.inventory();
    assert_eq!(now.load_balancers.keys().collect::<Vec<_>>(), [&left]);
    assert_eq!((now.target_groups.len(), now.listeners.len()), (3, 3));
    bench.destroy();
}

#[track_caller]
fn save(bench: &Bench, file: &str) {
    let out = format!("-out={file}");
    bench.terraform.run(["plan", "-no-color", "-input=false", "-detailed-exitcode", &out]).with_status(2);
}

#[track_caller]
fn apply(bench: &Bench, file: &str) -> Outcome {
    bench.terraform.run(["apply", "-no-color", "-input=false", file])
}
