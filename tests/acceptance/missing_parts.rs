//! Parts that somebody deleted: they come back, and nothing else is touched.

use lab::need;

use crate::bench::{Arguments, Bench, arns};

const BORN_AGAIN: &str = "AddTags CreateListener CreateTargetGroup ModifyTargetGroupAttributes";

#[test]
fn only_the_missing_part_comes_back() {
    let bench = need!(Bench::start());
    bench.apply(&[]);

    delete_listener(&bench, "talos_api");
    repaired(&bench, &[], 1, "AddTags CreateListener");

    delete_listener(&bench, "kubernetes_api");
    delete_group(&bench, "kubernetes_api");
    repaired(&bench, &[], 2, BORN_AGAIN);

    // A group alone, as AWS allows once nothing forwards to it: the listener is led back to the new one.
    let elsewhere = bench.group_arn("kubernetes_api");
    let listener = bench.listener_arn("talos_api");
    let forward = [
        ("ListenerArn", listener.as_str()),
        ("DefaultActions.member.1.Type", "forward"),
        ("DefaultActions.member.1.TargetGroupArn", &elsewhere),
    ];
    bench.somebody("ModifyListener", &forward);
    delete_group(&bench, "talos_api");
    repaired(&bench, &[], 1, "AddTags CreateTargetGroup ModifyListener ModifyTargetGroupAttributes");
    assert_eq!(bench.listener_arn("talos_api"), listener);

    // What is missing and what has changed, in one apply.
    delete_listener(&bench, "worker_talos_api");
    let changed: Arguments = &[("worker_talos_api", "{ port = 50011 }"), ("deregistration_delay", "60")];
    repaired(&bench, changed, 1, "AddTags CreateListener ModifyTargetGroupAttributes*3");
    bench.destroy();
}

#[test]
fn a_missing_load_balancer_comes_back_over_its_groups() {
    let bench = need!(Bench::start());
    bench.apply(&[]);
    let (balancer, group) = (bench.text("arn"), bench.group_arn("kubernetes_api"));
    bench.somebody("DeleteLoadBalancer", &[("LoadBalancerArn", &balancer)]);
    assert_eq!(bench.terraform.plan().status, 2);
    bench.apply(&[]);
    assert_eq!(bench.mutations(), "CreateListener*3 CreateLoadBalancer");
    assert_ne!(bench.text("arn"), balancer);
    assert_eq!(bench.group_arn("kubernetes_api"), group);
    bench.terraform.assert_settled();
    bench.destroy();
}

#[test]
fn an_endpoint_that_is_gone_altogether_is_made_anew() {
    let bench = need!(Bench::start());
    bench.apply(&[]);
    let before = bench.moto.inventory();
    bench.somebody("DeleteLoadBalancer", &[("LoadBalancerArn", &bench.text("arn"))]);
    for arn in before.target_groups.keys() {
        bench.somebody("DeleteTargetGroup", &[("TargetGroupArn", arn)]);
    }
    let planned = bench.terraform.plan().with_status(2);
    assert!(planned.flat().contains("1 to add, 0 to change, 0 to destroy"), "{}", planned.said());
    bench.apply(&[]);
    bench.terraform.assert_settled();
    bench.destroy();
}

#[test]
fn a_destroy_of_what_is_gone_succeeds() {
    let bench = need!(Bench::start());
    bench.apply(&[]);
    bench.somebody("DeleteLoadBalancer", &[("LoadBalancerArn", &bench.text("arn"))]);
    delete_group(&bench, "talos_api");
    bench.terraform.run(["destroy", "-auto-approve", "-refresh=false", "-no-color"]).ok();
    bench.assert_nothing_left();
}

/// Applies, and expects `born` new parts beside everything that was left.
#[track_caller]
fn repaired(bench: &Bench, arguments: Arguments, born: usize, calls: &str) {
    let left = arns(&bench.moto.inventory());
    bench.configure(arguments);
    assert_eq!(bench.terraform.plan().status, 2);
    bench.apply(arguments);
    assert_eq!(bench.mutations(), calls);
    let now = arns(&bench.moto.inventory());
    assert_eq!(left.difference(&now).count(), 0, "something else was removed");
    assert_eq!(now.difference(&left).count(), born);
    bench.terraform.assert_settled();
}

fn delete_listener(bench: &Bench, name: &str) {
    bench.somebody("DeleteListener", &[("ListenerArn", &bench.listener_arn(name))]);
}

fn delete_group(bench: &Bench, name: &str) {
    bench.somebody("DeleteTargetGroup", &[("TargetGroupArn", &bench.group_arn(name))]);
}
