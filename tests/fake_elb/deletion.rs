//! Destroys that AWS refuses or delays, and of what is gone already.

use talosendpoint::framework::value::Value;

use lab::fake::Fake;
use lab::faults::Fault;

use crate::child::scenario;
use crate::config::{config, worker};
use crate::creation::quick;
use crate::foreign;
use crate::terraform::{Terraform, errors, text};

async fn made(fake: &Fake) -> Terraform {
    let mut terraform = Terraform::at(&fake.url()).await;
    terraform.apply_well(&config([worker()])).await;
    terraform
}

scenario! {
    async fn protection_is_told_at_plan_and_leaves_everything_intact_at_apply() {
        let fake = quick();
        let mut terraform = Terraform::at(&fake.url()).await;
        terraform.apply_well(&config([("enable_deletion_protection", true.into())])).await;
        assert_eq!(errors(&terraform.plan_destroy().await), ["Deletion protection is on"]);
        let (before, state) = (fake.inventory(), terraform.state.clone());
        let told = terraform.delete().await;
        assert_eq!(errors(&told), ["AWS does not permit this now"], "{}", text(&told));
        assert!(text(&told).contains("enable_deletion_protection"));
        assert_eq!(fake.inventory(), before);
        assert_eq!(terraform.state, state);
        terraform.apply_well(&config([])).await;
        assert!(terraform.destroy().await.is_empty());
        assert!(fake.inventory().is_empty());
    }
}

scenario! {
    async fn groups_that_are_in_use_for_a_moment_are_tried_again() {
        let fake = quick();
        let mut terraform = made(&fake).await;
        fake.set(|settings| settings.group_in_use_after = 1);
        let told = terraform.destroy().await;
        assert!(told.is_empty(), "{}", text(&told));
        assert_eq!(terraform.state, Value::Null);
        assert!(fake.inventory().is_empty());
        let order: Vec<String> = fake.mutating().into_iter().map(|call| call.action).collect();
        let first = order.iter().position(|action| action.starts_with("Delete")).unwrap();
        assert_eq!(order[first], "DeleteLoadBalancer");
    }
}

scenario! {
    async fn a_load_balancer_behind_an_endpoint_service_is_explained_and_not_tried_again() {
        let fake = quick();
        let mut terraform = made(&fake).await;
        fake.set(|settings| settings.endpoint_service = true);
        let (before, state) = (fake.inventory(), terraform.state.clone());
        let told = terraform.destroy().await;
        assert_eq!(errors(&told), ["Still in use"]);
        assert!(text(&told).contains("VPC endpoint service"), "{}", text(&told));
        let deletes: Vec<String> =
            fake.mutating().into_iter().map(|call| call.action).filter(|action| action.starts_with("Delete")).collect();
        assert_eq!(deletes, ["DeleteLoadBalancer"]);
        assert_eq!((fake.inventory(), terraform.state), (before, state));
    }
}

scenario! {
    async fn it_is_waited_until_the_load_balancer_is_gone() {
        let fake = quick();
        let mut terraform = made(&fake).await;
        fake.set(|settings| settings.deleting_describes = 2);
        fake.clear();
        let told = terraform.destroy().await;
        assert!(told.is_empty(), "{}", text(&told));
        let looks = fake.of("DescribeLoadBalancers");
        assert_eq!(looks.last().unwrap().status, 400, "the last look finds nothing");
        assert_eq!(looks.len(), 4, "a read, two looks at what is going, one at nothing");
    }
}

scenario! {
    async fn what_is_gone_already_is_success() {
        let fake = quick();
        let mut terraform = made(&fake).await;
        let arns = foreign::arns(&fake);
        foreign::act(&fake.url(), "DeleteLoadBalancer", &[("LoadBalancerArn", terraform.text("arn"))]);
        for arn in arns.iter().filter(|arn| arn.contains(":targetgroup/")) {
            foreign::act(&fake.url(), "DeleteTargetGroup", &[("TargetGroupArn", arn)]);
        }
        assert!(fake.inventory().is_empty());
        let told = terraform.delete().await;
        assert!(told.is_empty() && terraform.state.is_null(), "{}", text(&told));
    }
}

scenario! {
    async fn groups_that_outlived_their_load_balancer_are_removed() {
        let fake = quick();
        let mut terraform = made(&fake).await;
        foreign::act(&fake.url(), "DeleteLoadBalancer", &[("LoadBalancerArn", terraform.text("arn"))]);
        let told = terraform.destroy().await;
        assert!(told.is_empty(), "{}", text(&told));
        assert!(fake.inventory().is_empty());
    }
}

scenario! {
    async fn a_destroy_that_fails_half_way_goes_on_next_time() {
        let fake = quick();
        let mut terraform = made(&fake).await;
        fake.fail(Fault::new("DeleteTargetGroup", 403, "AccessDenied", "not authorized").nth(2));
        let told = terraform.destroy().await;
        assert_eq!(errors(&told), ["Access denied by AWS"]);
        assert_eq!(terraform.arns(), foreign::arns(&fake), "what is left is not what the state names");
        let told = terraform.destroy().await;
        assert!(told.is_empty(), "{}", text(&told));
        assert!(fake.inventory().is_empty());
    }
}

scenario! {
    async fn a_load_balancer_that_was_removed_outside_is_made_again_beside_its_groups() {
        let fake = quick();
        let mut terraform = made(&fake).await;
        let groups: Vec<String> = fake.inventory().target_groups.into_keys().collect();
        foreign::act(&fake.url(), "DeleteLoadBalancer", &[("LoadBalancerArn", terraform.text("arn"))]);
        terraform.apply_well(&config([worker()])).await;
        assert_eq!(fake.inventory().target_groups.into_keys().collect::<Vec<_>>(), groups);
        assert_eq!(terraform.arns(), foreign::arns(&fake));
    }
}

/// The load balancer was deleted outside, and the run that made it anew was killed before Terraform had stored anything.
async fn remade_and_lost(fake: &Fake) -> (Terraform, String) {
    let terraform = made(fake).await;
    register(fake, terraform.text("talos_api_target_group_arn"));
    foreign::act(&fake.url(), "DeleteLoadBalancer", &[("LoadBalancerArn", terraform.text("arn"))]);
    let mut killed = Terraform::at(&fake.url()).await;
    (killed.state, killed.private) = (terraform.state.clone(), terraform.private.clone());
    let told = killed.apply(&config([worker()])).await;
    assert!(!told.has_error(), "{}", text(&told));
    let anew = killed.text("arn").to_owned();
    (terraform, anew)
}

fn register(fake: &Fake, group: &str) {
    let params = [("TargetGroupArn", group), ("Targets.member.1.Id", "i-00000000000000001")];
    foreign::act(&fake.url(), "RegisterTargets", &params);
}

scenario! {
    async fn a_load_balancer_that_a_killed_run_has_made_anew_goes_too() {
        let fake = quick();
        let (mut terraform, _) = remade_and_lost(&fake).await;
        let told = terraform.destroy().await;
        assert!(!told.has_error(), "{}", text(&told));
        assert!(fake.inventory().is_empty(), "{:#?}", fake.inventory());
    }
}

scenario! {
    /// Somebody relies on it, or has imported it and so taken its tag off: it stays, and the error says at once what holds the groups.
    async fn one_that_serves_others_stays() {
        for imported in [false, true] {
            let fake = quick();
            let (mut terraform, anew) = remade_and_lost(&fake).await;
            let theirs = foreign::listener(&fake, &anew, &foreign::group(&fake, "theirs", "8080"), "80");
            if imported {
                let tagged = foreign::marked(&fake);
                for arn in tagged {
                    let params = [("ResourceArns.member.1", arn.as_str()), ("TagKeys.member.1", "talosendpoint:creating")];
                    foreign::act(&fake.url(), "RemoveTags", &params);
                }
            }
            let before = fake.inventory();
            let begun = std::time::Instant::now();
            let told = terraform.destroy().await;
            let title = if imported { "Still in use" } else { "The name is taken by something in use" };
            assert_eq!(errors(&told), [title], "{}", text(&told));
            assert!(imported || text(&told).contains(&theirs), "{}", text(&told));
            assert!(begun.elapsed().as_secs() < 20);
            assert!(fake.inventory().load_balancers == before.load_balancers && fake.inventory().listeners == before.listeners);
        }
    }
}
