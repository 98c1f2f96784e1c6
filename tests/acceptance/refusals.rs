//! When AWS says no, or nothing at all.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use lab::faults::Fault;
use lab::need;

use crate::bench::{Arguments, Bench};

/// Every kind of call that a create makes.
const EVERYTHING: Arguments = &[
    ("worker_talos_api", ""),
    ("enable_cross_zone_load_balancing", "true"),
    ("tcp_idle_timeout", "400"),
    ("provider", "max_attempts = 2"),
];

const CREATING: [&str; 9] = [
    "CreateLoadBalancer",
    "CreateTargetGroup",
    "CreateListener",
    "ModifyLoadBalancerAttributes",
    "ModifyTargetGroupAttributes",
    "ModifyListenerAttributes",
    "DescribeLoadBalancers",
    "DescribeTargetGroups",
    "DescribeTags",
];

const READING: [&str; 7] = [
    "DescribeLoadBalancers",
    "DescribeLoadBalancerAttributes",
    "DescribeTargetGroups",
    "DescribeTargetGroupAttributes",
    "DescribeListeners",
    "DescribeListenerAttributes",
    "DescribeTags",
];

#[test]
fn a_create_without_a_permission_names_it_and_can_be_repeated() {
    let mut bench = need!(Bench::start());
    for action in CREATING {
        bench.renew_workspace();
        bench.configure(EVERYTHING);
        bench.forget_calls();
        bench.proxy.fail(Fault::access_denied(action));
        let said = bench.terraform.apply().with_status(1).flat();
        assert!(said.contains("Error: Access denied by AWS"), "{action}: {said}");
        assert!(said.contains(&format!("lack the permission `elasticloadbalancing:{action}`")), "{action}: {said}");
        bench.proxy.behave();
        let made = bench.moto.inventory();
        let known = bench.in_state().map(|instance| instance["attributes"]["arn"].as_str().map(str::to_owned));
        if let Some(balancer) = made.load_balancers.keys().next() {
            assert_eq!(known.flatten().as_ref(), Some(balancer), "{action}: not in the state");
        }
        bench.apply(EVERYTHING);
        bench.terraform.assert_settled();
        bench.destroy();
    }
}

#[test]
fn a_read_or_a_destroy_without_a_permission_names_it_and_loses_nothing() {
    let bench = need!(Bench::start());
    bench.apply(EVERYTHING);
    for action in READING {
        bench.proxy.fail(Fault::access_denied(action));
        let said = bench.terraform.plan().with_status(1).flat();
        assert!(said.contains(&format!("lack the permission `elasticloadbalancing:{action}`")), "{action}: {said}");
        bench.proxy.behave();
    }
    bench.terraform.assert_settled();
    for action in ["DeleteLoadBalancer", "DeleteTargetGroup"] {
        bench.proxy.fail(Fault::access_denied(action));
        let said = bench.terraform.destroy().with_status(1).flat();
        assert!(said.contains(&format!("lack the permission `elasticloadbalancing:{action}`")), "{action}: {said}");
        assert!(bench.in_state().is_some());
        bench.proxy.behave();
    }
    bench.destroy();
}

#[test]
fn an_update_without_a_permission_keeps_what_was_not_done_a_difference() {
    let bench = need!(Bench::start());
    bench.apply(&[]);
    let changed: Arguments = &[("deregistration_delay", "60"), ("tcp_idle_timeout", "400"), ("trustd", "{}")];
    for action in ["ModifyTargetGroupAttributes", "CreateTargetGroup", "CreateListener", "ModifyListenerAttributes"] {
        bench.configure(changed);
        bench.proxy.fail(Fault::access_denied(action));
        let said = bench.terraform.apply().with_status(1).flat();
        assert!(said.contains(&format!("lack the permission `elasticloadbalancing:{action}`")), "{action}: {said}");
        bench.proxy.behave();
        assert_eq!(bench.terraform.plan().status, 2, "{action}");
        bench.apply(changed);
        bench.terraform.assert_settled();
        bench.apply(&[]);
        bench.terraform.assert_settled();
    }
    bench.destroy();
}

#[test]
fn throttled_calls_are_repeated() {
    let bench = need!(Bench::start());
    for action in ["CreateLoadBalancer", "CreateTargetGroup", "DescribeTags"] {
        bench.proxy.fail(Fault::throttling(action));
    }
    bench.apply(&[]);
    bench.proxy.fail(Fault::throttling("DescribeListeners"));
    bench.terraform.assert_settled();
    bench.destroy();
}

#[test]
fn an_endpoint_that_is_not_there_is_reported_within_seconds() {
    let mut bench = need!(Bench::start());
    let closed = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port");
    bench.set_env("AWS_ENDPOINT_URL", &format!("http://{closed}"));
    bench.configure(&[]);
    let begun = Instant::now();
    let said = bench.terraform.apply().with_status(1).flat();
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    assert!(said.contains("Error: AWS cannot be reached"), "{said}");
    assert!(said.contains("AWS_ENDPOINT_URL"), "{said}");
}

#[test]
fn what_is_missing_for_access_is_named_before_anything_is_sent() {
    let mut bench = need!(Bench::start());
    bench.configure(&[]);
    bench.remove_env("AWS_REGION");
    let said = bench.terraform.apply().with_status(1).flat();
    assert!(said.contains("Error: No AWS region"), "{said}");
    bench.set_env("AWS_REGION", "us-east-1");
    bench.remove_env("AWS_ACCESS_KEY_ID");
    let said = bench.terraform.apply().with_status(1).flat();
    assert!(said.contains("Error: No AWS credentials"), "{said}");
    assert!(bench.proxy.calls().is_empty(), "{:?}", bench.proxy.sequence());
}

#[test]
fn only_the_allowed_accounts_are_touched() {
    let bench = need!(Bench::start());
    let allowed = ("provider", r#"allowed_account_ids = ["123456789012"]"#);
    let wrong = ("provider", r#"allowed_account_ids = ["999999999999"]"#);
    bench.configure(&[wrong]);
    let said = bench.terraform.apply().with_status(1).flat();
    assert!(said.contains("Error: Not this AWS account"), "{said}");
    assert_eq!(bench.proxy.sequence(), ["GetCallerIdentity"]);
    bench.apply(&[allowed]);
    assert_eq!(bench.proxy.of("GetCallerIdentity").len(), 2, "by the plan and by the apply");
    bench.configure(&[wrong]);
    bench.forget_calls();
    let said = bench.terraform.plan().with_status(1).flat();
    assert!(said.contains("is in account 123456789012"), "{said}");
    assert!(bench.proxy.calls().is_empty(), "the ARNs say the account");
    bench.configure(&[allowed]);
    bench.destroy();
}
