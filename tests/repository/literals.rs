//! What users read stands in string literals, and nothing but these tests reads them for form.

use crate::assert_none;
use crate::source::Source;

/// Blanks that follow one another inside a line, as a reader would see them.
fn doubled_blanks(source: &Source) -> Vec<String> {
    let mut problems = Vec::new();
    for (at, literal) in source.literals() {
        for line in shown(literal).lines() {
            let text = line.trim_start();
            if text.contains("  ") && !has_columns(text) {
                problems.push(format!(
                    "src/{}:{}: two blanks follow one another in \"{text}\". Take one away.",
                    source.path,
                    source.text[..at].lines().count()
                ));
            }
        }
    }
    problems
}

/// An option with its meaning, or an argument of a formatted configuration.
fn has_columns(text: &str) -> bool {
    let argument = text.split_once("  ").is_some_and(|(name, rest)| {
        name.chars().all(|c| c.is_ascii_lowercase() || c == '_') && rest.trim_start().starts_with("= ")
    });
    text.starts_with("--") || argument
}

/// As `max_width` of rustfmt.toml. rustfmt breaks no literal, and leaves a statement that holds too long a one as it is.
const WIDTH: usize = 120;

/// Literals that could be broken at a blank and reach beyond the width.
fn too_wide(source: &Source) -> Vec<String> {
    let mut problems = Vec::new();
    for (at, literal) in source.literals().into_iter().filter(|(_, literal)| literal.starts_with('"')) {
        let begins = source.text[..at].rfind('\n').map_or(0, |end| end + 1);
        let ends =
            source.text[at + literal.len()..].find('\n').map_or(source.text.len(), |end| at + literal.len() + end);
        let lines = source.text[begins..ends].lines().zip(literal.lines());
        for (number, (line, part)) in lines.enumerate() {
            let has_blank = part.trim_end_matches('\\').trim().contains(' ');
            if has_blank && line.chars().count() > WIDTH {
                problems.push(format!(
                    "src/{}:{}: a text reaches beyond column {WIDTH}. Go on in the next line, behind a \\.",
                    source.path,
                    source.text[..begins].lines().count() + 1 + number
                ));
            }
        }
    }
    problems
}

/// A literal's text as the compiler takes it, as far as blanks and ends of lines are concerned.
fn shown(literal: &str) -> String {
    if literal.starts_with('r') {
        return literal.trim_start_matches(['r', '#', '"']).trim_end_matches(['#', '"']).to_owned();
    }
    let mut shown = String::new();
    let mut rest = literal[1..].trim_end_matches('"').chars();
    while let Some(c) = rest.next() {
        match (c, c == '\\') {
            (_, true) => match rest.next() {
                // The end of a line, and with it the blanks that begin the next one.
                Some('\n') => rest = rest.as_str().trim_start().chars(),
                Some('n') => shown.push('\n'),
                Some('t') => shown.push('\t'),
                other => shown.extend(other),
            },
            (c, false) => shown.push(c),
        }
    }
    shown
}

#[test]
fn no_text_has_doubled_blanks() {
    assert_none(&Source::all().iter().flat_map(doubled_blanks).collect::<Vec<_>>());
}

#[test]
fn texts_fit_the_width() {
    assert_none(&Source::all().iter().flat_map(too_wide).collect::<Vec<_>>());
}

#[test]
fn a_text_too_wide_is_found() {
    let found = |text: &str| too_wide(&Source::new("x.rs", text)).len();
    let word = "a".repeat(WIDTH - 5);
    assert_eq!(found(&format!("f(\"{word} a\", 1)")), 1);
    assert_eq!(found(&format!("f(\"{word} \\\n  {word}\")")), 0);
    assert_eq!(found(&format!("f(\"{word} \\\n      {word} a\")")), 1);
    assert_eq!(found(&format!("      f(\"{word}\")")), 0, "nowhere to break");
    assert_eq!(found(&format!("f(r\"{word} a\", 1)")), 0, "a raw text is as it is");
}

#[test]
fn doubled_blanks_are_found() {
    let found = |text: &str| doubled_blanks(&Source::new("x.rs", text)).len();
    for text in
        [r#"f("a  b")"#, "f(\"a \\\n    b\", \"c  d\")", r##"f(r#"a  b"#)"##, r#"f("a\n  b  c")"#, r#"f("{a}  ")"#]
    {
        assert_eq!(found(text), 1, "{text}");
    }
    for text in [
        "f(\"a \\\n    b\")",
        r#"f("a\n  b")"#,
        r#"f("--a  b")"#,
        r#"f("to   = b")"#,
        "// \"a  b\"\nf(\"a\n    b\")",
        "f('\"',  '\"')",
    ] {
        assert_eq!(found(text), 0, "{text}");
    }
}
