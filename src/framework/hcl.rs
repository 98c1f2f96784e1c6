//! Values and blocks in Terraform's language, as `terraform fmt` leaves them.
//!
//! Only literals and a few given expressions are written, and nothing is read: the crates that know the language (`hcl-rs`, `hcl-edit`) are
//! parsers first, and weigh more than what is left of the binary's limit.

use std::collections::BTreeMap;

use crate::framework::value::Value;

/// What still fits in one line.
const WIDTH: usize = 100;

/// What stands behind an equals sign.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Expression {
    /// Text that is an expression already.
    Raw(String),
    /// A list.
    List(Vec<Expression>),
    /// An object; a key that isn't a plain name must come in quotes.
    Object(Vec<(String, Expression)>),
}

impl Expression {
    /// A value without its null members.
    pub fn of(value: &Value) -> Expression {
        match value {
            Value::Null | Value::Unknown(_) => Expression::Raw("null".to_owned()),
            Value::Bool(value) => Expression::Raw(value.to_string()),
            Value::Number(number) => Expression::Raw(number.to_string()),
            Value::String(text) => Expression::text(text),
            Value::List(items) | Value::Set(items) => Expression::List(items.iter().map(Expression::of).collect()),
            Value::Map(items) => Expression::members(items, quoted_unless_name),
            Value::Object(items) => Expression::members(items, str::to_owned),
        }
    }

    /// A string.
    pub fn text(text: &str) -> Expression {
        Expression::Raw(quoted(text))
    }

    fn members(items: &BTreeMap<String, Value>, key: impl Fn(&str) -> String) -> Expression {
        let set = items.iter().filter(|(_, value)| !value.is_null());
        Expression::Object(set.map(|(name, value)| (key(name), Expression::of(value))).collect())
    }

    /// Written at a depth of indentation, behind `used` characters of the line.
    pub fn write(&self, depth: usize, used: usize) -> String {
        let line = self.line();
        if matches!(self, Expression::Raw(_)) || 2 * depth + used + line.len() <= WIDTH {
            return line;
        }
        let indent = "  ".repeat(depth + 1);
        let end = "  ".repeat(depth);
        match self {
            Expression::Raw(text) => text.clone(),
            Expression::List(items) => {
                let items = items.iter().map(|item| format!("{indent}{},\n", item.write(depth + 1, 1)));
                format!("[\n{}{end}]", items.collect::<String>())
            }
            Expression::Object(members) => format!("{{\n{}{end}}}", attributes(members, depth + 1)),
        }
    }

    fn line(&self) -> String {
        match self {
            Expression::Raw(text) => text.clone(),
            Expression::List(items) => {
                format!("[{}]", items.iter().map(Expression::line).collect::<Vec<_>>().join(", "))
            }
            Expression::Object(members) if members.is_empty() => "{}".to_owned(),
            Expression::Object(members) => {
                let members = members.iter().map(|(name, value)| format!("{name} = {}", value.line()));
                format!("{{ {} }}", members.collect::<Vec<_>>().join(", "))
            }
        }
    }
}

/// Assignments, one below the other: the equals signs of neighbours that take one line each are aligned.
pub fn attributes(members: &[(String, Expression)], depth: usize) -> String {
    let indent = "  ".repeat(depth);
    let written: Vec<(&str, String)> =
        members.iter().map(|(name, value)| (name.as_str(), value.write(depth, name.len() + 3))).collect();
    let mut out = String::new();
    for group in written.chunk_by(|(_, a), (_, b)| !a.contains('\n') && !b.contains('\n')) {
        if !out.is_empty() {
            out.push('\n');
        }
        let width = group.iter().map(|(name, _)| name.chars().count()).max().unwrap_or_default();
        for (name, value) in group {
            out += &format!("{indent}{name}{} = {value}\n", " ".repeat(width - name.chars().count()));
        }
    }
    out
}

/// A block with its header, such as `resource "a" "b"`.
pub fn block(header: &str, members: &[(String, Expression)]) -> String {
    format!("{header} {{\n{}}}\n", attributes(members, 1))
}

/// The same as a comment.
pub fn commented(text: &str) -> String {
    text.lines().map(|line| format!("{}\n", format!("# {line}").trim_end())).collect()
}

/// Prose as a comment: lines that don't begin with a blank are wrapped.
pub fn prose(text: &str) -> String {
    text.lines().map(|line| if line.starts_with(' ') { commented(line) } else { commented(&wrapped(line)) }).collect()
}

fn wrapped(line: &str) -> String {
    let mut lines = vec![String::new()];
    for word in line.split(' ') {
        let last = lines.last_mut().map_or(0, |last| last.chars().count());
        if last > 0 && last + 1 + word.chars().count() > WIDTH {
            lines.push(String::new());
        }
        if let Some(last) = lines.last_mut() {
            *last += if last.is_empty() { "" } else { " " };
            *last += word;
        }
    }
    lines.join("\n") + "\n"
}

/// A string in quotes; nothing in it is a template.
pub fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '"' => out += "\\\"",
            '\\' => out += "\\\\",
            '\n' => out += "\\n",
            '\r' => out += "\\r",
            '\t' => out += "\\t",
            '$' | '%' if rest.peek() == Some(&'{') => out.extend([c, c]),
            c if c.is_control() => out += &format!("\\u{:04x}", u32::from(c)),
            c => out.push(c),
        }
    }
    out + "\""
}

fn quoted_unless_name(key: &str) -> String {
    let begins = key.chars().next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_');
    let is_name = begins && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    if is_name && key != "for" { key.to_owned() } else { quoted(key) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_literals() {
        for (text, want) in [
            ("a", r#""a""#),
            (r#"a"b\c"#, r#""a\"b\\c""#),
            ("${x} %{y} $x 5%", r#""$${x} %%{y} $x 5%""#),
            ("$${x}", r#""$$${x}""#),
            ("a\nb\tc\u{1}", r#""a\nb\tc\u0001""#),
            ("ä", r#""ä""#),
        ] {
            assert_eq!(quoted(text), want);
        }
    }

    #[test]
    fn values_are_written_as_terraform_formats_them() {
        let value = Value::Map(
            [
                ("a b".to_owned(), Value::from("x")),
                ("name".to_owned(), 5.into()),
                ("gone".to_owned(), Value::Null),
                ("for".to_owned(), "y".into()),
            ]
            .into(),
        );
        assert_eq!(Expression::of(&value).write(1, 0), r#"{ "a b" = "x", "for" = "y", name = 5 }"#);
        let long = Value::list((0..12).map(|n| Value::from(format!("subnet-{n:08}"))));
        let members = [
            ("a".to_owned(), Expression::Raw("1".to_owned())),
            ("bcd".to_owned(), Expression::Raw("true".to_owned())),
            ("long".to_owned(), Expression::of(&long)),
        ];
        let text = block("resource \"x\" \"y\"", &members);
        assert!(
            text.starts_with(
                "resource \"x\" \"y\" {\n  a   = 1\n  bcd = true\n\n  long = [\n    \"subnet-00000000\",\n"
            ),
            "{text}"
        );
        assert!(text.ends_with("    \"subnet-00000011\",\n  ]\n}\n"), "{text}");
        assert_eq!(commented("a\n\nb\n"), "# a\n#\n# b\n");
    }
}
