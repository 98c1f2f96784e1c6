//! The real Terraform and OpenTofu accept the process: started with mutual TLS, started without, and reattached.

use std::{fs, os::unix::fs::symlink, path::Path, process::Output};

use tokio::process::Command;

use super::{client::DebugPlugin, fixture::fixture};

/// `example.com/test/fixture` is the fixture under a name that Terraform looks for.
struct Workspace {
    folder: tempfile::TempDir,
}

impl Workspace {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        symlink(fixture(), path.join("terraform-provider-fixture")).unwrap();
        let overrides = format!(
            "provider_installation {{\n  dev_overrides {{ \"example.com/test/fixture\" = {path:?} }}\n  direct {{}}\n}}\n"
        );
        fs::write(path.join("cli.rc"), overrides).unwrap();
        let configuration = concat!(
            "terraform {\n  required_providers {\n",
            "    fixture = { source = \"example.com/test/fixture\" }\n  }\n}\n",
            "output \"sum\" { value = 1 + 1 }\n",
        );
        fs::write(path.join("main.tf"), configuration).unwrap();
        Self { folder }
    }

    /// Runs the program with nothing in its environment but what is given; None when the machine has no such program.
    async fn run(
        &self,
        program: &str,
        arguments: &[&str],
        variables: &[(&str, &str)],
    ) -> Option<Output> {
        let path = std::env::var_os("PATH")?;
        if !std::env::split_paths(&path).any(|folder| folder.join(program).is_file()) {
            println!("skipped: {program} not found");
            return None;
        }
        let temporary = self.folder.path().join("tmp");
        fs::create_dir_all(&temporary).unwrap();
        let output = Command::new(program)
            .args(arguments)
            .current_dir(self.folder.path())
            .env_clear()
            .env("PATH", path)
            .env("HOME", self.folder.path())
            .env("TMPDIR", &temporary)
            .env("CHECKPOINT_DISABLE", "1")
            .env("TF_CLI_CONFIG_FILE", self.folder.path().join("cli.rc"))
            .envs(variables.iter().copied())
            .kill_on_drop(true)
            .output()
            .await
            .unwrap();
        assert_eq!(
            sockets(&temporary),
            0,
            "{program} left plugins or their sockets"
        );
        Some(output)
    }
}

fn sockets(folder: &Path) -> usize {
    let files = fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().file_name());
    files
        .filter(|name| name.to_string_lossy().starts_with("plugin-"))
        .count()
}

const SCHEMA: &[&str] = &["providers", "schema", "-json"];

fn assert_schema(output: &Output) {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    let schemas: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(
        schemas["provider_schemas"]["example.com/test/fixture"]["provider"].is_object(),
        "{schemas}"
    );
}

#[tokio::test]
async fn it_is_started_with_and_without_tls() {
    for program in ["terraform", "tofu"] {
        let workspace = Workspace::new();
        for variables in [
            &[][..],
            &[("TF_DISABLE_PLUGIN_TLS", "1")],
            &[("FIXTURE_TCP", "1")],
        ] {
            let Some(output) = workspace.run(program, SCHEMA, variables).await else {
                break;
            };
            assert_schema(&output);
        }
    }
}

#[tokio::test]
async fn it_exits_before_terraform_loses_patience_and_logs_what_was_asked_for() {
    for program in ["terraform", "tofu"] {
        let workspace = Workspace::new();
        let Some(output) = workspace.run(program, SCHEMA, &[("TF_LOG", "TRACE")]).await else {
            continue;
        };
        assert_schema(&output);
        let log = String::from_utf8_lossy(&output.stderr);
        assert!(!log.contains("failed to exit gracefully"), "{log}");
        assert!(log.contains("schema asked for, in detail"), "{log}");

        let info = [("TF_LOG_PROVIDER", "INFO")];
        let output = workspace.run(program, SCHEMA, &info).await.unwrap();
        let log = String::from_utf8_lossy(&output.stderr);
        assert!(
            log.contains("schema asked for") && !log.contains("in detail"),
            "{log}"
        );
        assert!(
            log.contains("[INFO]"),
            "the host understood the line: {log}"
        );
    }
}

#[tokio::test]
async fn it_is_reattached_to_a_plugin_in_debug_mode() {
    for program in ["terraform", "tofu"] {
        let workspace = Workspace::new();
        let plugin = DebugPlugin::start(fixture()).await;
        let reattach = [("TF_REATTACH_PROVIDERS", plugin.reattach.as_str())];
        // Several runs by one process: hosts neither start nor stop it.
        for _ in 0..2 {
            let Some(output) = workspace.run(program, SCHEMA, &reattach).await else {
                break;
            };
            assert_schema(&output);
        }
    }
}
