//! What the two encodings of values share: why one fails, and the normal form of text.

use std::fmt;

use unicode_normalization::{UnicodeNormalization, is_nfc};

use super::limits::MAX_VALUES;
use crate::framework::number::NumberError;
use crate::framework::path::{Path, Step};
use crate::framework::ty::Type;

/// Why bytes are not a value of the type that is due, or a value cannot be written as that type.
///
/// The text never holds a part of the value: it may be a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodecError {
    /// The place. It ends at the first set or map: elements of sets have no address, and keys of maps may be secret.
    pub path: Path,
    /// What is wrong there.
    pub problem: Problem,
}

/// What is wrong at one place of a value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// Something else than the type says.
    #[error("{0} expected")]
    Expected(String),
    /// The bytes end before the value does.
    #[error("the bytes end within the value")]
    Truncated,
    /// The value ends before the bytes do.
    #[error("bytes follow after the end of the value")]
    Trailing,
    /// Text that is not UTF-8.
    #[error("the text is not UTF-8")]
    NotUtf8,
    /// Bytes that are not JSON.
    #[error("not JSON: {0}")]
    NotJson(String),
    /// A number that is none, or one too large.
    #[error(transparent)]
    Number(NumberError),
    /// NaN or an infinity.
    #[error("the number is not finite")]
    NotFinite,
    /// An object of another number of attributes.
    #[error("{expected} attributes expected, {found} found")]
    AttributeCount {
        /// What the type says.
        expected: usize,
        /// What is there.
        found: usize,
    },
    /// An attribute that the type doesn't have.
    #[error("an attribute that the schema doesn't have")]
    UnknownAttribute,
    /// An attribute or a key that is there already.
    #[error("the same name twice")]
    Duplicate,
    /// An unknown value where only known ones can be written.
    #[error("a known value expected")]
    Unknown,
    /// More values than `MAX_VALUES`.
    #[error("more than {MAX_VALUES} values")]
    TooManyValues,
    /// More elements or bytes than the encoding can count.
    #[error("too long for its encoding")]
    TooLong,
}

impl CodecError {
    /// The same error one attribute further out: the path is built on the way back, so that success costs nothing.
    pub(super) fn inside(self, step: Outer<'_>) -> CodecError {
        let mut path = match step {
            Outer::Attribute(name) => Path::of(name),
            Outer::Index(index) => Path::root().index(index),
            Outer::Unaddressed => return CodecError { path: Path::root(), ..self },
        };
        for inner in self.path.steps() {
            path = extended(&path, inner);
        }
        CodecError { path, ..self }
    }
}

/// A step around an error.
pub(super) enum Outer<'a> {
    Attribute(&'a str),
    Index(u64),
    Unaddressed,
}

fn extended(path: &Path, step: &Step) -> Path {
    match step {
        Step::Attribute(name) => path.attribute(name),
        Step::Key(key) => path.key(key),
        Step::Index(index) => path.index(*index),
    }
}

impl From<Problem> for CodecError {
    fn from(problem: Problem) -> Self {
        CodecError { path: Path::root(), problem }
    }
}

impl From<NumberError> for CodecError {
    fn from(error: NumberError) -> Self {
        Problem::Number(error).into()
    }
}

impl fmt::Display for CodecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.is_root() { self.problem.fmt(f) } else { write!(f, "{}: {}", self.path, self.problem) }
    }
}

impl std::error::Error for CodecError {}

/// Text in Unicode normal form C, as Terraform keeps it.
pub(super) fn normalised(text: &str) -> String {
    if text.is_ascii() || is_nfc(text) { text.to_owned() } else { text.nfc().collect() }
}

/// A value is not of type `ty`.
pub(super) fn expected(ty: &Type) -> CodecError {
    // An object type in full would fill the screen; the path says which one it is.
    let text = match ty {
        Type::Object(_) => "an object".to_owned(),
        other => other.describe(),
    };
    Problem::Expected(text).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_names_its_place() {
        let error = CodecError::from(Problem::Truncated);
        assert_eq!(error.to_string(), "the bytes end within the value");
        let error = error.inside(Outer::Attribute("port")).inside(Outer::Index(2)).inside(Outer::Attribute("hosts"));
        assert_eq!(error.to_string(), "hosts[2].port: the bytes end within the value");
        assert_eq!(error.inside(Outer::Unaddressed).path, Path::root(), "a path ends at the first map or set");
    }

    #[test]
    fn text_is_normalised() {
        assert_eq!(normalised("e\u{301}"), "\u{e9}");
        assert_eq!(normalised("plain"), "plain");
    }
}
