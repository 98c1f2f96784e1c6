//! The example of a Proxmox cluster, as a user runs it, with a stand-in that has the schemas of siderolabs/talos and evaluates nothing. Where
//! the real one is in a mirror, it makes the machine configurations, up to the first thing that needs a node.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use lab::need;
use lab::programs::{self, Feature, terraform_with};
use lab::skip::Missing;
use lab::terraform::{Workspace, provider};
use serde_json::{Value as Json, json};

use super::document;
use crate::stage::workspace;

/// The newest stable version, and the newest that there was when its schemas were taken.
const VERSIONS: [&str; 2] = ["0.11.0", "0.12.0-alpha.5"];

const FILES: [&str; 5] = ["versions.tf", "main.tf", "talos.tf", "variables.tf", "outputs.tf"];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn example(file: &str) -> String {
    fs::read_to_string(root().join("examples/terraform/cluster").join(file)).expect("a file of the example")
}

/// The example with the variables of an environment.
fn take(workspace: &Workspace, environment: &str) {
    for file in FILES {
        workspace.write(file, &example(&format!("proxmox/{file}")));
    }
    workspace.write("terraform.tfvars", &example(&format!("envs/{environment}.tfvars")));
}

fn stage(program: &Path, version: &str, environment: &str) -> Workspace {
    let schemas = root().join("tests/pure/talos-provider-schemas.json");
    let workspace = workspace(program).stand_in("siderolabs/talos", &schemas, version);
    take(&workspace, environment);
    workspace
}

/// The planned values of everything that a plan changes or reads at apply, by address.
fn planned(workspace: &Workspace) -> Json {
    let plan = workspace.plan_json();
    let changes = plan["resource_changes"].as_array().expect("changes").iter();
    let changes = changes.filter(|change| change["change"]["actions"] != json!(["no-op"]));
    changes
        .map(|change| (change["address"].as_str().expect("an address").to_owned(), change["change"].clone()))
        .collect()
}

/// What a data source was read with, in a plan that reads it, or in the state.
fn read(workspace: &Workspace, address: &str) -> Json {
    workspace.attributes(address).unwrap_or_else(|| panic!("{address} has been read"))
}

fn changed(workspace: &Workspace) -> BTreeSet<String> {
    planned(workspace).as_object().expect("an object").keys().cloned().collect()
}

fn of_node(kind: &str, node: &str) -> String {
    format!("{kind}.control_plane[{node:?}]")
}

#[test]
fn a_cluster_comes_from_nothing_and_its_nodes_change_only_with_their_configuration() {
    let terraform = need!(terraform_with(Feature::Examples));
    for version in VERSIONS {
        let workspace = stage(&terraform, version, "proxmox");
        let first = planned(&workspace);
        let apply = &first[of_node("talos_machine_configuration_apply", "cp-02")]["after"];
        assert_eq!((&apply["node"], &apply["endpoint"]), (&json!("192.168.30.32"), &json!("192.168.30.32")));
        workspace.apply().ok();
        assert_eq!(workspace.plan().status, 0, "nothing is left to do");
        let of_cp_03 = read(&workspace, &format!("data.{}", of_node("talos_machine_configuration", "cp-03")));
        assert_eq!(of_cp_03["cluster_endpoint"], "https://192.168.30.30:6443");
        let patches = of_cp_03["config_patches"].as_array().expect("patches");
        let link: Json = serde_json::from_str(patches[0].as_str().expect("a patch")).expect("JSON");
        assert_eq!(link["addresses"], json!([{"address": "192.168.30.33/24"}]));
        assert!(patches.contains(&json!(document("192.168.30.30", "eth0"))));
        let health = read(&workspace, "data.talos_cluster_health.this[0]");
        assert_eq!(health["control_plane_nodes"], json!(["192.168.30.31", "192.168.30.32", "192.168.30.33"]));
        let talosconfig = read(&workspace, "data.talos_client_configuration.this");
        assert_eq!(talosconfig["endpoints"], json!(["192.168.30.31", "192.168.30.32", "192.168.30.33"]));

        // Something of the endpoint that no node has: no node is planned as changed.
        workspace.write(
            "main.tf",
            &example("proxmox/main.tf")
                .replace("  control_plane     =", "  pod_cidrs         = [\"10.245.0.0/16\"]\n  control_plane     ="),
        );
        assert_eq!(changed(&workspace), BTreeSet::from(["talosendpoint_vip.this".to_owned()]), "{version}");
        // With the resource named directly, Terraform postpones the data sources, and every node is.
        let direct = |file: &str| {
            workspace.write(file, &workspace.read(file).replace("local.endpoint.", "talosendpoint_vip.this."))
        };
        ["talos.tf", "outputs.tf"].into_iter().for_each(direct);
        let postponed = changed(&workspace);
        for node in ["cp-01", "cp-02", "cp-03"] {
            assert!(
                postponed.contains(&of_node("talos_machine_configuration_apply", node)),
                "{version}: {postponed:?}"
            );
        }

        // Another virtual IP: all nodes get it, and the plan shows what they get.
        take(&workspace, "proxmox");
        workspace.write("terraform.tfvars", &example("envs/proxmox.tfvars").replace("192.168.30.30", "192.168.30.29"));
        let moved = planned(&workspace);
        for node in ["cp-01", "cp-02", "cp-03"] {
            let change = &moved[of_node("talos_machine_configuration_apply", node)];
            assert_eq!(change["actions"], json!(["update"]), "{version}");
            assert!(change["after"]["machine_configuration_input"].is_string(), "known in the plan: {change}");
        }
        workspace.apply().ok();
        assert_eq!(workspace.plan().status, 0, "{version}");
    }
}

#[test]
fn nodes_with_dhcp_are_reached_by_their_names() {
    let workspace = stage(&need!(terraform_with(Feature::Examples)), VERSIONS[0], "proxmox-dhcp");
    workspace.apply().ok();
    assert_eq!(workspace.plan().status, 0);
    let apply = |node: &str| read(&workspace, &of_node("talos_machine_configuration_apply", node));
    assert_eq!(
        (&apply("cp-01")["node"], &apply("cp-01")["endpoint"]),
        (&json!("192.168.30.31"), &json!("192.168.30.31"))
    );
    assert_eq!(
        (&apply("cp-02")["node"], &apply("cp-02")["endpoint"]),
        (&json!("cp-02.example.com"), &json!("cp-02.example.com"))
    );
    let of_cp_02 = read(&workspace, &format!("data.{}", of_node("talos_machine_configuration", "cp-02")));
    let certificate = json!(r#"{"machine":{"certSANs":["cp-02.example.com"]}}"#);
    assert_eq!(of_cp_02["config_patches"], json!([document("192.168.30.30", "eth0"), certificate]));
    assert_eq!(workspace.attributes("data.talos_cluster_health.this[0]"), None, "not every address is known");
    // Before Talos 1.12 naming the interface ends DHCP, so the patch switches it on.
    workspace.write("terraform.tfvars", &example("envs/proxmox-dhcp.tfvars").replace("v1.12", "v1.11"));
    workspace.apply().ok();
    let of_cp_01 = read(&workspace, &format!("data.{}", of_node("talos_machine_configuration", "cp-01")));
    let patch: Json = serde_json::from_str(of_cp_01["config_patches"][0].as_str().expect("a patch")).expect("JSON");
    assert_eq!(patch["machine"]["network"]["interfaces"][0]["dhcp"], true);
    let lost = "control_plane = { cp-01 = {} }\nvip = \"192.168.30.30\"\ntalos_version = \"v1.12\"\n";
    workspace.write("terraform.tfvars", lost);
    assert!(workspace.plan().with_status(1).flat().contains("Each node needs an address"));
}

/// The mirror that has the real provider.
fn real() -> Result<PathBuf, Missing> {
    let found = programs::mirror().filter(|mirror| mirror.join("registry.terraform.io/siderolabs/talos").is_dir());
    found.ok_or_else(|| Missing("siderolabs/talos mirror (TALOSENDPOINT_TEST_MIRROR)".to_owned()))
}

#[test]
fn the_real_provider_makes_the_machine_configurations() {
    let terraform = need!(terraform_with(Feature::Examples));
    need!(real());
    let workspace = Workspace::installed(&terraform, &provider());
    take(&workspace, "proxmox");
    workspace.init().ok();
    workspace.plan().with_status(2);
    // Everything before the first call to a node.
    let targets = [
        "data.talos_machine_configuration.control_plane",
        "data.talos_machine_configuration.worker",
        "data.talos_client_configuration.this",
    ];
    let targets: Vec<String> = targets.iter().map(|target| format!("-target={target}")).collect();
    let run = |command: &[&str]| workspace.run(command.iter().copied().chain(targets.iter().map(String::as_str)));
    run(&["apply", "-auto-approve", "-input=false", "-no-color"]).ok();
    let configuration = |node: &str| {
        let source = read(&workspace, &format!("data.{}", of_node("talos_machine_configuration", node)));
        source["machine_configuration"].as_str().expect("a machine configuration").to_owned()
    };
    for node in ["cp-01", "cp-02", "cp-03"] {
        assert!(configuration(node).contains("kind: Layer2VIPConfig"), "{node}");
    }
    run(&["plan", "-input=false", "-no-color", "-detailed-exitcode"]).with_status(0);
    workspace.write("terraform.tfvars", &example("envs/proxmox.tfvars").replace("192.168.30.30", "192.168.30.29"));
    run(&["apply", "-auto-approve", "-input=false", "-no-color"]).ok();
    assert!(configuration("cp-02").contains("192.168.30.29"));
}
