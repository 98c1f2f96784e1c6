//! The test program runs itself: only another process can see what gets past the capture, and may fail.

use std::process::{Command, Output};

use lab::need;
use lab::skip::{self, ALLOWED, Missing};

/// Runs one of the tests below that skip themselves.
fn run(name: &str, strict: Option<&str>) -> Output {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", &format!("skip::{name}"), "--include-ignored"]).env_remove("TALOSENDPOINT_TEST_STRICT");
    command.envs(strict.map(|value| ("TALOSENDPOINT_TEST_STRICT", value))).output().unwrap()
}

#[track_caller]
fn assert_run(name: &str, strict: Option<&str>, passes: bool, line: &str) {
    let output = run(name, strict);
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains(&format!("{line}\n")), "{said}");
    assert_eq!(output.status.success(), passes, "{said}");
    assert_eq!(said.contains("TALOSENDPOINT_TEST_STRICT allows no skip"), !passes, "{said}");
}

#[test]
fn a_skipped_test_says_so_past_the_capture_and_fails_where_skips_are_forbidden() {
    let line = "skipped: no-such-program not found (nobody sells it)";
    for lax in [None, Some(""), Some("0")] {
        assert_run("skips_itself", lax, true, line);
    }
    assert_run("skips_itself", Some("1"), false, line);
}

#[test]
fn so_does_a_skipped_case() {
    let line = "skipped: such a case: no stand-in shows it";
    assert_run("skips_a_case", None, true, line);
    assert_run("skips_a_case", Some("1"), false, line);
}

#[test]
fn what_is_listed_may_be_skipped_all_the_same() {
    let lines = ["skipped: hashicorp/aws mirror not found (anywhere)", "skipped: the guide's pidof: it works"];
    for strict in [None, Some("1")] {
        for line in lines {
            assert_run("skips_what_is_listed", strict, true, line);
        }
    }
    let reasons = ALLOWED.iter().map(|(_, reason)| reason);
    assert_eq!(reasons.filter(|reason| reason.split_whitespace().count() < 3).count(), 0, "a reason is a sentence");
}

#[test]
#[ignore = "run by the tests above"]
fn skips_itself() {
    need!(Err::<(), _>(Missing("no-such-program (nobody sells it)".to_owned())));
    panic!("went on");
}

#[test]
#[ignore = "run by the tests above"]
fn skips_a_case() {
    skip::case("such a case", "no stand-in shows it");
}

#[test]
#[ignore = "run by the tests above"]
fn skips_what_is_listed() {
    skip::case("the guide's pidof", "it works");
    need!(Err::<(), _>(Missing("hashicorp/aws mirror (anywhere)".to_owned())));
    panic!("went on");
}
