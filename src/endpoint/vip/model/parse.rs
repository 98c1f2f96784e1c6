//! What arguments of text mean. Text that isn't what it should be counts as unknown, because its validator has reported it.

use crate::framework::reader::Maybe;

/// What `parse` makes of text that must be there.
pub fn resolved<T>(text: Maybe<Option<&str>>, parse: fn(&str) -> Option<T>) -> Maybe<T> {
    text.present().and_then(parse).map_or(Maybe::Unknown, Maybe::Known)
}

/// What `parse` makes of text that may be left out.
pub fn optional<T>(text: Maybe<Option<&str>>, parse: fn(&str) -> Option<T>) -> Maybe<Option<T>> {
    match text {
        Maybe::Known(None) => Maybe::Known(None),
        Maybe::Known(Some(text)) => parse(text).map_or(Maybe::Unknown, |parsed| Maybe::Known(Some(parsed))),
        Maybe::Unknown => Maybe::Unknown,
    }
}
