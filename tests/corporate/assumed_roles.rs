//! Roles: of the provider block, and of a web identity.

use lab::faults::Fault;
use lab::need;

use crate::office::Office;

const ROLE: &str = r#"assume_role = { role_arn = "arn:aws:iam::123456789012:role/terraform" }"#;

#[test]
fn a_role_is_assumed_with_everything_that_was_said_about_it() {
    let office = need!(Office::open());
    office
        .apply(
            r#"assume_role = {
                 role_arn     = "arn:aws:iam::123456789012:role/terraform"
                 session_name = "tuesday"
                 external_id  = "for-us"
                 duration     = "90m"
                 policy       = jsonencode({ Version = "2012-10-17", Statement = [] })
                 tags         = { team = "platform", "cost:center" = "42" }
               }"#,
        )
        .ok();
    let asked = office.record.of("AssumeRole");
    // The plan asks for the name that is to be taken; the apply is another process.
    let [asked, _] = asked.as_slice() else { panic!("{asked:#?}") };
    assert_eq!((asked.access_key.as_str(), asked.region.as_str()), ("test", "eu-central-1"));
    for (name, value) in [
        ("RoleArn", "arn:aws:iam::123456789012:role/terraform"),
        ("RoleSessionName", "tuesday"),
        ("ExternalId", "for-us"),
        ("DurationSeconds", "5400"),
        ("Policy", r#"{"Statement":[],"Version":"2012-10-17"}"#),
    ] {
        assert_eq!(asked.param(name), Some(value), "{name}");
    }
    let mut tags = asked.pairs("Tags", "Key", "Value");
    tags.sort_unstable();
    assert_eq!(tags, [("cost:center", "42"), ("team", "platform")]);
    assert_eq!(office.keys(), office.given_sorted());
}

#[test]
fn a_role_of_the_provider_block_comes_after_a_role_of_the_profile() {
    let office = need!(Office::open()).keyless();
    office.file(
        ".aws/config",
        "[profile base]\naws_access_key_id = AKIABASE\naws_secret_access_key = base-secret\n\
         [default]\nrole_arn = arn:aws:iam::123456789012:role/first\nsource_profile = base\n",
    );
    office.apply(ROLE).ok();
    let asked = office.record.of("AssumeRole");
    let roles: Vec<_> = asked.iter().filter_map(|call| call.param("RoleArn")).collect();
    let chain = ["arn:aws:iam::123456789012:role/first", "arn:aws:iam::123456789012:role/terraform"];
    assert_eq!(roles, [chain, chain].concat(), "for the plan and for the apply");
    let given = office.given();
    assert_eq!((asked[0].access_key.as_str(), &asked[1].access_key), ("AKIABASE", &given[0]));
    assert_eq!(asked[1].param("RoleSessionName"), Some("talosendpoint"));
    let mut last = [given[1].clone(), given[3].clone()];
    last.sort();
    assert_eq!(office.keys(), last);
}

#[test]
fn a_role_that_is_refused_is_reported_once_with_the_remedy() {
    let office = need!(Office::open());
    office.record.fail(Fault::access_denied("AssumeRole"));
    let said = office.refused(&ROLE.replace(" }", r#", external_id = "not-that-one" }"#), "The role cannot be assumed");
    assert!(
        said.contains("sts:AssumeRole was refused (AccessDenied): User: arn:aws:iam::123456789012:user/test is not"),
        "{said}"
    );
    assert!(said.contains("`sts:AssumeRole`") && said.contains("`external_id`"), "{said}");
    assert!(!said.contains("not-that-one"), "{said}");
    assert_eq!(office.keys(), [""; 0]);
}

#[test]
fn a_role_is_refused_without_credentials_to_ask_with() {
    let office = need!(Office::open()).keyless();
    let said = office.refused(ROLE, "No AWS credentials");
    assert!(said.contains("no credentials were found"), "{said}");
    assert_eq!(office.record.calls().len(), 0);
}

#[test]
fn a_web_identity_becomes_a_role() {
    let office = need!(Office::open()).keyless();
    let token = office.file("token", "header.payload.signature");
    let office = office
        .env("AWS_WEB_IDENTITY_TOKEN_FILE", &token)
        .env("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/pipeline")
        .env("AWS_ROLE_SESSION_NAME", "run-7")
        .env("TF_LOG", "TRACE");
    let said = office.apply("").ok().said();
    assert!(!said.contains("header.payload.signature"));
    let asked = office.record.of("AssumeRoleWithWebIdentity");
    let [asked, _] = asked.as_slice() else { panic!("{asked:#?}") };
    assert_eq!(asked.param("RoleArn"), Some("arn:aws:iam::123456789012:role/pipeline"));
    assert_eq!(asked.param("RoleSessionName"), Some("run-7"));
    assert_eq!(asked.param("WebIdentityToken"), Some("header.payload.signature"));
    assert_eq!(office.keys(), office.given_sorted());

    let office = office.without("TF_LOG");
    office.record.fail(Fault::access_denied("AssumeRoleWithWebIdentity"));
    let said = office.terraform.plan().with_status(1).flat();
    assert!(said.contains("Error: The role cannot be assumed"), "{said}");
    assert!(said.contains("sts:AssumeRoleWithWebIdentity was refused (AccessDenied)"), "{said}");
    assert!(!said.contains("header.payload.signature"), "{said}");
    office.record.behave();
    let office = office.env("AWS_WEB_IDENTITY_TOKEN_FILE", "/nonexistent/token");
    let said = office.terraform.plan().with_status(1).flat();
    assert!(said.contains("Error: No usable AWS credentials") && said.contains("No such file"), "{said}");
}

#[test]
fn sts_may_be_somewhere_else() {
    let office = need!(Office::open());
    let sts = lab::proxy::Proxy::start(need!(crate::office::moto()).url());
    office
        .apply(&format!("endpoints = {{ sts = {:?} }}\nallowed_account_ids = [\"123456789012\"]\n{ROLE}", sts.url()))
        .ok();
    assert_eq!(sts.sequence(), ["AssumeRole", "GetCallerIdentity", "AssumeRole", "GetCallerIdentity"]);
    assert!(office.record.calls().iter().all(|call| call.service == "elasticloadbalancing"));
}

#[test]
fn only_the_account_of_the_role_counts() {
    let office = need!(Office::open());
    let said = office.refused(
        "allowed_account_ids = [\"999999999999\"]\nassume_role = { role_arn = \"arn:aws:iam::111122223333:role/r\" }",
        "Not this AWS account",
    );
    assert!(said.contains("This is account 111122223333"), "{said}");
    assert_eq!(office.keys(), [""; 0]);
    office
        .apply("allowed_account_ids = [\"111122223333\"]\nassume_role = { role_arn = \"arn:aws:iam::111122223333:role/r\" }\nendpoints = {}")
        .with_status(1); // its subnets are another account's
    assert_eq!(office.record.of("GetCallerIdentity").len(), 3, "a plan; a plan and its apply");
    assert_eq!(office.keys().len(), 2, "the load balancer was asked, by the plan and by the apply");
}
