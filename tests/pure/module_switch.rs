//! One module, four kinds: the rest of a configuration doesn't change when a variable says another one.

use std::path::Path;

use serde_json::{Value as Json, json};

use lab::need;
use lab::programs::{Feature, terraform_with};
use lab::terraform::Workspace;

use crate::stage::{header, workspace};

/// What stays as it is: a cluster that uses everything of the contract.
const REST: &str = r#"
variable "settings" {
  type = any
}

module "endpoint" {
  source         = "./endpoint"
  kind           = var.settings.kind
  talos_version  = "v1.12"
  control_plane  = { cp-01 = { address = "192.168.30.31/24" }, cp-02 = { address = "192.168.30.32/24" } }
  host           = try(var.settings.host, null)
  vip            = try(var.settings.vip, null)
  interface      = try(var.settings.interface, null)
  load_balancers = try(var.settings.load_balancers, {})
  name           = try(var.settings.name, null)
  subnet_ids     = try(var.settings.subnet_ids, null)
  external       = try(var.settings.external, null)
}

resource "terraform_data" "node" {
  for_each = module.endpoint.patches
  input    = { endpoint = module.endpoint.kubernetes_api_endpoint, patches = each.value }
}

output "endpoint" {
  value = module.endpoint
}
"#;

fn stage(program: &Path) -> Workspace {
    let workspace = workspace(program);
    let module = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/terraform/modules/endpoint");
    workspace.take_module(&module, "endpoint");
    workspace.main(&(header() + REST));
    // The provider comes by an override, so there is nothing to install but the module.
    workspace.run(["get", "-no-color"]).ok();
    workspace
}

fn choose(workspace: &Workspace, settings: &Json) {
    workspace.write("terraform.tfvars.json", &json!({"settings": settings}).to_string());
}

#[test]
fn another_kind_is_another_value_of_a_variable() {
    let workspace = stage(&need!(terraform_with(Feature::Examples)));
    let balancers = json!({"lb-01": {"address": "192.168.30.21/24", "interface": "eth0"},
                           "lb-02": {"address": "192.168.30.22/24", "interface": "eth0"}});
    let mut names = None;
    for (settings, endpoint, dialled, patches) in [
        (
            json!({"kind": "vip", "vip": "192.168.30.30", "interface": "eth0"}),
            "https://192.168.30.30:6443",
            "192.168.30.31",
            1,
        ),
        (
            json!({"kind": "haproxy", "vip": "192.168.30.30", "load_balancers": balancers}),
            "https://192.168.30.30:6443",
            "192.168.30.30",
            1,
        ),
        (json!({"kind": "static", "host": "k8s.example.com"}), "https://k8s.example.com:6443", "192.168.30.31", 1),
        (
            json!({"kind": "static", "host": "192.168.30.5", "external": true}),
            "https://192.168.30.5:6443",
            "192.168.30.5",
            1,
        ),
    ] {
        choose(&workspace, &settings);
        workspace.apply().ok();
        assert_eq!(workspace.plan().status, 0, "{settings}");
        let module = workspace.output("endpoint");
        assert_eq!(module["kubernetes_api_endpoint"], endpoint, "{settings}");
        assert_eq!(module["talosctl_endpoints"][0], dialled, "{settings}");
        assert_eq!(module["patches"]["cp-02"].as_array().unwrap().len(), patches, "{settings}");
        let own: Vec<String> = module.as_object().unwrap().keys().cloned().collect();
        assert_eq!(names.get_or_insert(own.clone()), &own, "{settings}");
    }
}

#[test]
fn an_nlb_is_planned_in_the_same_place() {
    let workspace = stage(&need!(terraform_with(Feature::Examples))).env("AWS_REGION", "eu-central-1");
    choose(&workspace, &json!({"kind": "nlb", "name": "prod", "subnet_ids": ["subnet-1", "subnet-2"]}));
    let plan = workspace.plan_json();
    let planned: Vec<&str> =
        plan["resource_changes"].as_array().unwrap().iter().map(|change| change["address"].as_str().unwrap()).collect();
    let nodes = [r#"terraform_data.node["cp-01"]"#, r#"terraform_data.node["cp-02"]"#];
    assert_eq!(planned, [nodes[0], nodes[1], "module.endpoint.talosendpoint_nlb.this[0]"]);
    choose(&workspace, &json!({"kind": "metallb"}));
    assert!(workspace.plan().with_status(1).flat().contains("The kind is one of nlb, haproxy, vip and static."));
}
