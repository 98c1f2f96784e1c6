//! Two resources of one directory that want, or have, the same load balancer or the same name.

use talosendpoint::framework::diagnostic::Diagnostics;
use talosendpoint::framework::engine::{PREFLIGHT_LIMIT, PlanRequest, PlanResponse};
use talosendpoint::framework::value::Value;

use lab::fake::Fake;

use crate::child::scenario;
use crate::config::{config, nested};
use crate::creation::quick;
use crate::terraform::{NLB, Terraform, errors, text};

const TWICE: &str = "Another resource has this load balancer";

/// An endpoint, and a second address of the same directory that has nothing yet.
async fn two(fake: &Fake) -> (Terraform, Terraform) {
    let mut first = Terraform::at(&fake.url()).await;
    first.apply_well(&config([])).await;
    fake.clear();
    let second = first.beside();
    (first, second)
}

/// What Terraform does with each stored object at the beginning of a walk.
fn upgrade(of: &Terraform) {
    let upgraded = of.engine.upgrade(NLB, 0, of.state.clone());
    assert!(upgraded.diagnostics.is_empty(), "{:?}", upgraded.diagnostics);
}

/// A copy of `of` under another address, as an import by an earlier build has left it.
fn copy(of: &Terraform) -> Terraform {
    let mut copy = of.beside();
    (copy.state, copy.private) = (of.state.clone(), of.private.clone());
    copy
}

async fn next_walk(fake: &Fake, of: &Terraform) {
    of.configure(&fake.url()).await;
    upgrade(of);
}

fn titles(diagnostics: &Diagnostics) -> Vec<String> {
    diagnostics.iter().map(|said| format!("{}: {}", said.path, said.title)).collect()
}

scenario! {
    async fn what_another_resource_has_is_not_imported() {
        let fake = quick();
        let (first, mut second) = two(&fake).await;
        let arn = first.text("arn").to_owned();
        for id in [arn.as_str(), "prod-api-nlb"] {
            next_walk(&fake, &first).await;
            let told = second.import(id).await;
            assert_eq!(errors(&told), [TWICE], "{}", text(&told));
            assert!(text(&told).contains(&arn) && text(&told).contains("terraform state mv"), "{}", text(&told));
            assert!(second.state.is_null());
        }
        assert!(fake.mutating().is_empty());
    }
}

scenario! {
    /// The state of the other one may be read later than the import can wait: then the read after it says so, or the plan.
    async fn an_import_that_came_first_is_found_too() {
        let fake = quick();
        let (first, mut second) = two(&fake).await;
        first.configure(&fake.url()).await;
        assert!(second.import(first.text("arn")).await.is_empty());
        upgrade(&first);
        assert_eq!(errors(&second.refresh().await), [TWICE]);
        assert!(first.plan_in_this_walk(&config([])).await.diagnostics.is_empty());
        assert_eq!(errors(&second.plan_in_this_walk(&config([])).await.diagnostics), [TWICE]);
    }
}

scenario! {
    async fn a_copy_is_reported_and_never_takes_the_load_balancer_along() {
        let fake = quick();
        let (first, _) = two(&fake).await;
        let second = copy(&first);
        next_walk(&fake, &first).await;
        assert!(first.plan_in_this_walk(&config([])).await.diagnostics.is_empty());
        let told = second.plan_in_this_walk(&config([])).await.diagnostics;
        assert_eq!((titles(&told), told.has_error()), (vec![format!(": {TWICE}")], false));
        for destroyed_first in [true, false] {
            next_walk(&fake, &first).await;
            let told = if destroyed_first {
                assert!(second.plan_destroy_in_this_walk().await.is_empty());
                first.plan_in_this_walk(&config([])).await.diagnostics
            } else {
                assert!(first.plan_in_this_walk(&config([])).await.diagnostics.is_empty());
                second.plan_destroy_in_this_walk().await
            };
            assert_eq!(errors(&told), [TWICE]);
            assert!(text(&told).contains("removed {"), "{}", text(&told));
        }
        // Where all are destroyed, nobody loses it.
        next_walk(&fake, &first).await;
        assert!(first.plan_destroy_in_this_walk().await.is_empty());
        assert!(second.plan_destroy_in_this_walk().await.is_empty());
    }
}

scenario! {
    async fn two_creates_of_one_name_are_refused_at_plan() {
        let fake = quick();
        let first = Terraform::at(&fake.url()).await;
        let plan = async |config: Value| first.plan_in_this_walk(&config).await.diagnostics;
        assert!(plan(config([])).await.is_empty());
        let told = plan(config([])).await;
        assert_eq!(titles(&told), ["name: Load balancer name used twice"], "{}", text(&told));
        assert!(text(&told).contains("`prod-api-nlb`"), "{}", text(&told));
        let group = nested("talos_api", [("target_group_name", "prod-api-tg".into())]);
        let told = plan(config([("name", "other".into()), group])).await;
        assert_eq!(titles(&told), ["talos_api.target_group_name: Target group name used twice"]);
        assert!(plan(config([("name", "third".into()), ("region", "eu-north-1".into())])).await.is_empty());
        assert!(plan(config([("region", "eu-north-1".into())])).await.is_empty(), "the same name in another region");
        assert!(fake.mutating().is_empty());
    }
}

/// The plan of a replacement that only Terraform knows of (`-replace`): the object is planned as it is, then as a create.
async fn second_plan(of: &Terraform, first: &PlanResponse) -> Diagnostics {
    let request =
        PlanRequest { config: config([]), prior: Value::Null, proposed: config([]), private: first.private.clone() };
    of.engine.plan(NLB, request, tokio::time::sleep(PREFLIGHT_LIMIT)).await.diagnostics
}

scenario! {
    async fn the_name_of_a_stored_one_is_refused_and_its_own_replacement_is_not() {
        let fake = quick();
        let (first, second) = two(&fake).await;
        next_walk(&fake, &first).await;
        let planned = first.plan_in_this_walk(&config([])).await;
        assert!(planned.diagnostics.is_empty());
        assert!(second_plan(&first, &planned).await.is_empty(), "its own replacement");
        next_walk(&fake, &first).await;
        let planned = first.plan_in_this_walk(&config([])).await;
        let told = second.plan_in_this_walk(&config([])).await.diagnostics;
        assert_eq!(titles(&told), ["name: Load balancer name used twice"], "{}", text(&told));
        let told = second_plan(&first, &planned).await;
        assert_eq!(titles(&told), ["name: Load balancer name used twice"], "both want it now");
        // The create is planned first, and its predecessor's plan comes late.
        next_walk(&fake, &first).await;
        assert!(second.plan_in_this_walk(&config([])).await.diagnostics.is_empty());
        let told = first.plan_in_this_walk(&config([])).await.diagnostics;
        assert_eq!(titles(&told), ["name: Load balancer name used twice"]);
        assert!(fake.mutating().is_empty());
    }
}
