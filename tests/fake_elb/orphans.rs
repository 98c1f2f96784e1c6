//! Successors of killed runs whose change has become another one: removed with the next succession, where they are surely nobody's.

use std::time::Duration;

use talosendpoint::framework::value::Value;

use lab::fake::Fake;
use lab::fake::settings::VPC;
use lab::proxy::Proxy;

use crate::child::scenario;
use crate::config::{config, nested};
use crate::creation::quick;
use crate::foreign::{self, act, group, listener, tag};
use crate::terraform::Terraform;

const MARKER: &str = "talosendpoint:creating";

fn on_port(port: i64) -> Value {
    config([nested("kubernetes_api", [("target_port", port.into())])])
}

fn groups(fake: &Fake) -> Vec<String> {
    let all = fake.inventory().target_groups;
    let mut names: Vec<String> = all.values().map(|group| group.field("TargetGroupName").to_owned()).collect();
    names.sort();
    names
}

/// The change to 7443 is killed after its n-th mutating call; then another port is wanted.
async fn killed_after(n: usize) {
    let fake = quick();
    let mut before = Terraform::at(&fake.url()).await;
    before.apply_well(&on_port(6443)).await;
    let params = [
        ("TargetGroupArn", before.text("kubernetes_api_target_group_arn")),
        ("Targets.member.1.Id", "i-00000000000000001"),
        ("Targets.member.1.Port", "6443"),
    ];
    act(&fake.url(), "RegisterTargets", &params);
    let proxy = Proxy::start(&fake.url());
    before.configure(&proxy.url()).await;
    let (state, private) = (before.state.clone(), before.private.clone());
    // The first create of the new group; of the rest, the wait for its health with a probe listener is the last.
    proxy.stall_after(n);
    {
        let config = on_port(7443);
        let apply = before.apply(&config);
        let waiting = tokio::task::spawn_blocking(move || {
            let stalled = proxy.wait_stalled(Duration::from_secs(12));
            (proxy, stalled)
        });
        tokio::pin!(apply);
        tokio::select! {
            _ = &mut apply => panic!("nothing was stalled"),
            waited = waiting => assert!(waited.unwrap().1.is_some()),
        }
    }
    assert_eq!(groups(&fake).len(), 3, "the killed run has made its group");
    let mut after = Terraform::at(&fake.url()).await;
    (after.state, after.private) = (state, private);
    after.apply_well(&on_port(8443)).await;
    assert_eq!(groups(&fake).len(), 2, "after call {n}: {:?}", groups(&fake));
    assert_eq!(after.arns(), foreign::arns(&fake), "after call {n}");
    fake.assert_never_unhealthy();
}

scenario! {
    async fn another_change_removes_the_group_of_a_killed_one() {
        let cases = [1, 3, 4, 5].map(|n| tokio::spawn(killed_after(n)));
        for case in cases {
            case.await.unwrap();
        }
    }
}

/// A group that has the name of a successor of ours, in `vpc`.
fn look_alike(fake: &Fake, port: i64) -> String {
    let name = talosendpoint::endpoint::nlb::plan::group_replacement::name("prod-api-tg", port, "instance", VPC);
    group(fake, &name, &port.to_string())
}

scenario! {
    /// One without a marker, one with a live marker, one that somebody's listener uses, and one that is named for other settings.
    async fn what_may_be_somebodys_is_left() {
        let fake = quick();
        let mut terraform = Terraform::at(&fake.url()).await;
        terraform.apply_well(&on_port(6443)).await;
        let unmarked = look_alike(&fake, 7001);
        let [alive, used, dead] = [7002, 7003, 7004].map(|port| look_alike(&fake, port));
        let other = group(&fake, "prod-api-tg-0123abcd", "7005");
        for arn in [&alive, &used, &dead, &other] {
            tag(&fake, arn, MARKER, "0123456789abcdef/1");
        }
        listener(&fake, terraform.text("arn"), &used, "80");
        let url = fake.url();
        let renewed = alive.clone();
        let renewing = tokio::task::spawn_blocking(move || {
            for count in 2..40 {
                std::thread::sleep(Duration::from_millis(100));
                let value = format!("0123456789abcdef/{count}");
                let params = [("ResourceArns.member.1", renewed.as_str()), ("Tags.member.1.Key", MARKER), ("Tags.member.1.Value", &value)];
                act(&url, "AddTags", &params);
            }
        });
        fake.clear();
        let told = terraform.apply(&on_port(8443)).await;
        renewing.await.unwrap();
        assert!(!told.has_error(), "{}", crate::terraform::text(&told));
        let left = fake.inventory().target_groups;
        for arn in [&unmarked, &alive, &used, &other] {
            assert!(left.contains_key(arn), "{arn} is gone");
        }
        assert!(!left.contains_key(&dead));
    }
}

scenario! {
    /// All groups are asked for only where one is succeeded.
    async fn other_changes_do_not_look_for_them() {
        let fake = quick();
        let mut terraform = Terraform::at(&fake.url()).await;
        terraform.apply_well(&on_port(6443)).await;
        let all = |fake: &Fake| {
            let calls = fake.of("DescribeTargetGroups");
            calls.iter().filter(|call| call.list("Names").is_empty() && call.list("TargetGroupArns").is_empty()).count()
        };
        terraform.apply_well(&config([("tcp_idle_timeout", 600.into())])).await;
        assert_eq!(all(&fake), 0);
        terraform.apply_well(&on_port(7443)).await;
        assert_eq!(all(&fake), 1);
    }
}

scenario! {
    /// A remembered successor that somebody has deleted is made again.
    async fn a_remembered_successor_that_is_gone_is_made_again() {
        let fake = quick();
        let mut terraform = Terraform::at(&fake.url()).await;
        terraform.apply_well(&on_port(6443)).await;
        let group = terraform.text("kubernetes_api_target_group_arn").to_owned();
        let params = [("TargetGroupArn", group.as_str()), ("Targets.member.1.Id", "i-00000000000000001")];
        act(&fake.url(), "RegisterTargets", &params);
        fake.set(|settings| settings.initial_time = Duration::from_secs(3600));
        let limit = crate::config::limit("6s");
        let hasty = config([nested("kubernetes_api", [("target_port", 7443.into())]), limit]);
        // The target was registered before: it is healthy, its copy is not yet.
        assert!(terraform.apply(&hasty).await.has_error());
        fake.set(|settings| settings.initial_time = Duration::ZERO);
        let successor = fake.inventory().target_groups.into_iter().find(|(_, part)| part.field("Port") == "7443");
        act(&fake.url(), "DeleteTargetGroup", &[("TargetGroupArn", &successor.expect("it was made").0)]);
        terraform.apply_well(&on_port(7443)).await;
        assert_eq!(terraform.arns(), foreign::arns(&fake));
    }
}
