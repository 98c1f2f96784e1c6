//! Values that are known only at apply, and a provider block made of such.

use lab::need;

use crate::bench::{Arguments, Bench};

/// Everything that commonly comes from other resources.
const FROM_OTHERS: Arguments = &[
    ("subnet_ids", "terraform_data.network.output.subnets"),
    ("security_group_ids", "[terraform_data.network.output.group]"),
    ("tags", "{ of = terraform_data.network.output.tag }"),
    ("vpc_id", "terraform_data.network.output.vpc"),
    ("blocks", NETWORK),
];

const NETWORK: &str = r#"
resource "terraform_data" "network" {
  input = { subnets = ["SUBNET_A", "SUBNET_B"], group = "GROUP_A", tag = "first", vpc = "VPC" }
}
"#;

const OTHER_NETWORK: &str = r#"
resource "terraform_data" "network" {
  input = { subnets = ["SUBNET_A", "SUBNET_C"], group = "GROUP_B", tag = "second", vpc = "VPC" }
}
"#;

#[test]
fn a_network_that_is_made_in_the_same_run() {
    let bench = need!(Bench::start());
    bench.apply(FROM_OTHERS);
    let made = bench.moto.inventory();
    let balancer = made.load_balancer("lab-api-nlb");
    assert_eq!(balancer.fields_like("AvailabilityZones.", ".SubnetId"), [bench.id("SUBNET_A"), bench.id("SUBNET_B")]);
    assert_eq!(balancer.tags["of"], "first");
    bench.terraform.assert_settled();

    let mut changed = FROM_OTHERS.to_vec();
    changed.push(("blocks", OTHER_NETWORK));
    bench.apply(&changed);
    assert_eq!(bench.mutations(), "AddTags SetSecurityGroups SetSubnets");
    let made = bench.moto.inventory();
    let balancer = made.load_balancer("lab-api-nlb");
    assert_eq!(balancer.fields_like("SecurityGroups.", ""), [bench.id("GROUP_B")]);
    assert_eq!(balancer.tags["of"], "second");
    bench.terraform.assert_settled();
    bench.destroy();
}

/// The whole set of groups is unknown, so it can't be seen at plan that the first group is to be added.
#[test]
fn what_turns_out_to_be_a_replacement_at_apply_is_refused() {
    const GROUPS: &str = r#"resource "terraform_data" "groups" { input = toset(["GROUP_A"]) }"#;
    let bench = need!(Bench::start());
    bench.apply(&[]);
    let arn = bench.text("arn");
    let changed: Arguments = &[("security_group_ids", "terraform_data.groups.output"), ("blocks", GROUPS)];
    bench.configure(changed);
    bench.forget_calls();
    let said = bench.terraform.apply().with_status(1).flat();
    assert!(said.contains("1 to add, 1 to change"), "planned as an update: {said}");
    assert!(said.contains("Error: This change would replace the load balancer"), "{said}");
    assert_eq!(bench.mutations(), "");
    assert_eq!(bench.text("arn"), arn);
    bench.apply(&[]);
    bench.destroy();
}

/// With permission to replace, Terraform would call it a mistake of the provider: so it is refused at plan, unless the length is known.
#[test]
fn a_first_security_group_with_permission_to_replace() {
    const GROUPS: &str = r#"resource "terraform_data" "groups" { input = toset(["GROUP_A"]) }"#;
    const ONE: &str = r#"resource "terraform_data" "group" { input = "GROUP_A" }"#;
    let bench = need!(Bench::start());
    bench.apply(&[("allow_replacement", "true")]);
    let arn = bench.text("arn");
    let whole: Arguments =
        &[("allow_replacement", "true"), ("security_group_ids", "terraform_data.groups.output"), ("blocks", GROUPS)];
    bench.configure(whole);
    let said = bench.terraform.apply().with_status(1).flat();
    assert!(said.contains("Error: Not known yet whether the load balancer is replaced"), "{said}");
    assert!(!said.contains("inconsistent final plan"), "{said}");
    assert_eq!(bench.text("arn"), arn);
    let literal: Arguments =
        &[("allow_replacement", "true"), ("security_group_ids", "[terraform_data.group.output]"), ("blocks", ONE)];
    bench.configure(literal);
    let planned = bench.terraform.plan().with_status(2).flat();
    assert!(planned.contains("talosendpoint_nlb.this must be replaced"), "{planned}");
    bench.apply(literal);
    assert_ne!(bench.text("arn"), arn);
    bench.terraform.assert_settled();
    // From some to others nothing has to be decided.
    let more = r#"resource "terraform_data" "groups" { input = toset(["GROUP_A", "GROUP_B"]) }"#;
    let arn = bench.text("arn");
    bench.apply(&[
        ("allow_replacement", "true"),
        ("security_group_ids", "terraform_data.groups.output"),
        ("blocks", more),
    ]);
    assert_eq!(bench.text("arn"), arn);
    bench.destroy();
}

/// Without that permission, a list whose length is known is refused at plan already.
#[test]
fn a_first_security_group_in_a_literal_is_refused_at_plan() {
    const ONE: &str = r#"resource "terraform_data" "group" { input = "GROUP_A" }"#;
    let bench = need!(Bench::start());
    bench.apply(&[]);
    bench.configure(&[("security_group_ids", "[terraform_data.group.output]"), ("blocks", ONE)]);
    let said = bench.terraform.plan().with_status(1).flat();
    assert!(said.contains("Error: This change would replace the load balancer"), "{said}");
    bench.apply(&[]);
    bench.destroy();
}

#[test]
fn a_provider_block_that_is_not_known_yet() {
    let bench = need!(Bench::start());
    bench.apply(&[]);
    let arn = bench.text("arn");
    for (aws, blocks) in [
        ("region = terraform_data.region.output", r#"resource "terraform_data" "region" { input = "us-east-1" }"#),
        (
            "default_tags = { team = terraform_data.team.output }",
            r#"resource "terraform_data" "team" { input = "platform" }"#,
        ),
    ] {
        let arguments: Arguments = &[("provider", aws), ("blocks", blocks)];
        bench.configure(arguments);
        bench.forget_calls();
        let planned = bench.terraform.plan().with_status(2);
        assert!(planned.flat().contains("Warning: State not refreshed"), "{}", planned.said());
        assert!(bench.proxy.calls().is_empty(), "no call is possible");
        bench.apply(arguments);
        assert_eq!(bench.text("arn"), arn);
        let settled = bench.terraform.plan().with_status(0);
        assert!(!settled.flat().contains("Not compared"), "{}", settled.said());
    }
    assert_eq!(bench.moto.inventory().load_balancer("lab-api-nlb").tags["team"], "platform");
    bench.destroy();
}

#[test]
fn a_first_apply_under_a_provider_block_that_is_not_known_yet() {
    let bench = need!(Bench::start());
    bench.apply(&[
        ("provider", "region = terraform_data.region.output, default_tags = { team = terraform_data.region.id }"),
        ("blocks", r#"resource "terraform_data" "region" { input = "us-east-1" }"#),
    ]);
    assert_eq!(bench.text("region"), "us-east-1");
    bench.terraform.assert_settled();
    bench.destroy();
}
