//! `terraform query`: what exists is found, written down and imported without a change.

use lab::need;
use lab::process::Outcome;
use lab::programs::{Feature, terraform, terraform_with};

use crate::bench::{Bench, MARKER};

/// Runs a query of these blocks.
fn query(bench: &Bench, blocks: &str, more: &[&str]) -> Outcome {
    bench.terraform.write("all.tfquery.hcl", blocks);
    bench.terraform.run([&["query", "-no-color"], more].concat())
}

fn block(kind: &str, name: &str, config: &str) -> String {
    format!(
        "list \"talosendpoint_{kind}\" \"{name}\" {{\n  provider = talosendpoint\n  include_resource = true\n  config {{\n    {config}\n  }}\n}}\n"
    )
}

#[test]
fn what_is_found_is_imported_without_a_change() {
    need!(terraform_with(Feature::Query));
    let mut bench = need!(Bench::start());
    let node = r#"
resource "talosendpoint_nlb_attachment" "node" {
  target_id         = "i-0123456789abcdef0"
  target_group_arns = talosendpoint_nlb.this.control_plane_target_group_arns
}
"#;
    bench.apply(&[("tags", r#"{ cluster = "lab" }"#), ("blocks", node)]);
    let arn = bench.text("arn");
    bench.renew_workspace();
    bench.terraform.main(&bench.header(""));
    bench.forget_calls();
    for (filters, found) in [
        (r#"name_prefix = "lab-""#, true),
        (r#"tags = { cluster = "lab" }"#, true),
        (r#"tags = { cluster = "other" }"#, false),
        (r#"name_prefix = "other-""#, false),
    ] {
        let said = query(&bench, &block("nlb", "all", filters), &[]).ok().flat();
        assert_eq!(said.contains(&arn), found, "{filters}: {said}");
        assert_eq!(said.contains("lab-api-nlb"), found, "{filters}: {said}");
    }
    let refused = query(&bench, &block("nlb_attachment", "nodes", r#"load_balancer_arn = "lab-api-nlb""#), &[]);
    assert!(refused.status != 0 && refused.flat().contains("must be the ARN of a load balancer"), "{}", refused.said());

    let nodes = block("nlb_attachment", "nodes", &format!("load_balancer_arn = {arn:?}"));
    let blocks = block("nlb", "all", r#"name_prefix = "lab-""#) + &nodes;
    let said = query(&bench, &blocks, &["-generate-config-out=found.tf"]).ok().flat();
    assert!(said.contains("i-0123456789abcdef0"), "{said}");
    let written = bench.terraform.read("found.tf");
    for part in ["identity = {", "talosendpoint_nlb_attachment", &arn] {
        assert!(written.contains(part), "{part} is not in {written}");
    }
    assert_eq!(bench.mutations(), "", "a query changes nothing");
    let said = bench.terraform.apply().ok().flat();
    // The tags are those that are there, and managed from now on.
    assert!(said.contains("2 imported, 0 added, 1 changed, 0 destroyed"), "{said}\n{written}");
    assert_eq!(bench.mutations(), "AddTags", "{written}");
    bench.terraform.assert_settled();
    for pinned in ["host ", "deregistration_delay", "timeouts", "drain", "target_group_name", "allow_replacement"] {
        assert!(!written.contains(&format!("  {pinned}")), "{pinned} is what it is without being written: {written}");
    }
    assert!(written.contains("cluster = \"lab\""), "{written}");
    assert!(!bench.moto.inventory().load_balancer("lab-api-nlb").tags.contains_key(MARKER));
    bench.destroy();
}

/// The lists are in the schema that every CLI reads: none of those without `query` may stumble over them.
#[test]
fn an_older_cli_sees_no_lists() {
    let program = need!(terraform());
    if terraform_with(Feature::Query).is_ok() {
        return;
    }
    let bench = need!(Bench::start());
    bench.configure(&[]);
    let schemas = bench.terraform.run(["providers", "schema", "-json"]).ok().stdout;
    assert!(schemas.contains("talosendpoint_nlb_attachment"), "{}", program.display());
    assert!(!schemas.contains("list_resource") && !schemas.contains("name_prefix"), "{}", program.display());
}
