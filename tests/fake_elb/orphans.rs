//! Successors of killed runs whose change has become another one: removed with the next replacement, where they are surely nobody's.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use talosendpoint::framework::value::Value;

use lab::fake::Fake;
use lab::fake::settings::VPC;

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

/// The change to 7443 is killed after its n-th mutating call, and Terraform keeps the state from before.
async fn killed_after(n: usize) -> (Fake, Terraform) {
    let fake = quick();
    let mut before = Terraform::at(&fake.url()).await;
    before.apply_well(&on_port(6443)).await;
    let params = [
        ("TargetGroupArn", before.text("kubernetes_api_target_group_arn")),
        ("Targets.member.1.Id", "i-00000000000000001"),
        ("Targets.member.1.Port", "6443"),
    ];
    act(&fake.url(), "RegisterTargets", &params);
    let (killed, after) = before.killed_after(n, &fake.url(), &on_port(7443)).await;
    killed.expect("nothing was stalled");
    assert_eq!(groups(&fake).len(), 3, "the killed run has made its group");
    (fake, after)
}

/// The mutating calls after which a run is killed: the new group (after the tag), its attributes, its targets, and the probe listener with
/// which it waits for their health.
const KILLS: [usize; 4] = [2, 4, 5, 6];

async fn for_each_kill<F: Future<Output = ()> + Send + 'static>(then: fn(usize, Fake, Terraform) -> F) {
    let cases = KILLS.map(|n| {
        tokio::spawn(async move {
            let (fake, after) = killed_after(n).await;
            then(n, fake, after).await;
        })
    });
    for case in cases {
        case.await.unwrap();
    }
}

fn assert_only_ours(fake: &Fake, terraform: &Terraform, n: usize) {
    assert_eq!(terraform.arns(), foreign::arns(fake), "after call {n}");
    let balancers = fake.inventory().load_balancers;
    assert!(balancers.values().all(|balancer| !balancer.tags.contains_key("talosendpoint:handover")), "after call {n}");
}

scenario! {
    async fn another_change_removes_the_group_of_a_killed_one() {
        for_each_kill(|n, fake, mut after| async move {
            after.apply_well(&on_port(8443)).await;
            assert_eq!(groups(&fake).len(), 2, "after call {n}: {:?}", groups(&fake));
            assert_only_ours(&fake, &after, n);
            fake.assert_never_unhealthy();
        })
        .await;
    }
}

scenario! {
    /// The change is taken back: no attribute differs, and still the next plan shows an update, which removes group and probe listener.
    async fn taking_the_change_back_removes_what_a_killed_one_has_left() {
        for_each_kill(|n, fake, mut after| async move {
            after.apply_well(&on_port(6443)).await;
            assert_eq!(groups(&fake), ["prod-api-tg", "prod-apid-tg"], "after call {n}");
            assert_only_ours(&fake, &after, n);
            fake.assert_never_unhealthy();
        })
        .await;
    }
}

scenario! {
    async fn a_destroy_removes_what_a_killed_change_has_left() {
        for_each_kill(|n, fake, mut after| async move {
            let told = after.destroy().await;
            assert!(!told.has_error(), "{}", crate::terraform::text(&told));
            assert_eq!(foreign::arns(&fake), Vec::<String>::new(), "after call {n}");
        })
        .await;
    }
}

/// A group that has the name of a successor of ours, in `vpc`.
fn look_alike(fake: &Fake, port: i64) -> String {
    let name =
        talosendpoint::endpoint::nlb::plan::group_replacement::name("prod-api-tg", port, "instance", VPC, "ipv4");
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
        let done = Arc::new(AtomicBool::new(false));
        let over = Arc::clone(&done);
        let renewing = tokio::task::spawn_blocking(move || {
            let mut count = 2;
            while !over.load(Ordering::Relaxed) {
                std::thread::sleep(Duration::from_millis(100));
                let value = format!("0123456789abcdef/{count}");
                let params = [("ResourceArns.member.1", renewed.as_str()), ("Tags.member.1.Key", MARKER), ("Tags.member.1.Value", &value)];
                act(&url, "AddTags", &params);
                count += 1;
            }
        });
        fake.clear();
        let told = terraform.apply(&on_port(8443)).await;
        done.store(true, Ordering::Relaxed);
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
