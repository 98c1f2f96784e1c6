//! The models' patterns are Java's; this brings them into the form of the `regex` crate.

/// Compiles a pattern so that it must match the whole text, as AWS does (`Matcher.matches`).
///
/// An error is a pattern that uses what the crate hasn't got (look-around).
pub fn compile(java: &str) -> Result<regex::Regex, regex::Error> {
    regex::Regex::new(&format!(r"\A(?:{})\z", translate(java)))
}

/// - `\w`, `\d`, `\s` are ASCII in Java;
/// - the models write `\u10000-\u10FFFF`, meaning the code points beyond four digits, which neither Java nor the crate
///   reads so;
/// - surrogate pairs (`\uD800\uDC00-\uDBFF\uDFFF`) are those same code points.
fn translate(java: &str) -> String {
    java.replace(r"\u10000-\u10FFFF", r"\x{10000}-\x{10FFFF}")
        .replace(r"\uD800\uDC00-\uDBFF\uDFFF", r"\x{10000}-\x{10FFFF}")
        .replace(r"\w", "[0-9A-Za-z_]")
        .replace(r"\d", "[0-9]")
        .replace(r"\s", r"[\t\n\x0B\f\r ]")
}
