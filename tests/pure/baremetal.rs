//! The examples of a bare-metal cluster: its files, as a user writes them; the whole, as a user plans it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use lab::need;
use lab::programs::{self, Feature, terraform_with};
use lab::skip::Missing;
use serde_json::{Value as Json, json};
use yaml_rust2::YamlLoader;

use crate::stage::{golden, workspace};

/// hashicorp/local as Go's module proxy has it: an old version, which knows the arguments that the example sets.
const LOCAL: &str = "github.com/terraform-providers/terraform-provider-local@v1.4.0";

/// The program, out of `TALOSENDPOINT_TEST_MIRROR` or built. Go's own cache makes a second time quick.
fn local_provider() -> Result<PathBuf, Missing> {
    if let Some(found) = programs::mirror().and_then(|mirror| in_mirror(&mirror)) {
        return Ok(found);
    }
    let go = programs::find("go").or_else(|_| programs::find("/usr/local/go/bin/go"))?;
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("go-bin");
    let built = Command::new(go).args(["install", LOCAL]).env("GOBIN", &folder).env_remove("GOFLAGS").output().unwrap();
    if built.status.success() {
        return Ok(folder.join("terraform-provider-local"));
    }
    let reason = String::from_utf8_lossy(&built.stderr).lines().last().unwrap_or_default().to_owned();
    Err(Missing(format!("hashicorp/local ({reason})")))
}

fn in_mirror(mirror: &Path) -> Option<PathBuf> {
    let versions = fs::read_dir(mirror.join("registry.terraform.io/hashicorp/local")).ok()?.filter_map(Result::ok);
    let platforms = versions.filter_map(|version| fs::read_dir(version.path().join("linux_amd64")).ok()).flatten();
    let files = platforms.filter_map(Result::ok).map(|file| file.path());
    files.into_iter().find(|path| {
        path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("terraform-provider-local"))
    })
}

#[test]
fn the_example_writes_the_files() {
    let (terraform, local) = (need!(terraform_with(Feature::Examples)), need!(local_provider()));
    let workspace = workspace(&terraform).beside("hashicorp/local", &local);
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/terraform/cluster");
    for file in ["main.tf", "variables.tf", "outputs.tf"] {
        workspace.write(file, &fs::read_to_string(examples.join("baremetal-files").join(file)).unwrap());
    }
    let variables = fs::read_to_string(examples.join("envs/baremetal-files.tfvars")).unwrap();
    workspace.write("terraform.tfvars", &variables);
    workspace.apply().ok();
    workspace.plan().ok();
    for host in ["lb-01", "lb-02"] {
        assert_eq!(workspace.read(&format!("rendered/{host}/haproxy.cfg")), golden("guide/haproxy.cfg"));
        let keepalived = format!("{host}/keepalived.conf");
        assert_eq!(workspace.read(&format!("rendered/{keepalived}")), golden(&format!("guide/{keepalived}")));
    }
    // A file that somebody deletes is in the next plan, and comes back.
    fs::remove_file(workspace.path().join("rendered/lb-01/haproxy.cfg")).unwrap();
    assert!(workspace.plan().with_status(2).flat().contains("local_file.rendered[\"lb-01/haproxy.cfg\"]"));
    workspace.apply().ok();
    assert_eq!(workspace.read("rendered/lb-01/haproxy.cfg"), golden("guide/haproxy.cfg"));
    let printed = workspace.run(["output", "-raw", "haproxy_cfg"]).ok().stdout;
    assert_eq!(printed, golden("guide/haproxy.cfg"));
    // The same module with a single load balancer.
    let single = variables.replace("  lb-02 = { address = \"192.168.30.22/24\", interface = \"eth0\" }\n", "");
    workspace.write("terraform.tfvars", &single.replace("vip = \"192.168.30.30\"\n", ""));
    workspace.apply().ok();
    assert_eq!(workspace.read("rendered/lb-01/haproxy.cfg"), golden("single/haproxy.cfg"));
    for gone in ["lb-02/haproxy.cfg", "lb-02/keepalived.conf", "lb-01/keepalived.conf"] {
        assert!(!workspace.path().join("rendered").join(gone).exists(), "{gone}");
    }
    assert_eq!(workspace.output("kubernetes_api_endpoint"), "https://192.168.30.21:6443");
}

/// A plan reaches no machine, so it shows every file before there is one.
#[test]
fn a_whole_cluster_is_planned_before_any_machine_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let schemas = root.join("tests/pure/talos-provider-schemas.json");
    let workspace =
        workspace(&need!(terraform_with(Feature::Examples))).stand_in("siderolabs/talos", &schemas, "0.11.0");
    let examples = root.join("examples/terraform/cluster");
    for file in ["versions.tf", "main.tf", "talos.tf", "variables.tf", "outputs.tf"] {
        workspace.write(file, &fs::read_to_string(examples.join("baremetal").join(file)).unwrap());
    }
    let variables = fs::read_to_string(examples.join("envs/baremetal.tfvars")).unwrap();
    workspace.write("terraform.tfvars", &variables);
    let plan = workspace.plan_json();
    let deployed = &planned(&plan, "talosendpoint_haproxy_deployment.this")["deployed"];
    for host in ["lb-01", "lb-02"] {
        assert_eq!(deployed[host]["haproxy_cfg"], golden("guide/haproxy.cfg"));
        assert_eq!(deployed[host]["keepalived_conf"], golden(&format!("guide/{host}/keepalived.conf")));
        assert_eq!(deployed[host]["services"]["keepalived"], json!({"active": true, "enabled": true}));
    }
    let url = "https://192.168.30.30:6443";
    assert_eq!(planned(&plan, "talosendpoint_ready.this")["endpoint"]["kubernetes_api_endpoint"], url);
    let configuration = &planned(&plan, "talos_machine_configuration_apply.worker[\"worker-01\"]");
    assert_eq!(configuration["node"], "192.168.30.41");

    // The same with a single load balancer.
    let single = variables.replace("  lb-02 = { address = \"192.168.30.22/24\", interface = \"eth0\" }\n", "");
    workspace.write("terraform.tfvars", &single.replace("vip           = \"192.168.30.30\"\n", ""));
    let plan = workspace.plan_json();
    let deployed = &planned(&plan, "talosendpoint_haproxy_deployment.this")["deployed"];
    assert_eq!(deployed["lb-01"]["haproxy_cfg"], golden("single/haproxy.cfg"));
    assert_eq!((&deployed["lb-01"]["keepalived_conf"], &deployed["lb-02"]), (&Json::Null, &Json::Null));
}

/// What is planned of a resource.
fn planned(plan: &Json, address: &str) -> Json {
    let changes = plan["resource_changes"].as_array().unwrap();
    let change = changes.iter().find(|change| change["address"] == address);
    change.unwrap_or_else(|| panic!("{address} is not planned"))["change"]["after"].clone()
}

/// The playbook of the guide "Bare metal": what it copies where, and how each file is checked first.
#[test]
fn the_guides_playbook_checks_what_it_copies() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/guides/bare-metal.md");
    let page = fs::read_to_string(page).unwrap();
    let playbook = page.split("```yaml\n").nth(2).expect("a playbook").split("```").next().unwrap();
    let plays = YamlLoader::load_from_str(playbook).expect("YAML").remove(0);
    assert_eq!((plays[0]["serial"].as_i64(), plays[1]["serial"].is_badvalue()), (Some(1), true));
    let checks = [
        (0, "/etc/haproxy/haproxy.cfg", "haproxy -c -q -f %s"),
        (1, "/etc/keepalived/keepalived.conf", "keepalived -t -f %s"),
    ];
    for (play, path, check) in checks {
        let tasks = plays[play]["tasks"].as_vec().expect("tasks");
        let copy = tasks.iter().find(|task| task["ansible.builtin.copy"]["dest"].as_str() == Some(path));
        let copy = copy.unwrap_or_else(|| panic!("{path} is not copied"));
        assert_eq!(copy["ansible.builtin.copy"]["validate"].as_str(), Some(check));
        let handlers = plays[play]["handlers"].as_vec().expect("handlers");
        assert!(handlers.iter().any(|handler| handler["name"] == copy["notify"]), "{path}: nothing is reloaded");
    }
}
