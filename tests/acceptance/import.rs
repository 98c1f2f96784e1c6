//! Load balancers that were not made here: the guide's layout and one with other names, made by plain calls.

use lab::need;

use crate::bench::{Arguments, Bench};

/// The guide's layout in our words.
const GUIDE: Arguments = &[
    ("name", r#""e-talos""#),
    ("internal", "false"),
    ("connection_termination", "false"),
    ("worker_talos_api", "{ port = 50001 }"),
];

const ADDRESS: &str = "talosendpoint_nlb.this";

const OUR_NAMES: [&str; 4] = ["e-talos-api-nlb", "e-talos-api-tg", "e-talos-apid-tg", "e-talos-wk-apid-tg"];
const OTHER_NAMES: [&str; 4] = ["k8s", "six", "fifty", "fifty-workers"];

/// Makes the guide's layout, and gives the ARN of the load balancer.
fn guide(bench: &Bench, [balancer, groups @ ..]: [&str; 4]) -> String {
    let arn = balancer_of(bench, balancer, "network");
    for (name, [port, target]) in groups.into_iter().zip([["6443", "6443"], ["50000", "50000"], ["50001", "50000"]]) {
        let group = bench.somebody_makes(
            "CreateTargetGroup",
            "TargetGroupArn",
            &[
                ("Name", name),
                ("Protocol", "TCP"),
                ("Port", target),
                ("VpcId", bench.id("VPC")),
                ("HealthCheckProtocol", "TCP"),
                ("HealthCheckIntervalSeconds", "10"),
                ("HealthCheckTimeoutSeconds", "5"),
                ("HealthyThresholdCount", "2"),
                ("UnhealthyThresholdCount", "2"),
            ],
        );
        let attributes = [
            ("TargetGroupArn", group.as_str()),
            ("Attributes.member.1.Key", "preserve_client_ip.enabled"),
            ("Attributes.member.1.Value", "true"),
            ("Attributes.member.2.Key", "deregistration_delay.timeout_seconds"),
            ("Attributes.member.2.Value", "30"),
        ];
        bench.somebody("ModifyTargetGroupAttributes", &attributes);
        let listener = [
            ("LoadBalancerArn", arn.as_str()),
            ("Protocol", "TCP"),
            ("Port", port),
            ("DefaultActions.member.1.Type", "forward"),
            ("DefaultActions.member.1.TargetGroupArn", &group),
        ];
        bench.somebody("CreateListener", &listener);
    }
    arn
}

fn balancer_of(bench: &Bench, name: &str, kind: &str) -> String {
    let params = [
        ("Name", name),
        ("Type", kind),
        ("Scheme", "internet-facing"),
        ("Subnets.member.1", bench.id("SUBNET_A")),
        ("Subnets.member.2", bench.id("SUBNET_B")),
    ];
    bench.somebody_makes("CreateLoadBalancer", "LoadBalancerArn", &params)
}

/// A block that imports `id`.
fn block(id: &str) -> String {
    format!("import {{\n  to = {ADDRESS}\n  id = {id:?}\n}}\n")
}

#[test]
fn the_guides_layout_is_imported_without_a_change() {
    let bench = need!(Bench::start());
    let arn = guide(&bench, OUR_NAMES);
    let before = bench.moto.inventory();
    bench.configure(GUIDE);
    for id in [arn.as_str(), "e-talos-api-nlb"] {
        bench.terraform.import(ADDRESS, id).ok();
        bench.terraform.assert_settled();
        assert_eq!(bench.mutations(), "");
        assert_eq!(bench.text("arn"), arn);
        bench.terraform.run(["state", "rm", ADDRESS]).ok();
    }
    let blocks = block(&arn);
    let mut with_block = GUIDE.to_vec();
    with_block.push(("blocks", &blocks));
    let said = bench.apply(&with_block).flat();
    assert!(said.contains("1 imported, 0 added, 0 changed, 0 destroyed"), "{said}");
    assert_eq!(bench.mutations(), "");
    assert_eq!(bench.moto.inventory(), before);
    bench.terraform.assert_settled();

    let mut tagged = GUIDE.to_vec();
    tagged.push(("tags", r#"{ team = "infra" }"#));
    bench.apply(&tagged);
    assert_eq!(bench.mutations(), "AddTags");
    bench.terraform.assert_settled();
    bench.destroy();
}

#[test]
fn tags_are_all_that_a_first_plan_changes() {
    let bench = need!(Bench::start());
    let blocks = block(&guide(&bench, OUR_NAMES));
    let mut arguments = GUIDE.to_vec();
    arguments.extend([("blocks", blocks.as_str()), ("provider", r#"default_tags = { team = "infra" }"#)]);
    bench.configure(&arguments);
    let plan = bench.terraform.plan_json();
    let change = &plan["resource_changes"][0]["change"];
    assert_eq!(change["actions"], serde_json::json!(["update"]));
    let [before, after] = ["before", "after"].map(|side| change[side].as_object().expect("an object"));
    let changed: Vec<&String> = after.keys().filter(|name| before.get(*name) != after.get(*name)).collect();
    assert_eq!(changed, ["tags_all"]);
    assert_eq!(change["after_unknown"].to_string().matches("true").count(), 0, "{}", change["after_unknown"]);
    bench.apply(&arguments);
    assert_eq!(bench.mutations(), "AddTags");
    bench.destroy();
}

#[test]
fn a_generated_configuration_is_valid_and_changes_nothing() {
    let bench = need!(Bench::start());
    let https = r#"{ health_check = { protocol = "HTTPS", path = "/readyz", matcher = "200,401" } }"#;
    let made: [Arguments; 2] = [
        &[("security_group_ids", r#"["GROUP_A"]"#), ("trustd", "{}"), ("deregistration_delay", "60")],
        &[
            ("name", r#""other""#),
            ("kubernetes_api", https),
            ("talos_api", "{ enabled = false }"),
            ("worker_talos_api", ""),
        ],
    ];
    let mut arns = vec![guide(&bench, OUR_NAMES), guide(&bench, OTHER_NAMES)];
    for arguments in made {
        bench.apply(arguments);
        arns.push(bench.text("arn"));
        bench.terraform.run(["state", "rm", ADDRESS]).ok();
    }
    bench.forget_calls();
    for arn in arns {
        let (header, import) = (bench.header(""), block(&arn));
        // Terraform 1.16.0-rc2 takes the provider for hashicorp's where neither a resource nor the block names it; beside a resource, none
        // takes the argument.
        let by_itself = import.replace("import {\n", "import {\n  provider = talosendpoint\n");
        bench.terraform.main(&(header.clone() + &by_itself));
        bench.terraform.run(["plan", "-input=false", "-no-color", "-generate-config-out=generated.tf"]).ok();
        bench.terraform.main(&(header + &import));
        let written = bench.terraform.read("generated.tf");
        let said = bench.terraform.apply().ok().flat();
        assert!(said.contains("1 imported, 0 added, 0 changed, 0 destroyed"), "{said}\n{written}");
        bench.terraform.assert_settled();
        assert_eq!(bench.mutations(), "");
        bench.terraform.destroy().ok();
        std::fs::remove_file(bench.terraform.path().join("generated.tf")).expect("it was written");
        bench.forget_calls();
    }
    bench.assert_nothing_left();
}

#[test]
fn other_names_can_be_said() {
    let bench = need!(Bench::start());
    let arn = guide(&bench, OTHER_NAMES);
    bench.configure(&[
        ("name", ""),
        ("load_balancer_name", r#""k8s""#),
        ("internal", "false"),
        ("connection_termination", "false"),
        ("kubernetes_api", r#"{ target_group_name = "six" }"#),
        ("talos_api", r#"{ target_group_name = "fifty" }"#),
        ("worker_talos_api", r#"{ port = 50001, target_group_name = "fifty-workers" }"#),
    ]);
    bench.terraform.import(ADDRESS, &arn).ok();
    bench.terraform.assert_settled();
    bench.destroy();
}

#[test]
fn what_the_configuration_does_not_name_is_let_go() {
    let bench = need!(Bench::start());
    let blocks = block(&guide(&bench, OUR_NAMES));
    let before = bench.moto.inventory();
    let without: Arguments = &[
        ("name", r#""e-talos""#),
        ("internal", "false"),
        ("connection_termination", "false"),
        ("worker_talos_api", ""),
        ("blocks", &blocks),
    ];
    let said = bench.apply(without).flat();
    assert!(said.contains("Warning: Imported, but not in the configuration"), "{said}");
    assert_eq!(bench.mutations(), "");
    assert_eq!(bench.moto.inventory(), before);
    assert_eq!(bench.attribute("listener_arns").as_object().map(|arns| arns.len()), Some(2));
    bench.terraform.assert_settled();
    // The second time it is our own, and goes.
    bench.apply(&[
        ("name", r#""e-talos""#),
        ("internal", "false"),
        ("connection_termination", "false"),
        ("worker_talos_api", ""),
        ("talos_api", "{ enabled = false }"),
    ]);
    assert_eq!(bench.mutations(), "DeleteListener DeleteTargetGroup");
    let left = bench.moto.inventory();
    assert_eq!((left.listeners.len(), left.target_groups.len()), (2, 2));
}

#[test]
fn what_can_not_be_imported_is_named() {
    let bench = need!(Bench::start());
    let application = balancer_of(&bench, "web", "application");
    bench.configure(&[]);
    for (id, reason) in [
        (application.as_str(), "Error: Not a Network Load Balancer"),
        ("web", "of the type `application`"),
        ("missing", "There is no load balancer \"missing\" in us-east-1"),
        (&application.replace("/web/", "/gone/"), "Error: No such load balancer"),
        ("a,b", "it is neither an ARN nor a name"),
    ] {
        let said = bench.terraform.import(ADDRESS, id).with_status(1).flat();
        assert!(said.contains(reason), "{id}: {said}");
    }
    assert_eq!(bench.mutations(), "");
}
