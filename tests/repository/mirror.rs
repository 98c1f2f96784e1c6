//! `scripts/find-mirror` finds a provider where the real Terraform does, so that `.ci/run` tests beside hashicorp/aws wherever it is.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use lab::need;
use lab::programs;
use lab::terraform::{REQUIRED, Workspace, provider};

use crate::root;

const ADDRESS: &str = "registry.terraform.io/talosendpoint/talosendpoint";

/// A machine's configuration: a file (none where its path is empty), where the provider is, and variables. `HERE` is the home folder
/// and the working folder.
struct Machine {
    file: (&'static str, &'static str),
    mirror: &'static str,
    environment: &'static [(&'static str, &'static str)],
}

const MIRROR: &str = r#"plugin_cache_dir = "HERE/cache" # { "no block"
provider_installation {
  // filesystem_mirror { path = "HERE/nowhere" }
  filesystem_mirror {
    path    = "HERE/a mirror" # here
    include = ["registry.terraform.io/*/*"]
  }
}
"#;

const FOUND: [Machine; 8] = [
    Machine { file: ("named", MIRROR), mirror: "a mirror", environment: &[("TF_CLI_CONFIG_FILE", "HERE/named")] },
    Machine { file: (".terraformrc", MIRROR), mirror: "a mirror", environment: &[] },
    Machine { file: (".terraform.d/own.tfrc", MIRROR), mirror: "a mirror", environment: &[] },
    Machine { file: (".terraformrc", "disable_checkpoint = true\n"), mirror: ".terraform.d/plugins", environment: &[] },
    Machine { file: ("", ""), mirror: "terraform.d/plugins", environment: &[] },
    Machine { file: ("", ""), mirror: ".local/share/terraform/plugins", environment: &[] },
    Machine { file: ("", ""), mirror: "data/terraform/plugins", environment: &[("XDG_DATA_HOME", "HERE/data")] },
    Machine { file: ("", ""), mirror: "b/terraform/plugins", environment: &[("XDG_DATA_DIRS", "HERE/a:HERE/b")] },
];

/// A configuration that says how providers are installed leaves the implied folders out.
const NOT_FOUND: Machine = Machine { file: (".terraformrc", MIRROR), mirror: ".terraform.d/plugins", environment: &[] };

/// A workspace that is such a machine, and what the script says there.
fn set_up(terraform: &Path, machine: &Machine) -> (Workspace, Output) {
    let mut workspace = Workspace::new(terraform, &provider()).without_env("TF_CLI_CONFIG_FILE");
    let here = workspace.path().display().to_string();
    let installed = Command::new(root().join("scripts/install"))
        .args([provider(), workspace.path().join(machine.mirror)])
        .output()
        .unwrap();
    assert!(installed.status.success(), "{}", String::from_utf8_lossy(&installed.stderr));
    let (file, text) = machine.file;
    if !file.is_empty() {
        let file = workspace.path().join(file);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text.replace("HERE", &here)).unwrap();
    }
    fs::create_dir_all(workspace.path().join("cache")).unwrap();
    let mut script = Command::new(root().join("scripts/find-mirror"));
    script.arg(ADDRESS).current_dir(workspace.path()).env("HOME", &here);
    for name in ["TF_CLI_CONFIG_FILE", "TERRAFORM_CONFIG", "XDG_DATA_HOME", "XDG_DATA_DIRS"] {
        script.env_remove(name);
    }
    for (name, value) in machine.environment {
        let value = value.replace("HERE", &here);
        script.env(name, &value);
        workspace = workspace.env(name, &value);
    }
    workspace.main(REQUIRED);
    let output = script.output().unwrap();
    (workspace, output)
}

#[test]
fn a_provider_is_found_where_terraform_finds_it() {
    let terraform = need!(programs::terraform());
    for machine in &FOUND {
        let (workspace, output) = set_up(&terraform, machine);
        let found = String::from_utf8(output.stdout).unwrap();
        let found = workspace.path().join(found.trim_end());
        assert_eq!(found, workspace.path().join(machine.mirror));
        workspace.init().ok();
    }
}

#[test]
fn where_terraform_finds_none_there_is_none() {
    let terraform = need!(programs::terraform());
    let (workspace, output) = set_up(&terraform, &NOT_FOUND);
    assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0));
    let said = workspace.init().with_status(1).flat();
    assert!(said.contains("Failed to query available provider packages"), "{said}");
}
