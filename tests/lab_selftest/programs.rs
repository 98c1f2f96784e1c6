use std::ffi::OsStr;
use std::process::Command;

use lab::need;
use lab::programs::{Missing, find, find_on, skipped_line};
use lab::venv::Venv;

#[test]
fn a_program_is_found_on_the_search_path() {
    let shell = find("sh").unwrap();
    assert!(shell.is_absolute() && shell.ends_with("sh"));
    let nowhere = find_on("sh", OsStr::new("/nowhere"));
    assert_eq!(nowhere, Err(Missing("sh".to_owned())));
    // A file that can't be executed is no program.
    let readable = find_on("passwd", OsStr::new("/etc"));
    assert_eq!(readable, Err(Missing("passwd".to_owned())));
}

/// The test binary runs itself: only another process can see what gets past the capture.
#[test]
fn a_skipped_test_says_so_past_the_capture() {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "programs::skips_itself", "--include-ignored"])
        .output()
        .unwrap();
    assert!(output.status.success());
    let said = String::from_utf8(output.stdout).unwrap();
    let line = skipped_line(&Missing("no-such-program".to_owned()));
    assert!(said.contains(&line), "{said}");
    let with_advice = skipped_line(&Missing("release build (make release)".to_owned()));
    assert_eq!(with_advice, "skipped: release build not found (make release)\n");
}

#[test]
#[ignore = "run by a_skipped_test_says_so_past_the_capture"]
fn skips_itself() {
    let program = need!(find("no-such-program"));
    panic!("{} exists", program.display());
}

#[test]
fn the_python_environment_is_made_once_and_complete() {
    let venv = need!(Venv::get());
    let version =
        Command::new(venv.python()).args(["-c", "import moto, botocore; print(moto.__version__)"]).output().unwrap();
    assert_eq!(String::from_utf8(version.stdout).unwrap().trim(), "5.2.1");
    let before = venv.python().metadata().unwrap().modified().unwrap();
    let again = Venv::get().unwrap();
    let after = again.python().metadata().unwrap().modified().unwrap();
    assert_eq!(before, after);
}
