//! The real Terraform and OpenTofu accept the process: started with mutual TLS, started without, and reattached.

use std::{fs, path::Path};

use lab::{
    process::Outcome,
    programs::both,
    terraform::{Workspace, required},
};

use super::{client::DebugPlugin, fixture::fixture};

/// The fixture under a name that Terraform looks for.
const ADDRESS: &str = "example.com/test/fixture";

/// A folder with a configuration that needs the fixture.
fn workspace(program: &Path, variables: &[(&str, &str)]) -> Workspace {
    let workspace = Workspace::overriding(program, &[ADDRESS], fixture());
    workspace.main(&(required(ADDRESS) + "output \"sum\" { value = 1 + 1 }\n"));
    let temporary = workspace.path().join("tmp");
    fs::create_dir(&temporary).unwrap();
    let workspace = workspace.env("TMPDIR", &temporary.display().to_string());
    variables.iter().fold(workspace, |workspace, (name, value)| workspace.env(name, value))
}

/// Has the schemas shown; nothing is left of the plugins then.
fn show(workspace: &Workspace) -> Outcome {
    let outcome = workspace.run(["providers", "schema", "-json"]).ok();
    let schemas: serde_json::Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert!(schemas["provider_schemas"][ADDRESS]["provider"].is_object(), "{schemas}");
    assert_eq!(sockets(&workspace.path().join("tmp")), 0, "plugins or their sockets are left");
    outcome
}

fn sockets(folder: &Path) -> usize {
    let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name());
    files.filter(|name| name.to_string_lossy().starts_with("plugin-")).count()
}

#[test]
fn it_is_started_with_and_without_tls() {
    for program in both() {
        for variables in [&[][..], &[("TF_DISABLE_PLUGIN_TLS", "1")], &[("FIXTURE_TCP", "1")]] {
            show(&workspace(&program, variables));
        }
    }
}

#[test]
fn it_exits_before_terraform_loses_patience_and_logs_what_was_asked_for() {
    for program in both() {
        let log = show(&workspace(&program, &[("TF_LOG", "TRACE")])).stderr;
        assert!(!log.contains("failed to exit gracefully"), "{log}");
        assert!(log.contains("schema asked for, in detail"), "{log}");

        let log = show(&workspace(&program, &[("TF_LOG_PROVIDER", "INFO")])).stderr;
        assert!(log.contains("schema asked for") && !log.contains("in detail"), "{log}");
        assert!(log.contains("[INFO]"), "the host understood the line: {log}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_reattached_to_a_plugin_in_debug_mode() {
    for program in both() {
        let plugin = DebugPlugin::start(fixture()).await;
        let workspace = workspace(&program, &[("TF_REATTACH_PROVIDERS", plugin.reattach.as_str())]);
        // Several runs by one process: hosts neither start nor stop it.
        for _ in 0..2 {
            tokio::task::block_in_place(|| show(&workspace));
        }
    }
}
