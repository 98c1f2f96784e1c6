//! What is written where some objects of a resource, or some calls of a module, stay as they are.

use std::collections::{BTreeMap, BTreeSet};

use super::blocks::{Block, VARIABLE};
use crate::framework::hcl::{Expression, block, quoted};
use crate::framework::shown_state::{Instance, Key, ShownState, last_key, without_keys};

/// A module that is called with keys, of which some come over and others stay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calls {
    /// The module, without keys.
    pub module: String,
    /// Its instances that come over.
    going: BTreeSet<String>,
    /// Its instances that stay.
    pub staying: BTreeSet<String>,
}

impl Calls {
    /// The modules of these blocks of which that is true, and to which a variable can say it: those with one key, the last one, and the same
    /// blocks in each call that comes over.
    pub fn of(state: &ShownState, blocks: &[Block<'_>]) -> Vec<Calls> {
        let modules: BTreeSet<String> = blocks.iter().map(|block| without_keys(&block.module)).collect();
        modules.into_iter().filter_map(|module| Calls::of_module(state, blocks, module)).collect()
    }

    fn of_module(state: &ShownState, blocks: &[Block<'_>], module: String) -> Option<Calls> {
        let is_here = |instance: &&String| without_keys(instance) == module;
        let all: BTreeSet<String> =
            state.instances.iter().map(|instance| &instance.address.module).filter(is_here).cloned().collect();
        let mut by_name: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
        for block in blocks.iter().filter(|block| is_here(&&block.module)) {
            by_name.entry(&block.name).or_default().insert(block.module.clone());
        }
        let mut sets = by_name.into_values();
        let going = sets.next()?;
        let callers: BTreeSet<Option<&str>> = all.iter().map(|one| last_key(one).map(|(caller, _)| caller)).collect();
        let is_plain = callers.len() == 1 && !callers.contains(&None) && sets.all(|other| other == going);
        let staying: BTreeSet<String> = all.difference(&going).cloned().collect();
        (is_plain && !staying.is_empty()).then_some(Calls { module, going, staying })
    }

    /// The block of the variable, for the module.
    pub fn variable() -> String {
        let description = Expression::text("Whether the load balancer is a talosendpoint_nlb.");
        let raw = |text: &str| Expression::Raw(text.to_owned());
        let members = [("description", description), ("type", raw("bool")), ("default", raw("false"))];
        block(&format!("variable {}", quoted(VARIABLE)), &members.map(|(name, value)| (name.to_owned(), value)))
    }

    /// The argument of the call.
    pub fn argument(&self) -> String {
        let keys: Vec<&str> = self.going.iter().filter_map(|module| Some(last_key(module)?.1)).collect();
        let is_text = keys.iter().any(|key| key.starts_with('"'));
        let key = if is_text { "each.key" } else { "count.index" };
        format!("{VARIABLE} = contains([{}], {key})", keys.join(", "))
    }
}

/// How the old resources of which some objects go are written from now on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// Resource, and its new `count` or `for_each`, in which `OLD` stands for the former expression.
    pub lines: Vec<(String, String)>,
    /// Objects that go, of resources for which there is no such line.
    pub others: Vec<String>,
}

/// `going` are all objects that go.
pub fn kept(state: &ShownState, going: &[&Instance], calls: &[Calls]) -> Kept {
    let addresses: BTreeSet<&str> = going.iter().map(|instance| instance.address.text.as_str()).collect();
    let mut seen = BTreeSet::new();
    let mut kept = Kept::default();
    for instance in going {
        let resource = instance.address.of_configuration();
        if !seen.insert(resource.clone()) {
            continue;
        }
        let all = state.instances.iter().filter(|other| other.address.of_configuration() == resource);
        let (gone, staying): (Vec<&Instance>, Vec<&Instance>) =
            all.partition(|other| addresses.contains(other.address.text.as_str()));
        if staying.is_empty() {
            continue;
        }
        let module = without_keys(&instance.address.module);
        let calls = calls.iter().find(|calls| calls.module == module);
        match by_call(calls, &gone, &staying).or_else(|| by_key(&gone, &staying)) {
            Some(line) => kept.lines.push((resource, line)),
            None => kept.others.extend(gone.iter().map(|instance| instance.address.text.clone())),
        }
    }
    kept
}

/// Where whole calls of a module come over.
fn by_call(calls: Option<&Calls>, gone: &[&Instance], staying: &[&Instance]) -> Option<String> {
    let calls = calls?;
    let is_whole = gone.iter().all(|one| calls.going.contains(&one.address.module))
        && staying.iter().all(|one| calls.staying.contains(&one.address.module));
    is_whole.then(|| match gone.first().and_then(|one| one.address.key.as_ref()) {
        None => format!("count = var.{VARIABLE} ? 0 : 1"),
        Some(Key::Number(_)) => format!("count = var.{VARIABLE} ? 0 : OLD"),
        Some(Key::Text(_)) => format!("for_each = {{ for key, value in OLD : key => value if !var.{VARIABLE} }}"),
    })
}

/// Where the same keys go in every call. A `count` can only become smaller at its end.
fn by_key(gone: &[&Instance], staying: &[&Instance]) -> Option<String> {
    let keys = |instances: &[&Instance]| -> BTreeMap<String, BTreeSet<Key>> {
        let mut keys: BTreeMap<String, BTreeSet<Key>> = BTreeMap::new();
        for instance in instances {
            keys.entry(instance.address.module.clone()).or_default().extend(instance.address.key.clone());
        }
        keys
    };
    let (gone, staying) = (keys(gone), keys(staying));
    let first = gone.values().next()?;
    let is_everywhere =
        staying.keys().all(|module| gone.contains_key(module)) && gone.values().all(|keys| keys == first);
    let texts: Vec<String> = first.iter().filter_map(Key::literal).collect();
    if !is_everywhere || first.is_empty() {
        return None;
    }
    if !texts.is_empty() {
        let list = texts.join(", ");
        return Some(format!("for_each = {{ for key, value in OLD : key => value if !contains([{list}], key) }}"));
    }
    let counts: BTreeSet<Option<usize>> = staying
        .values()
        .map(|keys| keys.iter().enumerate().all(|(place, key)| key.is_number(place)).then_some(keys.len()))
        .collect();
    match (counts.len(), counts.first()) {
        (1, Some(Some(count))) => Some(format!("count = {count}")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::framework::shown_state::Cli;

    fn state(instances: Vec<Instance>) -> ShownState {
        ShownState { cli: Cli { is_opentofu: false, version: Some((1, 11)) }, instances, outputs: Vec::new() }
    }

    fn object(module: &str, key: Option<Key>) -> Instance {
        Instance::sample(module, "aws_lb", "x", key)
    }

    /// What is written for the resource of these objects when those at `going` go.
    fn check(objects: Vec<Instance>, going: &[usize], calls: &[Calls], line: Option<&str>) {
        let state = state(objects);
        let going: Vec<&Instance> = going.iter().map(|place| &state.instances[*place]).collect();
        let kept = kept(&state, &going, calls);
        let found = kept.lines.first().map(|(_, line)| line.as_str());
        assert_eq!((found, kept.others.is_empty()), (line, line.is_some()));
    }

    #[test]
    fn the_objects_that_stay_are_written_by_key() {
        let text = |module: &str, key: &str| object(module, Some(Key::Text(key.to_owned())));
        let number = |key: i64| object("", Some(Key::Number(key)));
        let without = r#"for_each = { for key, value in OLD : key => value if !contains(["a\"", "c"], key) }"#;
        check(vec![text("", "a\""), text("", "b"), text("", "c")], &[0, 2], &[], Some(without));
        check(vec![number(0), number(1), number(2)], &[2], &[], Some("count = 2"));
        check(vec![number(0), number(1), number(2)], &[1], &[], None);
        // In the other call the other key goes.
        let modules = || vec![text("module.m[0]", "a"), text("module.m[0]", "b"), text("module.m[1]", "a")];
        check(modules(), &[0], &[], None);
        let without = r#"for_each = { for key, value in OLD : key => value if !contains(["a"], key) }"#;
        check(modules(), &[0, 2], &[], Some(without));
        let all = vec![number(0)];
        assert_eq!(kept(&state(all.clone()), &[&all[0]], &[]), Kept::default());
    }

    #[test]
    fn calls_that_stay_have_a_variable() {
        let modules = |texts: [&str; 2]| texts.map(str::to_owned).into_iter().collect::<BTreeSet<String>>();
        let [going, staying] = [[r#"module.m["a"]"#, r#"module.m["b"]"#], [r#"module.m["c"]"#, r#"module.m["d"]"#]];
        let calls = Calls { module: "module.m".to_owned(), going: modules(going), staying: modules(staying) };
        assert_eq!(calls.argument(), r#"use_talosendpoint = contains(["a", "b"], each.key)"#);
        let calls = [calls];
        let of = |key: Option<Key>| vec![object(going[0], key.clone()), object(staying[0], key)];
        check(of(None), &[0], &calls, Some("count = var.use_talosendpoint ? 0 : 1"));
        check(of(Some(Key::Number(0))), &[0], &calls, Some("count = var.use_talosendpoint ? 0 : OLD"));
        let keyed = "for_each = { for key, value in OLD : key => value if !var.use_talosendpoint }";
        check(of(Some(Key::Text("k".to_owned()))), &[0], &calls, Some(keyed));
        // A call that comes over keeps one: a variable for the whole call doesn't say it.
        let mixed = vec![object(going[0], None), object(going[1], None), object(staying[0], None)];
        check(mixed, &[0], &calls, None);
    }
}
