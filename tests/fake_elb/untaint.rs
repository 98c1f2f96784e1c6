//! A half-made endpoint that the user keeps (`terraform untaint`) is completed.

use lab::faults::Fault;

use crate::child::scenario;
use crate::config::config;
use crate::creation::quick;
use crate::foreign;
use crate::terraform::{Terraform, text};

scenario! {
    async fn the_next_apply_completes_it_and_takes_the_marker_off() {
        for action in ["CreateListener", "ModifyLoadBalancerAttributes"] {
            let fake = quick();
            fake.fail(Fault::access_denied(action).times(1));
            let mut terraform = Terraform::at(&fake.url()).await;
            let config = config([("enable_cross_zone_load_balancing", true.into())]);
            let told = terraform.apply(&config).await;
            assert!(told.has_error() && terraform.tainted, "{}", text(&told));
            let balancer = terraform.text("arn").to_owned();
            terraform.refresh().await;
            assert!(foreign::marked(&fake).contains(&balancer), "a tainted one keeps its marker");
            terraform.tainted = false;
            terraform.apply_well(&config).await;
            assert_eq!(terraform.text("arn"), balancer);
            assert_eq!(foreign::marked(&fake), Vec::<String>::new(), "{action}");
            assert_eq!(terraform.arns(), foreign::arns(&fake));
        }
    }
}

scenario! {
    /// Everything was made, and only the answer to the last call was an error: nothing is left to do but the marker.
    async fn where_nothing_is_missing_only_the_marker_comes_off() {
        let fake = quick();
        let proxy = lab::proxy::Proxy::start(&fake.url());
        let mut terraform = Terraform::at(&proxy.url()).await;
        proxy.on_reply("DescribeLoadBalancers", |call, reply| {
            if !call.list("LoadBalancerArns").is_empty() {
                *reply = lab::faults::error(&call.service, 403, "AccessDenied", "not now");
            }
        });
        let config = config([]);
        assert!(terraform.apply(&config).await.has_error());
        proxy.behave();
        terraform.tainted = false;
        fake.clear();
        terraform.apply_well(&config).await;
        let calls: Vec<String> = fake.mutating().into_iter().map(|call| call.action).collect();
        assert_eq!(calls, ["AddTags", "RemoveTags"]);
        assert_eq!(foreign::marked(&fake), Vec::<String>::new());
    }
}

scenario! {
    /// The update that was to complete it fails too: it is still this state's, and can be destroyed.
    async fn one_that_could_not_be_completed_can_be_destroyed() {
        let fake = quick();
        fake.fail(Fault::access_denied("CreateListener").times(1));
        let mut terraform = Terraform::at(&fake.url()).await;
        assert!(terraform.apply(&config([])).await.has_error());
        terraform.refresh().await;
        terraform.tainted = false;
        fake.fail(Fault::access_denied("CreateListener").times(1));
        assert!(terraform.apply(&config([])).await.has_error());
        let told = terraform.destroy().await;
        assert!(told.is_empty(), "{}", text(&told));
        assert_eq!(foreign::arns(&fake), Vec::<String>::new());
    }
}
