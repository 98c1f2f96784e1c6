//! What came of the drills, as a table.

use std::time::Duration;

/// How a drill ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Its goal was reached.
    Met,
    /// There is no goal.
    Noted,
    /// Its goal was missed.
    Missed,
    /// The VIP should have moved, and did not move at all.
    Stuck,
}

/// One drill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// What was done.
    pub what: String,
    /// What happened.
    pub happened: String,
    /// What should happen.
    pub goal: String,
    /// Whether it did.
    pub verdict: Verdict,
}

impl Row {
    /// A row that is good or not.
    pub fn judged(what: impl Into<String>, happened: String, goal: impl Into<String>, met: bool) -> Row {
        let verdict = if met { Verdict::Met } else { Verdict::Missed };
        Row { what: what.into(), happened, goal: goal.into(), verdict }
    }

    /// A row without a goal.
    pub fn noted(what: impl Into<String>, happened: impl Into<String>) -> Row {
        Row { what: what.into(), happened: happened.into(), goal: String::new(), verdict: Verdict::Noted }
    }

    /// Neither missed nor stuck.
    pub fn is_good(&self) -> bool {
        self.verdict < Verdict::Missed
    }
}

/// All rows in columns.
pub fn table(rows: &[Row]) -> String {
    let cells = |row: &Row| {
        let verdict = match row.verdict {
            Verdict::Met => "ok",
            Verdict::Noted => "",
            Verdict::Missed => "MISSED",
            Verdict::Stuck => "NEVER",
        };
        [row.what.clone(), row.happened.clone(), row.goal.clone(), verdict.to_owned()]
    };
    let head = ["drill", "what happened", "goal", ""].map(str::to_owned);
    let lines: Vec<[String; 4]> = [head].into_iter().chain(rows.iter().map(cells)).collect();
    let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or(0);
    let widths = [width(0), width(1), width(2)];
    let mut text = String::new();
    for line in &lines {
        let padded = (0..3).map(|column| format!("{:width$}  ", line[column], width = widths[column]));
        let padded: String = padded.chain([line[3].clone()]).collect();
        text.push_str(padded.trim_end());
        text.push('\n');
    }
    text
}

/// `1.6 s`.
pub fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}

/// `1 request`, `2 requests`.
pub fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_and_verdicts_are_plain() {
        let rows = [
            Row::judged("HAProxy killed", "VIP on lb-02 after 1.6 s".to_owned(), "< 3 s", true),
            Row { verdict: Verdict::Stuck, ..Row::judged("x", String::new(), "< 3 s", false) },
            Row::noted("said", "so"),
        ];
        assert_eq!(
            table(&rows),
            "drill           what happened             goal\n\
             HAProxy killed  VIP on lb-02 after 1.6 s  < 3 s  ok\n\
             x                                         < 3 s  NEVER\n\
             said            so\n"
        );
        assert_eq!(
            (seconds(Duration::from_millis(1649)), count(1, "request")),
            ("1.6 s".to_owned(), "1 request".to_owned())
        );
    }
}
