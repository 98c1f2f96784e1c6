//! What HashiCorp's own checker of registry documentation says of `docs/`.

use std::fs;
use std::path::Path;
use std::process::Command;

use lab::need;
use lab::programs;
use lab::terraform::{REQUIRED, Workspace, provider};

use crate::{go_program, root};

/// The checker, and the version that is known to take these pages.
const TFPLUGINDOCS: &str = "github.com/hashicorp/terraform-plugin-docs/cmd/tfplugindocs@v0.25.0";

#[test]
fn tfplugindocs_takes_the_pages() {
    let terraform = need!(programs::terraform());
    let tfplugindocs = need!(go_program::installed(TFPLUGINDOCS));
    let workspace = Workspace::new(&terraform, &provider());
    workspace.main(REQUIRED);
    let schemas = workspace.run(["providers", "schema", "-json"]).ok().stdout;
    // The checker looks for providers of HashiCorp.
    workspace.write("schemas.json", &schemas.replace("/talosendpoint/talosendpoint", "/hashicorp/talosendpoint"));
    let check = |folder: &Path| {
        let output = Command::new(&tfplugindocs)
            .args(["validate", "--provider-name", "talosendpoint", "--provider-dir"])
            .arg(folder)
            .arg("--providers-schema")
            .arg(workspace.path().join("schemas.json"))
            .output()
            .unwrap();
        let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        (output.status.success(), said)
    };
    let (valid, said) = check(&root());
    assert!(valid, "{said}");
    // It does find something.
    let copy = tempfile::tempdir().unwrap();
    let place = |name: &str| copy.path().join("docs/resources").join(name);
    fs::create_dir_all(copy.path().join("docs/resources")).unwrap();
    fs::copy(root().join("docs/resources/vip.md"), place("vip.md")).unwrap();
    fs::copy(root().join("docs/resources/vip.md"), place("none.md")).unwrap();
    let (valid, said) = check(copy.path());
    assert!(!valid && said.contains("none.md"), "{said}");
}
