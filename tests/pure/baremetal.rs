//! The example of a bare-metal cluster, as a user runs it.

use std::fs;
use std::path::Path;

use lab::need;
use lab::programs;

use crate::stage::{golden, workspace};

#[test]
fn the_example_writes_the_files() {
    let workspace = workspace(&need!(programs::terraform()));
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/terraform/cluster");
    for file in ["main.tf", "variables.tf", "outputs.tf"] {
        workspace.write(file, &fs::read_to_string(examples.join("baremetal").join(file)).unwrap());
    }
    let variables = fs::read_to_string(examples.join("envs/baremetal.tfvars")).unwrap();
    workspace.write("terraform.tfvars", &variables);
    workspace.apply().ok();
    workspace.plan().ok();
    for host in ["lb-01", "lb-02"] {
        assert_eq!(workspace.read(&format!("rendered/{host}/haproxy.cfg")), golden("guide/haproxy.cfg"));
        let keepalived = format!("{host}/keepalived.conf");
        assert_eq!(workspace.read(&format!("rendered/{keepalived}")), golden(&format!("guide/{keepalived}")));
    }
    let printed = workspace.run(["output", "-raw", "haproxy_cfg"]).ok().stdout;
    assert_eq!(printed, golden("guide/haproxy.cfg"));
    // The same module with a single load balancer.
    let single = variables.replace("  lb-02 = { address = \"192.168.30.22/24\", interface = \"eth0\" }\n", "");
    workspace.write("terraform.tfvars", &single.replace("vip = \"192.168.30.30\"\n", ""));
    workspace.apply().ok();
    assert_eq!(workspace.read("rendered/lb-01/haproxy.cfg"), golden("single/haproxy.cfg"));
    assert_eq!(workspace.output("kubernetes_api_endpoint"), "https://192.168.30.21:6443");
}
