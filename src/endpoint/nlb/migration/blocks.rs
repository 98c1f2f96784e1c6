//! The `talosendpoint_nlb` blocks, and the `import` blocks that lead to them.

use std::collections::{BTreeMap, BTreeSet};

use super::layout::{Endpoint, Layout};
use crate::endpoint::nlb::model::schema::SCHEMA;
use crate::framework::hcl::{Expression, attributes, block, quoted};
use crate::framework::shown_state::{Key, without_keys};
use crate::framework::value::{Object, Value};

/// The variable by which a call of a module says that it comes over, where other calls stay.
pub const VARIABLE: &str = "use_talosendpoint";

/// Our type.
pub const NLB: &str = "talosendpoint_nlb";

/// The load balancers that one block describes: the objects of one resource in one module instance.
pub struct Block<'a> {
    /// The module instance; empty for the root module.
    pub module: String,
    /// The resource's name: that of the `aws_lb`, where an `aws_alb` hasn't taken it.
    pub name: String,
    /// The type of the old resource.
    kind: &'a str,
    /// Other calls of the module stay without it: a variable says which have it.
    pub is_switched: bool,
    /// Each with the key that it has in our resource.
    members: Vec<(Option<Key>, &'a Endpoint<'a>)>,
}

/// All blocks, in the order of the state.
pub fn blocks<'a>(layout: &'a Layout<'_>) -> Vec<Block<'a>> {
    let mut blocks: Vec<Block<'a>> = Vec::new();
    for endpoint in &layout.endpoints {
        let address = &endpoint.balancer.address;
        let (module, name, kind) = (address.module.clone(), address.name.clone(), address.kind.as_str());
        let member = (address.key.clone(), endpoint);
        let same = |block: &&mut Block<'_>| block.module == module && block.name == name && block.kind == kind;
        match blocks.iter_mut().find(same) {
            Some(block) => block.members.push(member),
            None => blocks.push(Block { module, name, kind, is_switched: false, members: vec![member] }),
        }
    }
    rename(&mut blocks);
    blocks.iter_mut().for_each(rekey);
    blocks
}

/// `aws_lb` and `aws_alb` are two names of one type, and ours is one: of two resources `x` in a module the second is `x_2`, in all calls.
fn rename(blocks: &mut [Block<'_>]) {
    let mut names: BTreeMap<(String, String), Vec<(String, &str)>> = BTreeMap::new();
    let mut used: BTreeSet<(String, String)> =
        blocks.iter().map(|block| (without_keys(&block.module), block.name.clone())).collect();
    for block in blocks {
        let place = (without_keys(&block.module), block.name.clone());
        let known = names.entry(place.clone()).or_default();
        if let Some((name, _)) = known.iter().find(|(_, kind)| *kind == block.kind) {
            block.name.clone_from(name);
            continue;
        }
        let mut number = 1;
        while !known.is_empty() && !used.insert((place.0.clone(), block.name.clone())) {
            number += 1;
            block.name = format!("{}_{number}", place.1);
        }
        known.push((block.name.clone(), block.kind));
    }
}

/// `count` has no gaps: what is left of one with gaps is keyed by text, and a single one by nothing.
fn rekey(block: &mut Block<'_>) {
    let counted = block.members.iter().enumerate().all(
        |(index, (key, _))| matches!((key, i64::try_from(index)), (Some(Key::Number(key)), Ok(index)) if *key == index),
    );
    if counted {
        return;
    }
    let alone = block.members.len() == 1;
    for (key, _) in &mut block.members {
        match key {
            Some(Key::Number(_)) if alone => *key = None,
            Some(Key::Number(number)) => *key = Some(Key::Text(number.to_string())),
            _ => {}
        }
    }
}

impl Block<'_> {
    /// True if it describes this load balancer.
    pub fn has(&self, endpoint: &Endpoint<'_>) -> bool {
        self.members.iter().any(|(_, member)| std::ptr::eq(*member, endpoint))
    }

    /// Our resource in its module, without a key.
    pub fn address_in_module(&self) -> String {
        format!("{NLB}.{}", self.name)
    }

    /// Our object of this load balancer, inside its module.
    pub fn object(&self, endpoint: &Endpoint<'_>) -> String {
        let key = self.members.iter().find(|(_, member)| std::ptr::eq(*member, endpoint));
        let key = match key.and_then(|(key, _)| key.as_ref()) {
            None if self.is_switched => "[0]".to_owned(),
            None => String::new(),
            Some(Key::Number(number)) => format!("[{number}]"),
            Some(Key::Text(text)) => format!("[{}]", quoted(text)),
        };
        format!("{}{key}", self.address_in_module())
    }

    /// The `import` blocks.
    pub fn imports(&self) -> String {
        let dot = if self.module.is_empty() { "" } else { "." };
        let imports = self.members.iter().map(|(_, endpoint)| {
            let to = format!("{}{dot}{}", self.module, self.object(endpoint));
            let id = Expression::text(&endpoint.balancer.text("arn"));
            block("import", &[("to".to_owned(), Expression::Raw(to)), ("id".to_owned(), id)])
        });
        imports.collect::<Vec<_>>().join("\n")
    }

    /// The resource.
    pub fn resource(&self) -> String {
        let mut head = Vec::new();
        let keys: Vec<&Key> = self.members.iter().filter_map(|(key, _)| key.as_ref()).collect();
        let mut argument = |name: &str, text: String| head.push((name.to_owned(), Expression::Raw(text)));
        let keyed = || format!("[{}]", keys.iter().map(|key| written(key)).collect::<Vec<_>>().join(", "));
        match (keys.first(), self.is_switched) {
            (None, false) => {}
            (None, true) => argument("count", format!("var.{VARIABLE} ? 1 : 0")),
            (Some(Key::Number(_)), false) => argument("count", keys.len().to_string()),
            (Some(Key::Number(_)), true) => argument("count", format!("var.{VARIABLE} ? {} : 0", keys.len())),
            (Some(Key::Text(_)), false) => argument("for_each", format!("toset({})", keyed())),
            (Some(Key::Text(_)), true) => argument("for_each", format!("toset(var.{VARIABLE} ? {} : [])", keyed())),
        }
        let head = if head.is_empty() { String::new() } else { format!("{}\n", attributes(&head, 1)) };
        format!("resource \"{NLB}\" {} {{\n{head}{}}}\n", quoted(&self.name), attributes(&self.arguments(), 1))
    }

    /// What all load balancers have alike as it is; else by key.
    fn arguments(&self) -> Vec<(String, Expression)> {
        let configs: Vec<&Object> = self.members.iter().map(|(_, endpoint)| &endpoint.config).collect();
        let names = SCHEMA.attributes.iter().map(|attribute| attribute.name);
        let arguments = names.filter_map(|name| {
            let values: Vec<&Value> = configs.iter().map(|config| config.get(name).unwrap_or(&Value::Null)).collect();
            let first = *values.first()?;
            let alike = values.iter().all(|value| *value == first);
            match (alike, first.is_null()) {
                (true, true) => None,
                (true, false) => Some((name.to_owned(), Expression::of(first))),
                (false, _) => Some((name.to_owned(), self.by_key(&values))),
            }
        });
        arguments.collect()
    }

    fn by_key(&self, values: &[&Value]) -> Expression {
        let entries = self.members.iter().zip(values);
        let is_counted = self.members.iter().all(|(key, _)| matches!(key, Some(Key::Number(_))));
        if is_counted {
            let list = Expression::List(values.iter().map(|value| Expression::of(value)).collect());
            return Expression::Raw(format!("{}[count.index]", list.write(1, 0)));
        }
        let entries: BTreeMap<String, Expression> = entries
            .map(|((key, _), value)| (key.as_ref().map(written).unwrap_or_default(), Expression::of(value)))
            .collect();
        Expression::Raw(format!("{}[each.key]", Expression::Object(entries.into_iter().collect()).write(1, 0)))
    }
}

fn written(key: &Key) -> String {
    match key {
        Key::Number(number) => number.to_string(),
        Key::Text(text) => quoted(text),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::endpoint::nlb::model::schema::names;
    use crate::framework::shown_state::Instance;

    /// The block of load balancers `this` of these keys, each named after its place, and where each is imported.
    fn check(keys: &[Option<Key>], want: &str, to: &[&str]) {
        let instances: Vec<Instance> =
            keys.iter().map(|key| Instance::sample("module.m", "aws_lb", "this", key.clone())).collect();
        let config = |place: usize| -> Object {
            let name = (names::NAME.to_owned(), format!("lb-{place}").into());
            [name, (names::INTERNAL.to_owned(), false.into())].into()
        };
        let endpoints = instances.iter().enumerate().map(|(place, balancer)| Endpoint {
            balancer,
            roles: BTreeMap::new(),
            config: config(place),
        });
        let layout = Layout { endpoints: endpoints.collect(), ..Layout::default() };
        let blocks = blocks(&layout);
        let [block] = blocks.as_slice() else { panic!("{} blocks", blocks.len()) };
        assert_eq!(
            block.resource(),
            format!("resource \"talosendpoint_nlb\" \"this\" {{\n{want}  internal = false\n}}\n")
        );
        let imports = block.imports();
        let found: Vec<&str> = imports.lines().filter_map(|line| line.strip_prefix("  to = module.m.")).collect();
        assert_eq!(found, to);
    }

    #[test]
    fn keys_stay_where_they_can() {
        let number = |number: i64| Some(Key::Number(number));
        let text = |text: &str| Some(Key::Text(text.to_owned()));
        check(&[None], "  name     = \"lb-0\"\n", &["talosendpoint_nlb.this"]);
        check(&[number(0)], "  count = 1\n\n  name     = \"lb-0\"\n", &["talosendpoint_nlb.this[0]"]);
        let both = "  count = 2\n\n  name     = [\"lb-0\", \"lb-1\"][count.index]\n";
        check(&[number(0), number(1)], both, &["talosendpoint_nlb.this[0]", "talosendpoint_nlb.this[1]"]);
        // What is left of a `count` with gaps.
        check(&[number(1)], "  name     = \"lb-0\"\n", &["talosendpoint_nlb.this"]);
        let gaps =
            "  for_each = toset([\"0\", \"2\"])\n\n  name     = { \"0\" = \"lb-0\", \"2\" = \"lb-1\" }[each.key]\n";
        check(&[number(0), number(2)], gaps, &["talosendpoint_nlb.this[\"0\"]", "talosendpoint_nlb.this[\"2\"]"]);
        let one = "  for_each = toset([\"a${\"])\n\n  name     = \"lb-0\"\n".replace('$', "$$");
        check(&[text("a${")], &one, &["talosendpoint_nlb.this[\"a$${\"]"]);
    }

    #[test]
    fn two_types_of_one_name_get_two_names() {
        let resource = Instance::sample;
        let instances = [
            resource("", "aws_lb", "x", Some(Key::Number(0))),
            resource("", "aws_alb", "x", None),
            resource("", "aws_lb", "x", Some(Key::Number(1))),
            resource("", "aws_lb", "x_2", None),
            resource("module.m[0]", "aws_lb", "x", None),
            resource("module.m[0]", "aws_alb", "x", None),
            resource("module.m[1]", "aws_alb", "x", None),
        ];
        let endpoint = |balancer| Endpoint { balancer, roles: BTreeMap::new(), config: Object::new() };
        let layout = Layout { endpoints: instances.iter().map(endpoint).collect(), ..Layout::default() };
        let blocks = blocks(&layout);
        let names: Vec<(&str, &str)> =
            blocks.iter().map(|block| (block.module.as_str(), block.name.as_str())).collect();
        let root = [("", "x"), ("", "x_3"), ("", "x_2")];
        let modules = [("module.m[0]", "x"), ("module.m[0]", "x_2"), ("module.m[1]", "x_2")];
        assert_eq!(names, [root, modules].concat());
        assert_eq!(blocks[0].object(&layout.endpoints[2]), "talosendpoint_nlb.x[1]");
        assert!(blocks[1].has(&layout.endpoints[1]) && !blocks[1].has(&layout.endpoints[0]));
    }
}
