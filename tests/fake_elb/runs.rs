//! Runs that were ended, and runs at the same time.

use lab::fake::Fake;
use lab::fake::settings::VPC;
use lab::proxy::Proxy;

use crate::child::scenario;
use crate::config::{config, nested};
use crate::creation::quick;
use crate::foreign;
use crate::terraform::{Terraform, errors, text};

const MARKER: &str = "talosendpoint:creating";

scenario! {
    async fn of_two_runs_with_one_name_exactly_one_wins() {
        let fake = Fake::start();
        // The winner is still at it when the loser finds its marker.
        fake.set(|settings| settings.provisioning_time = std::time::Duration::from_secs(5));
        let (mut one, mut other) = (Terraform::at(&fake.url()).await, Terraform::at(&fake.url()).await);
        let config = config([]);
        let (first, second) = tokio::join!(one.apply(&config), other.apply(&config));
        let (winner, loser, told) = if first.has_error() { (other, one, first) } else { (one, other, second) };
        assert_eq!(errors(&told), ["Another run is creating this endpoint"], "{}", text(&told));
        assert_eq!(loser.arns(), Vec::<String>::new());
        assert_eq!(winner.arns(), foreign::arns(&fake));
        let mut winner = winner;
        winner.assert_unchanged(&config).await;
    }
}

scenario! {
    /// With `vpc_id` groups and load balancer are made at the same time: nobody ever has what the other made.
    async fn two_runs_never_share_a_part() {
        let fake = Fake::start();
        let (mut one, mut other) = (Terraform::at(&fake.url()).await, Terraform::at(&fake.url()).await);
        let config = config([("vpc_id", VPC.into())]);
        let (first, second) = tokio::join!(one.apply(&config), other.apply(&config));
        assert!(first.has_error() || second.has_error());
        assert!(one.arns().iter().all(|arn| !other.arns().contains(arn)), "{:?} {:?}", one.arns(), other.arns());
        let loser = if first.has_error() { &mut one } else { &mut other };
        let told = loser.destroy().await;
        assert!(told.is_empty(), "{}", text(&told));
    }
}

scenario! {
    async fn a_run_that_begins_later_says_that_another_one_is_at_it() {
        let fake = Fake::start();
        fake.set(|settings| settings.provisioning_describes = 3);
        let proxy = Proxy::start(&fake.url());
        let (mut one, mut other) = (Terraform::at(&proxy.url()).await, Terraform::at(&fake.url()).await);
        let config = config([]);
        let later = async {
            while !fake.of("CreateLoadBalancer").iter().any(|call| call.status == 200) {
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
            other.apply(&config).await
        };
        let (first, second) = tokio::join!(one.apply(&config), later);
        assert!(!first.has_error(), "{}", text(&first));
        assert_eq!(errors(&second), ["Another run is creating this endpoint"], "{}", text(&second));
        assert!(text(&second).contains("`prod-api-nlb`"));
    }
}

/// What a dead run has left: a load balancer, a group and a listener, each with its marker.
fn leftovers(fake: &Fake, scheme: &str, port: &str) -> [String; 3] {
    let balancer = foreign::balancer(fake, "prod-api-nlb", scheme);
    let group = foreign::group(fake, "prod-api-tg", port);
    let listener = foreign::listener(fake, &balancer, &group, "6443");
    let left = [balancer, group, listener];
    left.iter().for_each(|arn| foreign::tag(fake, arn, MARKER, "0123456789abcdef/4"));
    left
}

scenario! {
    async fn a_leftover_is_watched_and_taken_over() {
        let fake = quick();
        let left = leftovers(&fake, "internal", "6443");
        foreign::tag(&fake, &left[0], "theirs", "stays");
        let mut terraform = Terraform::at(&fake.url()).await;
        let config = config([("tcp_idle_timeout", 600.into())]);
        let begin = std::time::Instant::now();
        terraform.apply_well(&config).await;
        assert!(begin.elapsed().as_secs() >= 3, "the lease was not watched");
        assert!(left.iter().all(|arn| terraform.arns().contains(arn)), "something was made anew");
        assert_eq!(terraform.arns(), foreign::arns(&fake));
        assert_eq!(foreign::marked(&fake), Vec::<String>::new());
        assert_eq!(fake.inventory().load_balancers[&left[0]].tags["theirs"], "stays");
    }
}

scenario! {
    async fn leftovers_of_another_scheme_are_removed() {
        let fake = quick();
        let left = leftovers(&fake, "internet-facing", "6443");
        let mut terraform = Terraform::at(&fake.url()).await;
        terraform.apply_well(&config([])).await;
        assert!(left.iter().all(|arn| !terraform.arns().contains(arn)));
        assert_eq!(terraform.arns(), foreign::arns(&fake));
    }
}

scenario! {
    async fn leftovers_with_another_port_are_removed() {
        let fake = quick();
        leftovers(&fake, "internal", "7000");
        let mut terraform = Terraform::at(&fake.url()).await;
        terraform.apply_well(&config([])).await;
        assert_eq!(terraform.arns(), foreign::arns(&fake));
        assert_eq!(fake.inventory().target_group("prod-api-tg").field("Port"), "6443");
    }
}

scenario! {
    /// A dead update has left a group and a listener beside a load balancer that is in the state.
    async fn leftovers_of_an_update_that_do_not_fit_are_removed() {
        let fake = quick();
        let mut terraform = Terraform::at(&fake.url()).await;
        terraform.apply_well(&config([])).await;
        let group = foreign::group(&fake, "prod-trustd-tg", "7000");
        let listener = foreign::listener(&fake, terraform.text("arn"), &group, "50001");
        [&group, &listener].into_iter().for_each(|arn| foreign::tag(&fake, arn, MARKER, "0123456789abcdef/4"));
        terraform.apply_well(&config([nested("trustd", [])])).await;
        assert!(!terraform.arns().contains(&group));
        assert_eq!(terraform.arns(), foreign::arns(&fake));
    }
}

scenario! {
    async fn only_the_marker_of_our_own_run_is_taken_off_by_a_read() {
        let fake = quick();
        let mut terraform = Terraform::at(&fake.url()).await;
        let told = terraform.apply(&config([])).await;
        assert!(!told.has_error(), "{}", text(&told));
        let arn = terraform.text("arn").to_owned();
        foreign::tag(&fake, &arn, MARKER, "fedcba9876543210/1");
        for _ in 0..2 {
            let told = text(&terraform.refresh().await);
            assert!(told.contains("Also managed by another state") && told.contains(&arn), "{told}");
            assert_eq!(foreign::marked(&fake), std::slice::from_ref(&arn), "ours must go, that of another run must stay");
        }
        assert_eq!(foreign::marked(&fake), [arn]);
    }
}

scenario! {
    /// The answer to the last call of a create is lost: protection is on, nobody relies on the load balancer.
    async fn a_create_that_failed_after_switching_protection_on_can_be_removed() {
        let fake = quick();
        let proxy = Proxy::start(&fake.url());
        let mut terraform = Terraform::at(&proxy.url()).await;
        let config = config([("enable_deletion_protection", true.into())]);
        proxy.on_reply("ModifyLoadBalancerAttributes", |call, reply| {
            *reply = lab::faults::error(&call.service, 403, "AccessDenied", "performed, and refused by accident");
        });
        let told = terraform.apply(&config).await;
        assert_eq!(errors(&told), ["Access denied by AWS"]);
        proxy.behave();
        assert!(terraform.tainted);
        let attribute = "deletion_protection.enabled";
        assert_eq!(fake.inventory().load_balancer("prod-api-nlb").attribute(attribute), "true");
        terraform.apply_well(&config).await;
        assert_eq!(fake.of("DeleteLoadBalancer").iter().filter(|call| call.status == 200).count(), 1);
    }
}

/// A copy of a state whose load balancer gets a listener by the other copy, which has not been read since.
async fn updated_elsewhere(fake: &Fake) -> (Terraform, Terraform) {
    let mut here = Terraform::at(&fake.url()).await;
    here.apply_well(&config([])).await;
    let mut elsewhere = Terraform::at(&fake.url()).await;
    (elsewhere.state, elsewhere.private) = (here.state.clone(), here.private.clone());
    let told = elsewhere.apply(&config([nested("trustd", [])])).await;
    assert!(!told.has_error(), "{}", text(&told));
    (here, elsewhere)
}

fn trustd_group(fake: &Fake) -> Option<String> {
    let groups = fake.inventory().target_groups.into_iter();
    groups.filter(|(_, group)| group.field("TargetGroupName") == "prod-trustd-tg").map(|(arn, _)| arn).next()
}

fn register(fake: &Fake, group: &str) {
    let params = [("TargetGroupArn", group), ("Targets.member.1.Id", "i-00000000000000001")];
    foreign::act(&fake.url(), "RegisterTargets", &params);
}

scenario! {
    async fn an_update_leaves_what_serves_another_state() {
        let fake = quick();
        let (mut here, mut elsewhere) = updated_elsewhere(&fake).await;
        let group = trustd_group(&fake).unwrap();
        register(&fake, &group);
        let told = text(&here.refresh().await);
        assert!(told.contains("An update was interrupted") && told.contains("talosendpoint:handover"), "{told}");
        let told = here.apply(&config([])).await;
        assert!(!told.has_error(), "{}", text(&told));
        let said = text(&told);
        assert!(said.contains("Parts of another update were left alone") && said.contains(&group), "{said}");
        assert_eq!(elsewhere.arns(), foreign::arns(&fake));
        here.assert_unchanged(&config([])).await;
        elsewhere.assert_unchanged(&config([nested("trustd", [])])).await;
    }
}

scenario! {
    /// Without targets they are what a killed run leaves.
    async fn an_update_removes_what_serves_nobody_after_a_warning() {
        let fake = quick();
        let (mut here, _) = updated_elsewhere(&fake).await;
        let told = here.apply(&config([])).await;
        assert!(!told.has_error() && text(&told).contains("An update was interrupted"), "{}", text(&told));
        assert_eq!(here.arns(), foreign::arns(&fake));
        here.assert_unchanged(&config([])).await;
    }
}

scenario! {
    async fn a_destroy_removes_what_an_unknown_update_made() {
        let fake = quick();
        let (mut here, _) = updated_elsewhere(&fake).await;
        register(&fake, &trustd_group(&fake).unwrap());
        let told = here.destroy().await;
        assert!(!told.has_error(), "{}", text(&told));
        assert_eq!(foreign::arns(&fake), Vec::<String>::new());
    }
}

scenario! {
    /// A create takes over a protected load balancer, tags it because it makes parts beside it, and fails: the next apply removes it.
    async fn a_create_that_failed_after_taking_over_can_be_removed() {
        let fake = quick();
        let balancer = foreign::balancer(&fake, "prod-api-nlb", "internal");
        foreign::tag(&fake, &balancer, MARKER, "0123456789abcdef/4");
        let attribute = "deletion_protection.enabled";
        let params = [
            ("LoadBalancerArn", balancer.as_str()),
            ("Attributes.member.1.Key", attribute),
            ("Attributes.member.1.Value", "true"),
        ];
        foreign::act(&fake.url(), "ModifyLoadBalancerAttributes", &params);
        fake.fail(lab::faults::Fault::new("CreateTargetGroup", 403, "AccessDenied", "not allowed"));
        let mut terraform = Terraform::at(&fake.url()).await;
        let config = config([("enable_deletion_protection", true.into())]);
        let told = terraform.apply(&config).await;
        assert_eq!(errors(&told), ["Access denied by AWS"], "{}", text(&told));
        assert!(terraform.tainted && terraform.arns().contains(&balancer));
        assert_eq!(fake.inventory().load_balancer("prod-api-nlb").attribute(attribute), "true");
        terraform.apply_well(&config).await;
        assert!(!terraform.arns().contains(&balancer));
        assert_eq!(terraform.arns(), foreign::arns(&fake));
    }
}

scenario! {
    /// A create failed; before its state is applied again, another state has taken over and completed what it left. The one that failed has
    /// none of it any longer.
    async fn what_another_state_has_completed_is_not_removed() {
        for attempt in ["destroy", "apply"] {
            let fake = quick();
            fake.fail(lab::faults::Fault::access_denied("CreateListener").times(1));
            let mut failed = Terraform::at(&fake.url()).await;
            assert!(failed.apply(&config([])).await.has_error() && failed.tainted);
            let mut other = Terraform::at(&fake.url()).await;
            other.apply_well(&config([])).await;
            assert!(other.arns().contains(&failed.text("arn").to_owned()));
            register(&fake, other.text("talos_api_target_group_arn"));
            let told = if attempt == "destroy" { failed.destroy().await } else { failed.apply(&config([])).await };
            let said = text(&told);
            assert!(said.contains("Left to another state") && said.contains(other.text("arn")), "{said}");
            if attempt == "apply" {
                assert_eq!(errors(&told), ["The name is taken"], "{said}");
            } else {
                assert!(!told.has_error(), "{said}");
            }
            assert_eq!(failed.arns(), Vec::<String>::new());
            assert_eq!(other.arns(), foreign::arns(&fake));
            other.assert_unchanged(&config([])).await;
        }
    }
}
