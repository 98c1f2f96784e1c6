//! Two moments of an account, compared as text.

use std::sync::LazyLock;

use lab::call::Call;
use regex::Regex;

use crate::lifecycle::GUEST;

/// Without the tags of ours that come off with the next read.
pub fn unmarked(text: &str) -> String {
    static MARKER: LazyLock<Regex> = LazyLock::new(|| Regex::new(r#""talosendpoint:[a-z]+": "[^"]*"(, )?"#).unwrap());
    MARKER.replace_all(text, "").replace(", }", "}")
}

/// A call on one line.
pub fn shown(call: &Call) -> String {
    let short = |value: &str| value.rsplit_once(":123456789012:").map_or(value.to_owned(), |(_, rest)| rest.to_owned());
    let params = call.params.iter().filter(|(key, _)| !key.starts_with("HealthCheck"));
    let params: Vec<String> =
        params.map(|(key, value)| format!("{}={}", key.replace(".member", ""), short(value))).collect();
    format!("{} {}", call.action, params.join(" "))
}

pub fn difference(wanted: &str, found: &str) -> String {
    let only = |left: &str, right: &str, sign: char| {
        let lines: Vec<&str> = right.lines().collect();
        left.lines().filter(|line| !lines.contains(line)).map(|line| format!("{sign} {line}\n")).collect::<String>()
    };
    only(wanted, found, '-') + &only(found, wanted, '+')
}

/// `text` without these members of its lists and maps.
pub fn without(text: &str, members: &[String]) -> String {
    let less = members
        .iter()
        .fold(text.to_owned(), |text, member| text.replace(&format!(", {member}"), "").replace(member, ""));
    tidy(&less)
}

/// `text` without the registration that somebody else has made.
pub fn without_guest(text: &str) -> String {
    static REGISTERED: LazyLock<Regex> = LazyLock::new(|| Regex::new(&format!("(, )?\"{GUEST}:[0-9]+\"")).unwrap());
    tidy(&REGISTERED.replace_all(text, ""))
}

fn tidy(text: &str) -> String {
    text.replace("[, ", "[").replace("{, ", "{")
}
