//! The configurations that users copy are well formed, and this provider takes them.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use talosendpoint::framework::provider::Provider;
use talosendpoint::provider::TalosEndpoint;

use lab::need;
use lab::programs::{self, Feature};
use lab::terraform::{REQUIRED, Workspace, provider};

use crate::{assert_none, root};

/// Modules and root modules.
const TREE: &str = "examples/terraform";

/// What of it needs another provider beside this one. Those tests that run it bring the other one along.
const WITH_OTHERS: [&str; 3] = ["modules/aws", "cluster/aws", "cluster/baremetal-files"];

/// Every folder under `examples/` that holds a configuration which needs no other provider.
fn folders() -> Vec<PathBuf> {
    let mut found = folders_under("examples");
    found.retain(|folder| !WITH_OTHERS.iter().any(|part| folder.starts_with(root().join(TREE).join(part))));
    assert!(found.len() >= 8, "{found:?}");
    found
}

fn folders_under(top: &str) -> Vec<PathBuf> {
    fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
        let entries: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        if entries.iter().any(|path| path.extension().is_some_and(|extension| extension == "tf")) {
            found.push(folder.to_owned());
        }
        entries.iter().filter(|path| path.is_dir()).for_each(|path| collect(path, found));
    }
    let mut found = Vec::new();
    collect(&root().join(top), &mut found);
    found.sort();
    found
}

/// The versions of siderolabs/talos whose schemas an example that uses it must fit, and where they are.
const TALOS: [&str; 2] = ["0.11.0", "0.12.0-alpha.5"];
const TALOS_SCHEMAS: &str = "tests/pure/talos-provider-schemas.json";

/// An import block of its own beside the example of a resource.
const BY_IDENTITY: &str = "import-by-identity.tf";

/// What the CLI has against the configuration in `folder`. Where it uses siderolabs/talos, that provider's schemas stand in.
fn problems(program: &Path, folder: &Path) -> Vec<String> {
    let texts = fs::read_dir(folder).unwrap().filter_map(|entry| fs::read_to_string(entry.unwrap().path()).ok());
    if !texts.collect::<String>().contains("\"siderolabs/talos\"") {
        return problems_in(Workspace::new(program, &provider()), folder);
    }
    let with_talos = |version: &&str| {
        let workspace = Workspace::new(program, &provider());
        problems_in(workspace.stand_in("siderolabs/talos", &root().join(TALOS_SCHEMAS), version), folder)
    };
    TALOS.iter().flat_map(with_talos).collect()
}

fn problems_in(workspace: Workspace, folder: &Path) -> Vec<String> {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        // Not every CLI takes one, and an object is imported once.
        let other_import = path.file_name().is_some_and(|name| name == BY_IDENTITY);
        if path.extension().is_some_and(|extension| extension == "tf") && !other_import {
            workspace.write(path.file_name().unwrap().to_str().unwrap(), &fs::read_to_string(&path).unwrap());
        }
    }
    let mut problems = Vec::new();
    let format = workspace.run(["fmt", "-check", "-diff", "-no-color"]);
    if format.status != 0 {
        problems.push(format!("{}: run `terraform fmt`: {}", folder.display(), format.said()));
    }
    let valid = workspace.run(["validate", "-no-color"]);
    if valid.status != 0 {
        problems.push(format!("{}: {}", folder.display(), valid.said()));
    }
    problems
}

fn check(program: &Path) {
    let found: Vec<String> = folders().iter().flat_map(|folder| problems(program, folder)).collect();
    assert_none(&found);
}

#[test]
fn terraform_takes_every_example() {
    check(&need!(programs::terraform()));
}

#[test]
fn terraform_takes_every_import_by_identity() {
    let terraform = need!(programs::terraform_with(Feature::Identity));
    let with_one = folders().into_iter().filter(|folder| folder.join(BY_IDENTITY).is_file()).collect::<Vec<_>>();
    assert!(with_one.len() >= 2, "{with_one:?}");
    for folder in with_one {
        let workspace = Workspace::new(&terraform, &provider());
        for file in ["resource.tf", BY_IDENTITY] {
            workspace.write(file, &fs::read_to_string(folder.join(file)).unwrap());
        }
        workspace.run(["fmt", "-check", "-diff", "-no-color"]).ok();
        workspace.run(["validate", "-no-color"]).ok();
    }
}

#[test]
fn the_tree_is_formatted() {
    let workspace = Workspace::new(&need!(programs::terraform()), &provider());
    workspace.take(&root().join(TREE));
    workspace.run(["fmt", "-check", "-diff", "-recursive", "-no-color"]).ok();
    workspace.write("cluster/envs/aws.tfvars", "a=1\n");
    workspace.run(["fmt", "-check", "-recursive", "-no-color"]).with_status(3);
}

#[test]
fn terraform_takes_every_module_that_needs_the_other_provider() {
    let terraform = need!(programs::terraform());
    need!(programs::peer());
    let workspace = Workspace::installed(&terraform, &provider());
    workspace.take(&root().join(TREE));
    let folders: Vec<PathBuf> = WITH_OTHERS.iter().flat_map(|part| folders_under(&format!("{TREE}/{part}"))).collect();
    assert_eq!(folders.len(), 4, "{folders:?}");
    for folder in folders {
        let here = format!("-chdir={}", folder.strip_prefix(root().join(TREE)).unwrap().display());
        workspace.run([here.as_str(), "init", "-input=false", "-no-color"]).ok();
        workspace.run([here.as_str(), "validate", "-no-color"]).ok();
    }
}

/// What the modules are called with stays what it is: configurations that use them are not in this repository.
#[test]
fn the_load_balancer_module_has_the_inputs_and_outputs_of_the_guide() {
    let names = |file: &str, kind: &str| -> Vec<String> {
        let text = fs::read_to_string(root().join(TREE).join("modules/aws/loadbalancer").join(file)).unwrap();
        let lines = text.lines().filter_map(|line| line.strip_prefix(kind)?.strip_suffix("\" {"));
        lines.map(str::to_owned).collect()
    };
    let inputs = names("variables.tf", "variable \"");
    assert_eq!(
        inputs,
        [
            "environment",
            "vpc_id",
            "subnet_ids",
            "internal",
            "enable_deletion_protection",
            "enable_cross_zone_load_balancing",
            "health_check_interval",
            "health_check_timeout",
            "healthy_threshold",
            "unhealthy_threshold",
            // Optional, beyond the guide.
            "preserve_client_ip",
            "security_group_ids",
        ]
    );
    let outputs = names("outputs.tf", "output \"");
    assert_eq!(
        outputs,
        [
            "load_balancer_dns_name",
            "load_balancer_arn",
            "kubernetes_api_endpoint",
            "talos_api_endpoint",
            "kubernetes_api_target_group_arn",
            "talos_api_target_group_arn",
        ]
    );
}

#[test]
fn tofu_takes_every_example() {
    check(&need!(programs::tofu()));
}

#[test]
fn a_bad_example_is_found() {
    let terraform = need!(programs::terraform());
    let folder = tempfile::tempdir().unwrap();
    let resource =
        |attribute: &str| format!("{REQUIRED}\nresource \"talosendpoint_nlb\" \"a\" {{\n  {attribute}\n}}\n");
    let with = |text: &str| {
        fs::write(folder.path().join("main.tf"), text).unwrap();
        problems(&terraform, folder.path())
    };
    assert_eq!(with(&resource("nome = \"x\"")).len(), 1, "an attribute that doesn't exist");
    assert_eq!(with(&resource("name = \"x\"")).len(), 1, "the provider's own rules are asked");
    assert_eq!(with(&format!("{REQUIRED}\nlocals {{\n a = 1\n}}\n")).len(), 1, "the format");
    assert_none(&with(&format!("{REQUIRED}\nlocals {{\n  a = 1\n}}\n")));
    let talos =
        "terraform {\n  required_providers {\n    talos = {\n      source = \"siderolabs/talos\"\n    }\n  }\n}\n\n";
    let secrets = |attribute: &str| format!("{talos}resource \"talos_machine_secrets\" \"a\" {{\n{attribute}}}\n");
    assert_eq!(
        with(&secrets("  version = \"x\"\n")).len(),
        TALOS.len(),
        "an attribute that the other provider doesn't have"
    );
    assert_none(&with(&secrets("")));
}

#[test]
fn every_resource_and_function_has_an_example_and_nothing_else_has() {
    let provider = TalosEndpoint::default();
    let resources = provider.resources().iter().map(|resource| resource.name().to_owned()).collect();
    has_examples("resources", resources, "resource.tf");
    let functions = provider.functions().iter().map(|function| function.name().to_owned()).collect();
    has_examples("functions", functions, "function.tf");
}

/// Terraform's registry shows `examples/KIND/NAME/FILE` on the page of NAME.
fn has_examples(kind: &str, names: BTreeSet<String>, file: &str) {
    let folder = root().join("examples").join(kind);
    let entries = fs::read_dir(&folder).unwrap();
    let examples: BTreeSet<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(examples, names, "give each of the provider's {kind} an examples/{kind}/NAME/{file}, and no others");
    for name in &examples {
        assert!(folder.join(name).join(file).is_file(), "{name}/{file}");
    }
}
