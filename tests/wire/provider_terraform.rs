//! The real Terraform and OpenTofu over the fixture provider: their own checks of plans and results are the judges.

use std::{fs, os::unix::fs::symlink};

use tokio::process::Command;

use crate::provider_core::program;

const HEAD: &str = r#"
terraform {
  required_providers {
    fixture = { source = "example.com/test/fixture" }
  }
}
"#;

const EVERYTHING: &str = r#"
resource "terraform_data" "later" { input = "hello" }
resource "fixture_everything" "it" {
  name      = "first"
  flag      = true
  ratio     = 0.1
  password  = "hunter2"
  texts     = ["b", "x-${terraform_data.later.output}"]
  tags      = { k = "e\u0301", l = terraform_data.later.id }
  zones     = ["z", "a"]
  matrix    = [[9223372036854775808, 1e400, -0.5], []]
  record    = { a = null, b = [1.5] }
  single    = { key = "s", deep = [{}, { leaf = "red" }] }
  listed    = [{ key = "l0" }, { key = terraform_data.later.id }]
  unordered = [{ key = "u1" }, { key = "u0" }]
  named     = { n = { key = "n", port = 1 } }
}
resource "fixture_big" "it" { size = 5000000 }
resource "fixture_versioned" "it" {
  title = "t"
  size  = 7
}
data "fixture_echo" "it" {
  input = "ab"
  times = 2
}
output "echo" { value = data.fixture_echo.it.output }
"#;

/// A folder with a configuration, and the program that reads it.
struct Run {
    folder: tempfile::TempDir,
    program: &'static str,
}

impl Run {
    /// None when the machine has no such program.
    fn of(program_name: &'static str) -> Option<Run> {
        let path = std::env::var_os("PATH")?;
        if !std::env::split_paths(&path).any(|folder| folder.join(program_name).is_file()) {
            println!("skipped: {program_name} not found");
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        symlink(program(), folder.path().join("terraform-provider-fixture")).unwrap();
        let overrides = format!(
            "provider_installation {{\n dev_overrides {{ \"example.com/test/fixture\" = {:?} }}\n direct {{}}\n}}\n",
            folder.path()
        );
        fs::write(folder.path().join("cli.rc"), overrides).unwrap();
        Some(Run { folder, program: program_name })
    }

    fn configure(&self, text: &str) {
        fs::write(self.folder.path().join("main.tf"), format!("{HEAD}{text}")).unwrap();
    }

    /// Exit code and everything printed.
    async fn run(&self, arguments: &[&str]) -> (i32, String) {
        let output = Command::new(self.program)
            .args(arguments)
            .current_dir(self.folder.path())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap())
            .env("HOME", self.folder.path())
            .env("TMPDIR", self.folder.path())
            .env("CHECKPOINT_DISABLE", "1")
            .env("TF_CLI_CONFIG_FILE", self.folder.path().join("cli.rc"))
            .kill_on_drop(true)
            .output()
            .await
            .unwrap();
        let text = [output.stdout, output.stderr].concat();
        (output.status.code().unwrap(), String::from_utf8_lossy(&text).into_owned())
    }

    async fn apply(&self) -> String {
        let (code, text) = self.run(&["apply", "-auto-approve", "-no-color"]).await;
        assert_eq!(code, 0, "{text}");
        text
    }

    async fn unchanged(&self) {
        let (code, text) = self.run(&["plan", "-detailed-exitcode", "-no-color"]).await;
        assert_eq!(code, 0, "{text}");
    }
}

#[tokio::test]
async fn every_kind_of_attribute() {
    for run in ["terraform", "tofu"].into_iter().filter_map(Run::of) {
        run.configure(EVERYTHING);
        let text = run.apply().await;
        assert!(text.contains("4 added") && text.contains("echo = \"abab\""), "{text}");
        assert!(!text.contains("hunter2"), "{text}");
        run.unchanged().await;
        run.configure(
            &EVERYTHING.replace("= true", "= false").replace("\"t\"", "\"u\"").replace("\"red\"", "\"blue\""),
        );
        assert!(run.apply().await.contains("0 added, 2 changed, 0 destroyed"));
        run.unchanged().await;
        run.configure(&EVERYTHING.replace("\"first\"", "\"second\""));
        let text = run.apply().await;
        assert!(text.contains("forces replacement") && text.contains("1 added, 1 changed, 1 destroyed"), "{text}");
        run.unchanged().await;
        let (code, text) = run.run(&["destroy", "-auto-approve", "-no-color"]).await;
        assert_eq!(code, 0, "{text}");
    }
}

#[tokio::test]
async fn what_the_preflight_of_a_destroy_leaves_reaches_the_delete() {
    let one = "resource \"fixture_unruly\" \"it\" {\n  mishap = \"need:preflight\"\n}\n";
    for run in ["terraform", "tofu"].into_iter().filter_map(Run::of) {
        run.configure(one);
        run.apply().await;
        run.configure("");
        assert!(run.apply().await.contains("1 destroyed"), "a block that was removed");
        run.configure(one);
        run.apply().await;
        let (code, text) = run.run(&["destroy", "-auto-approve", "-no-color"]).await;
        assert_eq!(code, 0, "{text}");
        run.configure(one);
        run.apply().await;
        let (_, text) = run.run(&["apply", "-replace=fixture_unruly.it", "-auto-approve", "-no-color"]).await;
        assert!(text.contains("Not planned as a destroy"), "a replacement has no plan of a destroy: {text}");
    }
}

#[tokio::test]
async fn imports_and_failures() {
    let unruly = |mishap: &str| format!("resource \"fixture_unruly\" \"it\" {{\n  mishap = \"{mishap}\"\n}}\n");
    for run in ["terraform", "tofu"].into_iter().filter_map(Run::of) {
        let apply_fails = async |mishap: &str, reason: &str| {
            run.configure(&unruly(mishap));
            let (code, text) = run.run(&["apply", "-auto-approve", "-no-color"]).await;
            assert!(code == 1 && text.contains(reason), "{mishap}: {text}");
            assert!(!text.contains("Provider produced"), "{mishap}: {text}");
            run.run(&["show", "-no-color"]).await.1
        };
        assert!(!apply_fails("fail:create", "Failed on demand").await.contains("fixture_unruly"), "nothing was made");
        let state = apply_fails("panic:create_half", "The provider panicked").await;
        assert!(state.contains("(tainted)") && state.contains("\"half\""), "{state}");
        run.configure(&unruly(""));
        assert!(run.apply().await.contains("1 added, 0 changed, 1 destroyed"), "tainted is made anew");
        let state = apply_fails("fail:update_half", "Failed on demand").await;
        assert!(state.contains("\"half\"") && !state.contains("(tainted)"), "{state}");
        run.configure(&unruly(""));
        run.apply().await;
        let (code, text) = run.run(&["state", "rm", "fixture_unruly.it"]).await;
        assert_eq!(code, 0, "{text}");
        let import = "import {\n  to = fixture_unruly.it\n  id = \"abc\"\n}\n";
        run.configure(&(unruly("") + import));
        assert!(run.apply().await.contains("1 imported"));
        run.unchanged().await;
    }
}
