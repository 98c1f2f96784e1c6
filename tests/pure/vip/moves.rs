//! An endpoint that moves: the plan says so, its advice can be followed, and what was followed isn't advised again.

use lab::need;
use lab::programs;

use super::{apply, configure, warned};
use crate::stage::{Arguments, workspace};

const NEW: (&str, &str) = ("vip", r#""192.168.30.29""#);
const NAME: (&str, &str) = ("host", r#""api.example.org""#);

/// What the plan says in one line.
fn text(said: &str) -> String {
    let words = said.lines().flat_map(|line| line.trim_start_matches(['│', ' ']).split_whitespace());
    words.collect::<Vec<_>>().join(" ")
}

#[test]
fn a_virtual_ip_moves_by_way_of_an_additional_one() {
    let workspace = workspace(&need!(programs::terraform()));
    apply(&workspace, &[]);
    configure(&workspace, &[NEW]);
    let said = workspace.plan().with_status(2).stdout;
    assert_eq!(warned(&said), ["The endpoint moves"]);
    assert!(text(&said).contains("(1) keep 192.168.30.30, in `additional_vips`; (2) apply"), "{said}");
    let kept: Arguments = &[NEW, ("additional_vips", r#"[{ address = "192.168.30.30" }]"#)];
    configure(&workspace, kept);
    let said = workspace.plan().with_status(2).stdout;
    assert_eq!(warned(&said), ["The endpoint moves"]);
    assert!(text(&said).contains("(1) apply the new machine configuration to all nodes; (2) replace"), "{said}");
    assert!(text(&said).contains("(3) remove 192.168.30.30 from `additional_vips`."), "{said}");
    let both = apply(&workspace, kept);
    assert_eq!(both["api_server_cert_sans"], serde_json::json!(["192.168.30.30"]));
    apply(&workspace, &[NEW]);
}

#[test]
fn in_the_legacy_form_a_name_comes_first() {
    let workspace = workspace(&need!(programs::terraform()));
    let legacy: Arguments = &[("talos_version", r#""v1.11""#), ("dhcp", "false")];
    let with = |more: Arguments<'static>| [legacy, more].concat();
    apply(&workspace, legacy);
    configure(&workspace, &with(&[NEW]));
    let said = workspace.plan().with_status(2).stdout;
    assert!(text(&said).contains("room for one virtual IP, so 192.168.30.30 ends as soon as"), "{said}");
    configure(&workspace, &with(&[NAME]));
    let said = workspace.plan().with_status(2).stdout;
    assert!(text(&said).contains("(1) make `api.example.org` lead to the control plane; (2) apply"), "{said}");
    apply(&workspace, &with(&[NAME]));
    configure(&workspace, &with(&[NAME, NEW]));
    let said = workspace.plan().with_status(2).stdout;
    assert_eq!(warned(&said), ["The endpoint moves"]);
    assert!(text(&said).contains("change the DNS record of `api.example.org`"), "{said}");
    apply(&workspace, &with(&[NAME, NEW]));
}

#[test]
fn a_host_that_is_not_known_yet_may_move() {
    let workspace = workspace(&need!(programs::terraform()));
    apply(&workspace, &[NAME]);
    let later = "resource \"terraform_data\" \"later\" {\n  input = \"api.example.org\"\n}\n";
    let resource = super::resource("this", &[("host", "terraform_data.later.output")]);
    workspace.main(&(crate::stage::header() + later + &resource));
    let said = workspace.plan().with_status(2).stdout;
    assert_eq!(warned(&said), ["The endpoint may move"]);
    // It stays what it was.
    workspace.apply().ok();
    assert!(warned(&workspace.plan().ok().stdout).is_empty());
}

#[test]
fn a_host_entry_follows_the_virtual_ip_with_a_warning() {
    let workspace = workspace(&need!(programs::terraform()));
    let entry = ("host_entry", "true");
    apply(&workspace, &[NAME, entry]);
    configure(&workspace, &[NAME, entry, NEW]);
    let said = workspace.plan().with_status(2).stdout;
    assert_eq!(warned(&said), ["The endpoint moves"]);
    assert!(text(&said).contains("DNS and the host table of every node have to follow."), "{said}");
}
