//! Values that can't be used: each is an error that names its place, before anything is asked.

use lab::need;

use crate::office::Office;

const TITLE: &str = "The AWS setting cannot be used";

#[test]
fn settings_of_repeats_are_named_with_their_place_and_lose_to_the_provider_block() {
    for (name, value, argument) in [
        ("AWS_RETRY_MODE", "patient", "retry_mode = \"standard\""),
        ("AWS_MAX_ATTEMPTS", "abc", "max_attempts = 3"),
        ("AWS_MAX_ATTEMPTS", "0", "max_attempts = 3"),
    ] {
        let office = need!(Office::open()).env(name, value);
        let said = office.refused("", TITLE);
        assert!(said.contains(&format!("{name} must be")) && said.contains(&format!("{value:?}")), "{said}");
        assert_eq!(office.record.calls().len(), 0);
        office.apply(argument).ok();
    }
    let office = need!(Office::open());
    office.file(".aws/config", "[default]\nmax_attempts = many\n");
    let said = office.refused("", TITLE);
    assert!(said.contains("`max_attempts` of the profile `default` in ~/.aws/config must be"), "{said}");
    let file = office.file("config", "[profile ops]\nretry_mode = odd\n");
    let said = office.refused(&format!("shared_config_files = [{file:?}]\nprofile = \"ops\""), TITLE);
    assert!(said.contains("`retry_mode` of the profile `ops` in"), "{said}");
}

#[test]
fn the_mode_of_the_older_aws_cli_counts_as_standard() {
    let office = need!(Office::open()).env("AWS_RETRY_MODE", "legacy");
    office.apply("").ok();
    let office = office.without("AWS_RETRY_MODE");
    office.file(".aws/config", "[default]\nretry_mode = legacy\n");
    office.terraform.destroy().ok();
}

#[test]
fn a_key_with_a_line_break_is_an_error_that_does_not_show_it() {
    let office = need!(Office::open()).env("AWS_ACCESS_KEY_ID", "AKIASHOWN\n");
    let said = office.refused("", TITLE);
    assert!(said.contains("AWS_ACCESS_KEY_ID ends in a line break") && !said.contains("AKIASHOWN"), "{said}");
    office.apply("access_key = \"AKIABLOCK\"\nsecret_key = \"block-secret\"").ok();
    let said = office.refused("access_key = \"AKIAMINE\\n\"\nsecret_key = \"block-secret\"", "Invalid value");
    assert!(said.contains("`aws.access_key`") && said.contains("line break"), "{said}");
    let office = office.keyless();
    office.file(".aws/credentials", "[default]\naws_access_key_id = AKIÄ\naws_secret_access_key = in-a-file\n");
    let said = office.refused("", TITLE);
    assert!(said.contains("`aws_access_key_id` of the profile `default` in ~/.aws/credentials holds"), "{said}");
}

#[test]
fn a_region_of_the_environment_or_of_a_profile_is_checked_as_that_of_the_provider_block() {
    for bad in ["eu-west1", "us-east-1 "] {
        let office = need!(Office::open()).env("AWS_REGION", bad);
        let said = office.refused("", TITLE);
        assert!(said.contains("AWS_REGION must be the code of a region such as `eu-central-1`"), "{said}");
        assert!(said.contains(&format!("{bad:?}")), "{said}");
        assert_eq!(office.record.calls().len(), 0);
    }
    let office = need!(Office::open()).without("AWS_REGION");
    office.file(".aws/config", "[default]\nregion = eu_central_1\n");
    let said = office.refused("", TITLE);
    assert!(said.contains("`region` of the profile `default` in ~/.aws/config must be"), "{said}");
}

#[test]
fn a_role_whose_sts_cannot_be_reached_names_both() {
    let office = need!(Office::open());
    let role = "arn:aws:iam::123456789012:role/terraform";
    for attempts in ["", "max_attempts = 1\n"] {
        let said = office.refused(
            &format!(
                "{attempts}assume_role = {{ role_arn = {role:?} }}\nendpoints = {{ sts = \"http://127.0.0.1:1\" }}"
            ),
            "The role cannot be assumed",
        );
        assert!(
            said.contains(&format!("sts:AssumeRole of {role} was not sent: no connection to 127.0.0.1:1")),
            "{said}"
        );
        assert!(!said.contains("get-caller-identity"), "{said}");
    }
}

#[test]
fn an_empty_list_of_accounts_and_an_odd_url_are_refused_at_plan() {
    let office = need!(Office::open());
    let said = office.refused("allowed_account_ids = []", "Invalid value");
    assert!(said.contains("must have at least 1 element"), "{said}");
    let said = office.refused("endpoint_url = \"http://me:hidden@localhost:99999\"", "Invalid value");
    assert!(said.contains("http://***@localhost:99999") && said.contains("Its port is not"), "{said}");
    assert_eq!(said.matches("hidden").count(), 1, "only in the line that Terraform quotes: {said}");
    let said = office.refused("default_tags = { \"a<b\" = \"c\" }", "Invalid value");
    assert!(said.contains("The key \"a<b\" holds '<'"), "{said}");
}
