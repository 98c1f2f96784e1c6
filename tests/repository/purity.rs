//! What is decided is decided without looking at the world: the same input gives the same answer, and no test needs a network.

use crate::assert_none;
use crate::source::Source;

/// The rooms that only compute.
const PURE: [&str; 3] = ["model", "plan", "migration"];

/// What decides over probes, beside `PROBING`, which does them.
const READINESS: &str = "endpoint/readiness/";
const PROBING: &str = "endpoint/readiness/probing.rs";

/// The modules of `remote` whose plain types are values, and what of them isn't.
const VALUES: [(&str, &[&str]); 2] = [("elb", &["Elb"]), ("probe", &["Prober", "machine_name", "proxy_for"])];

/// True for production code of such a room, and of a function of the provider.
fn is_pure(source: &Source) -> bool {
    if source.path.starts_with(READINESS) && source.path != PROBING {
        return !source.is_test();
    }
    let place = source.endpoint();
    place.is_some_and(|(_, room, file)| room.map_or(file == "cloud_init", |room| PURE.contains(&room)))
        && !source.is_test()
}

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
        // Tests of a pure file may borrow samples and look where they like.
        if !is_pure(source) {
            continue;
        }
        let mut say = |what: String| {
            problems.push(format!(
                "src/{}: this file is pure, and {what}. Take the value as an argument; what touches the world is in `read`, `apply` and resource.rs.",
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
            // The plain types that calls give and take are values; the clients aren't.
            let (module, name) = (path.get(1).map_or("", String::as_str), path.get(2).map_or("", String::as_str));
            let value =
                VALUES.iter().any(|(values, acting)| *values == module && !name.is_empty() && !acting.contains(&name));
            let client = path.first().is_some_and(|layer| layer == "remote") && !value;
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
        "use crate::remote::elb::Elb;",
        "use crate::remote::aws::Aws;",
        "fn f() { getrandom::fill(&mut []); }",
    ] {
        assert_eq!(problems(&[Source::new("endpoint/nlb/plan/render.rs", text)]).len(), 1, "{text}");
    }
    let fine = "use super::spec::Spec; use crate::remote::elb::{HealthCheck, Tags}; use std::time::Duration;";
    assert_none(&problems(&[Source::new("endpoint/nlb/plan/render.rs", fine)]));
    assert_none(&problems(&[Source::new("endpoint/nlb/apply/driver.rs", "async fn f() {}")]));
    let probing = "use crate::remote::probe::Prober; async fn f() {}";
    assert_none(&problems(&[Source::new(PROBING, probing)]));
    assert_eq!(problems(&[Source::new("endpoint/readiness/verdict.rs", probing)]).len(), 2);
    assert_none(&problems(&[Source::new(
        "endpoint/readiness/verdict.rs",
        "use crate::remote::probe::{Attempt, End};",
    )]));
    assert_none(&problems(&[Source::new("endpoint/nlb/plan/render/tests.rs", "use super::super::sample::Sample;")]));
    assert_none(&problems(&[Source::new(
        "endpoint/nlb/plan/render/tests/x.rs",
        "use crate::endpoint::nlb::sample::Sample;",
    )]));
}
