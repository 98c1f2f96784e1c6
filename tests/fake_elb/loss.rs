//! Answers that never come: what exists is in the state all the same, and the next run works.

use std::time::{Duration, Instant};

use talosendpoint::framework::value::Value;

use lab::proxy::Proxy;

use crate::child::scenario;
use crate::config::{config, limit};
use crate::creation::quick;
use crate::foreign;
use crate::terraform::{Terraform, errors, text};

/// A call that is under way may take 3 s after the stop, looking at what it made another 5 s.
const AFTER_STOP: Duration = Duration::from_secs(12);

enum Next {
    Apply,
    Destroy,
}

/// The answer to the n-th mutating call, which is an `action`, is withheld, and the user presses Ctrl-C.
async fn stopped(n: usize, action: &str, next: Next) {
    let fake = quick();
    let proxy = Proxy::start(&fake.url());
    let mut terraform = Terraform::at(&proxy.url()).await;
    proxy.stall_after(n);
    let (engine, config) = (terraform.engine.clone(), config([]));
    let (told, (proxy, stalled, at)) = tokio::join!(terraform.apply(&config), async {
        let waiting = tokio::task::spawn_blocking(move || {
            let stalled = proxy.wait_stalled(Duration::from_secs(20));
            engine.stop();
            (proxy, stalled, Instant::now())
        });
        waiting.await.unwrap()
    });
    assert_eq!(stalled.expect("nothing was stalled").action, action);
    assert!(at.elapsed() < AFTER_STOP, "{:?} after the stop", at.elapsed());
    assert_eq!(errors(&told), ["Interrupted"], "{}", text(&told));
    assert_eq!(terraform.arns(), foreign::arns(&fake), "what exists is not what the state names");
    assert!(terraform.tainted);
    proxy.release();
    terraform.configure(&fake.url()).await;
    match next {
        Next::Apply => terraform.apply_well(&config).await,
        Next::Destroy => {
            let told = terraform.destroy().await;
            assert!(told.is_empty(), "{}", text(&told));
            assert_eq!(terraform.state, Value::Null);
            assert!(fake.inventory().is_empty());
        }
    }
}

scenario! {
    async fn of_create_load_balancer() {
        stopped(1, "CreateLoadBalancer", Next::Apply).await;
    }
}

scenario! {
    async fn of_create_target_group() {
        stopped(3, "CreateTargetGroup", Next::Destroy).await;
    }
}

scenario! {
    async fn of_create_listener() {
        stopped(7, "CreateListener", Next::Apply).await;
    }
}

scenario! {
    async fn time_is_up() {
        let fake = quick();
        let proxy = Proxy::start(&fake.url());
        let mut terraform = Terraform::at(&proxy.url()).await;
        proxy.stall_after(6);
        let begin = Instant::now();
        let told = terraform.apply(&config([limit("2s")])).await;
        assert!(begin.elapsed() < AFTER_STOP, "{:?}", begin.elapsed());
        assert_eq!(errors(&told), ["Timed out"], "{}", text(&told));
        assert_eq!(terraform.arns(), foreign::arns(&fake));
        proxy.release();
        terraform.configure(&fake.url()).await;
        terraform.apply_well(&config([])).await;
    }
}

scenario! {
    /// An update that makes a listener: what it made is in the state, which is not tainted, and the next apply completes it.
    async fn of_an_update() {
        let fake = quick();
        let proxy = Proxy::start(&fake.url());
        let mut terraform = Terraform::at(&proxy.url()).await;
        terraform.apply_well(&config([])).await;
        proxy.stall_after(1);
        let with_trustd = || [crate::config::nested("trustd", []), limit("2s")];
        let told = terraform.apply(&config(with_trustd())).await;
        assert_eq!(errors(&told), ["Timed out"], "{}", text(&told));
        assert_eq!(terraform.arns(), foreign::arns(&fake));
        proxy.release();
        terraform.configure(&fake.url()).await;
        terraform.apply_well(&config([with_trustd()[0].clone()])).await;
        assert_eq!(fake.of("CreateLoadBalancer").len(), 1);
        assert_eq!(foreign::marked(&fake), Vec::<String>::new());
    }
}
