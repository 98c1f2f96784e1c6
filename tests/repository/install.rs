//! `make install` puts the provider where `init` finds it without any configuration.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use lab::need;
use lab::programs;
use lab::terraform::{REQUIRED, VERSION, Workspace, provider};

use crate::root;

fn check(program: &Path, registry: &str) {
    // Its folder is also the home of the CLI.
    let workspace = Workspace::new(program, &provider()).without_env("TF_CLI_CONFIG_FILE");
    let folder = workspace.path().join(".terraform.d/plugins");
    // Twice: an installation over an older one.
    for _ in 0..2 {
        let installed = Command::new(root().join("scripts/install")).arg(provider()).arg(&folder).output().unwrap();
        assert!(installed.status.success(), "{}", String::from_utf8_lossy(&installed.stderr));
    }
    workspace.main(REQUIRED);
    workspace.init().ok();
    assert!(workspace.read(".terraform.lock.hcl").contains(&format!("version = \"{VERSION}\"")));
    let schemas = workspace.run(["providers", "schema", "-json"]).ok();
    let schemas: Value = serde_json::from_str(&schemas.stdout).unwrap();
    let ours = &schemas["provider_schemas"][format!("{registry}/talosendpoint/talosendpoint")];
    assert!(ours["resource_schemas"]["talosendpoint_nlb"].is_object(), "{schemas}");
}

#[test]
fn terraform_finds_it() {
    check(&need!(programs::terraform()), "registry.terraform.io");
}

#[test]
fn tofu_finds_it() {
    check(&need!(programs::tofu()), "registry.opentofu.org");
}
