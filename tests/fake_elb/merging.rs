//! Endpoints that are looked at in the same moment, as Terraform does with ten resources: fewer calls, the same answers.

use std::time::Duration;

use futures_util::future::join_all;

use talosendpoint::framework::value::Value;

use lab::fake::Fake;
use lab::faults::Fault;
use lab::proxy::Proxy;

use crate::child::scenario;
use crate::config::{config, worker};
use crate::creation::quick;
use crate::foreign;
use crate::terraform::{Terraform, errors, text};

/// `count` endpoints of three groups and three listeners in one directory: one provider reads them all.
async fn endpoints(fake: &Fake, count: usize) -> Vec<Terraform> {
    let first = Terraform::at(&fake.url()).await;
    let mut all = vec![first];
    all.extend((1..count).map(|_| all[0].beside()).collect::<Vec<_>>());
    for (number, endpoint) in all.iter_mut().enumerate() {
        endpoint.apply_well(&named(number)).await;
    }
    fake.clear();
    all
}

/// A proxy whose answers take as long as AWS's: questions that come meanwhile go together.
fn far_away(fake: &Fake) -> Proxy {
    let proxy = Proxy::start(&fake.url());
    proxy.on_reply("*", |_, _| std::thread::sleep(Duration::from_millis(600)));
    proxy
}

fn named(number: usize) -> Value {
    config([("name", format!("prod-{number}").into()), worker()])
}

/// Reads all at once, and gives what was said of each.
async fn refresh(endpoints: &mut [Terraform]) -> Vec<String> {
    join_all(endpoints.iter_mut().map(|endpoint| async { text(&endpoint.refresh().await) })).await
}

scenario! {
    async fn ten_endpoints_take_few_more_calls_than_their_attributes() {
        let fake = quick();
        let mut all = endpoints(&fake, 10).await;
        let proxy = far_away(&fake);
        all[0].configure(&proxy.url()).await;
        let before: Vec<Value> = all.iter().map(|endpoint| endpoint.state.clone()).collect();
        assert!(refresh(&mut all).await.iter().all(String::is_empty));
        assert!(all.iter().map(|endpoint| &endpoint.state).eq(&before), "each got its own");
        let sequence = fake.sequence();
        // Seven looks at attributes each, and few others.
        assert!((70..90).contains(&sequence.len()), "{} calls: {sequence:?}", sequence.len());
        for action in ["DescribeLoadBalancers", "DescribeTargetGroups", "DescribeListeners"] {
            assert!(fake.of(action).len() <= 5, "{action}: {sequence:?}");
        }
        let tags: Vec<usize> = fake.of("DescribeTags").iter().map(|call| call.list("ResourceArns").len()).collect();
        assert!(tags.len() <= 8 && tags.iter().all(|size| *size <= 20), "{tags:?}");
    }
}

scenario! {
    /// AWS takes twenty in one call, and here are more.
    async fn the_twenty_first_is_another_call() {
        let fake = quick();
        let mut all = endpoints(&fake, 21).await;
        assert!(refresh(&mut all).await.iter().all(String::is_empty));
        let arns: Vec<usize> =
            fake.of("DescribeLoadBalancers").iter().map(|call| call.list("LoadBalancerArns").len()).collect();
        assert_eq!(arns.iter().sum::<usize>(), 21, "{arns:?}");
        assert!(arns.len() > 1 && arns.iter().all(|size| *size <= 20), "{arns:?}");
    }
}

scenario! {
    async fn a_lost_endpoint_hides_no_other() {
        let fake = quick();
        let mut all = endpoints(&fake, 4).await;
        let arn = all[2].text("arn").to_owned();
        let group = all[1].text("kubernetes_api_target_group_arn").to_owned();
        foreign::act(&fake.url(), "DeleteLoadBalancer", &[("LoadBalancerArn", &arn)]);
        foreign::act(&fake.url(), "DeleteListener", &[("ListenerArn", &listener(&all[1]))]);
        foreign::act(&fake.url(), "DeleteTargetGroup", &[("TargetGroupArn", &group)]);
        assert!(refresh(&mut all).await.iter().all(String::is_empty));
        let left: Vec<usize> = all.iter().map(|endpoint| endpoint.arns().len()).collect();
        assert_eq!(left, [7, 5, 3, 7]);
        for number in [0, 3] {
            all[number].assert_unchanged(&named(number)).await;
        }
    }
}

fn listener(endpoint: &Terraform) -> String {
    let listeners = endpoint.state.attribute("listener_arns").unwrap();
    listeners.entries().unwrap()["kubernetes_api"].as_str().unwrap().to_owned()
}

scenario! {
    /// A call that AWS goes on refusing is not taken apart into more.
    async fn throttling_is_not_answered_by_more_calls() {
        let fake = quick();
        let mut all = endpoints(&fake, 5).await;
        fake.fail(Fault::throttling("DescribeTags").always());
        let told = join_all(all.iter_mut().map(|endpoint| endpoint.refresh())).await;
        for said in &told {
            assert_eq!(errors(said), ["AWS is throttling this account"]);
        }
        // Five questions of seven ARNs are three calls, with two repetitions by the SDK each.
        assert!(fake.of("DescribeTags").len() <= 12, "{}", fake.of("DescribeTags").len());
        assert!(all.iter().all(|endpoint| endpoint.arns().len() == 7), "nothing is forgotten");
    }
}

scenario! {
    async fn regions_are_never_mixed() {
        let fake = quick();
        let mut all = endpoints(&fake, 2).await;
        let elsewhere = "eu-central-1";
        let Value::Object(state) = &mut all[1].state else { unreachable!() };
        state.insert("region".into(), elsewhere.into());
        assert!(refresh(&mut all).await.iter().all(String::is_empty));
        for call in fake.calls() {
            let of_second = call.params.iter().any(|(_, value)| value.contains("prod-1"));
            let of_first = call.params.iter().any(|(_, value)| value.contains("prod-0"));
            assert_ne!(of_first, of_second, "{}: {:?}", call.action, call.params);
            assert_eq!(call.region, if of_second { elsewhere } else { "us-east-1" });
        }
        assert_eq!(fake.calls().len(), 22);
    }
}
