//! Errors and what they come from.

use std::error::Error;
use std::io;

/// An error and its causes. What an I/O error carries is not among its own causes, so that is looked for too.
pub(super) fn links<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(inner) => Some(inner),
        None => error.source(),
    })
}

/// The text of the deepest cause, which says what happened; the outer ones say where.
pub(super) fn innermost(error: &(dyn Error + 'static)) -> String {
    links(error).last().map(ToString::to_string).unwrap_or_default()
}

/// An error and its causes on one line.
pub(super) fn on_one_line(error: &(dyn Error + 'static)) -> String {
    match error.source() {
        Some(source) => format!("{error}: {}", on_one_line(source)),
        None => error.to_string(),
    }
}
