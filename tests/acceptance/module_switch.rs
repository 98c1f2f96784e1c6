//! The module of all kinds, on AWS's stand-in: an NLB takes the place of a virtual IP and gives it back, by a variable.

use std::path::Path;

use serde_json::json;

use lab::need;
use lab::programs::{Feature, terraform_with};

use crate::bench::Bench;

/// What doesn't change with the kind.
const REST: &str = r#"
variable "kind" {
  type = string
}

module "endpoint" {
  source        = "./endpoint"
  kind          = var.kind
  talos_version = "v1.12"
  control_plane = { cp-01 = { address = "192.168.30.31/24" }, cp-02 = { address = "192.168.30.32/24" }, cp-03 = { address = "192.168.30.33/24" } }
  vip           = "192.168.30.30"
  interface     = "eth0"
  name          = "lab"
  subnet_ids    = ["SUBNET_A", "SUBNET_B"]
}

resource "terraform_data" "node" {
  for_each = module.endpoint.patches
  input    = { endpoint = module.endpoint.kubernetes_api_endpoint, patches = each.value }
}

output "endpoint" {
  value = module.endpoint
}
"#;

#[test]
fn an_nlb_comes_and_goes_by_a_variable() {
    need!(terraform_with(Feature::Examples));
    let bench = need!(Bench::start());
    let module = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/terraform/modules/endpoint");
    bench.terraform.take_module(&module, "endpoint");
    bench.terraform.main(&(bench.header("") + &bench.with_ids(REST)));
    bench.terraform.run(["get", "-no-color"]).ok();
    let mut names = None;
    for kind in ["vip", "nlb", "vip"] {
        bench.terraform.write("terraform.tfvars.json", &json!({"kind": kind}).to_string());
        bench.terraform.apply().ok();
        assert_eq!(bench.terraform.plan().status, 0, "{kind}");
        let made = bench.moto.inventory();
        assert_eq!((made.load_balancers.len(), made.target_groups.len()), if kind == "nlb" { (1, 2) } else { (0, 0) });
        let endpoint = bench.terraform.output("endpoint");
        let host = if kind == "nlb" {
            made.load_balancer("lab-api-nlb").field("DNSName").to_owned()
        } else {
            "192.168.30.30".to_owned()
        };
        assert_eq!(endpoint["kubernetes_api_endpoint"], format!("https://{host}:6443"));
        assert_eq!(endpoint["control_plane_target_group_arns"].as_array().unwrap().len(), made.target_groups.len());
        let exported: Vec<String> = endpoint.as_object().unwrap().keys().cloned().collect();
        assert_eq!(names.get_or_insert(exported.clone()), &exported, "{kind}");
    }
    bench.terraform.destroy().ok();
}
