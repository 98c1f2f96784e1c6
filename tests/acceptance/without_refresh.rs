//! `-refresh=false`: Terraform believes its state, and the provider finds out what is true.

use lab::need;

use crate::bench::{Bench, arns};

const ARGUMENTS: [&str; 4] = ["-refresh=false", "-auto-approve", "-input=false", "-no-color"];

#[test]
fn an_apply_makes_the_change_that_is_planned() {
    let bench = need!(Bench::start());
    bench.apply(&[]);
    let planned = bench.terraform.run(["plan", "-refresh=false", "-no-color", "-detailed-exitcode"]);
    assert_eq!(planned.status, 0, "{}", planned.said());

    bench.configure(&[("deregistration_delay", "60")]);
    bench.forget_calls();
    run(&bench, "apply").ok();
    assert_eq!(bench.mutations(), "ModifyTargetGroupAttributes*3");
    bench.terraform.assert_settled();

    // A listener is gone, and nobody looked before the plan.
    let before = arns(&bench.moto.inventory());
    bench.somebody("DeleteListener", &[("ListenerArn", &bench.listener_arn("talos_api"))]);
    bench.configure(&[("deregistration_delay", "90")]);
    bench.forget_calls();
    run(&bench, "apply").ok();
    assert_eq!(bench.mutations(), "ModifyTargetGroupAttributes*3", "no more than was planned");
    let attribute = "deregistration_delay.timeout_seconds";
    assert_eq!(bench.moto.inventory().target_group("lab-api-tg").attribute(attribute), "90");
    bench.apply(&[("deregistration_delay", "90")]);
    let now = arns(&bench.moto.inventory());
    assert_eq!((before.difference(&now).count(), now.difference(&before).count()), (1, 1));
    bench.terraform.assert_settled();
    bench.destroy();
}

/// Nothing is made behind the back of a plan that names an update, and nothing is lost.
#[test]
fn an_apply_to_what_is_gone_altogether() {
    let bench = need!(Bench::start());
    bench.apply(&[]);
    let groups: Vec<String> = bench.moto.inventory().target_groups.into_keys().collect();
    bench.somebody("DeleteLoadBalancer", &[("LoadBalancerArn", &bench.text("arn"))]);
    for group in &groups {
        bench.somebody("DeleteTargetGroup", &[("TargetGroupArn", group)]);
    }
    bench.configure(&[("deregistration_delay", "60")]);
    let said = run(&bench, "apply").with_status(1).flat();
    assert!(said.contains("Error: Not found in AWS"), "{said}");
    assert!(bench.moto.inventory().is_empty(), "made by an update");
    assert!(bench.in_state().is_some());
    bench.apply(&[("deregistration_delay", "60")]);
    let now = bench.moto.inventory();
    assert_eq!((now.load_balancers.len(), now.target_groups.len(), now.listeners.len()), (1, 3, 3));
    bench.terraform.assert_settled();
    bench.destroy();
}

#[test]
fn a_destroy_of_a_node_and_its_endpoint() {
    const NODE: &str = r#"
resource "talosendpoint_nlb_attachment" "node" {
  target_id         = "i-0123456789abcdef0"
  target_group_arns = talosendpoint_nlb.this.control_plane_target_group_arns
}
"#;
    let bench = need!(Bench::start());
    bench.apply(&[("blocks", NODE)]);
    bench.forget_calls();
    run(&bench, "destroy").ok();
    let order: Vec<String> = bench.proxy.mutating().into_iter().map(|call| call.action).collect();
    let groups = ["DeleteTargetGroup"; 3];
    assert_eq!(order, [&["DeregisterTargets", "DeregisterTargets", "DeleteLoadBalancer"][..], &groups].concat());
    bench.assert_nothing_left();

    // All of it was removed outside meanwhile.
    bench.apply(&[("blocks", NODE)]);
    let groups: Vec<String> = bench.moto.inventory().target_groups.into_keys().collect();
    bench.somebody("DeleteLoadBalancer", &[("LoadBalancerArn", &bench.text("arn"))]);
    for group in &groups {
        bench.somebody("DeleteTargetGroup", &[("TargetGroupArn", group)]);
    }
    run(&bench, "destroy").ok();
    bench.assert_nothing_left();
    assert!(bench.in_state().is_none());
}

fn run(bench: &Bench, command: &str) -> lab::process::Outcome {
    bench.terraform.run([&[command][..], &ARGUMENTS].concat())
}
