//! A target group that must be replaced: the successor takes over targets and listener, and the listener never leads to an empty or
//! an unhealthy group; ended anywhere, the next apply goes on.

use std::time::Duration;

use talosendpoint::framework::value::Value;

use lab::fake::Fake;
use lab::inventory::Inventory;
use lab::proxy::Proxy;

use crate::child::scenario;
use crate::config::{config, nested};
use crate::creation::quick;
use crate::foreign;
use crate::terraform::{Terraform, errors, text};

const NODES: [&str; 3] = ["i-00000000000000001", "i-00000000000000002", "i-00000000000000003"];

/// The guide's port, and another one behind the same listener.
fn on_port(port: i64) -> Value {
    config([nested("kubernetes_api", [("target_port", port.into())])])
}

/// An endpoint with three healthy control planes behind the Kubernetes API, one of them on a port of its own.
async fn endpoint(fake: &Fake, url: &str) -> Terraform {
    let mut terraform = Terraform::at(url).await;
    terraform.apply_well(&on_port(6443)).await;
    let group = terraform.text("kubernetes_api_target_group_arn").to_owned();
    for (node, port) in NODES.iter().zip(["6443", "6443", "9443"]) {
        let params =
            [("TargetGroupArn", group.as_str()), ("Targets.member.1.Id", node), ("Targets.member.1.Port", port)];
        foreign::act(&fake.url(), "RegisterTargets", &params);
    }
    terraform
}

/// `id:port` of every target of a group, sorted.
fn targets(fake: &Fake, group: &str) -> Vec<String> {
    let answer = lab::http::query_as(
        lab::http::OBSERVER,
        &fake.url(),
        lab::call::ELBV2,
        "DescribeTargetHealth",
        &[("TargetGroupArn", group)],
    );
    let mut targets: Vec<String> = answer
        .result()
        .members("TargetHealthDescriptions")
        .iter()
        .filter_map(|health| {
            let target = health.child("Target")?;
            Some(format!("{}:{}", target.text_of("Id")?, target.text_of("Port")?))
        })
        .collect();
    targets.sort();
    targets
}

/// One load balancer, two groups, two listeners: nothing is left of a replacement.
fn assert_tidy(fake: &Fake) {
    let Inventory { load_balancers, target_groups, listeners, .. } = fake.inventory();
    assert_eq!((load_balancers.len(), target_groups.len(), listeners.len()), (1, 2, 2));
    assert_eq!(foreign::marked(fake), Vec::<String>::new());
}

scenario! {
    async fn the_listener_moves_to_a_group_that_is_as_healthy() {
        let fake = quick();
        fake.set(|settings| settings.initial_describes = 2);
        let mut terraform = endpoint(&fake, &fake.url()).await;
        let (old, arns) = (terraform.text("kubernetes_api_target_group_arn").to_owned(), terraform.text("arn").to_owned());
        let listeners = terraform.state.attribute("listener_arns").cloned();
        fake.clear();
        let told = terraform.apply(&on_port(7443)).await;
        assert!(!told.has_error(), "{}", text(&told));
        assert!(text(&told).contains("A new target group takes over"), "{}", text(&told));
        terraform.assert_unchanged(&on_port(7443)).await;
        let new = terraform.text("kubernetes_api_target_group_arn").to_owned();
        assert_ne!(new, old);
        assert_eq!(terraform.text("arn"), arns);
        assert_eq!(terraform.state.attribute("listener_arns").cloned(), listeners);
        let [one, two, three] = NODES;
        assert_eq!(targets(&fake, &new), [format!("{one}:7443"), format!("{two}:7443"), format!("{three}:9443")]);
        fake.assert_never_empty();
        fake.assert_never_unhealthy();
        assert_tidy(&fake);
        terraform.apply_well(&on_port(6443)).await;
        fake.assert_never_unhealthy();
        assert_tidy(&fake);
    }
}

scenario! {
    /// The probe listener was made, and the answer that said so is lost: the repeat of the call is told that it exists.
    async fn a_probe_listener_whose_answer_is_lost_is_used() {
        let fake = quick();
        let proxy = Proxy::start(&fake.url());
        let mut terraform = endpoint(&fake, &proxy.url()).await;
        let answers = std::sync::atomic::AtomicUsize::new(0);
        proxy.on_reply("CreateListener", move |call, reply| match answers.fetch_add(1, std::sync::atomic::Ordering::Relaxed) {
            0 => *reply = lab::faults::error(&call.service, 503, "ServiceUnavailable", "performed, and not answered"),
            1 => *reply = lab::faults::error(&call.service, 400, "DuplicateListener", "A listener already exists on this port"),
            _ => {}
        });
        terraform.apply_well(&on_port(7443)).await;
        assert_eq!(proxy.of("CreateListener").iter().filter(|call| call.status == 400).count(), 1);
        fake.assert_never_unhealthy();
        assert_tidy(&fake);
    }
}

scenario! {
    async fn a_group_without_targets_is_not_waited_for() {
        let fake = quick();
        let mut terraform = Terraform::at(&fake.url()).await;
        terraform.apply_well(&on_port(6443)).await;
        fake.clear();
        terraform.apply_well(&on_port(7443)).await;
        assert_eq!(fake.of("CreateListener").len(), 0, "nothing to probe");
        assert_tidy(&fake);
    }
}

/// The change, with little time for updates.
fn hasty(port: i64) -> Value {
    let limit = crate::config::limit("6s");
    config([nested("kubernetes_api", [("target_port", port.into())]), limit])
}

scenario! {
    async fn an_expired_wait_leaves_the_listener_and_the_next_apply_goes_on() {
        let fake = quick();
        let mut terraform = endpoint(&fake, &fake.url()).await;
        let old = terraform.text("kubernetes_api_target_group_arn").to_owned();
        fake.set(|settings| settings.initial_time = Duration::from_secs(3600));
        let told = terraform.apply(&hasty(7443)).await;
        assert_eq!(errors(&told), ["Timed out"], "{}", text(&told));
        assert_eq!(terraform.text("kubernetes_api_target_group_arn"), old);
        assert_eq!(fake.inventory().target_groups.len(), 3, "the new group is kept");
        fake.assert_never_unhealthy();
        fake.set(|settings| settings.initial_time = Duration::ZERO);
        fake.clear();
        terraform.apply_well(&on_port(7443)).await;
        assert_eq!(fake.of("CreateTargetGroup").len(), 0, "the new group is remembered");
        fake.assert_never_unhealthy();
        assert_tidy(&fake);
    }
}

scenario! {
    async fn a_change_that_is_reverted_after_an_expired_wait_leaves_nothing() {
        let fake = quick();
        let mut terraform = endpoint(&fake, &fake.url()).await;
        fake.set(|settings| settings.initial_time = Duration::from_secs(3600));
        assert!(terraform.apply(&hasty(7443)).await.has_error());
        fake.set(|settings| settings.initial_time = Duration::ZERO);
        terraform.apply_well(&on_port(6443)).await;
        assert_tidy(&fake);
        let told = terraform.destroy().await;
        assert!(told.is_empty(), "{}", text(&told));
        assert!(fake.inventory().is_empty());
    }
}

scenario! {
    async fn a_name_of_the_users_own_cannot_be_shared() {
        let fake = quick();
        let mut terraform = Terraform::at(&fake.url()).await;
        let named = |port: i64, name: &str| {
            config([nested("kubernetes_api", [("target_port", port.into()), ("target_group_name", name.into())])])
        };
        terraform.apply_well(&named(6443, "mine")).await;
        let told = terraform.plan(&named(7443, "mine")).await.diagnostics;
        assert_eq!(errors(&told), ["The target group's name is taken"], "{}", text(&told));
        terraform.apply_well(&named(7443, "mine-too")).await;
        let groups = terraform.state.attribute("target_groups").unwrap();
        assert_eq!(groups.entries().unwrap()["kubernetes_api"].attribute("name"), Some(&"mine-too".into()));
        assert_tidy(&fake);
    }
}

/// The run is ended (as by kill -9) after its n-th mutating call was performed; `false` if there are fewer. The next run goes on. Once
/// the old group is gone (the state names none then) it may also want another port: `elsewhere`.
async fn killed_after(n: usize, elsewhere: bool) -> bool {
    let fake = quick();
    fake.set(|settings| settings.initial_describes = 1);
    let before = endpoint(&fake, &fake.url()).await;
    let (killed, mut after) = before.killed_after(n, &fake.url(), &on_port(7443)).await;
    let stalled = match killed {
        Ok(call) => call.action,
        Err(told) => {
            assert!(!told.has_error(), "{}", text(&told));
            return false;
        }
    };
    let next = if elsewhere && stalled == "DeleteTargetGroup" { 8443 } else { 7443 };
    let told = after.apply(&on_port(next)).await;
    assert!(!told.has_error(), "after call {n}: {}", text(&told));
    after.assert_unchanged(&on_port(next)).await;
    fake.assert_never_empty();
    let group = after.text("kubernetes_api_target_group_arn").to_owned();
    assert_eq!(targets(&fake, &group).len(), 3, "after call {n}");
    assert_tidy(&fake);
    true
}

scenario! {
    async fn killed_after_any_call_the_next_apply_goes_on() {
        let cases = (1..=12).flat_map(|n| [(n, false), (n, true)]);
        let cases = cases.map(|(n, elsewhere)| tokio::spawn(killed_after(n, elsewhere)));
        let mut stalled = 0;
        for case in cases.collect::<Vec<_>>() {
            stalled += usize::from(case.await.unwrap());
        }
        assert!(stalled >= 16, "only {stalled} calls were stalled");
    }
}

scenario! {
    /// The change is taken back while a listener of the user's own still leads to the group that has the former name.
    async fn a_former_name_that_a_listener_of_the_users_own_holds_is_an_error_at_once() {
        let fake = quick();
        let mut terraform = endpoint(&fake, &fake.url()).await;
        let named = |name: &str| config([nested("kubernetes_api", [("target_group_name", name.into())])]);
        terraform.apply_well(&named("first")).await;
        let first = terraform.text("kubernetes_api_target_group_arn").to_owned();
        let guest = foreign::listener(&fake, terraform.text("arn"), &first, "8080");
        let told = terraform.apply(&named("second")).await;
        assert!(!told.has_error(), "{}", text(&told));
        let (before, begun) = (fake.inventory().listeners, std::time::Instant::now());
        let told = terraform.apply(&named("first")).await;
        assert_eq!(errors(&told), ["Still in use"], "{}", text(&told));
        assert!(text(&told).contains(&guest) && text(&told).contains(&first), "{}", text(&told));
        assert!(begun.elapsed().as_secs() < 20);
        assert!(fake.inventory().listeners == before, "something was moved");
        foreign::act(&fake.url(), "DeleteListener", &[("ListenerArn", &guest)]);
        terraform.apply_well(&named("first")).await;
        assert_tidy(&fake);
    }
}

scenario! {
    /// It was not made here, and moves when its owner moves it. Until then the group stays, and nothing is touched.
    async fn a_listener_of_the_users_own_keeps_the_replaced_group() {
        let fake = quick();
        let mut terraform = endpoint(&fake, &fake.url()).await;
        let old = terraform.text("kubernetes_api_target_group_arn").to_owned();
        let guest = foreign::listener(&fake, terraform.text("arn"), &old, "8080");
        for attempt in 1..=2 {
            let told = terraform.apply(&on_port(7443)).await;
            assert!(!told.has_error(), "{}", text(&told));
            let said = text(&told);
            assert!(said.contains("A replaced target group is still in use") && said.contains(&guest), "{said}");
            let now = fake.inventory();
            assert!(now.listeners.contains_key(&guest) && now.target_groups.contains_key(&old), "apply {attempt}");
            terraform.refresh().await;
            assert!(attempt == 1 || fake.mutating().is_empty(), "{:?}", fake.sequence());
            fake.clear();
        }
        let params = [
            ("ListenerArn", guest.as_str()),
            ("DefaultActions.member.1.Type", "forward"),
            ("DefaultActions.member.1.TargetGroupArn", terraform.text("kubernetes_api_target_group_arn")),
        ];
        foreign::act(&fake.url(), "ModifyListener", &params);
        terraform.apply_well(&on_port(7443)).await;
        let now = fake.inventory();
        assert!(now.listeners.contains_key(&guest) && !now.target_groups.contains_key(&old));
    }
}

/// One listener, and a group of this family behind it.
fn of_family(family: &str) -> Value {
    let dualstack = ("ip_address_type", "dualstack".into());
    config([nested("talos_api", [("enabled", false.into())]), dualstack, ("target_ip_address_type", family.into())])
}

/// The change of the family is killed once the old group is gone, so that no state names a group; then it is taken back.
async fn taken_back_after(n: usize) -> Option<String> {
    let fake = quick();
    let mut before = Terraform::at(&fake.url()).await;
    before.apply_well(&of_family("ipv4")).await;
    let (killed, mut after) = before.killed_after(n, &fake.url(), &of_family("ipv6")).await;
    let action = killed.ok()?.action;
    after.apply_well(&of_family("ipv4")).await;
    assert_eq!(after.arns(), foreign::arns(&fake), "after call {n}");
    let groups = fake.inventory().target_groups;
    let families: Vec<&str> = groups.values().map(|group| group.field("IpAddressType")).collect();
    assert_eq!(families, ["ipv4"], "after call {n}, {action}");
    Some(action)
}

scenario! {
    async fn a_group_of_another_family_behind_the_listener_is_replaced() {
        let cases = (1..=9).map(|n| tokio::spawn(taken_back_after(n)));
        let mut actions = Vec::new();
        for case in cases.collect::<Vec<_>>() {
            actions.extend(case.await.unwrap());
        }
        assert!(actions.contains(&"DeleteTargetGroup".to_owned()), "{actions:?}");
    }
}

scenario! {
    /// The run that goes on is killed too, before it has removed what the first one has left: that is still found.
    async fn what_the_first_of_two_killed_runs_left_is_removed() {
        let cases = (1..=8).map(|n| tokio::spawn(async move {
            let fake = quick();
            let before = endpoint(&fake, &fake.url()).await;
            let named = |name: &str| config([nested("kubernetes_api", [("target_group_name", name.into())])]);
            let (killed, after) = before.killed_after(5, &fake.url(), &named("first")).await;
            killed.expect("the first run has made its group");
            let (_, mut last) = after.killed_after(n, &fake.url(), &on_port(7443)).await;
            last.apply_well(&on_port(6443)).await;
            assert_eq!(last.arns(), foreign::arns(&fake), "after call {n}");
            fake.assert_never_empty();
        }));
        for case in cases.collect::<Vec<_>>() {
            case.await.unwrap();
        }
    }
}
