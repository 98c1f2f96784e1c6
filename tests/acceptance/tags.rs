//! Tags in plan and state: what is said to be managed is exactly what is.

use serde_json::json;

use lab::need;

use crate::bench::{Bench, MARKER};

const TEAM: (&str, &str) = ("provider", r#"default_tags = { team = "platform", owner = "nobody" }"#);

#[test]
fn the_state_names_the_managed_tags_and_no_others() {
    let bench = need!(Bench::start());
    bench.apply(&[TEAM, ("tags", r#"{ owner = "lab" }"#)]);
    assert_eq!(bench.attribute("tags"), json!({ "owner": "lab" }));
    let all = json!({ "owner": "lab", "team": "platform" });
    assert_eq!(bench.attribute("tags_all"), all);
    let somebody = |value: &str| {
        let tag = [
            ("ResourceArns.member.1", bench.text("arn")),
            ("Tags.member.1.Key", "backup".to_owned()),
            ("Tags.member.1.Value", value.to_owned()),
        ];
        bench.somebody("AddTags", &tag.each_ref().map(|(name, value)| (*name, value.as_str())));
    };
    somebody("daily");
    bench.terraform.assert_settled();
    bench.terraform.run(["apply", "-refresh-only", "-auto-approve", "-no-color"]).ok();
    assert_eq!(bench.attribute("tags_all"), all, "foreign keys are not ours");

    // A foreign key becomes ours once it is configured, and goes when it no longer is.
    bench.apply(&[TEAM, ("tags", r#"{ owner = "lab", backup = "weekly" }"#)]);
    assert_eq!(bench.moto.inventory().load_balancer("lab-api-nlb").tags["backup"], "weekly");
    bench.apply(&[TEAM, ("tags", r#"{ owner = "lab" }"#)]);
    assert!(!bench.moto.inventory().load_balancer("lab-api-nlb").tags.contains_key("backup"));
    somebody("hourly");
    bench.terraform.assert_settled();
    bench.destroy();
}

#[test]
fn of_tags_that_are_not_known_yet_the_plan_keeps_what_is() {
    const LATER: &str = r#"
resource "terraform_data" "later" {
  input = { value = "known later", all = { stage = "test" } }
}
"#;
    let bench = need!(Bench::start());
    bench.configure(&[
        TEAM,
        ("blocks", LATER),
        ("tags", "{ owner = terraform_data.later.output.value, fixed = \"yes\" }"),
    ]);
    let planned = bench.terraform.plan_json();
    let change = change(&planned);
    assert_eq!(change["after"]["tags_all"], json!({ "fixed": "yes", "team": "platform" }), "owner is not known");
    assert_eq!(change["after_unknown"]["tags_all"], json!({ "owner": true }));
    bench.terraform.apply().ok();
    assert_eq!(bench.attribute("tags_all"), json!({ "fixed": "yes", "owner": "known later", "team": "platform" }));
    bench.terraform.assert_settled();

    // All of it unknown: an update in place, in which nothing is lost that stays.
    bench.configure(&[
        TEAM,
        ("blocks", &LATER.replace("known later", "changed")),
        ("tags", "terraform_data.later.output.all"),
    ]);
    bench.forget_calls();
    bench.terraform.apply().ok();
    assert_eq!(bench.mutations(), "AddTags RemoveTags");
    let made = bench.moto.inventory();
    let tags = &made.load_balancer("lab-api-nlb").tags;
    let expected = [("owner", "nobody"), ("stage", "test"), ("team", "platform")];
    assert_eq!(tags.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect::<Vec<_>>(), expected);
    assert!(!tags.contains_key(MARKER));
    bench.terraform.assert_settled();
    bench.destroy();
}

fn change(planned: &serde_json::Value) -> &serde_json::Value {
    let changes = planned["resource_changes"].as_array().expect("changes");
    let of_it = changes.iter().find(|change| change["address"] == "talosendpoint_nlb.this");
    &of_it.expect("a change of the load balancer")["change"]
}
