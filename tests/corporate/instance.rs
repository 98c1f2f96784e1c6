//! What the platform gives: containers, instances, and nothing at all.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use lab::need;
use lab::portal::Portal;

use crate::office::Office;

#[test]
fn a_container_s_endpoint_gives_credentials_and_no_proxy_stands_in_between() {
    let portal = Portal::container("Bearer of-the-pod", "ASIACONTAINER");
    let office = need!(Office::open()).keyless();
    let office = office
        .env("AWS_CONTAINER_CREDENTIALS_FULL_URI", &format!("{}/v1/credentials", portal.url()))
        .env("AWS_CONTAINER_AUTHORIZATION_TOKEN", "Bearer of-the-pod")
        .env("HTTP_PROXY", "http://127.0.0.1:1")
        .env("HTTPS_PROXY", "http://127.0.0.1:1")
        .env("TF_LOG", "TRACE");
    let said = office.apply("").ok().said();
    assert_eq!(office.keys(), ["ASIACONTAINER"]);
    assert!(!said.contains("of-the-pod") && !said.contains("container-secret"));
    assert_eq!(portal.asked()[0].path, "/v1/credentials");

    let office = office.env("AWS_CONTAINER_AUTHORIZATION_TOKEN", "Bearer wrong").without("TF_LOG");
    let said = office.terraform.plan().with_status(1).flat();
    assert!(said.contains("Error: No usable AWS credentials"), "{said}");
    assert!(!said.contains("Bearer"), "{said}");
}

#[test]
fn without_any_credentials_the_error_comes_at_once() {
    let office = need!(Office::open()).keyless();
    let begun = Instant::now();
    let said = office.refused("", "No AWS credentials");
    assert!(said.contains("could not be signed: no credentials were found"), "{said}");
    assert!(said.contains("AWS_PROFILE") && said.contains("`aws sts get-caller-identity`"), "{said}");
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    assert_eq!(office.record.calls().len(), 0);
}

#[test]
fn instance_metadata_that_is_closed_or_silent_delays_the_error_by_seconds_only() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let closed = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).unwrap();
    for address in [closed, silent.local_addr().unwrap()] {
        let office = need!(Office::open()).keyless().without("AWS_EC2_METADATA_DISABLED");
        let office = office.env("AWS_EC2_METADATA_SERVICE_ENDPOINT", &format!("http://{address}"));
        let begun = Instant::now();
        office.refused("", "No AWS credentials");
        assert!(begun.elapsed() < Duration::from_secs(12), "{:?}", begun.elapsed());
        let office = office.without("AWS_REGION");
        let begun = Instant::now();
        office.refused("", "No AWS region");
        assert!(begun.elapsed() < Duration::from_secs(12), "{:?}", begun.elapsed());
    }
}
