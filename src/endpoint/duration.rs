//! Durations as Terraform users write them: `90s`, `10m`, `1h30m`, `1.5h`.

use std::time::Duration;

use crate::framework::validator::{Validator, text};

/// Units in the notation of Go, which the other providers use.
const UNITS: [(&str, f64); 6] = [("ns", 1e-9), ("us", 1e-6), ("ms", 1e-3), ("h", 3600.0), ("m", 60.0), ("s", 1.0)];

/// Parses a positive duration.
pub fn parse(text: &str) -> Option<Duration> {
    let mut rest = text;
    let mut seconds = 0.0;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let number: f64 = rest[..end].parse().ok()?;
        let (unit, factor) = UNITS.iter().find(|(unit, _)| rest[end..].starts_with(unit))?;
        seconds += number * factor;
        rest = &rest[end + unit.len()..];
    }
    (seconds > 0.0).then(|| Duration::try_from_secs_f64(seconds).ok()).flatten()
}

/// Accepts what [`parse`] does.
pub fn validator() -> Validator {
    text("must be a duration such as `90s`, `10m` or `1h30m`", |text| parse(text).is_some())
        .explain(|text| fault(text, |_| true))
}

/// What is wrong with the units of a duration; none where nothing is. It advises only what is `accepted`: an argument may have limits.
pub fn fault(text: &str, accepted: fn(&str) -> bool) -> Option<String> {
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (number, after) = rest.split_at(digits);
        let end = after.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(after.len());
        let (unit, next) = after.split_at(end);
        match (number, unit) {
            ("", _) => return None,
            (_, "") => {
                let instead = format!("{text}s");
                let instead =
                    if accepted(&instead) { format!(": write `{instead}` for seconds") } else { String::new() };
                return Some(format!("`{number}` has no unit{instead}."));
            }
            (_, unit) if UNITS.iter().any(|(known, _)| *known == unit) => {}
            (_, unit) if unit.chars().all(char::is_alphabetic) => {
                let instead = in_hours(text).filter(|hours| accepted(hours));
                let instead = instead.map_or_else(String::new, |hours| format!(" Write `{hours}`."));
                return Some(format!("The unit `{unit}` is unknown: units are `h`, `m`, `s` and `ms`.{instead}"));
            }
            _ => return None,
        }
        rest = next;
    }
    None
}

/// Days at the beginning, and the hours after them, as hours: `36h` for `1d12h`.
fn in_hours(text: &str) -> Option<String> {
    let (days, rest) = text.split_once('d')?;
    let (hours, rest) = rest.split_once('h').unwrap_or(("0", rest));
    let hours = days.parse::<u32>().ok()?.checked_mul(24)?.checked_add(hours.parse().ok()?)?;
    let instead = format!("{hours}h{rest}");
    parse(&instead).map(|_| instead)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_notation_of_go() {
        for (text, seconds) in [("90s", 90.0), ("10m", 600.0), ("1h30m", 5400.0), ("1.5h", 5400.0), ("500ms", 0.5)] {
            assert_eq!(parse(text), Some(Duration::from_secs_f64(seconds)), "{text}");
        }
        for text in ["", "10", "m", "-1s", "1x", "0s", "1..5s", "10 m", "1e9h"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_wrong_unit_is_named() {
        let fault = |text: &str| fault(text, |_| true);
        let unknown = "The unit `d` is unknown: units are `h`, `m`, `s` and `ms`.";
        for (text, instead) in [("24d", "576h"), ("1d12h", "36h"), ("1d12h30m", "36h30m"), ("1d30m", "24h30m")] {
            assert_eq!(fault(text).unwrap(), format!("{unknown} Write `{instead}`."));
        }
        for unclear in ["1.5d", "2h1d", "4294967295d"] {
            assert_eq!(fault(unclear).unwrap(), unknown, "{unclear}");
        }
        assert!(fault("1h30min").unwrap().contains("`min`") && fault("1week").unwrap().contains("`week`"));
        assert!(fault("10").unwrap().contains("`10s`") && fault("1h30").unwrap().contains("write `1h30s`"));
        for other in ["", "-1s", "10 m", "90s", "600h", "s"] {
            assert_eq!(fault(other), None, "{other}");
        }
    }

    #[test]
    fn what_is_not_accepted_is_not_advised() {
        let at_most_a_day = |text: &str| parse(text).is_some_and(|length| length.as_secs() <= 86_400);
        assert!(fault("1d", at_most_a_day).unwrap().ends_with("Write `24h`."));
        assert!(!fault("2d", at_most_a_day).unwrap().contains("48h"));
        assert_eq!(fault("90000", at_most_a_day).unwrap(), "`90000` has no unit.");
    }
}
