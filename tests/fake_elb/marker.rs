//! The marker stays on what a create has made until a read finds it in a state, and does no harm meanwhile: what serves somebody is
//! never taken over.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use lab::fake::Fake;
use lab::faults::Fault;
use lab::proxy::Proxy;

use crate::child::scenario;
use crate::config::config;
use crate::creation::quick;
use crate::foreign;
use crate::terraform::{Terraform, errors, text};

const MARKER: &str = "talosendpoint:creating";

/// A complete endpoint whose state was never stored: the CLI was killed after "Creation complete".
async fn made_and_lost(fake: &Fake) -> Terraform {
    let mut lost = Terraform::at(&fake.url()).await;
    let told = lost.apply(&config([])).await;
    assert!(!told.has_error(), "{}", text(&told));
    lost
}

fn register(fake: &Fake, group: &str) {
    let params =
        [("TargetGroupArn", group), ("Targets.member.1.Id", "i-00000000000000001"), ("Targets.member.1.Port", "6443")];
    foreign::act(&fake.url(), "RegisterTargets", &params);
}

scenario! {
    async fn what_was_made_and_not_stored_is_taken_over() {
        let fake = quick();
        let lost = made_and_lost(&fake).await;
        let mut terraform = Terraform::at(&fake.url()).await;
        terraform.apply_well(&config([])).await;
        assert_eq!(terraform.arns(), lost.arns());
        assert_eq!(foreign::marked(&fake), Vec::<String>::new());
    }
}

scenario! {
    /// An attachment of the lost run, or of another state, relies on it: it can be imported, and the plan is empty then.
    async fn what_serves_is_an_error_that_leads_to_an_empty_plan() {
        let fake = quick();
        let lost = made_and_lost(&fake).await;
        register(&fake, lost.text("talos_api_target_group_arn"));
        let before = fake.inventory();
        let mut terraform = Terraform::at(&fake.url()).await;
        fake.clear();
        let told = terraform.apply(&config([])).await;
        assert_eq!(errors(&told), ["The name is taken by something in use"], "{}", text(&told));
        assert_eq!(fake.mutating().len(), 0, "it was touched");
        let said = text(&told);
        assert!(said.contains(&format!("id = \"{}\"", lost.text("arn"))) && said.contains(MARKER), "{said}");
        let told = terraform.import(lost.text("arn")).await;
        assert!(!told.has_error(), "{}", text(&told));
        terraform.assert_unchanged(&config([])).await;
        assert_eq!(foreign::marked(&fake), Vec::<String>::new());
        assert_eq!(fake.inventory().load_balancers.len(), before.load_balancers.len());
    }
}

scenario! {
    /// Leftovers that don't fit would be removed: not while somebody relies on them.
    async fn what_serves_is_not_removed_because_it_does_not_fit() {
        let fake = quick();
        let lost = made_and_lost(&fake).await;
        register(&fake, lost.text("kubernetes_api_target_group_arn"));
        let mut terraform = Terraform::at(&fake.url()).await;
        let told = terraform.apply(&config([("internal", false.into())])).await;
        assert_eq!(errors(&told), ["The name is taken by something in use"], "{}", text(&told));
        assert_eq!(lost.arns(), foreign::arns(&fake));
    }
}

scenario! {
    async fn what_others_listen_on_serves() {
        let fake = quick();
        let lost = made_and_lost(&fake).await;
        let theirs = foreign::listener(&fake, lost.text("arn"), &foreign::group(&fake, "theirs", "8080"), "80");
        let mut terraform = Terraform::at(&fake.url()).await;
        let told = terraform.apply(&config([])).await;
        assert_eq!(errors(&told), ["The name is taken by something in use"]);
        assert!(text(&told).contains(&theirs), "{}", text(&told));
    }
}

scenario! {
    /// The load balancer was deleted outside, and the run that made it anew was killed: the groups with their targets are those of the state.
    async fn targets_of_our_own_groups_do_not_stand_in_the_way() {
        let fake = quick();
        let mut terraform = Terraform::at(&fake.url()).await;
        terraform.apply_well(&config([])).await;
        register(&fake, terraform.text("talos_api_target_group_arn"));
        foreign::act(&fake.url(), "DeleteLoadBalancer", &[("LoadBalancerArn", terraform.text("arn"))]);
        let mut killed = Terraform::at(&fake.url()).await;
        (killed.state, killed.private) = (terraform.state.clone(), terraform.private.clone());
        let told = killed.apply(&config([])).await;
        assert!(!told.has_error(), "{}", text(&told));
        terraform.apply_well(&config([])).await;
        assert_eq!(terraform.arns(), killed.arns());
        assert_eq!(foreign::marked(&fake), Vec::<String>::new());
    }
}

scenario! {
    /// What can't be seen is not taken for unused.
    async fn where_targets_can_not_be_read_nothing_is_taken_over() {
        let fake = quick();
        let lost = made_and_lost(&fake).await;
        fake.fail(Fault::access_denied("DescribeTargetHealth").always());
        let mut terraform = Terraform::at(&fake.url()).await;
        fake.clear();
        let told = terraform.apply(&config([])).await;
        assert_eq!(errors(&told), ["Access denied by AWS"]);
        assert_eq!(fake.mutating().len(), 0);
        assert_eq!(lost.arns(), foreign::arns(&fake));
    }
}

scenario! {
    /// A role that only plans: nothing is said, and it is tried once a process.
    async fn a_read_that_may_not_take_it_off_is_quiet() {
        let fake = quick();
        let mut terraform = made_and_lost(&fake).await;
        let proxy = Proxy::start(&fake.url());
        let asked = Arc::new(AtomicUsize::new(0));
        let counted = asked.clone();
        proxy.on("RemoveTags", move |call| {
            counted.fetch_add(1, Ordering::Relaxed);
            Some(lab::faults::error(&call.service, 403, "AccessDenied", "not allowed"))
        });
        terraform.configure(&proxy.url()).await;
        for _ in 0..3 {
            let told = terraform.refresh().await;
            assert!(told.is_empty(), "{}", text(&told));
        }
        assert_eq!(asked.load(Ordering::Relaxed), 1);
        assert_eq!(foreign::marked(&fake).len(), 5);
        let idle = config([("tcp_idle_timeout", 600.into())]);
        let told = terraform.apply(&idle).await;
        assert!(!told.has_error() && text(&told).contains("Permission RemoveTags is missing"), "{}", text(&told));
        // Another role may.
        let mut allowed = Terraform::at(&fake.url()).await;
        (allowed.state, allowed.private) = (terraform.state.clone(), terraform.private.clone());
        allowed.assert_unchanged(&idle).await;
        assert_eq!(foreign::marked(&fake), Vec::<String>::new());
    }
}

scenario! {
    /// `apply -refresh=false` right after the create: the update takes the marker off first.
    async fn an_update_takes_it_off_first() {
        let fake = quick();
        let mut terraform = made_and_lost(&fake).await;
        fake.clear();
        terraform.apply_without_refresh(&config([("tcp_idle_timeout", 600.into())])).await;
        assert_eq!(fake.mutating()[0].action, "RemoveTags");
        assert_eq!(foreign::marked(&fake), Vec::<String>::new());
    }
}

scenario! {
    /// Protection that is on stays on, marker or not: only what a failed create has left is removed although it is protected.
    async fn a_marker_does_not_weaken_protection() {
        let fake = quick();
        let mut terraform = Terraform::at(&fake.url()).await;
        let told = terraform.apply(&config([("enable_deletion_protection", true.into())])).await;
        assert!(!told.has_error(), "{}", text(&told));
        assert!(!foreign::marked(&fake).is_empty());
        assert_eq!(errors(&terraform.delete().await), ["AWS does not permit this now"]);
        assert_eq!(terraform.arns(), foreign::arns(&fake));
    }
}

scenario! {
    /// AddTags allowed for new things only: the create works, and says what is missing.
    async fn renewals_that_are_refused_are_told() {
        let fake = Fake::start();
        fake.set(|settings| settings.provisioning_describes = 2);
        fake.fail(Fault::access_denied("AddTags").always());
        let mut terraform = Terraform::at(&fake.url()).await;
        let told = terraform.apply(&config([])).await;
        assert!(!told.has_error() && text(&told).contains("Permission AddTags is missing"), "{}", text(&told));
        terraform.assert_unchanged(&config([])).await;
    }
}

scenario! {
    /// Renewals fail for longer than a lease, and another run takes over meanwhile: this one stops before its next change.
    async fn a_run_that_was_taken_for_dead_stops() {
        let fake = Fake::start();
        fake.set(|settings| settings.provisioning_describes = 4);
        let proxy = Proxy::start(&fake.url());
        let (url, done) = (fake.url(), Arc::new(AtomicBool::new(false)));
        proxy.on("AddTags", move |call| {
            if !done.swap(true, Ordering::Relaxed) {
                let params = [
                    ("ResourceArns.member.1", call.list("ResourceArns")[0]),
                    ("Tags.member.1.Key", MARKER),
                    ("Tags.member.1.Value", "fedcba9876543210/0"),
                ];
                foreign::act(&url, "AddTags", &params);
            }
            Some(lab::faults::error(&call.service, 503, "ServiceUnavailable", "throttled for long"))
        });
        let mut terraform = Terraform::at(&proxy.url()).await;
        let told = terraform.apply(&config([("enable_deletion_protection", true.into())])).await;
        assert_eq!(errors(&told), ["Another run is creating this endpoint"], "{}", text(&told));
        assert!(!terraform.arns().contains(&fake.inventory().load_balancers.keys().next().unwrap().clone()));
        let attribute = "deletion_protection.enabled";
        assert_ne!(fake.inventory().load_balancer("prod-api-nlb").attribute(attribute), "true", "it went on");
    }
}
