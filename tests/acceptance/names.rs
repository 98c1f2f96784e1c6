//! Names that are taken: by somebody else, by a dead run, by a living one.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use lab::need;

use crate::bench::{Bench, MARKER, arns};

#[test]
fn what_carries_no_marker_is_never_adopted() {
    let bench = need!(Bench::start());
    let balancer = balancer(&bench, None);
    let before = bench.moto.inventory();
    let said = refused(&bench, "The name is taken");
    assert!(said.contains(&format!("A load balancer named `lab-api-nlb` exists already ({balancer})")), "{said}");
    assert!(said.contains(&format!("import {{ to = talosendpoint_nlb.NAME id = \"{balancer}\" }}")), "{said}");
    assert!(said.contains("removed { from = aws_lb.NAME"), "{said}");
    assert!(!said.contains("Still creating"), "{said}");
    assert!(bench.in_state().is_none());
    assert!(bench.moto.inventory() == before);
    bench.somebody("DeleteLoadBalancer", &[("LoadBalancerArn", &balancer)]);

    let group = group(&bench, None);
    let said = refused(&bench, "The name is taken");
    assert!(said.contains("A target group named `lab-api-tg` exists already"), "{said}");
    bench.somebody("DeleteTargetGroup", &[("TargetGroupArn", &group)]);
    bench.apply(&[]);
    bench.terraform.assert_settled();
    bench.destroy();
}

/// One call of the plan, and only where something is to be made.
#[test]
fn a_plan_asks_for_the_name_of_what_it_would_make() {
    let bench = need!(Bench::start());
    let asked = || bench.proxy.calls().iter().filter(|call| call.action == "DescribeLoadBalancers").count();
    bench.configure(&[]);
    bench.forget_calls();
    bench.terraform.plan().with_status(2);
    assert_eq!((asked(), bench.proxy.calls().len()), (1, 1), "{:?}", bench.proxy.calls());
    let balancer = balancer(&bench, None);
    let said = refused_plan(&bench);
    assert!(said.contains("Error: The name is taken") && said.contains(&balancer), "{said}");
    bench.configure(&[("allow_replacement", "true")]);
    bench.forget_calls();
    bench.terraform.plan().with_status(2);
    assert_eq!(bench.proxy.calls().len(), 0, "the apply finds out");
    bench.somebody("DeleteLoadBalancer", &[("LoadBalancerArn", &balancer)]);

    bench.apply(&[]);
    bench.forget_calls();
    bench.terraform.run(["plan", "-input=false", "-no-color", "-replace=talosendpoint_nlb.this"]).ok();
    assert_eq!(asked(), 1, "that of the refresh");
    bench.destroy();
}

#[test]
fn a_resource_that_is_renamed_without_a_moved_block_is_not_made_again() {
    let bench = need!(Bench::start());
    bench.apply(&[]);
    let renamed = bench.header("") + &bench.resource("other", &[]);
    bench.terraform.main(&renamed);
    bench.forget_calls();
    let said = refused_plan(&bench);
    assert!(said.contains("Error: The load balancer would be destroyed and made again"), "{said}");
    assert!(said.contains(&format!("`lab-api-nlb` ({})", bench.text("arn"))), "{said}");
    let moved = "moved {\n  from = talosendpoint_nlb.this\n  to = talosendpoint_nlb.other\n}\n";
    bench.terraform.main(&(renamed + moved));
    bench.terraform.apply().ok();
    bench.terraform.assert_settled();
    assert_eq!(bench.mutations(), "");
    bench.destroy();
}

#[test]
fn the_leftovers_of_a_dead_run_are_taken_over() {
    let bench = need!(Bench::start());
    let left = [balancer(&bench, Some("dead/3")), group(&bench, Some("dead/3"))];
    bench.apply(&[]);
    assert_eq!(bench.text("arn"), left[0]);
    assert_eq!(bench.group_arn("kubernetes_api"), left[1]);
    let now = bench.moto.inventory();
    assert_eq!((now.load_balancers.len(), now.target_groups.len(), now.listeners.len()), (1, 3, 3));
    let parts = [&now.load_balancers, &now.target_groups, &now.listeners];
    assert!(parts.into_iter().flatten().all(|(_, part)| !part.tags.contains_key(MARKER)));
    bench.terraform.assert_settled();
    bench.destroy();
}

/// Another scheme can't be changed in place: nobody has ever finished it, so it is removed and made anew.
#[test]
fn leftovers_that_do_not_fit_are_replaced() {
    let bench = need!(Bench::start());
    let left = balancer(&bench, Some("dead/3"));
    bench.apply(&[("internal", "false")]);
    assert_ne!(bench.text("arn"), left);
    assert_eq!(bench.moto.inventory().load_balancers.len(), 1);
    bench.terraform.assert_settled();
    bench.destroy();
}

#[test]
fn the_work_of_a_living_run_is_left_to_it() {
    let mut bench = need!(Bench::start());
    // Long beside the pauses of the other run, which a busy machine makes longer.
    bench.set_env("TALOSENDPOINT_CREATE_LEASE", "5s");
    let balancer = balancer(&bench, Some("alive/0"));
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for count in 1.. {
                if done.load(Ordering::Relaxed) {
                    break;
                }
                let value = format!("alive/{count}");
                let tag = [
                    ("ResourceArns.member.1", balancer.as_str()),
                    ("Tags.member.1.Key", MARKER),
                    ("Tags.member.1.Value", &value),
                ];
                bench.somebody("AddTags", &tag);
                std::thread::sleep(Duration::from_millis(100));
            }
        });
        let said = refused(&bench, "Another run is creating this endpoint");
        done.store(true, Ordering::Relaxed);
        assert!(said.contains("`lab-api-nlb` is being created at this moment, by another Terraform run"), "{said}");
    });
    assert_eq!(arns(&bench.moto.inventory()).len(), 1);
    bench.somebody("DeleteLoadBalancer", &[("LoadBalancerArn", &balancer)]);
    bench.assert_nothing_left();
}

/// A plan that stops. One that AWS doesn't answer in time goes through, as on a machine that has other things to do.
fn refused_plan(bench: &Bench) -> String {
    let plans = std::iter::repeat_with(|| bench.terraform.plan()).take(5);
    let refused = plans.into_iter().find(|planned| planned.status == 1);
    refused.expect("no plan stopped").flat()
}

/// Applies, and expects an error of this title and no mutating call.
#[track_caller]
fn refused(bench: &Bench, title: &str) -> String {
    bench.configure(&[]);
    bench.forget_calls();
    let said = bench.terraform.apply().with_status(1).flat();
    assert!(said.contains(&format!("Error: {title}")), "{said}");
    assert_eq!(bench.mutations(), "");
    said
}

fn balancer(bench: &Bench, marker: Option<&str>) -> String {
    let params = [
        ("Name", "lab-api-nlb"),
        ("Type", "network"),
        ("Scheme", "internal"),
        ("Subnets.member.1", bench.id("SUBNET_A")),
        ("Subnets.member.2", bench.id("SUBNET_B")),
    ];
    bench.somebody_makes("CreateLoadBalancer", "LoadBalancerArn", &with_marker(&params, marker))
}

fn group(bench: &Bench, marker: Option<&str>) -> String {
    let params = [
        ("Name", "lab-api-tg"),
        ("Protocol", "TCP"),
        ("Port", "6443"),
        ("VpcId", bench.id("VPC")),
        ("TargetType", "instance"),
    ];
    bench.somebody_makes("CreateTargetGroup", "TargetGroupArn", &with_marker(&params, marker))
}

fn with_marker<'a>(params: &[(&'a str, &'a str)], marker: Option<&'a str>) -> Vec<(&'a str, &'a str)> {
    let tag = marker.into_iter().flat_map(|value| [("Tags.member.1.Key", MARKER), ("Tags.member.1.Value", value)]);
    params.iter().copied().chain(tag).collect()
}
