//! Names and ports that somebody else has, before or in the middle.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use talosendpoint::framework::value::Value;

use lab::fake::Fake;
use lab::fake::settings::VPC;
use lab::faults::Fault;
use lab::inventory::Inventory;
use lab::proxy::Proxy;

use crate::child::scenario;
use crate::config::config;
use crate::creation::quick;
use crate::foreign;
use crate::terraform::{Terraform, errors, text};

/// Somebody makes the same thing, without our tags, just before our first `action` arrives.
fn somebody_is_faster(fake: &Fake, action: &str) -> Proxy {
    let proxy = Proxy::start(&fake.url());
    let (url, done) = (fake.url(), Arc::new(AtomicBool::new(false)));
    proxy.on(action, move |call| {
        if !done.swap(true, Ordering::Relaxed) {
            foreign::copy(&url, call);
        }
        None
    });
    proxy
}

scenario! {
    async fn a_load_balancer_that_appears_in_between_is_left_alone() {
        let fake = quick();
        let proxy = somebody_is_faster(&fake, "CreateLoadBalancer");
        let mut terraform = Terraform::at(&proxy.url()).await;
        let told = terraform.apply(&config([])).await;
        assert_eq!(errors(&told), ["The name is taken"]);
        assert_eq!(terraform.state, Value::Null, "nothing of ours exists");
        let arns = foreign::arns(&fake);
        assert_eq!(arns.len(), 1);
        assert!(text(&told).contains(&format!("id = \"{}\"", arns[0])), "{}", text(&told));
        assert!(fake.inventory().load_balancers[&arns[0]].tags.is_empty(), "it was touched");
    }
}

scenario! {
    async fn a_target_group_that_appears_in_between_is_left_alone() {
        let fake = quick();
        let proxy = somebody_is_faster(&fake, "CreateTargetGroup");
        let mut terraform = Terraform::at(&proxy.url()).await;
        let told = terraform.apply(&config([("vpc_id", VPC.into())])).await;
        assert_eq!(errors(&told), ["The name is taken"], "{}", text(&told));
        let foreign: Vec<String> = fake
            .inventory()
            .target_groups
            .into_iter()
            .filter(|(_, group)| group.tags.is_empty())
            .map(|(arn, _)| arn)
            .collect();
        assert_eq!(foreign.len(), 1);
        assert!(!terraform.arns().contains(&foreign[0]), "somebody else's group is in the state");
        let told = terraform.destroy().await;
        assert!(told.is_empty(), "{}", text(&told));
        assert_eq!(foreign::arns(&fake), foreign);
    }
}

scenario! {
    async fn a_name_that_is_not_free_yet_is_waited_for() {
        let fake = quick();
        fake.fail(Fault::new("CreateLoadBalancer", 400, "DuplicateLoadBalancerName", "exists, but with different settings"));
        fake.fail(Fault::new("CreateTargetGroup", 400, "DuplicateTargetGroupName", "exists, but with different settings"));
        Terraform::at(&fake.url()).await.apply_well(&config([])).await;
    }
}

scenario! {
    async fn an_existing_load_balancer_is_refused_with_every_case() {
        let fake = quick();
        let arn = foreign::balancer(&fake, "prod-api-nlb", "internet-facing");
        let before = fake.inventory();
        let mut terraform = Terraform::at(&fake.url()).await;
        let told = terraform.apply(&config([])).await;
        assert_eq!(errors(&told), ["The name is taken"]);
        let text = text(&told);
        for part in [&format!("id = \"{arn}\""), "somebody else", "from = aws_lb.NAME", "to = talosendpoint_nlb."] {
            assert!(text.contains(part), "{part} is not in {text}");
        }
        assert!(fake.mutating().is_empty());
        assert_eq!(fake.inventory(), before);
        assert_eq!(terraform.state, Value::Null);
    }
}

scenario! {
    async fn an_existing_target_group_is_refused() {
        let fake = quick();
        let arn = foreign::group(&fake, "prod-apid-tg", "50000");
        let mut terraform = Terraform::at(&fake.url()).await;
        let told = terraform.apply(&config([])).await;
        assert_eq!(errors(&told), ["The name is taken"]);
        assert!(text(&told).contains(&arn) && !text(&told).contains("import {"), "{}", text(&told));
        assert!(fake.mutating().is_empty());
    }
}

fn without_own_tag(mut inventory: Inventory) -> Inventory {
    inventory.load_balancers.values_mut().for_each(|part| drop(part.tags.remove("talosendpoint:handover")));
    inventory
}

scenario! {
    /// Our listener is gone and somebody has made an equal one on its port: CreateListener answers that one.
    async fn a_listener_of_somebody_else_is_not_taken_over() {
        let fake = quick();
        let mut terraform = Terraform::at(&fake.url()).await;
        terraform.apply_well(&config([])).await;
        let all = fake.inventory();
        let ours = all.listener(6443).field("ListenerArn").to_owned();
        let group = all.target_group("prod-api-tg").field("TargetGroupArn").to_owned();
        foreign::act(&fake.url(), "DeleteListener", &[("ListenerArn", &ours)]);
        for same in [true, false] {
            let group = if same { group.clone() } else { foreign::group(&fake, "other", "6443") };
            let theirs = foreign::listener(&fake, terraform.text("arn"), &group, "6443");
            let before = fake.inventory();
            let told = terraform.apply(&config([])).await;
            assert_eq!(errors(&told), ["The port is taken"], "{}", text(&told));
            assert!(text(&told).contains(&theirs), "{}", text(&told));
            assert!(!terraform.arns().contains(&theirs));
            // The load balancer has the tag of an update that begins; nothing else has changed.
            assert_eq!(without_own_tag(fake.inventory()), without_own_tag(before), "it was touched");
            foreign::act(&fake.url(), "DeleteListener", &[("ListenerArn", &theirs)]);
        }
        terraform.apply_well(&config([])).await;
    }
}

scenario! {
    /// Where only certain accounts may be touched, a plan asks nothing of one that isn't known to be one of them; the apply is refused.
    async fn an_account_that_is_not_known_is_asked_nothing() {
        let fake = quick();
        foreign::balancer(&fake, "prod-api-nlb", "internal");
        let mut terraform = Terraform::at(&fake.url()).await;
        let accounts = || [("allowed_account_ids", Value::set(["123456789012".into()]))];
        terraform.configure_with(&fake.url(), accounts()).await;
        let told = terraform.plan_in_this_walk(&config([])).await.diagnostics;
        assert_eq!(errors(&told), ["The name is taken"], "of a known account: {}", text(&told));
        fake.clear();
        fake.fail(Fault::access_denied("GetCallerIdentity"));
        terraform.configure_with(&fake.url(), accounts()).await;
        let told = terraform.plan_in_this_walk(&config([])).await.diagnostics;
        assert!(told.is_empty(), "{}", text(&told));
        assert!(fake.sequence().iter().all(|action| action == "GetCallerIdentity"), "{:?}", fake.sequence());
        terraform.configure_with(&fake.url(), accounts()).await;
        let told = terraform.create_in_this_walk(&config([])).await;
        assert_eq!(errors(&told), ["Access denied by AWS"], "{}", text(&told));
        assert!(fake.mutating().is_empty());
    }
}
