//! `provider::talosendpoint::endpoint_url` with the real CLI.

use lab::need;
use lab::programs::{Feature, terraform_with};

use crate::stage::{header, workspace};

fn output(name: &str, arguments: &str) -> String {
    format!("output \"{name}\" {{\n  value = provider::talosendpoint::endpoint_url({arguments})\n}}\n")
}

#[test]
fn terraform_gets_a_url_or_a_reason_at_the_argument() {
    let workspace = workspace(&need!(terraform_with(Feature::Functions)));
    let good = output("name", "\"api.example.com\", 443") + &output("ipv6", "\"2001:db8::1\", \"6443\"");
    workspace.main(&(header() + &good));
    workspace.apply().ok();
    assert_eq!(workspace.output("name"), "https://api.example.com:443");
    assert_eq!(workspace.output("ipv6"), "https://[2001:db8::1]:6443");
    for (arguments, said) in [
        ("\"https://api.example.com\", 443", "Invalid value for \"host\" parameter"),
        ("\"[fd00::1]\", 443", "Brackets belong in URLs. Write `fd00::1`."),
        ("\"api.example.com\", 0", "Invalid value for \"port\" parameter"),
        ("\"api.example.com\", null", "argument must not be null"),
    ] {
        workspace.main(&(header() + &output("bad", arguments)));
        let told = workspace.plan().with_status(1).flat();
        assert!(told.contains(said) && !told.contains(".."), "{arguments}: {told}");
    }
}

#[test]
fn an_unknown_host_is_waited_for() {
    let workspace = workspace(&need!(terraform_with(Feature::Functions)));
    let later = "resource \"terraform_data\" \"later\" {\n  input = \"api.example.com\"\n}\n";
    workspace.main(&(header() + later + &output("url", "terraform_data.later.output, 6443")));
    workspace.apply().ok();
    assert_eq!(workspace.output("url"), "https://api.example.com:6443");
    assert_eq!(workspace.plan().status, 0);
}
