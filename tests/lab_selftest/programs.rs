use std::ffi::OsStr;
use std::process::Command;

use lab::need;
use lab::programs::{Feature, find, find_on, has};
use lab::skip::Missing;
use lab::venv::Venv;

#[test]
fn what_a_cli_has_is_read_from_its_version() {
    for (version, functions, examples, moves) in [
        ("Terraform v1.6.6\n", false, false, false),
        ("Terraform v1.8.5\n", true, true, true),
        ("OpenTofu v1.6.3\n", false, false, false),
        ("OpenTofu v1.7.0\n", true, false, false),
        ("OpenTofu v1.8.11\n", true, true, false),
        ("OpenTofu v1.10.7\n", true, true, true),
    ] {
        let found = [Feature::Functions, Feature::Examples, Feature::Moves].map(|feature| has(feature, version));
        assert_eq!(found, [functions, examples, moves], "{version}");
    }
    let warned =
        "There are some problems with the CLI configuration:\n\nWarning: v1.2\n\nOpenTofu v1.12.6\non linux_amd64\n";
    for (version, identity, query) in [
        ("Terraform v1.11.4\non linux_amd64\n", false, false),
        ("Terraform v1.12.2\n", true, false),
        ("Terraform v1.16.0-rc2\n", true, true),
        ("OpenTofu v1.11.3\n", false, false),
        (warned, true, false),
        ("", false, false),
    ] {
        assert_eq!((has(Feature::Identity, version), has(Feature::Query, version)), (identity, query), "{version}");
    }
}

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
