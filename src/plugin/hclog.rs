//! One log line in the form that hosts read back: a JSON object as hclog writes it. Pure text.
//!
//! The host parses every stderr line. A timestamp of another form makes it print the raw line; `@message`, `@level` or
//! `@timestamp` that aren't strings crash Terraform; a line over 64 KiB is cut into raw pieces. Hence: everything is a
//! string (numbers too: as JSON numbers Go would print a million as 1e+06), and sizes are limited here.

use std::{
    fmt::Write,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// Longest value in bytes, after escaping.
const LONGEST_VALUE: usize = 8 * 1024;

/// Longest line in bytes. Fields that don't fit any more are left out, and the line says so.
pub const LONGEST_LINE: usize = 56 * 1024;

const CUT: &str = "… (cut)";
const LEFT_OUT: &str = r#","fields_left_out":"true""#;

/// A line being written.
#[derive(Debug)]
pub struct Line {
    text: String,
    full: bool,
}

impl Line {
    /// Starts a line with the four fields that each one has. `level` is hclog's name: `trace` to `error`.
    pub fn new(at: SystemTime, level: &str, module: &str, message: &str) -> Self {
        let mut line = Self {
            text: String::from("{"),
            full: false,
        };
        line.push("@level", level);
        line.push("@message", message);
        line.push("@module", module);
        line.push(
            "@timestamp",
            &timestamp(at.duration_since(UNIX_EPOCH).unwrap_or_default()),
        );
        line
    }

    /// Adds a field; names that begin with `@` belong to hclog and are ignored.
    pub fn field(&mut self, name: &str, value: &str) {
        if self.full || name.starts_with('@') {
            return;
        }
        let before = self.text.len();
        self.push(name, value);
        if self.text.len() + LEFT_OUT.len() + "}\n".len() > LONGEST_LINE {
            self.text.truncate(before);
            self.text.push_str(LEFT_OUT);
            self.full = true;
        }
    }

    /// The line with its newline.
    pub fn finish(mut self) -> String {
        self.text.push_str("}\n");
        self.text
    }

    fn push(&mut self, name: &str, value: &str) {
        if self.text.len() > 1 {
            self.text.push(',');
        }
        push_string(&mut self.text, name);
        self.text.push(':');
        push_string(&mut self.text, value);
    }
}

/// Appends a JSON string, cut when its escaped form gets too long.
fn push_string(line: &mut String, text: &str) {
    let limit = line.len() + LONGEST_VALUE;
    line.push('"');
    for char in text.chars() {
        if line.len() >= limit {
            line.push_str(CUT);
            break;
        }
        match char {
            '"' | '\\' => line.extend(['\\', char]),
            '\n' => line.push_str("\\n"),
            '\t' => line.push_str("\\t"),
            // Writing to a String can't fail.
            control if control < ' ' => drop(write!(line, "\\u{:04x}", u32::from(control))),
            other => line.push(other),
        }
    }
    line.push('"');
}

/// `YYYY-MM-DDTHH:MM:SS.ffffffZ`: exactly six fraction digits, or the host refuses the line.
fn timestamp(since_epoch: Duration) -> String {
    let seconds = since_epoch.as_secs();
    let (year, month, day) = date(seconds / 86_400);
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    let micros = since_epoch.subsec_micros();
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{micros:06}Z")
}

/// The Gregorian date so many days after 1970-01-01.
fn date(mut days: u64) -> (u64, usize, u64) {
    let leap = |year: u64| {
        year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
    };
    let mut year = 1970;
    loop {
        let length = 365 + u64::from(leap(year));
        if days < length {
            break;
        }
        days -= length;
        year += 1;
    }
    let february = 28 + u64::from(leap(year));
    let mut month = 1;
    for length in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30] {
        if days < length {
            break;
        }
        days -= length;
        month += 1;
    }
    (year, month, days + 1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    fn line(message: &str, fields: &[(&str, &str)]) -> String {
        let mut line = Line::new(UNIX_EPOCH, "info", "module", message);
        fields
            .iter()
            .for_each(|(name, value)| line.field(name, value));
        line.finish()
    }

    #[test]
    fn a_line_looks_like_this() {
        assert_eq!(
            line("hello\n\"world\"", &[("count", "3"), ("@level", "7")]),
            concat!(
                r#"{"@level":"info","@message":"hello\n\"world\"","@module":"module","#,
                r#""@timestamp":"1970-01-01T00:00:00.000000Z","count":"3"}"#,
                "\n"
            )
        );
    }

    #[test]
    fn timestamps_have_six_digits_and_the_right_day() {
        // Expected values from date(1).
        for (seconds, micros, text) in [
            (951_782_400, 0, "2000-02-29T00:00:00.000000Z"),
            (1_709_251_199, 5, "2024-02-29T23:59:59.000005Z"),
            (1_767_225_599, 999_999, "2025-12-31T23:59:59.999999Z"),
            (4_107_542_400, 120_000, "2100-03-01T00:00:00.120000Z"),
        ] {
            assert_eq!(timestamp(Duration::new(seconds, micros * 1000)), text);
        }
    }

    #[test]
    fn long_values_and_too_many_fields_are_cut() {
        let long = "\u{1}".repeat(100_000);
        let fields: Vec<_> = (0..20).map(|_| ("field", long.as_str())).collect();
        let text = line(&long, &fields);
        assert!(text.len() <= LONGEST_LINE, "{}", text.len());
        let value: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(value["fields_left_out"], "true");
        assert!(value["@message"].as_str().unwrap().ends_with(CUT));
    }

    proptest! {
        #[test]
        fn every_text_survives_as_one_line_of_strings(message in any::<String>(), name in "[^@].*", value in any::<String>()) {
            let text = line(&message, &[(&name, &value)]);
            prop_assert_eq!(text.matches('\n').count(), 1);
            let parsed: serde_json::Map<String, Value> = serde_json::from_str(&text).unwrap();
            prop_assert!(parsed.values().all(Value::is_string));
            prop_assert_eq!(parsed["@message"].as_str(), Some(message.as_str()));
            prop_assert_eq!(parsed[&name].as_str(), Some(value.as_str()));
        }
    }
}
