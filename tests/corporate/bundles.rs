//! Whose certificates are trusted.

use talosendpoint::framework::path::Path;
use talosendpoint::framework::provider::Provider;
use talosendpoint::framework::value::Value;
use talosendpoint::provider::TalosEndpoint;

use lab::need;
use lab::tls::{Authority, Front};

use crate::office::{Company, ELB};

#[test]
fn the_variable_or_the_profile_names_the_authority_too() {
    let company = need!(Company::open());
    let bundle = company.bundle.clone();
    let config = company.office.file(".aws/config", &format!("[default]\nca_bundle = {bundle}\n"));
    company.office.apply("").ok();
    std::fs::write(config, "[default]\nca_bundle = /does/not/exist\n").unwrap();
    let said = company.office.refused("", "The CA bundle cannot be used");
    assert!(said.contains("`ca_bundle` of the profile names /does/not/exist"), "{said}");
    let company = company.env("AWS_CA_BUNDLE", &bundle);
    company.office.apply("").ok();
    assert_eq!(company.proxy.connected(), [format!("{ELB}:443")]);
}

#[test]
fn an_unknown_authority_is_refused_with_the_remedy() {
    let company = need!(Company::open());
    let said = company.office.refused("", "The certificate is not accepted");
    assert!(said.contains(&format!("the certificate of {ELB}:443 is not accepted (unknown issuer)")), "{said}");
    assert!(said.contains("`custom_ca_bundle` of the provider block or in AWS_CA_BUNDLE"), "{said}");
    assert_eq!(company.office.record.calls().len(), 0);
    let asked = company.proxy.asked().len();
    company.office.refused("max_attempts = 1", "The certificate is not accepted");
    assert_eq!(company.proxy.asked().len(), 2 * asked, "with three attempts there is no more than one");
}

#[test]
fn a_certificate_of_another_time_or_name_is_refused_with_its_own_remedy() {
    let company = need!(Company::open());
    let target = company.office.record.url();
    let old = Front::expired(&company.authority, &[ELB], &target);
    company.proxy.route(&format!("{ELB}:443"), old.address());
    let said = company.office.refused(&company.trusting(), "The certificate is not accepted");
    assert!(said.contains("certificate expired") && said.contains("Check the clock"), "{said}");
    let other = Front::start(&company.authority, &["elsewhere.corp.test"], &target);
    company.proxy.route(&format!("{ELB}:443"), other.address());
    let said = company.office.refused(&company.trusting(), "The certificate is not accepted");
    assert!(said.contains("elsewhere.corp.test") && said.contains("Check the host in endpoint_url"), "{said}");
}

#[test]
fn a_bundle_takes_the_place_of_the_machine_s_certificates() {
    let company = need!(Company::open());
    let machine = company.bundle.clone();
    let company = company.env("SSL_CERT_FILE", &machine).env("SSL_CERT_DIR", "/nonexistent");
    company.office.apply("").ok(); // the machine trusts the authority
    let other = company.office.file("other.pem", Authority::new().pem());
    let said = company.office.refused(&format!("custom_ca_bundle = {other:?}"), "The certificate is not accepted");
    assert!(said.contains(&format!("(unknown issuer). Trusted are those in {other}, and no others")), "{said}");
}

#[test]
fn an_authority_with_a_new_key_is_not_the_one_that_is_trusted() {
    let company = need!(Company::open());
    let [old, new] = ["one", "one"].map(Authority::named);
    let front = Front::start(&new, &[ELB], &company.office.record.url());
    company.proxy.route(&format!("{ELB}:443"), front.address());
    let bundle = company.office.file("old.pem", old.pem());
    let said = company.office.refused(&format!("custom_ca_bundle = {bundle:?}"), "The certificate is not accepted");
    assert!(said.contains("its issuer has the name of a trusted one, but another key"), "{said}");
    assert!(said.contains("Add the certificate of the authority that issued it"), "{said}");
}

#[test]
fn a_machine_without_certificates_trusts_the_built_in_ones() {
    let company = need!(Company::open());
    let empty = company.office.file("empty.pem", "");
    let company = company.env("SSL_CERT_FILE", &empty).env("SSL_CERT_DIR", "/nonexistent");
    let said = company.office.refused("", "The certificate is not accepted");
    assert!(said.contains("(unknown issuer). Trusted are those of Mozilla, which are built in"), "{said}");
    company.office.apply(&company.trusting()).ok();
}

#[test]
fn a_bundle_that_cannot_be_used_is_an_error_of_its_setting() {
    let mut company = need!(Company::open());
    for (path, reason) in unusable(&company) {
        let said = company.office.refused(&format!("custom_ca_bundle = {path:?}"), "The CA bundle cannot be used");
        let reason = format!("names {path} as the file of trusted certificates, and {reason}");
        assert!(said.contains(&format!("`custom_ca_bundle` {reason}")), "{said}");
        assert!(said.contains("with provider[\"registry.terraform.io/talosendpoint/talosendpoint\"]"), "{said}");
        company = company.env("AWS_CA_BUNDLE", &path);
        let said = company.office.refused("", "The CA bundle cannot be used");
        assert!(said.contains(&format!("AWS_CA_BUNDLE {reason}")), "{said}");
        company = company.env("AWS_CA_BUNDLE", "");
    }
    assert_eq!(company.proxy.asked(), []);
}

#[tokio::test]
async fn the_error_stands_at_the_attribute() {
    let provider = TalosEndpoint::default();
    let schema = provider.schema();
    let aws = schema.attribute("aws").unwrap().value_type().object_of([("custom_ca_bundle", "/does/not/exist".into())]);
    let config = schema.object_type().object_of([("aws", Value::Object(aws))]);
    let said = provider.configure(config).await;
    let paths: Vec<_> = said.iter().map(|diagnostic| diagnostic.path.clone()).collect();
    assert_eq!(paths, [Path::of("aws").attribute("custom_ca_bundle")]);
}

/// Paths of files that are no bundle, each with what is said about it.
fn unusable(company: &Company) -> [(String, &'static str); 4] {
    let file = |name, content| company.office.file(name, content);
    let armoured = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    [
        (company.office.terraform.path().join("none.pem").display().to_string(), "it cannot be read (No such file"),
        (file("text.pem", "This is no certificate.\n"), "it holds no certificate in PEM form"),
        (file("empty.pem", ""), "it holds no certificate in PEM form"),
        (file("broken.pem", &format!("{}{armoured}", company.authority.pem())), "its certificate number 2 is damaged"),
    ]
}
