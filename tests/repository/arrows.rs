//! Who may use whom (ARCHITECTURE.md, the picture).

use crate::assert_none;
use crate::source::{ROOMS, Source};

/// A layer and what it may use beside itself.
const ARROWS: [(&str, &[&str]); 9] = [
    ("lib", &[]),
    ("main", &["plugin", "protocol", "framework", "provider"]),
    ("plugin", &[]),
    ("protocol", &["framework"]),
    ("framework", &[]),
    ("endpoint", &["framework", "remote", "secret"]),
    ("remote", &["secret"]),
    ("secret", &[]),
    ("provider", &["framework", "endpoint", "remote", "secret"]),
];

/// Every path that goes where no arrow leads.
fn problems(sources: &[Source]) -> Vec<String> {
    let mut problems = Vec::new();
    for source in sources {
        let layer = source.layer();
        let Some((_, allowed)) = ARROWS.iter().find(|(from, _)| *from == layer) else {
            problems.push(format!(
                "src/{}: `{layer}` is a new layer. Draw it in ARCHITECTURE.md and add its arrows to tests/repository/arrows.rs.",
                source.path
            ));
            continue;
        };
        for path in source.own_paths() {
            // What re-exports of the crate's root lead to is a layer too; a bare macro or the root itself is none.
            let Some(target) = path.first().filter(|first| ARROWS.iter().any(|(layer, _)| layer == first)) else {
                continue;
            };
            if target != layer && !allowed.contains(&target.as_str()) {
                problems.push(format!(
                    "src/{}: `{layer}` may not use `{}`. Move what is needed to a layer that both may use ({}), or pass it in from above.",
                    source.path,
                    path.join("::"),
                    if allowed.is_empty() { "there is none below this one".to_owned() } else { allowed.join(", ") },
                ));
            }
        }
        problems.extend(between_endpoints(source, sources));
        problems.extend(between_rooms(source));
    }
    problems
}

/// Endpoints don't know one another, and what they share knows none of them.
fn between_endpoints(source: &Source, sources: &[Source]) -> Vec<String> {
    if source.layer() != "endpoint" {
        return Vec::new();
    }
    let is_endpoint = |name: &str| sources.iter().any(|other| other.endpoint().is_some_and(|(kind, ..)| kind == name));
    let own = source.endpoint().map(|(kind, ..)| kind);
    let paths = source.own_paths();
    let foreign = paths.iter().filter(|path| {
        path.len() > 1 && path[0] == "endpoint" && is_endpoint(&path[1]) && own != Some(path[1].as_str())
    });
    let problems = foreign.map(|path| {
        format!(
            "src/{}: an endpoint is known to the provider alone, so `{}` may not be used here. Move what both need into src/endpoint/.",
            source.path,
            path.join("::")
        )
    });
    problems.collect()
}

/// Inside an endpoint: model ← plan ← read ← migration ← apply ← the files beside the rooms.
fn between_rooms(source: &Source) -> Vec<String> {
    let rank = |room: &str| ROOMS.iter().position(|other| *other == room);
    let Some((kind, Some(room), _)) = source.endpoint() else { return Vec::new() };
    if source.is_test() {
        return Vec::new(); // their samples come from everywhere
    }
    let paths = source.own_paths();
    let later = paths.iter().filter(|path| {
        let inside = path.len() > 2 && path[0] == "endpoint" && path[1] == kind;
        let beside = || !matches!(path[2].as_str(), "sample" | "golden"); // named by test modules inside the file only
        inside && rank(&path[2]).map_or_else(beside, |other| Some(other) > rank(room))
    });
    let problems = later.map(|path| {
        format!(
            "src/{}: in an endpoint the arrows are model ← plan ← read ← migration ← apply ← resource, so `{room}` may not use `{}`. Move what is needed \
             to `{room}` or before it, or pass it in.",
            source.path,
            path[2..].join("::")
        )
    });
    problems.collect()
}

#[test]
fn every_use_follows_an_arrow() {
    assert_none(&problems(&Source::all()));
}

#[test]
fn a_use_against_the_arrows_is_found() {
    let nlb = || Source::new("endpoint/nlb/model/schema.rs", "");
    for (path, text) in [
        ("framework/value.rs", "use crate::protocol::json;"),
        ("plugin/mod.rs", "use crate::framework::value::Value;"),
        ("remote/aws.rs", "use crate::endpoint::duration;"),
        ("remote/aws.rs", "fn f(x: crate::framework::value::Value) {}"),
        ("protocol/service.rs", "use crate::{framework::value, provider::TalosEndpoint};"),
        ("endpoint/vip/render.rs", "use super::super::nlb::schema;"),
        ("endpoint/contract.rs", "use super::nlb::role::Role;"),
        ("surprise.rs", ""),
        ("endpoint/nlb/model/spec.rs", "use super::super::plan::rules;"),
        ("endpoint/nlb/plan/diff.rs", "use crate::endpoint::nlb::{model::spec::Spec, read::current};"),
        ("endpoint/nlb/read/current.rs", "fn f() { crate::endpoint::nlb::apply::run::go() }"),
        ("endpoint/nlb/apply/run.rs", "use super::super::resource::Nlb;"),
    ] {
        assert_eq!(problems(&[nlb(), Source::new(path, text)]).len(), 1, "{path}: {text}");
    }
    for (path, text) in [
        (
            "endpoint/nlb/plan/diff.rs",
            "use super::render; use super::super::model::schema; use crate::remote::elb::Tags;",
        ),
        ("endpoint/nlb/plan/diff/tests.rs", "use crate::endpoint::nlb::sample::config;"),
        ("endpoint/nlb/resource.rs", "use super::apply::run::Run; use super::model::schema::SCHEMA;"),
    ] {
        assert_none(&problems(&[nlb(), Source::new(path, text)]));
    }
}
