//! Two resources of one directory that want, or have, the same load balancer or the same name.

use lab::need;
use serde_json::Value as Json;

use crate::bench::Bench;

const TWICE: &str = "Another resource has this load balancer";

/// The blocks of these resources, with the same arguments.
fn resources(bench: &Bench, names: &[&str]) -> String {
    let blocks: Vec<String> = names.iter().map(|name| bench.resource(name, &[])).collect();
    bench.header("") + &blocks.concat()
}

#[test]
fn what_another_resource_has_is_not_imported() {
    let bench = need!(Bench::start());
    bench.apply(&[]);
    let arn = bench.text("arn");
    bench.terraform.main(&resources(&bench, &["this", "other"]));
    bench.forget_calls();
    let said = bench.terraform.import("talosendpoint_nlb.other", &arn).with_status(1).flat();
    assert!(said.contains(TWICE) && said.contains(&arn), "{said}");
    let block = format!("import {{\n  to = talosendpoint_nlb.other\n  id = {arn:?}\n}}\n");
    bench.terraform.main(&(resources(&bench, &["this", "other"]) + &block));
    let said = bench.terraform.plan().with_status(1).flat();
    assert!(said.contains(TWICE), "{said}");
    assert_eq!(bench.mutations(), "");
    bench.terraform.main(&resources(&bench, &["this"]));
    bench.terraform.assert_settled();
    bench.destroy();
}

/// As an import by an earlier version, or a hand in the state, has left it.
fn copy_in_the_state(bench: &Bench) {
    let mut state: Json = serde_json::from_str(&bench.terraform.read("terraform.tfstate")).unwrap();
    let mut copy = state["resources"][0].clone();
    copy["name"] = "other".into();
    state["serial"] = (state["serial"].as_u64().unwrap() + 1).into();
    state["resources"].as_array_mut().unwrap().push(copy);
    bench.terraform.write("terraform.tfstate", &state.to_string());
}

#[test]
fn removing_a_copy_does_not_take_the_load_balancer_along() {
    let bench = need!(Bench::start());
    bench.apply(&[]);
    copy_in_the_state(&bench);
    bench.terraform.main(&resources(&bench, &["this", "other"]));
    let said = bench.terraform.plan().with_status(0).flat();
    assert!(said.contains(&format!("Warning: {TWICE}")), "{said}");
    bench.terraform.main(&resources(&bench, &["this"]));
    bench.forget_calls();
    let said = bench.terraform.run(["apply", "-auto-approve", "-input=false", "-no-color"]).with_status(1).flat();
    assert!(said.contains(&format!("Error: {TWICE}")) && said.contains("removed {"), "{said}");
    assert_eq!(bench.mutations(), "");
    bench.terraform.run(["state", "rm", "talosendpoint_nlb.other"]).ok();
    bench.terraform.assert_settled();
    bench.destroy();
}

#[test]
fn two_resources_of_one_name_are_an_error_at_plan() {
    let bench = need!(Bench::start());
    bench.terraform.main(&resources(&bench, &["this", "other"]));
    let said = bench.terraform.plan().with_status(1).flat();
    assert!(said.contains("Error: Load balancer name used twice"), "{said}");
    bench.apply(&[]);
    bench.terraform.main(&resources(&bench, &["this", "other"]));
    bench.forget_calls();
    let said = bench.terraform.plan().with_status(1).flat();
    assert!(said.contains("Error: Load balancer name used twice"), "{said}");
    assert_eq!(bench.mutations(), "");
    // Its own replacement is no second one.
    bench.terraform.main(&resources(&bench, &["this"]));
    bench.terraform.run(["plan", "-input=false", "-no-color", "-replace=talosendpoint_nlb.this"]).ok();
    bench.destroy();
}
