//! What is decided is decided without looking at the world: the same input gives the same answer, and no test needs a network.

use crate::assert_none;
use crate::source::Source;

/// The files of an endpoint that only compute. A new one is added here or does I/O.
pub const PURE: &[&str] = &[
    "role",
    "schema",
    "spec",
    "rules",
    "render",
    "diff",
    "effective",
    "outputs",
    "warnings",
    "replacement",
    "succession",
    "plan",
    "import",
    "parts",
    "observed",
    "word",
    "timer",
    "fingerprint",
    "cloud_init",
    "link",
];

/// What reaches the world, the clock or chance.
const IMPURE_NAMES: [&str; 11] = [
    "tokio",
    "std::env",
    "std::fs",
    "std::net::TcpStream",
    "std::process",
    "std::time::Instant",
    "std::time::SystemTime",
    "Instant",
    "SystemTime",
    "getrandom",
    "env::var",
];

fn problems(sources: &[Source]) -> Vec<String> {
    let mut problems = Vec::new();
    for source in sources {
        let Some((kind, file)) = source.endpoint() else { continue };
        // Tests of a pure file may borrow samples and look where they like.
        if !PURE.contains(&file) || source.path.ends_with("/tests.rs") || source.path.contains("/tests/") {
            continue;
        }
        let mut say = |what: String| {
            problems.push(format!(
                "src/{}: this file is pure, and {what}. Take the value as an argument; look in driver.rs, observe.rs or resource.rs.",
                source.path
            ));
        };
        if source.names("async") || source.code.contains(".await") {
            say("something in it is async".to_owned());
        }
        for name in IMPURE_NAMES.iter().filter(|name| source.names(name)) {
            say(format!("names `{name}`"));
        }
        for path in source.own_paths() {
            let of_kind = path.len() > 2 && path[0] == "endpoint" && path[1] == kind;
            if of_kind && !PURE.contains(&path[2].as_str()) {
                say(format!("uses `{}`, which is not", path.join("::")));
            }
            // The plain types that calls give and take are values; the client isn't.
            let client = path.first().is_some_and(|layer| layer == "remote")
                && (path.get(1).is_none_or(|module| module != "elb") || path.get(2).is_none_or(|name| name == "Elb"));
            if client {
                say(format!("uses `{}`", path.join("::")));
            }
        }
    }
    problems
}

#[test]
fn pure_files_compute_and_do_nothing_else() {
    assert_none(&problems(&Source::all()));
}

#[test]
fn a_look_at_the_world_is_found() {
    for text in [
        "pub async fn render() {}",
        "fn f() { std::env::temp_dir(); }",
        "use tokio::time::sleep;",
        "use std::time::{Duration, Instant};",
        "use super::driver::Driver;",
        "use crate::remote::elb::Elb;",
        "use crate::remote::aws::Aws;",
        "fn f() { getrandom::fill(&mut []); }",
    ] {
        assert_eq!(problems(&[Source::new("endpoint/nlb/render.rs", text)]).len(), 1, "{text}");
    }
    let fine = "use super::spec::Spec; use crate::remote::elb::{HealthCheck, Tags}; use std::time::Duration;";
    assert_none(&problems(&[Source::new("endpoint/nlb/render.rs", fine)]));
    assert_none(&problems(&[Source::new("endpoint/nlb/driver.rs", "async fn f() {}")]));
    assert_none(&problems(&[Source::new("endpoint/nlb/render/tests.rs", "use super::super::sample::Sample;")]));
    assert_none(&problems(&[Source::new(
        "endpoint/nlb/render/tests/x.rs",
        "use crate::endpoint::nlb::sample::Sample;",
    )]));
}
