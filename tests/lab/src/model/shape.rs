//! Walks a request's tree along the model's shapes and notes every broken rule.

use serde_json::Value;

use super::tree::Node;
use super::{Kind, Model, Violation};

/// The walk through one request.
pub struct Checker<'a> {
    model: &'a Model,
    action: &'a str,
    /// What was found so far.
    pub violations: Vec<Violation>,
}

impl<'a> Checker<'a> {
    /// A walk that has found nothing yet.
    pub fn new(model: &'a Model, action: &'a str) -> Checker<'a> {
        Checker { model, action, violations: Vec::new() }
    }

    /// An operation without input takes no parameter.
    pub fn nothing_in(&mut self, node: &Node) {
        for name in node.children.keys() {
            self.note(name, Kind::UnknownMember, "the operation takes nothing");
        }
    }

    /// Checks a structure: its members' names, which of them must be there, and each one's value.
    pub fn structure(&mut self, node: &Node, shape: &str, path: &str) {
        if node.value.is_some() {
            self.note(path, Kind::WrongType, "a plain value for a structure");
        }
        let shape = self.model.shape(shape);
        let members: Vec<(String, &str, &str)> = self.members(shape);
        for name in node.children.keys() {
            if !members.iter().any(|(wire, _, _)| wire == name) {
                self.note(&join(path, name), Kind::UnknownMember, "not in the model");
            }
        }
        for required in shape["required"].as_array().into_iter().flatten() {
            let found = members.iter().find(|(_, member, _)| required.as_str() == Some(*member));
            if let Some((wire, _, _)) = found
                && !node.children.contains_key(wire)
            {
                self.note(&join(path, wire), Kind::MissingMember, "required");
            }
        }
        for (wire, _, shape) in &members {
            if let Some(child) = node.children.get(wire) {
                self.value(child, shape, &join(path, wire));
            }
        }
    }

    /// Name on the wire, name in the model and shape of each member.
    fn members(&self, shape: &'a Value) -> Vec<(String, &'a str, &'a str)> {
        let members = shape["members"].as_object().into_iter().flatten();
        members
            .map(|(name, member)| {
                let located = member["locationName"].as_str();
                let wire = if self.model.is_ec2() {
                    match member["queryName"].as_str() {
                        Some(query_name) => query_name.to_owned(),
                        None => capitalised(located.unwrap_or(name)),
                    }
                } else {
                    located.unwrap_or(name).to_owned()
                };
                (wire, name.as_str(), text(&member["shape"]))
            })
            .collect()
    }

    fn value(&mut self, node: &Node, name: &str, path: &str) {
        let shape = self.model.shape(name);
        match text(&shape["type"]) {
            "structure" => self.structure(node, name, path),
            "list" => self.list(node, shape, path),
            kind => self.scalar(node, kind, shape, path),
        }
    }

    fn list(&mut self, node: &Node, shape: &Value, path: &str) {
        let element = text(&shape["member"]["shape"]);
        let flat = self.model.is_ec2() || shape["flattened"] == true;
        let step = shape["member"]["locationName"].as_str().unwrap_or("member");
        let numbered = match node.children.get(step) {
            Some(numbered) if !flat && node.children.len() == 1 => numbered,
            _ if flat => node,
            // An empty list is sent as its bare name without a value.
            _ if node.children.is_empty() && node.value.as_deref() == Some("") => node,
            _ => return self.note(path, Kind::WrongType, &format!("a list has .{step}.N")),
        };
        let Some(elements) = numbered.elements() else {
            return self.note(path, Kind::WrongType, "not numbered 1, 2, … without a gap");
        };
        self.range(elements.len().to_string(), shape, path, "elements");
        for (index, node) in elements.into_iter().enumerate() {
            let path = if flat { format!("{path}.{}", index + 1) } else { format!("{path}.{step}.{}", index + 1) };
            self.value(node, element, &path);
        }
    }

    fn scalar(&mut self, node: &Node, kind: &str, shape: &Value, path: &str) {
        let Some(value) = node.value.as_deref().filter(|_| node.children.is_empty()) else {
            return self.note(path, Kind::WrongType, &format!("a {kind} is a plain value"));
        };
        let fits = match kind {
            "integer" => value.parse::<i32>().is_ok(),
            "long" => value.parse::<i64>().is_ok(),
            "float" | "double" => value.parse::<f64>().is_ok(),
            "boolean" => matches!(value, "true" | "false"),
            "timestamp" => is_timestamp(value),
            "string" | "blob" => true,
            // Nothing that this provider calls takes a map; a new kind must not pass unseen.
            _ => false,
        };
        if !fits {
            return self.note(path, Kind::WrongType, &format!("{value:?} is no {kind}"));
        }
        match kind {
            "integer" | "long" | "float" | "double" => {
                self.range(value.to_owned(), shape, path, "");
            }
            "string" => self.string(value, shape, path),
            _ => {}
        }
    }

    fn string(&mut self, value: &str, shape: &Value, path: &str) {
        self.range(value.chars().count().to_string(), shape, path, "characters");
        if let Some(words) = shape["enum"].as_array()
            && !words.iter().any(|word| word == value)
        {
            self.note(path, Kind::NotInEnum, &format!("{value:?} is none of {words:?}"));
        }
        if let Some(pattern) = shape["pattern"].as_str() {
            match self.model.matches(pattern, value) {
                Some(true) => {}
                Some(false) => {
                    let detail = format!("{value:?} is not of the form {pattern}");
                    self.note(path, Kind::PatternMismatch, &detail);
                }
                None => self.note(path, Kind::PatternUnusable, pattern),
            }
        }
    }

    /// Compares as f64, which holds every limit of the models exactly.
    fn range(&mut self, number: String, shape: &Value, path: &str, unit: &str) {
        let value: f64 = number.parse().unwrap();
        let limit = |name: &str| shape[name].as_f64();
        if let Some(minimum) = limit("min")
            && value < minimum
        {
            let detail = format!("{number} {unit}, at least {minimum}");
            self.note(path, Kind::BelowMinimum, &detail);
        }
        if let Some(maximum) = limit("max")
            && value > maximum
        {
            let detail = format!("{number} {unit}, at most {maximum}");
            self.note(path, Kind::AboveMaximum, &detail);
        }
    }

    fn note(&mut self, path: &str, kind: Kind, detail: &str) {
        self.violations.push(Violation {
            action: self.action.to_owned(),
            path: path.to_owned(),
            kind,
            detail: detail.to_owned(),
        });
    }
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

fn capitalised(name: &str) -> String {
    let mut letters = name.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

/// `2026-11-21T07:48:00Z`, with or without a fraction.
fn is_timestamp(value: &str) -> bool {
    let form = r"\A\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z\z";
    regex::Regex::new(form).unwrap().is_match(value)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
