//! The program's log, on stderr, where the host reads it and prints it with its own.
//!
//! Only events of the named crates are written: SDKs log requests, headers and bodies, and so secrets. Without a log
//! variable in the environment nobody reads below errors, and disabled events cost a comparison.

use std::{
    env, fmt,
    io::{self, Write},
    time::SystemTime,
};

use tracing::{
    Event, Level, Metadata, Subscriber,
    field::{Field, Visit},
    level_filters::LevelFilter,
    span,
    subscriber::SetGlobalDefaultError,
};
use tracing_subscriber::{
    Layer,
    layer::{Context, SubscriberExt},
    registry::LookupSpan,
};

use super::hclog::Line;

/// Where the level is looked up; the first that is set and not empty counts.
const VARIABLES: [&str; 2] = ["TF_LOG_PROVIDER", "TF_LOG"];

/// Writes the events of these crates (names as in Rust paths) to stderr, for the rest of the process.
///
/// # Errors
/// When something else has been installed before.
pub fn install(crates: &'static [&'static str]) -> Result<(), SetGlobalDefaultError> {
    let layer = Hclog {
        crates,
        most: level(|name| env::var(name).ok()),
    };
    tracing::subscriber::set_global_default(tracing_subscriber::registry().with(layer))
}

/// The most verbose level to write. The host filters again, so a word it knows but we don't means everything.
fn level(lookup: impl Fn(&str) -> Option<String>) -> LevelFilter {
    let set = VARIABLES
        .iter()
        .find_map(|name| lookup(name).filter(|value| !value.is_empty()));
    match set.map(|value| value.to_ascii_uppercase()).as_deref() {
        None | Some("ERROR") => LevelFilter::ERROR,
        Some("OFF") => LevelFilter::OFF,
        Some("WARN") => LevelFilter::WARN,
        Some("INFO") => LevelFilter::INFO,
        Some("DEBUG") => LevelFilter::DEBUG,
        // JSON means TRACE in another form; anything unknown means TRACE to Terraform.
        Some(_) => LevelFilter::TRACE,
    }
}

fn name(level: Level) -> &'static str {
    match level {
        Level::ERROR => "error",
        Level::WARN => "warn",
        Level::INFO => "info",
        Level::DEBUG => "debug",
        Level::TRACE => "trace",
    }
}

struct Hclog {
    crates: &'static [&'static str],
    most: LevelFilter,
}

impl Hclog {
    fn ours(&self, target: &str) -> bool {
        self.crates.iter().any(|name| {
            target
                .strip_prefix(name)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
        })
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Hclog {
    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        *metadata.level() <= self.most && self.ours(metadata.target())
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(self.most)
    }

    /// A span's fields appear on every line written inside it.
    fn on_new_span(
        &self,
        attributes: &span::Attributes<'_>,
        id: &span::Id,
        context: Context<'_, S>,
    ) {
        if let Some(span) = context.span(id) {
            let mut fields = Fields::default();
            attributes.record(&mut fields);
            span.extensions_mut().insert(fields);
        }
    }

    fn on_record(&self, id: &span::Id, values: &span::Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(fields) = span.extensions_mut().get_mut::<Fields>()
        {
            values.record(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let metadata = event.metadata();
        let mut line = Line::new(
            SystemTime::now(),
            name(*metadata.level()),
            metadata.target(),
            &fields.message,
        );
        fields.write_to(&mut line);
        for span in context.event_scope(event).into_iter().flatten() {
            if let Some(fields) = span.extensions().get::<Fields>() {
                fields.write_to(&mut line);
            }
        }
        // One write, so that lines of several threads don't mix. A host that is gone reads no complaints.
        let _ = io::stderr().lock().write_all(line.finish().as_bytes());
    }
}

/// The values of one event or span.
#[derive(Default)]
struct Fields {
    message: String,
    others: Vec<(&'static str, String)>,
}

impl Fields {
    fn write_to(&self, line: &mut Line) {
        for (name, value) in &self.others {
            line.field(name, value);
        }
    }
}

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.record_debug(field, &format_args!("{value}"));
    }

    /// All other kinds of values arrive here too.
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        match field.name() {
            "message" => self.message = format!("{value:?}"),
            name => self.others.push((name, format!("{value:?}"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_providers_variable_wins_and_silence_is_the_default() {
        let with = |variables: &[(&str, &str)]| {
            level(|name| {
                variables
                    .iter()
                    .find(|(known, _)| *known == name)
                    .map(|(_, value)| (*value).to_owned())
            })
        };
        assert_eq!(with(&[]), LevelFilter::ERROR);
        assert_eq!(with(&[("TF_LOG", "info")]), LevelFilter::INFO);
        assert_eq!(
            with(&[("TF_LOG", "INFO"), ("TF_LOG_PROVIDER", "WARN")]),
            LevelFilter::WARN
        );
        assert_eq!(
            with(&[("TF_LOG", "INFO"), ("TF_LOG_PROVIDER", "")]),
            LevelFilter::INFO
        );
        assert_eq!(with(&[("TF_LOG", "OFF")]), LevelFilter::OFF);
        for word in ["TRACE", "JSON", "nonsense"] {
            assert_eq!(with(&[("TF_LOG", word)]), LevelFilter::TRACE, "{word}");
        }
    }

    #[test]
    fn only_the_named_crates_speak() {
        let log = Hclog {
            crates: &["ours"],
            most: LevelFilter::TRACE,
        };
        assert!(log.ours("ours") && log.ours("ours::deep::down"));
        assert!(!log.ours("ours_not") && !log.ours("hyper") && !log.ours("yours::ours"));
    }
}
