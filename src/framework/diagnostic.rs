//! Errors and warnings, as the user reads them.
//!
//! A diagnostic has a short title, a detail that gives the reason and the remedy, and where possible the attribute it is about. There
//! are three kinds, by whose move it is: [`Diagnostic::invalid`] (the user changes the configuration), [`Diagnostic::failed`] (the
//! world said no) and [`Diagnostic::bug`] (ours). [`Diagnostic::warning`] informs.

use std::error::Error;

use super::path::Path;

/// Whether the run may go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The operation did not succeed.
    Error,
    /// The user should know, and the operation goes on.
    Warning,
}

/// One message for the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Error or warning.
    pub severity: Severity,
    /// A few words, no full stop.
    pub title: String,
    /// The reason, and what to do.
    pub detail: String,
    /// The attribute it is about; the root where it is about the whole.
    pub path: Path,
}

impl Diagnostic {
    /// The configuration is wrong at `path`; the user must change it.
    pub fn invalid(path: Path, title: impl Into<String>, detail: impl Into<String>) -> Diagnostic {
        Diagnostic { severity: Severity::Error, title: title.into(), detail: detail.into(), path }
    }

    /// The outside world refused; `detail` says what happened and what to try.
    pub fn failed(title: impl Into<String>, detail: impl Into<String>) -> Diagnostic {
        Diagnostic { severity: Severity::Error, title: title.into(), detail: detail.into(), path: Path::root() }
    }

    /// The provider is wrong. The text asks the user to report it.
    pub fn bug(title: impl Into<String>, detail: impl AsRef<str>) -> Diagnostic {
        let detail =
            format!("{}\n\nThis is a bug in the provider. Please report it to its developers.", detail.as_ref());
        Diagnostic { severity: Severity::Error, title: title.into(), detail, path: Path::root() }
    }

    /// Nothing failed, but the user should know.
    pub fn warning(path: Path, title: impl Into<String>, detail: impl Into<String>) -> Diagnostic {
        Diagnostic { severity: Severity::Warning, title: title.into(), detail: detail.into(), path }
    }

    /// The same diagnostic about the attribute at `path`.
    #[must_use]
    pub fn at(mut self, path: Path) -> Diagnostic {
        self.path = path;
        self
    }
}

/// Every diagnostic of one operation, in order, without repetitions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diagnostics(Vec<Diagnostic>);

impl Diagnostics {
    /// Nothing to say.
    pub fn new() -> Diagnostics {
        Diagnostics::default()
    }

    /// Adds one, unless it is there already.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        if !self.0.contains(&diagnostic) {
            self.0.push(diagnostic);
        }
    }

    /// Adds all of `other`.
    pub fn append(&mut self, other: Diagnostics) {
        other.0.into_iter().for_each(|diagnostic| self.push(diagnostic));
    }

    /// True if one of them is an error.
    pub fn has_error(&self) -> bool {
        self.0.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// True if there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The diagnostics in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.0.iter()
    }
}

impl From<Diagnostic> for Diagnostics {
    fn from(diagnostic: Diagnostic) -> Self {
        Diagnostics(vec![diagnostic])
    }
}

impl IntoIterator for Diagnostics {
    type Item = Diagnostic;
    type IntoIter = std::vec::IntoIter<Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

/// An error and all its causes on one line, `outer: inner: innermost`; a cause that its parent already says is not said twice. The
/// only place where a chain becomes text.
pub fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repetitions_are_dropped() {
        let mut diagnostics = Diagnostics::new();
        diagnostics.push(Diagnostic::failed("a", "b"));
        diagnostics.push(Diagnostic::failed("a", "b"));
        diagnostics.push(Diagnostic::warning(Path::root(), "a", "b"));
        assert_eq!(diagnostics.iter().count(), 2);
        assert!(diagnostics.has_error());
    }

    #[test]
    fn a_chain_is_one_line() {
        let inner = std::io::Error::other("inner");
        let outer = std::io::Error::other(inner);
        assert_eq!(chain(&outer), "inner");
    }
}
