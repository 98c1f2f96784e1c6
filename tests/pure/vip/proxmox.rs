//! The example of a Proxmox cluster, as a user runs it.

use std::fs;
use std::path::Path;

use serde_json::{Value as Json, json};

use lab::need;
use lab::programs;

use super::document;
use crate::stage::workspace;

#[test]
fn the_example_writes_each_node_s_patches() {
    let workspace = workspace(&need!(programs::terraform()));
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/terraform/cluster");
    for file in ["main.tf", "variables.tf", "outputs.tf"] {
        workspace.write(file, &fs::read_to_string(examples.join("proxmox").join(file)).unwrap());
    }
    let variables = fs::read_to_string(examples.join("envs/proxmox.tfvars")).unwrap();
    workspace.write("terraform.tfvars", &variables);
    workspace.apply().ok();
    workspace.plan().ok();
    let link = |file: &str| serde_json::from_str::<Json>(&workspace.read(file)).unwrap();
    for (node, last) in [("cp-01", 31), ("cp-02", 32), ("cp-03", 33)] {
        let addresses = json!([{"address": format!("192.168.30.{last}/24")}]);
        assert_eq!(link(&format!("rendered/{node}/01.json"))["addresses"], addresses);
        let vip = workspace.read(&format!("rendered/{node}/02.json"));
        assert_eq!(vip, document("192.168.30.30", "eth0") + "\n");
    }
    let printed = workspace.run(["output", "-json", "patches"]).ok().stdout;
    let printed: Json = serde_json::from_str(&printed).unwrap();
    assert_eq!(printed["cp-02"][1], document("192.168.30.30", "eth0"));
    // The same module for nodes before Talos 1.12, on a VLAN.
    workspace.write("terraform.tfvars", &(variables.replace("v1.12", "v1.11") + "vlan_id = 30\n"));
    workspace.apply().ok();
    workspace.plan().ok();
    let interface = &link("rendered/cp-03/01.json")["machine"]["network"]["interfaces"][0];
    assert_eq!(interface["vlans"][0]["vip"], json!({"ip": "192.168.30.30"}));
    assert_eq!(interface["vlans"][0]["routes"], json!([{"network": "0.0.0.0/0", "gateway": "192.168.30.1"}]));
}
