//! Panics in the form that hosts recognise.
//!
//! A stderr line that starts with `panic: ` makes the host keep the following lines, up to a hundred, and show them to the
//! user when the run fails. A line that is a JSON object would end the capture, and one with a non-string `@level` would
//! bring down Terraform itself; neither can be written here.

use std::{
    any::Any,
    backtrace::Backtrace,
    fmt::Write as _,
    io::{self, Write as _},
    panic::{self, PanicHookInfo},
    thread,
};

/// The host keeps a hundred lines, ours included.
const MOST_LINES: usize = 90;

/// Writes every panic of this process to stderr as `panic: MESSAGE`, place and trace. What happens next (the handler's
/// request fails, or is answered with an error) isn't decided here.
pub fn install() {
    panic::set_hook(Box::new(|panic| {
        let text = report(
            panic,
            thread::current().name(),
            &Backtrace::force_capture().to_string(),
        );
        // stderr is all there is to complain to.
        let _ = io::stderr().lock().write_all(text.as_bytes());
    }));
}

fn report(panic: &PanicHookInfo<'_>, thread: Option<&str>, trace: &str) -> String {
    let place = panic
        .location()
        .map(ToString::to_string)
        .unwrap_or_default();
    format_report(
        message(panic.payload()),
        &place,
        thread.unwrap_or("unnamed"),
        trace,
    )
}

fn message(payload: &(dyn Any + Send)) -> &str {
    let text = payload.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| payload.downcast_ref::<&str>().copied())
        .unwrap_or("no message")
}

/// Continuation lines start with a bar, so that a message in several lines can't pass for a line of its own (JSON,
/// `[ERROR]`). A stripped binary knows no names; its trace is left out.
fn format_report(message: &str, place: &str, thread: &str, trace: &str) -> String {
    let mut lines = message.lines();
    let mut text = format!("panic: {}\n", lines.next().unwrap_or_default());
    let place = format!("at {place}, thread {thread}");
    let known = trace
        .lines()
        .any(|line| !line.trim_end().ends_with("<unknown>") && !line.trim().is_empty());
    let trace = trace.lines().filter(|_| known);
    for line in lines.chain([place.as_str()]).chain(trace).take(MOST_LINES) {
        // Writing to a String can't fail.
        let _ = writeln!(text, "| {line}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_but_the_first_can_be_mistaken() {
        let text = format_report(
            "one\n{\"@level\": 1}\n[ERROR] two",
            "src/a.rs:1:2",
            "main",
            "0: f\n1: g\n",
        );
        let lines = [
            "panic: one",
            "| {\"@level\": 1}",
            "| [ERROR] two",
            "| at src/a.rs:1:2, thread main",
            "| 0: f",
            "| 1: g",
        ];
        assert_eq!(text.lines().collect::<Vec<_>>(), lines);
    }

    #[test]
    fn a_trace_without_names_is_left_out_and_a_long_one_cut() {
        let text = format_report("m", "p", "t", "   0: <unknown>\n   1: <unknown>\n");
        assert_eq!(text.lines().count(), 2);
        assert_eq!(
            format_report("m", "p", "t", &"0: f\n".repeat(500))
                .lines()
                .count(),
            1 + MOST_LINES
        );
    }

    #[test]
    fn payloads_of_both_kinds_are_read() {
        assert_eq!(message(&"text"), "text");
        assert_eq!(message(&"owned".to_owned()), "owned");
        assert_eq!(message(&7), "no message");
    }
}
