//! What is refused before any call, and what a read does without access.

use crate::fake_stage;
use lab::terraform::REQUIRED;

use crate::stage::{ADDRESS, NODE, attachment, changes, close, groups, stored};

#[test]
fn every_problem_is_named_at_once_and_without_a_call() {
    let (fake, workspace, _venv) = fake_stage!();
    workspace.main(&format!(
        r#"{REQUIRED}
resource "talosendpoint_nlb_attachment" "values" {{
  target_id         = ""
  target_group_arns = ["prod-api-tg"]
  port              = 70000
  availability_zone = "use1-az1"
  timeouts          = {{ create = "soon" }}
}}
resource "talosendpoint_nlb_attachment" "none" {{
  target_id         = {NODE:?}
  target_group_arns = []
}}
resource "talosendpoint_nlb_attachment" "rules" {{
  target_id         = {NODE:?}
  availability_zone = "all"
  target_group_arns = [
    "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/a/1",
    "arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/a/1",
  ]
}}
"#
    ));
    let outcome = workspace.plan();
    assert_eq!(outcome.status, 1);
    let said = outcome.flat();
    for expected in [
        "must be an instance id such as",
        "must be the ARN of a target group",
        "must be a whole number from 1 to 65535",
        "the name of an Availability Zone",
        "must be a duration such as",
        "must have at least 1 element",
        "These target groups are in us-east-1, us-east-2.",
        "Remove `availability_zone`.",
    ] {
        assert!(said.contains(expected), "{expected}: {said}");
    }
    assert_eq!(fake.sequence(), Vec::<String>::new());
}

#[test]
fn another_account_is_left_alone() {
    let (fake, workspace, venv) = fake_stage!();
    let [a, b] = groups(&fake.url(), ["a", "b"]);
    workspace.main(&attachment(&[&a], ""));
    workspace.apply().ok();
    close(&venv, &fake);

    let elsewhere = "provider \"talosendpoint\" {\n  aws = { allowed_account_ids = [\"999999999999\"] }\n}\n";
    workspace.main(&(attachment(&[&a, &b], "") + elsewhere));
    for command in ["apply", "destroy"] {
        for refresh in ["-refresh=true", "-refresh=false"] {
            let outcome =
                workspace.run([command, "-auto-approve", "-input=false", "-no-color", refresh]).with_status(1);
            assert!(outcome.flat().contains("Not this AWS account"), "{command} {refresh}: {}", outcome.said());
        }
    }
    assert_eq!(fake.sequence(), Vec::<String>::new());
    assert_eq!(stored(&workspace), [a]);
}

#[test]
fn without_access_a_read_keeps_the_state_and_says_so() {
    let (fake, workspace, venv) = fake_stage!();
    let [a] = groups(&fake.url(), ["a"]);
    let config = |region: &str| {
        let provider = format!(
            "resource \"terraform_data\" \"region\" {{ input = {region:?} }}\n\
             provider \"talosendpoint\" {{\n  aws = {{ region = terraform_data.region.output }}\n}}\n"
        );
        attachment(&[&a], "") + &provider
    };
    workspace.main(&config("us-east-1"));
    workspace.apply().ok();
    assert_eq!(workspace.plan().status, 0);
    close(&venv, &fake);

    workspace.main(&config("eu-central-1"));
    let outcome = workspace.plan().with_status(2);
    assert!(outcome.flat().contains("Warning: State not refreshed"), "{}", outcome.said());
    assert_eq!(fake.sequence(), Vec::<String>::new());
    workspace.apply().ok();
    assert_eq!(workspace.attributes(ADDRESS).expect("kept")["id"], NODE);
    assert_eq!(changes(&fake), Vec::<String>::new());
    workspace.plan().with_status(0);
    let regions: Vec<String> = fake.calls().into_iter().map(|call| call.region).collect();
    assert!(regions.iter().all(|region| region == "us-east-1"), "the ARN's, whatever the provider says: {regions:?}");
    close(&venv, &fake);
}
