//! What the provider block says wins over the environment, which wins over the profile.

use std::sync::{Arc, Mutex};

use lab::faults::Fault;
use lab::need;
use lab::proxy::Proxy;
use lab::server::{Reply, Server};

use crate::office::{Office, moto};

/// Where nothing listens.
const NOWHERE: &str = "http://127.0.0.1:1";

#[test]
fn keys_of_the_provider_block_win() {
    let office = need!(Office::open()).env("AWS_SESSION_TOKEN", "token-of-the-environment");
    office.apply("access_key = \"AKIABLOCK\"\nsecret_key = \"block-secret\"").ok();
    assert_eq!(office.keys(), ["AKIABLOCK"]);
}

#[test]
fn a_profile_of_the_provider_block_wins_over_the_environment_s_keys_and_profile() {
    let office =
        need!(Office::open()).env("AWS_PROFILE", "other").env("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/r");
    let keys = |id: &str| format!("aws_access_key_id = {id}\naws_secret_access_key = in-a-file\n");
    office.file(".aws/credentials", &format!("[mine]\n{}[other]\n{}", keys("AKIAMINE"), keys("AKIAOTHER")));
    office.apply("profile = \"mine\"").ok();
    assert_eq!(office.keys(), ["AKIAMINE"]);
    office.record.clear();
    office.apply("").ok();
    assert_eq!(office.keys(), ["test"], "as for the AWS CLI, keys in the environment win over AWS_PROFILE");
}

#[test]
fn a_region_is_looked_for_in_order() {
    let office = need!(Office::open()).env("AWS_REGION", "us-west-1").env("AWS_DEFAULT_REGION", "us-west-2");
    office.file(".aws/config", "[default]\nregion = ap-south-1\n");
    let seen = |office: &Office, aws: &str| {
        office.record.clear();
        office.apply(aws); // the subnets are another region's: only the question counts
        let regions: std::collections::BTreeSet<_> =
            office.record.calls().into_iter().map(|call| call.region).collect();
        regions.into_iter().collect::<Vec<_>>()
    };
    assert_eq!(seen(&office, "region = \"eu-west-1\""), ["eu-west-1"]);
    assert_eq!(seen(&office, ""), ["us-west-1"]);
    let office = office.without("AWS_REGION");
    assert_eq!(seen(&office, ""), ["us-west-2"]);
    let office = office.without("AWS_DEFAULT_REGION");
    assert_eq!(seen(&office, ""), ["ap-south-1"]);
}

#[test]
fn urls_of_the_provider_block_win_and_those_of_single_services_over_that_of_all() {
    let office = need!(Office::open());
    let url = office.record.url();
    let office = office
        .env("AWS_ENDPOINT_URL", NOWHERE)
        .env("AWS_ENDPOINT_URL_ELASTIC_LOAD_BALANCING_V2", NOWHERE)
        .env("AWS_ENDPOINT_URL_STS", NOWHERE)
        .env("AWS_ENDPOINT_URL_EC2", NOWHERE);
    let account = r#"allowed_account_ids = ["123456789012"]"#;
    office.apply(&format!("endpoint_url = {url:?}\n{account}")).ok();
    assert_eq!(office.record.of("GetCallerIdentity").len(), 2, "by the plan and by the apply");
    // Its interfaces are looked for at EC2.
    office.terraform.destroy().ok();
    assert!(!office.record.of("DescribeNetworkInterfaces").is_empty());

    let single = Proxy::start(need!(moto()).url());
    let (elb, other) = (single.url(), NOWHERE);
    let urls = format!(
        "endpoint_url = {other:?}\nendpoints = {{ elasticloadbalancingv2 = {elb:?}, ec2 = {elb:?}, sts = {elb:?} }}"
    );
    office.apply(&format!("{urls}\n{account}")).ok();
    assert_eq!(single.of("GetCallerIdentity").len(), 2);
    office.terraform.destroy().ok();
    assert!(!single.of("DescribeNetworkInterfaces").is_empty());
}

#[test]
fn urls_of_the_environment_win_over_the_profile_s() {
    let office = need!(Office::open());
    office.file(".aws/config", &format!("[default]\nendpoint_url = {NOWHERE}\n"));
    office.apply("").ok();
    let url = office.record.url();
    office.file(
        ".aws/config",
        &format!(
            "[default]\nendpoint_url = {NOWHERE}\nservices = mine\n[services mine]\nec2 =\n  endpoint_url = {url}\n"
        ),
    );
    let office = office.env("AWS_ENDPOINT_URL_ELASTIC_LOAD_BALANCING_V2", &url);
    let office = office.without("AWS_ENDPOINT_URL");
    office.record.clear();
    office.terraform.destroy().ok();
    assert!(!office.record.of("DescribeNetworkInterfaces").is_empty());
}

/// An endpoint with a path, of one gateway for all services: by the provider block and by the environment.
#[test]
fn the_path_of_a_services_url_is_asked_once() {
    let asked: Arc<Mutex<Vec<String>>> = Arc::default();
    let paths = Arc::clone(&asked);
    let gateway = Server::start(Arc::new(move |request| {
        paths.lock().unwrap().push(request.path);
        let body = "<DescribeNetworkInterfacesResponse><networkInterfaceSet/></DescribeNetworkInterfacesResponse>";
        Box::pin(async move { Reply::xml(200, body) })
    }));
    let url = format!("{}/aws/ec2", gateway.url());
    let office = need!(Office::open());
    office.apply(&format!("endpoints = {{ ec2 = {url:?} }}")).ok();
    office.terraform.destroy().ok();
    let office = office.env("AWS_ENDPOINT_URL_EC2", &url);
    office.apply("").ok();
    office.terraform.destroy().ok();
    assert_eq!(*asked.lock().unwrap(), ["/aws/ec2/"; 2]);
    assert!(office.record.of("DescribeNetworkInterfaces").is_empty());
}

#[test]
fn attempts_and_their_mode_are_two_settings() {
    for (aws, variables, attempts) in [
        ("", [("AWS_MAX_ATTEMPTS", "2"), ("AWS_RETRY_MODE", "standard")], 2),
        ("max_attempts = 1", [("AWS_MAX_ATTEMPTS", "4"), ("AWS_RETRY_MODE", "adaptive")], 1),
        ("retry_mode = \"adaptive\"", [("AWS_MAX_ATTEMPTS", "2"), ("AWS_RETRY_MODE", "standard")], 2),
        ("retry_mode = \"standard\"", [("AWS_MAX_ATTEMPTS", "1"), ("AWS_RETRY_MODE", "adaptive")], 1),
    ] {
        let mut office = need!(Office::open());
        for (name, value) in variables {
            office = office.env(name, value);
        }
        office.record.fail(Fault::throttling("GetCallerIdentity").always());
        office.refused(&format!("{aws}\nallowed_account_ids = [\"123456789012\"]"), "AWS is throttling this account");
        // Asked for by the plan, by the plan inside of the apply, and by the create; plans give up after two seconds.
        let asked = office.record.of("GetCallerIdentity").len();
        assert!((attempts..=3 * attempts).contains(&asked), "{asked}: {aws} {variables:?}");
    }
}

#[test]
fn an_empty_variable_is_none() {
    let office = need!(Office::open());
    let office = ["AWS_CA_BUNDLE", "AWS_DEFAULT_REGION", "HTTPS_PROXY", "NO_PROXY", "AWS_ENDPOINT_URL_EC2"]
        .into_iter()
        .fold(office, |office, name| office.env(name, ""));
    office.apply("").ok();
    assert_eq!(office.keys(), ["test"]);
}
