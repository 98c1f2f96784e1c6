//! Creates on a bad day that end well, or end at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use lab::fake::Fake;
use lab::fake::settings::Ending;
use lab::faults::{Fault, error};
use lab::proxy::Proxy;

use crate::child::scenario;
use crate::config::{config, worker};
use crate::foreign;
use crate::terraform::{Terraform, errors, text};

/// A stand-in on which load balancers are active at once.
pub fn quick() -> Fake {
    let fake = Fake::start();
    fake.set(|settings| settings.provisioning_describes = 0);
    fake
}

scenario! {
    /// Names are looked up before anything is made, protection comes last, and the marker stays until a read finds it in a state.
    async fn the_order_of_calls() {
        let fake = quick();
        let mut terraform = Terraform::at(&fake.url()).await;
        let config = config([("enable_deletion_protection", true.into()), worker()]);
        let told = terraform.apply(&config).await;
        assert!(!told.has_error(), "{}", text(&told));
        let calls = fake.calls();
        let first = calls.iter().position(|call| call.is_mutating()).unwrap();
        let names: Vec<&str> = calls[..first].iter().flat_map(|call| call.list("Names")).collect();
        for name in ["prod-api-nlb", "prod-api-tg", "prod-apid-tg", "prod-wk-apid-tg"] {
            assert!(names.contains(&name), "{name} was not looked up first: {names:?}");
        }
        assert_eq!(calls[first].action, "CreateLoadBalancer");
        let last = fake.mutating().pop().unwrap();
        assert_eq!(last.pairs("Attributes", "Key", "Value"), [("deletion_protection.enabled", "true")]);
        assert_eq!(calls.last().unwrap().number, last.number, "nothing comes after protection");
        assert_eq!(foreign::marked(&fake).len(), 7, "until a state is read that names it, the marker is on everything");
        terraform.refresh().await;
        assert_eq!(foreign::marked(&fake), Vec::<String>::new());
        terraform.assert_unchanged(&config).await;
    }
}

scenario! {
    async fn groups_and_listeners_are_made_while_it_is_provisioned() {
        let fake = Fake::start();
        fake.set(|settings| settings.provisioning_describes = 2);
        let mut terraform = Terraform::at(&fake.url()).await;
        terraform.apply_well(&config([])).await;
        let calls = fake.calls();
        let looks: Vec<_> = calls
            .iter()
            .filter(|call| call.action == "DescribeLoadBalancers" && !call.list("LoadBalancerArns").is_empty())
            .collect();
        let listeners = fake.of("CreateListener");
        assert!(listeners.iter().all(|call| call.number < looks[0].number), "{:?}", fake.sequence());
        let waited = looks[1].started - looks[0].started;
        assert!(waited >= Duration::from_millis(1900), "polls {waited:?} apart");
    }
}

scenario! {
    async fn an_impaired_load_balancer_serves() {
        let fake = quick();
        fake.set(|settings| settings.provisioning_ends = Ending::Impaired("a zone is slow".to_owned()));
        Terraform::at(&fake.url()).await.apply_well(&config([])).await;
    }
}

scenario! {
    async fn a_failed_load_balancer_ends_the_create_at_once_and_can_be_removed() {
        let fake = quick();
        fake.set(|settings| settings.provisioning_ends = Ending::Failed("no free addresses".to_owned()));
        let mut terraform = Terraform::at(&fake.url()).await;
        let told = terraform.apply(&config([])).await;
        assert_eq!(errors(&told), ["AWS could not set up the load balancer"]);
        assert!(text(&told).contains("`prod-api-nlb` is in the state `failed`: no free addresses."), "{}", text(&told));
        assert_eq!(terraform.arns(), foreign::arns(&fake));
        fake.set(|settings| settings.provisioning_ends = Ending::Active);
        terraform.apply_well(&config([])).await;
        assert_eq!(fake.of("DeleteLoadBalancer").len(), 1, "a tainted load balancer is made anew");
        let told = terraform.destroy().await;
        assert!(told.is_empty() && fake.inventory().is_empty(), "{}", text(&told));
    }
}

scenario! {
    async fn what_is_forbidden_while_it_is_provisioned_is_repeated() {
        let fake = Fake::start();
        fake.set(|settings| {
            settings.provisioning_time = Duration::from_secs(5);
            settings.refused_while_provisioning = ["CreateListener", "ModifyLoadBalancerAttributes"].map(str::to_owned).into();
        });
        let mut terraform = Terraform::at(&fake.url()).await;
        terraform.apply_well(&config([("enable_cross_zone_load_balancing", true.into())])).await;
        assert!(fake.of("CreateListener").iter().any(|call| call.status == 200));
    }
}

scenario! {
    async fn a_failed_load_balancer_ends_the_repetition_too() {
        let fake = Fake::start();
        fake.set(|settings| {
            settings.provisioning_describes = 1;
            settings.provisioning_ends = Ending::Failed("quota".to_owned());
        });
        fake.fail(Fault::new("CreateListener", 400, "OperationNotPermitted", "not in the active state").always());
        let mut terraform = Terraform::at(&fake.url()).await;
        let told = terraform.apply(&config([])).await;
        assert!(errors(&told).contains(&"AWS could not set up the load balancer"), "{}", text(&told));
    }
}

scenario! {
    async fn what_was_just_made_may_not_be_found_at_first() {
        let fake = Fake::start();
        fake.set(|settings| settings.not_found_after_create = 1);
        let mut terraform = Terraform::at(&fake.url()).await;
        terraform.apply_well(&config([("enable_cross_zone_load_balancing", true.into()), ("tcp_idle_timeout", 600.into())])).await;
    }
}

scenario! {
    async fn throttling_and_server_errors_are_repeated() {
        let fake = quick();
        for action in ["CreateLoadBalancer", "DescribeTags", "ModifyTargetGroupAttributes"] {
            fake.fail(Fault::throttling(action));
        }
        fake.fail(Fault::new("CreateTargetGroup", 503, "ServiceUnavailable", "try again"));
        fake.fail(Fault::new("CreateListener", 400, "ThrottlingException", "Rate exceeded"));
        Terraform::at(&fake.url()).await.apply_well(&config([])).await;
    }
}

scenario! {
    /// A create that has its effect but answers with a server error is repeated by the SDK and then answers what exists.
    async fn a_create_that_answers_500_after_all() {
        let fake = quick();
        let proxy = Proxy::start(&fake.url());
        for action in ["CreateLoadBalancer", "CreateTargetGroup", "CreateListener"] {
            let done = Arc::new(AtomicBool::new(false));
            proxy.on_reply(action, move |call, reply| {
                if !done.swap(true, Ordering::Relaxed) {
                    *reply = error(&call.service, 500, "InternalFailure", "it was made all the same");
                }
            });
        }
        let mut terraform = Terraform::at(&proxy.url()).await;
        terraform.apply_well(&config([])).await;
        assert_eq!(terraform.arns(), foreign::arns(&fake));
    }
}
