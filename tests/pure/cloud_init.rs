//! `provider::talosendpoint::cloud_init` with the real CLI.

use std::process::Command;

use lab::need;
use lab::programs;

use crate::stage::{apply, golden, header, resource, workspace};

fn output(host: &str) -> String {
    format!(
        "output \"user_data\" {{\n  value = provider::talosendpoint::cloud_init(talosendpoint_haproxy.this, {host:?})\n}}\n"
    )
}

#[test]
fn it_takes_the_resource_itself() {
    let workspace = workspace(&need!(programs::terraform()));
    workspace.main(&(header() + &resource("this", &[]) + &output("lb-02")));
    workspace.apply().ok();
    assert_eq!(workspace.output("user_data"), golden("guide/lb-02/user-data.yaml"));
}

#[test]
fn a_wrong_name_is_an_error_that_tells_the_right_ones() {
    let workspace = workspace(&need!(programs::terraform()));
    apply(&workspace, &[]);
    workspace.main(&(header() + &resource("this", &[]) + &output("lb-03")));
    let said = workspace.plan().with_status(1).flat();
    assert!(said.contains("there is no load balancer \"lb-03\"; there are lb-01, lb-02"), "{said}");
}

#[test]
fn cloud_init_itself_takes_it() {
    let program = need!(programs::find("cloud-init"));
    for file in ["guide/lb-01/user-data.yaml", "single/user-data.yaml"] {
        let check = |text: &str| {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("user-data.yaml");
            std::fs::write(&path, text).unwrap();
            Command::new(&program).args(["schema", "--config-file"]).arg(path).output().unwrap().status.success()
        };
        assert!(check(&golden(file)), "{file}");
        assert!(!check(&golden(file).replace("  - path:", "  - pfad:")), "{file}: a wrong one is refused");
    }
}
