//! What a layer doesn't know, it doesn't name.

use std::collections::BTreeSet;

use talosendpoint::framework::provider::Provider;
use talosendpoint::provider::TalosEndpoint;

use crate::assert_none;
use crate::schema::walk;
use crate::source::Source;

/// The lower layers serve any provider: moving them to a crate of their own must stay a matter of moving folders.
const GENERAL: [&str; 3] = ["plugin", "protocol", "framework"];

/// In lower case; found in code, texts and comments.
const SUBJECTS: [&str; 7] = ["talos", "nlb", "load_balancer", "load balancer", "loadbalancer", "haproxy", "keepalived"];

/// What `remote` doesn't know: who asks it, and what they call things. In lower case; found in code, texts and comments.
const ASKERS: [&str; 5] = ["talos", "terraform", "provider block", "run again", "the next apply"];

/// What `framework` must not reach for: the wire, sockets, a runtime.
const OUTSIDE: [&str; 11] = [
    "prost",
    "prost_types",
    "tonic",
    "rmp",
    "tokio",
    "hyper",
    "rustls",
    "std::net",
    "std::process",
    "std::env",
    "std::fs",
];

/// `attributes` are those of all schemas.
fn problems(sources: &[Source], attributes: &BTreeSet<String>) -> Vec<String> {
    let mut problems = Vec::new();
    for source in sources.iter().filter(|source| source.layer() == "remote") {
        let text = source.text.to_lowercase();
        for word in ASKERS.iter().filter(|word| text.contains(**word)) {
            problems.push(format!(
                "src/{}: `remote` gives causes and no advice, and names {word:?}. Whoever knows the resource says what to do: \
                 src/endpoint/.",
                source.path
            ));
        }
        for (_, literal) in source.literals() {
            let quoted = literal.split('`').skip(1).step_by(2);
            for name in quoted.filter(|name| attributes.contains(*name)) {
                problems.push(format!(
                    "src/{}: `remote` knows no attributes, and a text names `{name}`. Give the cause a type, and write the text in \
                     src/endpoint/ or src/provider/.",
                    source.path
                ));
            }
        }
    }
    for source in sources.iter().filter(|source| GENERAL.contains(&source.layer())) {
        let text = source.text.to_lowercase();
        for word in SUBJECTS.iter().filter(|word| text.contains(**word)) {
            problems.push(format!(
                "src/{}: `{}` serves any provider, and names {word:?}. Pass it in from main.rs, or move the knowledge to src/endpoint/.",
                source.path,
                source.layer()
            ));
        }
    }
    for source in sources.iter().filter(|source| source.layer() == "framework") {
        for name in OUTSIDE.iter().filter(|name| source.names(name)) {
            problems.push(format!(
                "src/{}: `framework` is what Terraform means, not how it is sent: no {name} here. Translate in src/protocol/.",
                source.path
            ));
        }
        let rest = source.code.replace("tokio_util::sync::CancellationToken", "");
        if rest.contains("tokio_util") {
            problems.push(format!(
                "src/{}: of tokio_util only `sync::CancellationToken` is allowed in `framework`: it needs no runtime.",
                source.path
            ));
        }
    }
    problems
}

#[test]
fn layers_name_only_what_they_know() {
    assert_none(&problems(&Source::all(), &attributes()));
}

/// The names of all attributes of all schemas.
fn attributes() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let provider = TalosEndpoint::default();
    let (resources, sources) = (provider.resources(), provider.data_sources());
    let schemas =
        resources.iter().map(|resource| resource.schema()).chain(sources.iter().map(|source| source.schema()));
    for schema in schemas.chain([provider.schema()]) {
        walk(&schema.attributes, "", &mut |_, attribute| {
            names.insert(attribute.name.to_owned());
        });
    }
    names
}

#[test]
fn a_word_too_many_is_found() {
    for (path, text) in [
        ("plugin/mod.rs", "const COOKIE: &str = \"TALOSENDPOINT_TCP\";"),
        ("protocol/encode.rs", "// as an NLB does\n"),
        ("framework/value.rs", "fn load_balancer() {}"),
        ("framework/value.rs", "use tonic::Status;"),
        ("framework/value.rs", "fn f(_: std::net::IpAddr) {}"),
        ("framework/stop.rs", "use tokio_util::task::TaskTracker;"),
        ("remote/aws.rs", "/// As Terraform does."),
        ("remote/aws.rs", "const REMEDY: &str = \"Choose another `target_group_name`.\";"),
        ("remote/elb/read.rs", "fn f() -> String { format!(\"`{}` is no {}, correct `port`\", 1, 2) }"),
    ] {
        assert_eq!(problems(&[Source::new(path, text)], &attributes()).len(), 1, "{path}: {text}");
    }
    let fine = "use tokio_util::sync::CancellationToken; // not tokio::sync\n";
    assert_none(&problems(
        &[
            Source::new("framework/stop.rs", fine),
            Source::new("endpoint/nlb/plan/x.rs", "// NLB, tokio, `port`"),
            Source::new(
                "remote/aws.rs",
                "/// The `port` of `target_group_name`.\nfn port(target_group_name: &str) -> &str { \"`{}`\" }",
            ),
        ],
        &attributes(),
    ));
}
