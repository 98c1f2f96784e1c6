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
    text("must be a duration such as `90s`, `10m` or `1h30m`", |text| parse(text).is_some()).explain(fault)
}

/// What is wrong with the units of a duration; none where nothing is.
pub fn fault(text: &str) -> Option<String> {
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (number, after) = rest.split_at(digits);
        let end = after.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(after.len());
        let (unit, next) = after.split_at(end);
        let days = number.parse::<u32>().ok().filter(|_| unit == "d").and_then(|days| days.checked_mul(24));
        match (number, unit) {
            ("", _) => return None,
            (_, "") => return Some(format!("`{number}` has no unit: write `{number}s` for seconds.")),
            (_, unit) if UNITS.iter().any(|(known, _)| *known == unit) => {}
            (_, unit) if unit.chars().all(char::is_alphabetic) => {
                let instead = days.map_or_else(String::new, |hours| format!(" Write `{hours}h`."));
                return Some(format!("The unit `{unit}` is unknown: units are `h`, `m`, `s` and `ms`.{instead}"));
            }
            _ => return None,
        }
        rest = next;
    }
    None
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
        assert_eq!(fault("24d").unwrap(), "The unit `d` is unknown: units are `h`, `m`, `s` and `ms`. Write `576h`.");
        assert!(fault("1h30min").unwrap().contains("`min`") && fault("1week").unwrap().contains("`week`"));
        assert!(fault("10").unwrap().contains("`10s`") && fault("1h30").unwrap().contains("`30s`"));
        for other in ["", "-1s", "10 m", "90s", "600h", "s"] {
            assert_eq!(fault(other), None, "{other}");
        }
    }
}
