//! The files under `src/`, and the paths that their code names.

use std::fs;
use std::path::Path;

use crate::root;

/// Folders of `src/endpoint/` that belong to no kind of endpoint: what several kinds need.
const OF_NO_KIND: [&str; 5] = ["address", "aws_diagnostic", "config_token", "contract", "readiness"];

/// The rooms of an endpoint. Each may use those before it.
pub const ROOMS: [&str; 5] = ["model", "plan", "read", "migration", "apply"];

/// One file of the crate.
#[derive(Debug, Clone)]
pub struct Source {
    /// Path under `src/`, with `/`.
    pub path: String,
    /// All of it.
    pub text: String,
    /// Without comments, literals and the test module at its end.
    pub code: String,
}

impl Source {
    /// A file with that text; samples are made so.
    pub fn new(path: &str, text: &str) -> Source {
        let production = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
        Source { path: path.to_owned(), text: text.to_owned(), code: code_of(production) }
    }

    /// Every file of the crate, by path.
    pub fn all() -> Vec<Source> {
        let mut found = Vec::new();
        collect(&root().join("src"), "", &mut found);
        found.sort_by(|left, right| left.path.cmp(&right.path));
        assert!(found.len() > 50, "the crate has more files than {}", found.len());
        found
    }

    /// The module that it is: `["endpoint", "nlb", "diff"]`; empty for the crate's root.
    pub fn module(&self) -> Vec<&str> {
        let path = self.path.trim_end_matches(".rs");
        let path = path.strip_suffix("/mod").unwrap_or(path);
        path.split('/').filter(|part| *part != "lib").collect()
    }

    /// The first part of its module: `endpoint`, `main`, …
    pub fn layer(&self) -> &str {
        self.module().first().copied().unwrap_or("lib")
    }

    /// The kind of endpoint that it belongs to, the room there, and its name without `.rs`: `("nlb", Some("plan"), "diff")`. Files beside
    /// the rooms have none.
    pub fn endpoint(&self) -> Option<(&str, Option<&str>, &str)> {
        let (kind, rest) = self.path.strip_prefix("endpoint/")?.split_once('/')?;
        if OF_NO_KIND.contains(&kind) {
            return None;
        }
        let (room, file) = match rest.split_once('/') {
            Some((folder, file)) if ROOMS.contains(&folder) => (Some(folder), file),
            _ => (None, rest),
        };
        Some((kind, room, file.split('/').next()?.trim_end_matches(".rs")))
    }

    /// True if it is compiled for tests alone.
    pub fn is_test(&self) -> bool {
        ["tests", "sample", "golden"].iter().any(|name| self.module().contains(name))
    }

    /// True if a literal of it is exactly this text.
    pub fn literals_have(&self, text: &str) -> bool {
        self.literals().iter().any(|(_, literal)| literal.trim_matches('"') == text)
    }

    /// Every path of this crate that the code names, as a full module path: `["framework", "value", "Value"]`.
    pub fn own_paths(&self) -> Vec<Vec<String>> {
        self.paths_in(&self.code)
    }

    /// The same without what it only hands on (`pub use`), and with the modules of its own that it uses.
    pub fn imported_paths(&self) -> Vec<Vec<String>> {
        let handed_on = |statement: &&str| !statement.trim_start().starts_with("pub use ");
        let code: Vec<&str> = self.code.split_inclusive(';').filter(handed_on).collect();
        let code = code.concat();
        let mut found = self.paths_in(&code);
        let statements = code.split([';', '{', '}']).map(str::trim);
        let declared =
            statements.filter_map(|statement| statement.split_once("mod ").filter(|(before, _)| !before.contains('=')));
        let children: Vec<&str> = declared.map(|(_, name)| name.trim()).collect();
        for (start, word) in words(&code) {
            let continued = start > 0 && matches!(code.as_bytes()[start - 1], b':' | b'.');
            if !continued && children.contains(&word) && code[start + word.len()..].starts_with("::") {
                found.push(self.module().into_iter().chain([word]).map(str::to_owned).collect());
            }
        }
        found
    }

    fn paths_in(&self, code: &str) -> Vec<Vec<String>> {
        let mut found = Vec::new();
        for (start, word) in words(code) {
            let continued = start > 0 && matches!(code.as_bytes()[start - 1], b':' | b'.');
            let rest = &code[start + word.len()..];
            if continued || !rest.starts_with("::") {
                continue;
            }
            let module = || self.module().iter().map(|part| (*part).to_owned()).collect::<Vec<_>>();
            match word {
                "crate" | "talosendpoint" => tree(&rest[2..], Vec::new(), &mut found),
                "self" => tree(&rest[2..], module(), &mut found),
                "super" => {
                    let mut base = module();
                    base.pop();
                    let mut rest = &rest[2..];
                    while let Some(next) = rest.strip_prefix("super::") {
                        base.pop();
                        rest = next;
                    }
                    tree(rest, base, &mut found);
                }
                _ => {}
            }
        }
        found
    }

    /// Its string literals with their quotes, and where each begins; without those of the test module at its end.
    pub fn literals(&self) -> Vec<(usize, &str)> {
        let production = self.text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
        let literal = |(at, piece)| if let Piece::Literal(literal) = piece { Some((at, literal)) } else { None };
        pieces(production).into_iter().filter_map(literal).collect()
    }

    /// True if the code names something under this path of another crate, such as `tokio` or `std::net`.
    pub fn names(&self, path: &str) -> bool {
        let starts = self.code.match_indices(path).map(|(start, _)| start);
        let mut whole = starts.filter(|start| {
            let before = self.code[..*start].chars().next_back();
            let after = self.code[start + path.len()..].chars().next();
            let is_word = |c: char| c.is_alphanumeric() || c == '_';
            !before.is_some_and(|c| is_word(c) || c == ':') && !after.is_some_and(is_word)
        });
        whole.next().is_some()
    }
}

fn collect(folder: &Path, prefix: &str, found: &mut Vec<Source>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        if entry.file_type().unwrap().is_dir() {
            collect(&entry.path(), &format!("{prefix}{name}/"), found);
        } else if name.ends_with(".rs") {
            found.push(Source::new(&format!("{prefix}{name}"), &fs::read_to_string(entry.path()).unwrap()));
        }
    }
}

/// Identifiers and keywords with their position.
fn words(code: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut start = None;
    for (position, c) in code.char_indices().chain([(code.len(), ' ')]) {
        let inside = c.is_alphanumeric() || c == '_';
        match (inside, start) {
            (true, None) => start = Some(position),
            (false, Some(begun)) => {
                found.push((begun, &code[begun..position]));
                start = None;
            }
            _ => {}
        }
    }
    found
}

/// The paths of a use tree (`a::{b, c::D}`) or of a plain path; what follows is left alone.
fn tree(text: &str, prefix: Vec<String>, found: &mut Vec<Vec<String>>) {
    let text = text.trim_start();
    if let Some(inner) = text.strip_prefix('{') {
        for branch in branches(inner) {
            tree(branch, prefix.clone(), found);
        }
        return;
    }
    let end = text.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(text.len());
    let mut path = prefix;
    if end > 0 {
        path.push(text[..end].to_owned());
    }
    match text[end..].strip_prefix("::") {
        Some(rest) if !rest.starts_with('<') => tree(rest, path, found),
        _ => found.push(path),
    }
}

/// The parts between the commas of a brace, up to its end.
fn branches(inner: &str) -> Vec<&str> {
    let (mut depth, mut start, mut found) = (0, 0, Vec::new());
    for (position, c) in inner.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            '}' | ',' if depth == 0 => {
                found.push(&inner[start..position]);
                start = position + 1;
                if c == '}' {
                    break;
                }
            }
            _ => {}
        }
    }
    found.retain(|branch| !branch.trim().is_empty());
    found
}

/// What a source text consists of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece<'a> {
    /// One character of code.
    Code(char),
    Comment,
    /// A string literal, with its quotes.
    Literal(&'a str),
}

/// The pieces of a text, each with where it begins.
fn pieces(text: &str) -> Vec<(usize, Piece<'_>)> {
    let mut found = Vec::new();
    let (mut at, mut before) = (0, ' ');
    while let Some(c) = text[at..].chars().next() {
        let rest = &text[at..];
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if let Some(length) = raw_literal(rest).filter(|_| !before.is_alphanumeric()) {
            length
        } else if c == '"' {
            quoted(&rest[1..]) + 1
        } else {
            found.push((at, Piece::Code(c)));
            before = c;
            // A quote as a character literal would begin a string.
            at += if rest.starts_with("'\"'") { 3 } else { c.len_utf8() };
            continue;
        };
        let piece = &rest[..length];
        found.push((at, if c == '/' { Piece::Comment } else { Piece::Literal(piece) }));
        (at, before) = (at + length, c);
    }
    found
}

/// The text without comments and without the insides of literals.
fn code_of(text: &str) -> String {
    let mut code = String::new();
    for (_, piece) in pieces(text) {
        match piece {
            Piece::Code(c) => code.push(c),
            Piece::Comment => {}
            Piece::Literal(_) => code.push_str("\"\""),
        }
    }
    code
}

/// The length of a raw string at the beginning.
fn raw_literal(text: &str) -> Option<usize> {
    let after = text.strip_prefix('r')?;
    let hashes = after.len() - after.trim_start_matches('#').len();
    let inner = after[hashes..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    Some(text.len() - inner.len() + inner.find(&end)? + end.len())
}

/// The length of a string's inside with its closing quote.
fn quoted(text: &str) -> usize {
    let mut escaped = false;
    for (position, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return position + 1,
            _ => {}
        }
    }
    text.len()
}

#[test]
fn paths_are_found_however_they_are_written() {
    let text = "use crate::framework::{path::Path, value::{self, Value}};\nuse super::role::Role;\n\
                // crate::comment::no\nfn f() -> super::super::contract::X { crate::remote::elb::Elb::new(\"crate::text::no\") }\n";
    let paths: Vec<String> =
        Source::new("endpoint/nlb/diff.rs", text).own_paths().iter().map(|path| path.join("::")).collect();
    let expected = [
        "framework::path::Path",
        "framework::value::self",
        "framework::value::Value",
        "endpoint::nlb::role::Role",
        "endpoint::contract::X",
        "remote::elb::Elb::new",
    ];
    assert_eq!(paths, expected);
}

#[test]
fn comments_literals_and_tests_are_no_code() {
    let text =
        "a /* tokio::b */ r#\"tokio::\"c\"# '\"' tokio_util::x \"\\\"tokio::d\"\n#[cfg(test)]\nmod tests { tokio::e }";
    let source = Source::new("x.rs", text);
    assert!(!source.names("tokio"), "{}", source.code);
    assert!(source.names("tokio_util"));
    assert!(Source::new("x.rs", "use tokio::time;").names("tokio"));
    assert!(!Source::new("x.rs", "my::tokio::x").names("tokio"));
}
