//! Behind a proxy.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use lab::need;
use lab::tls::Front;

use crate::office::{Company, ELB, Office, STS};

/// Written in a URL, this needs escapes.
const PASSWORD: &str = "s3cr3t@home";
const IN_URL: &str = "s3cr3t%40home";

#[test]
fn everything_of_aws_goes_through_the_proxy() {
    let company = need!(Company::open());
    company.office.apply(&company.trusting()).ok();
    assert_eq!(company.proxy.connected(), [format!("{ELB}:443")]);
    assert_eq!(company.office.keys(), ["test"]);
}

#[test]
fn an_endpoint_of_the_company_s_own_is_asked_for_by_name() {
    let company = need!(Company::open());
    let company = company.env("AWS_ENDPOINT_URL", "https://elb.corp.test");
    company.office.apply(&company.trusting()).ok();
    assert_eq!(company.proxy.connected(), ["elb.corp.test:443"]);
}

#[test]
fn roles_and_the_account_are_asked_for_on_the_same_way() {
    let company = need!(Company::open());
    let role = r#"assume_role = { role_arn = "arn:aws:iam::123456789012:role/terraform" }"#;
    let account = r#"allowed_account_ids = ["123456789012"]"#;
    company.office.apply(&format!("{}\n{role}\n{account}", company.trusting())).ok();
    assert_eq!(company.proxy.connected(), [format!("{ELB}:443"), format!("{STS}:443")]);
    assert_eq!(company.office.keys(), company.office.given_sorted());
    let said = company.office.refused(role, "The certificate is not accepted");
    assert!(said.contains(&format!("the certificate of {STS}:443 is not accepted (unknown issuer)")), "{said}");
}

#[test]
fn user_and_password_open_the_proxy_and_are_seen_nowhere() {
    let company = need!(Company::open());
    company.proxy.demand("joe", PASSWORD);
    let company = company.env("TF_LOG", "TRACE");

    let said = company.office.apply(&company.trusting()).with_status(1).flat();
    assert!(said.contains("Error: The proxy does not let us through"), "{said}");
    let asks = format!("the proxy {} (HTTPS_PROXY) asks for a user and a password", company.proxy.url());
    assert!(said.contains(&asks), "{said}");

    let url = company.proxy.url_for("joe", "wrong-word");
    let company = company.env("HTTPS_PROXY", &url);
    let said = company.office.apply(&company.trusting()).with_status(1).flat();
    let denied = format!("the proxy {} does not accept the user and password in HTTPS_PROXY", company.proxy.url());
    assert!(said.contains(&denied), "{said}");
    assert!(!said.contains("wrong-word"), "{said}");

    let url = company.proxy.url_for("joe", IN_URL);
    let company = company.env("HTTPS_PROXY", &url);
    let said = company.office.apply(&company.trusting()).ok().said();
    assert!(said.contains("[TRACE]"), "a log that could show it");
    let basic = STANDARD.encode(format!("joe:{PASSWORD}"));
    for secret in [PASSWORD, IN_URL, &basic] {
        assert!(!said.contains(secret), "{secret} is in the log");
        assert!(!company.office.terraform.read("terraform.tfstate").contains(secret));
    }
    assert!(company.proxy.asked().iter().any(|asked| asked.authorization == Some(format!("Basic {basic}"))));
}

#[test]
fn a_proxy_that_refuses_is_named_as_the_cause() {
    let company = need!(Company::open());
    for status in [403, 502] {
        company.proxy.refuse(status);
        let said = company.office.refused(&company.trusting(), "The proxy makes no connection");
        let reason = format!("the proxy {} (HTTPS_PROXY) refused to connect to {ELB}:443", company.proxy.url());
        assert!(said.contains(&reason), "{said}");
        assert!(said.contains("NO_PROXY"), "{said}");
    }
    assert_eq!(company.office.record.calls().len(), 0);
}

#[test]
fn a_proxy_that_is_not_there_is_named_as_the_cause() {
    let company = need!(Company::open());
    let closed = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).unwrap();
    let company = company.env("HTTPS_PROXY", &format!("http://joe:{IN_URL}@{closed}"));
    let said = company.office.refused(&company.trusting(), "The proxy cannot be reached");
    assert!(
        said.contains(&format!("the proxy http://{closed} (HTTPS_PROXY) cannot be reached: Connection refused")),
        "{said}"
    );
    assert!(!said.contains(IN_URL) && !said.contains(PASSWORD), "{said}");
}

#[test]
fn a_proxy_that_says_nothing_is_named_as_the_cause() {
    let company = need!(Company::open());
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = silent.local_addr().unwrap();
    let company = company.env("HTTPS_PROXY", &format!("http://{address}"));
    let begun = Instant::now();
    let said =
        company.office.refused(&format!("{}\nmax_attempts = 1", company.trusting()), "The proxy makes no connection");
    assert!(
        said.contains(&format!("the proxy http://{address} (HTTPS_PROXY) made no connection to {ELB}:443 in time")),
        "{said}"
    );
    assert!(begun.elapsed() < Duration::from_secs(15), "{:?}", begun.elapsed());
}

#[test]
fn a_value_that_is_no_proxy_is_an_error_and_not_the_direct_way() {
    let company = need!(Company::open());
    for value in ["socks5://127.0.0.1:1080", "http://joe:s3cr3t@home@127.0.0.1:3128"] {
        let office = need!(Office::open()).env("HTTPS_PROXY", value);
        let said = office.refused(&company.trusting(), "The proxy setting cannot be used");
        assert!(said.contains("HTTPS_PROXY is not the URL of an HTTP proxy"), "{said}");
        assert!(!said.contains("s3cr3t"), "{said}");
        assert_eq!(office.record.calls().len(), 0);
    }
}

#[test]
fn no_proxy_takes_the_direct_way() {
    // 0.0.0.0 leads to this machine and is no loopback address, so that a proxy counts for it.
    let company = need!(Company::open());
    let direct = company.front.url("0.0.0.0");
    company.proxy.route(direct.strip_prefix("https://").unwrap(), company.front.address());
    let company = company.env("AWS_ENDPOINT_URL", &direct);
    company.office.apply(&company.trusting()).ok();
    assert_eq!(company.proxy.connected(), [direct.strip_prefix("https://").unwrap()]);

    for (no_proxy, url) in [("10.0.0.0/8, 0.0.0.0/8", direct.as_str()), ("0.0.0.0", &direct)] {
        let company = need!(Company::open());
        let front = Front::start(&company.authority, &["0.0.0.0"], &company.office.record.url());
        let url = url.replace(&direct, &front.url("0.0.0.0"));
        let company = company.env("AWS_ENDPOINT_URL", &url).env("NO_PROXY", no_proxy);
        company.office.apply(&company.trusting()).ok();
        assert_eq!(company.proxy.asked(), [], "{no_proxy}");
        assert_eq!(company.office.keys(), ["test"]);
    }
}

#[test]
fn no_proxy_takes_names_and_suffixes() {
    // The name exists for the proxy only: on the direct way it isn't found.
    let company = need!(Company::open());
    let mut company = company.env("AWS_ENDPOINT_URL", "https://elb.corp.test");
    for no_proxy in ["elb.corp.test", ".corp.test"] {
        company = company.env("NO_PROXY", no_proxy);
        let said =
            company.office.refused(&format!("{}\nmax_attempts = 1", company.trusting()), "AWS cannot be reached");
        assert!(said.contains("NO_PROXY"), "{said}");
        assert_eq!(company.proxy.asked(), [], "{no_proxy}");
    }
}

#[test]
fn a_proxy_for_plain_http_is_not_asked_for_this_machine() {
    let company = need!(Company::open());
    let url = company.office.record.url();
    let company = company.env("AWS_ENDPOINT_URL", &url);
    let proxy = company.proxy.url();
    let company = company.env("HTTP_PROXY", &proxy);
    company.office.apply("").ok();
    assert_eq!(company.proxy.asked(), []);
}

#[test]
fn a_proxy_for_plain_http_that_wants_a_password_or_is_gone_is_named() {
    let company = need!(Company::open());
    company.proxy.demand("joe", PASSWORD);
    let proxy = company.proxy.url();
    let company = company.env("AWS_ENDPOINT_URL", "http://elb.corp.test").env("HTTP_PROXY", &proxy);
    let said = company.office.refused("", "The proxy does not let us through");
    assert!(said.contains(&format!("the proxy {proxy} (HTTP_PROXY) asks for a user and a password")), "{said}");
    let closed = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).unwrap();
    let company = company.env("HTTP_PROXY", &format!("http://{closed}"));
    let said = company.office.refused("max_attempts = 1", "The proxy cannot be reached");
    assert!(said.contains(&format!("the proxy http://{closed} (HTTP_PROXY) cannot be reached")), "{said}");
}
