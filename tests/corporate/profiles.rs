//! Profiles of the shared files, and what they lead to.

use std::os::unix::fs::PermissionsExt;

use lab::need;

use crate::office::Office;

/// A program for `credential_process`.
fn program(office: &Office, name: &str, script: &str) -> String {
    let path = office.file(name, &format!("#!/bin/sh\n{script}\n"));
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    path
}

const GIVES: &str = r#"echo '{"Version":1,"AccessKeyId":"AKIAPROCESS","SecretAccessKey":"process-secret","SessionToken":"process-token"}'"#;

#[test]
fn a_program_gives_credentials() {
    let office = need!(Office::open()).keyless();
    let path = program(&office, "give", GIVES);
    let config = office.file("config", &format!("[profile tool]\ncredential_process = {path}\n"));
    let office = office.env("TF_LOG", "TRACE");
    let said = office.apply(&format!("shared_config_files = [{config:?}]\nprofile = \"tool\"")).ok().said();
    assert_eq!(office.keys(), ["AKIAPROCESS"]);
    assert!(!said.contains("process-secret") && !said.contains("process-token"));
    office.record.clear();

    let office = office.env("AWS_CONFIG_FILE", &config).env("AWS_PROFILE", "tool");
    office.terraform.destroy().ok();
    assert_eq!(office.keys(), ["AKIAPROCESS"]);
}

#[test]
fn a_program_that_fails_is_quoted_once_and_without_its_output() {
    let office = need!(Office::open()).keyless();
    let path = program(&office, "fail", "echo not-for-you; echo 'please log in first' >&2; exit 3");
    let garbled = program(&office, "garbled", "echo '{\"Version\":1,\"SecretAccessKey\":\"not-for-you\"}'");
    let config =
        format!("[profile tool]\ncredential_process = {path}\n[profile garbled]\ncredential_process = {garbled}\n");
    let config = office.file("config", &config);
    let aws = |profile| format!("shared_config_files = [{config:?}]\nprofile = {profile:?}");
    let said = office.refused(&aws("tool"), "No usable AWS credentials");
    assert!(said.contains("exit status: 3") && said.contains("please log in first"), "{said}");
    assert!(said.contains("`aws sts get-caller-identity`"), "{said}");
    assert!(!said.contains("not-for-you"), "{said}");
    let said = office.refused(&aws("garbled"), "No usable AWS credentials");
    assert!(said.contains("AccessKeyId") && !said.contains("not-for-you"), "{said}");
    assert_eq!(office.record.calls().len(), 0);
}

#[test]
fn keys_and_the_region_may_be_in_a_profile() {
    let office = need!(Office::open()).keyless().without("AWS_REGION");
    let keys = |id: &str| format!("aws_access_key_id = {id}\naws_secret_access_key = in-a-file\n");
    let credentials =
        office.file(".aws/credentials", &format!("[default]\n{}[ops]\n{}", keys("AKIADEFAULT"), keys("AKIAOPS")));
    office.file(".aws/config", "[default]\nregion = eu-central-1\n[profile ops]\nregion = eu-central-1\n");
    office.apply("").ok();
    assert_eq!(office.keys(), ["AKIADEFAULT"]);
    assert!(office.record.calls().iter().all(|call| call.region == "eu-central-1"));
    office.record.clear();

    let office = office.env("AWS_PROFILE", "ops");
    office.terraform.plan().ok();
    assert_eq!(office.keys(), ["AKIAOPS"]);

    let elsewhere = need!(Office::open()).keyless();
    elsewhere.apply(&format!("shared_credentials_files = [{credentials:?}]\nprofile = \"ops\"")).ok();
    assert_eq!(elsewhere.keys(), ["AKIAOPS"]);
    let home = elsewhere.file("home/credentials", &format!("[ops]\n{}", keys("AKIAHOME")));
    assert!(home.ends_with("home/credentials"));
    elsewhere.record.clear();
    elsewhere.apply("shared_credentials_files = [\"~/home/credentials\"]\nprofile = \"ops\"").ok();
    assert_eq!(elsewhere.keys(), ["AKIAHOME"], "HOME is the workspace");
}

#[test]
fn a_profile_may_lead_to_a_role() {
    let office = need!(Office::open()).keyless();
    let config = office.file(
        "config",
        "[profile base]\naws_access_key_id = AKIABASE\naws_secret_access_key = base-secret\n\
         [profile role]\nrole_arn = arn:aws:iam::123456789012:role/of-profile\nsource_profile = base\nexternal_id = for-us\n\
         role_session_name = tuesday\n",
    );
    office.apply(&format!("shared_config_files = [{config:?}]\nprofile = \"role\"")).ok();
    let asked = office.record.of("AssumeRole");
    let [asked, _] = asked.as_slice() else { panic!("{asked:#?}") };
    assert_eq!(asked.access_key, "AKIABASE");
    assert_eq!(asked.param("RoleArn"), Some("arn:aws:iam::123456789012:role/of-profile"));
    assert_eq!((asked.param("ExternalId"), asked.param("RoleSessionName")), (Some("for-us"), Some("tuesday")));
    assert_eq!(office.keys(), office.given_sorted());
}

#[test]
fn a_profile_that_does_not_exist_is_named_before_anything_is_asked() {
    let office = need!(Office::open());
    office.file(".aws/config", "[profile prod]\nregion = eu-central-1\n[profile test]\nregion = eu-central-1\n");
    let office = office.without("AWS_REGION");
    let said = office.refused("profile = \"prd\"", "No such AWS profile");
    assert!(said.contains("`profile` in the provider block asks for the profile `prd`"), "{said}");
    assert!(said.contains("The profiles there are: prod, test."), "{said}");
    let office = office.env("AWS_PROFILE", "tst");
    let said = office.refused("", "No such AWS profile");
    assert!(said.contains("AWS_PROFILE asks for the profile `tst`"), "{said}");
    assert_eq!(office.record.calls().len(), 0);
}

#[test]
fn files_that_are_missing_or_broken_are_named() {
    let office = need!(Office::open());
    let none = office.terraform.path().join("none").display().to_string();
    let said =
        office.refused(&format!("shared_config_files = [{none:?}]"), "The AWS configuration files cannot be used");
    assert!(said.contains(&none), "{said}");
    let broken = office.file("broken", "[profile a\n");
    let said =
        office.refused(&format!("shared_config_files = [{broken:?}]"), "The AWS configuration files cannot be used");
    assert!(said.contains(&broken) && said.contains("line 1"), "{said}");
    let lost = office.file("lost", "[profile a]\nrole_arn = arn:aws:iam::123456789012:role/r\nsource_profile = b\n");
    let said =
        office.refused(&format!("shared_config_files = [{lost:?}]\nprofile = \"a\""), "No usable AWS credentials");
    assert!(said.contains("source profile b"), "{said}");
    let bare = office.file("bare", "[profile a]\nregion = eu-central-1\n");
    let said = office.refused(&format!("shared_config_files = [{bare:?}]\nprofile = \"a\""), "No AWS credentials");
    assert!(said.contains("the profile `a` holds no credentials"), "{said}");
}
