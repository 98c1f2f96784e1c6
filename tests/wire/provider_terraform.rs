//! The real Terraform and OpenTofu over the fixture provider: their own checks of plans and results are the judges.

use std::path::Path;

use lab::{
    programs::both,
    terraform::{Workspace, required},
};

use crate::provider_core::program;

const ADDRESS: &str = "example.com/test/fixture";

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

/// A folder with a configuration that needs the fixture.
struct Run(Workspace);

impl Run {
    fn of(cli: &Path) -> Run {
        Run(Workspace::overriding(cli, &[ADDRESS], program()))
    }

    fn configure(&self, text: &str) {
        self.0.main(&format!("{}{text}", required(ADDRESS)));
    }

    /// Exit code and everything printed.
    fn run(&self, arguments: &[&str]) -> (i32, String) {
        let outcome = self.0.run(arguments);
        (outcome.status, outcome.said())
    }

    #[track_caller]
    fn apply(&self) -> String {
        self.0.apply().ok().said()
    }

    #[track_caller]
    fn unchanged(&self) {
        self.0.plan().with_status(0);
    }
}

#[test]
fn every_kind_of_attribute() {
    for run in both().iter().map(|cli| Run::of(cli)) {
        run.configure(EVERYTHING);
        let text = run.apply();
        assert!(text.contains("4 added") && text.contains("echo = \"abab\""), "{text}");
        assert!(!text.contains("hunter2"), "{text}");
        run.unchanged();
        run.configure(
            &EVERYTHING.replace("= true", "= false").replace("\"t\"", "\"u\"").replace("\"red\"", "\"blue\""),
        );
        assert!(run.apply().contains("0 added, 2 changed, 0 destroyed"));
        run.unchanged();
        run.configure(&EVERYTHING.replace("\"first\"", "\"second\""));
        let text = run.apply();
        assert!(text.contains("forces replacement") && text.contains("1 added, 1 changed, 1 destroyed"), "{text}");
        run.unchanged();
        let (code, text) = run.run(&["destroy", "-auto-approve", "-no-color"]);
        assert_eq!(code, 0, "{text}");
    }
}

#[test]
fn what_the_preflight_of_a_destroy_leaves_reaches_the_delete() {
    let one = "resource \"fixture_unruly\" \"it\" {\n  mishap = \"need:preflight\"\n}\n";
    for run in both().iter().map(|cli| Run::of(cli)) {
        run.configure(one);
        run.apply();
        run.configure("");
        assert!(run.apply().contains("1 destroyed"), "a block that was removed");
        run.configure(one);
        run.apply();
        let (code, text) = run.run(&["destroy", "-auto-approve", "-no-color"]);
        assert_eq!(code, 0, "{text}");
        run.configure(one);
        run.apply();
        let (_, text) = run.run(&["apply", "-replace=fixture_unruly.it", "-auto-approve", "-no-color"]);
        assert!(text.contains("Not planned as a destroy"), "a replacement has no plan of a destroy: {text}");
    }
}

#[test]
fn imports_and_failures() {
    let unruly = |mishap: &str| format!("resource \"fixture_unruly\" \"it\" {{\n  mishap = \"{mishap}\"\n}}\n");
    for run in both().iter().map(|cli| Run::of(cli)) {
        let apply_fails = |mishap: &str, reason: &str| {
            run.configure(&unruly(mishap));
            let (code, text) = run.run(&["apply", "-auto-approve", "-no-color"]);
            assert!(code == 1 && text.contains(reason), "{mishap}: {text}");
            assert!(!text.contains("Provider produced"), "{mishap}: {text}");
            run.run(&["show", "-no-color"]).1
        };
        assert!(!apply_fails("fail:create", "Failed on demand").contains("fixture_unruly"), "nothing was made");
        let state = apply_fails("panic:create_half", "The provider panicked");
        assert!(state.contains("(tainted)") && state.contains("\"half\""), "{state}");
        run.configure(&unruly(""));
        assert!(run.apply().contains("1 added, 0 changed, 1 destroyed"), "tainted is made anew");
        let state = apply_fails("fail:update_half", "Failed on demand");
        assert!(state.contains("\"half\"") && !state.contains("(tainted)"), "{state}");
        run.configure(&unruly(""));
        run.apply();
        let (code, text) = run.run(&["state", "rm", "fixture_unruly.it"]);
        assert_eq!(code, 0, "{text}");
        let import = "import {\n  to = fixture_unruly.it\n  id = \"abc\"\n}\n";
        run.configure(&(unruly("") + import));
        assert!(run.apply().contains("1 imported"));
        run.unchanged();
    }
}
