//! Ten schemas of every nesting and behaviour, each with a configuration before and after a change, and with ways to answer wrongly.
//!
//! A way is a text in the attribute `answer`: `STAGE PATH OP`. The stages are `plan`, `final` (only the plan made when all is known),
//! `apply` and `replace` (the path is asked to be replaced); the operations are those of [`damaged`]. `right` answers rightly.

use crate::f::schema::{Attribute, Nesting, Schema};
use crate::f::ty::Type;
use crate::f::value::{Object, Value};

/// The attribute that says how to answer.
pub const ANSWER: &str = "answer";

/// What `answer` says where nothing is done to the answer.
pub const RIGHT: &str = "right";

/// What unknown text is once it is known.
pub const LATER: &str = "later";

/// A schema, a change, and the wrong answers to be given.
pub struct Fixed {
    pub name: &'static str,
    pub schema: Schema,
    pub before: Value,
    pub after: Value,
    pub answers: &'static [&'static str],
}

impl Fixed {
    fn new(
        name: &'static str,
        attributes: Vec<Attribute>,
        [before, after]: [Vec<(&str, Value)>; 2],
        answers: &'static [&'static str],
    ) -> Fixed {
        let mut attributes = attributes;
        attributes.push(Attribute::string(ANSWER));
        let schema = Schema { attributes, ..Schema::default() };
        let config = |given: Vec<(&str, Value)>| whole(&schema.object_type(), object(given));
        Fixed { name, before: config(before), after: config(after), schema, answers }
    }
}

/// A configuration with its way to answer.
pub fn answering(config: &Value, answer: &str) -> Value {
    let mut object = config.clone().into_object().unwrap_or_default();
    object.insert(ANSWER.to_owned(), answer.into());
    Value::Object(object)
}

/// The configuration when what is unknown has become known.
pub fn known(config: &Value) -> Value {
    match config {
        Value::Unknown(refinement) if refinement.not_null => Value::from(format!("x{LATER}")),
        Value::Unknown(_) => LATER.into(),
        Value::List(items) => Value::list(items.iter().map(known)),
        Value::Set(items) => Value::set(items.iter().map(known)),
        Value::Map(items) => Value::Map(items.iter().map(|(key, item)| (key.clone(), known(item))).collect()),
        Value::Object(items) => Value::Object(items.iter().map(|(key, item)| (key.clone(), known(item))).collect()),
        other => other.clone(),
    }
}

/// `root` with an operation done at a path of names, keys and indexes; as it was where there is nothing to do it to.
pub fn damaged(root: &Value, path: &str, operation: &str) -> Value {
    if path.is_empty() {
        return operated(root, operation);
    }
    let (step, rest) = path.split_once('.').unwrap_or((path, ""));
    let inside = |items: &[Value]| {
        let at: Option<usize> = step.parse().ok();
        let one =
            |(i, item): (usize, &Value)| if Some(i) == at { damaged(item, rest, operation) } else { item.clone() };
        items.iter().enumerate().map(one).collect::<Vec<_>>()
    };
    let entry = |(key, item): (&String, &Value)| {
        (key.clone(), if key == step { damaged(item, rest, operation) } else { item.clone() })
    };
    match root {
        Value::Object(items) => Value::Object(items.iter().map(entry).collect()),
        Value::Map(items) => Value::Map(items.iter().map(entry).collect()),
        Value::List(items) => Value::list(inside(items)),
        Value::Set(items) => Value::set(inside(items)),
        other => other.clone(),
    }
}

fn operated(value: &Value, operation: &str) -> Value {
    match (operation, value) {
        ("null", _) => Value::Null,
        ("unknown", _) => Value::UNKNOWN,
        ("text", _) => "damaged".into(),
        ("flip", Value::Bool(value)) => Value::Bool(!value),
        ("number", _) => 77.into(),
        ("empty" | "drop", Value::List(_)) => Value::list([]),
        ("empty" | "drop", Value::Set(_)) => Value::set([]),
        ("empty", Value::Map(_)) => Value::Map([].into()),
        ("key", Value::Map(items)) => {
            Value::Map(items.values().map(|item| ("other".to_owned(), item.clone())).collect())
        }
        ("twice", Value::List(items)) => Value::list(items.iter().chain(items).cloned()),
        ("more", Value::Set(items)) => Value::set(items.iter().cloned().chain(["more".into()])),
        (_, value) => value.clone(),
    }
}

fn object(given: Vec<(&str, Value)>) -> Value {
    Value::Object(given.into_iter().map(|(name, value)| (name.to_owned(), value)).collect::<Object>())
}

/// The value with null for every attribute that is left out.
fn whole(ty: &Type, value: Value) -> Value {
    match (ty, value) {
        (Type::Object(types), Value::Object(mut items)) => {
            let member =
                |(name, ty): (&String, &Type)| (name.clone(), whole(ty, items.remove(name).unwrap_or(Value::Null)));
            Value::Object(types.iter().map(member).collect())
        }
        (Type::List(ty), Value::List(items)) => Value::list(items.into_iter().map(|item| whole(ty, item))),
        (Type::Set(ty), Value::Set(items)) => Value::set(items.into_iter().map(|item| whole(ty, item))),
        (Type::Map(ty), Value::Map(items)) => {
            Value::Map(items.into_iter().map(|(key, item)| (key, whole(ty, item))).collect())
        }
        (_, value) => value,
    }
}

fn number(text: &str) -> Value {
    text.parse().map_or(Value::Null, Value::Number)
}

fn map<const N: usize>(entries: [(&str, Value); N]) -> Value {
    Value::Map(entries.map(|(key, value)| (key.to_owned(), value)).into())
}

fn strings(texts: &[&str]) -> Vec<Value> {
    texts.iter().map(|text| Value::from(*text)).collect()
}

/// Members of every behaviour.
fn members() -> Vec<Attribute> {
    vec![
        Attribute::string("name").required(),
        Attribute::string("note"),
        Attribute::number("port").default(6443),
        Attribute::string("id").computed(),
        Attribute::string("kept").computed().keep_prior(),
    ]
}

fn member(name: &str) -> Value {
    object(vec![("name", name.into())])
}

/// The ten.
pub fn all() -> Vec<Fixed> {
    vec![plain(), collections(), single(), list(), map_of(), set(), deep(), computed(), defaults(), replacing()]
}

fn plain() -> Fixed {
    let attributes = vec![
        Attribute::string("required").required(),
        Attribute::string("optional"),
        Attribute::string("both").optional_computed(),
        Attribute::string("id").computed(),
        Attribute::string("kept").computed().keep_prior(),
        Attribute::plain("flag", Type::Bool).default(true),
        Attribute::number("size"),
    ];
    let before = vec![("required", "a".into()), ("size", number("0.1"))];
    let after =
        vec![("required", Value::UNKNOWN), ("both", Value::UNKNOWN_NOT_NULL), ("size", number("9223372036854775808"))];
    let answers = &[
        "plan required text",
        "plan required null",
        "plan required unknown",
        "plan optional text",
        "plan optional unknown",
        "plan both text",
        "plan both null",
        "plan id text",
        "plan id null",
        "plan flag flip",
        "plan size number",
        "final kept text",
        "final flag flip",
        "final id text",
        "replace nowhere",
        "replace required",
        "apply required text",
        "apply optional text",
        "apply id null",
        "apply id unknown",
        "apply kept text",
        "apply flag flip",
        "apply size number",
    ];
    Fixed::new("oracle_plain", attributes, [before, after], answers)
}

fn collections() -> Fixed {
    let pair = || Type::object([("p", Type::String), ("q", Type::Bool)]);
    let attributes = vec![
        Attribute::plain("list", Type::list(Type::String)),
        Attribute::plain("set", Type::set(Type::String)),
        Attribute::plain("map", Type::map(Type::Number)),
        Attribute::plain("pair", pair()),
        Attribute::plain("made", Type::list(Type::String)).computed(),
    ];
    let config = |text: Value| {
        vec![
            ("list", Value::list([text.clone(), "b".into()])),
            ("set", Value::set([text.clone(), "b".into()])),
            ("map", map([("k", 1.into())])),
            ("pair", object(vec![("p", text), ("q", true.into())])),
        ]
    };
    let answers = &[
        "plan list drop",
        "plan list.0 text",
        "plan set empty",
        "plan set more",
        "plan map key",
        "plan map.k number",
        "plan pair.p null",
        "plan made empty",
        "plan made null",
        "apply list drop",
        "apply list twice",
        "apply list.1 text",
        "apply set more",
        "apply set empty",
        "apply map key",
        "apply map.k null",
        "apply pair.q flip",
        "apply made null",
        "apply made unknown",
    ];
    Fixed::new("oracle_collections", attributes, [config("a".into()), config(Value::UNKNOWN)], answers)
}

fn single() -> Fixed {
    let attributes = vec![
        Attribute::nested("single", Nesting::Single, members()),
        Attribute::nested("empty", Nesting::Single, members()),
    ];
    let after = vec![("single", object(vec![("name", Value::UNKNOWN), ("port", 1.into())]))];
    let answers = &[
        "plan single null",
        "plan single unknown",
        "plan single.name text",
        "plan single.note text",
        "plan single.port number",
        "plan single.id text",
        "plan single.id null",
        "plan empty unknown",
        "final single.kept text",
        "final single.id text",
        "apply single null",
        "apply single.name text",
        "apply single.note text",
        "apply single.port number",
        "apply single.id unknown",
        "apply single.id text",
        "replace single.nothing",
    ];
    Fixed::new("oracle_single", attributes, [vec![("single", member("a"))], after], answers)
}

fn list() -> Fixed {
    let attributes = vec![Attribute::nested("list", Nesting::List, members())];
    let before = vec![("list", Value::list([member("a"), member("b")]))];
    let after = vec![("list", Value::list([member("b"), object(vec![("name", Value::UNKNOWN)]), member("c")]))];
    let answers = &[
        "plan list drop",
        "plan list twice",
        "plan list null",
        "plan list unknown",
        "plan list.0.name text",
        "plan list.1.id text",
        "plan list.1.port number",
        "plan list.0.note unknown",
        "final list.0.kept text",
        "apply list drop",
        "apply list twice",
        "apply list.0.name text",
        "apply list.1.id text",
        "apply list.1.note text",
    ];
    Fixed::new("oracle_list", attributes, [before, after], answers)
}

fn map_of() -> Fixed {
    let attributes = vec![Attribute::nested("map", Nesting::Map, members())];
    let before = vec![("map", map([("k", member("a"))]))];
    let after =
        vec![("map", map([("k", object(vec![("name", "a".into()), ("note", Value::UNKNOWN)])), ("l", member("b"))]))];
    let answers = &[
        "plan map empty",
        "plan map key",
        "plan map null",
        "plan map.k.name text",
        "plan map.k.id null",
        "plan map.k.port null",
        "plan map.k.note text",
        "final map.k.port number",
        "apply map empty",
        "apply map key",
        "apply map.k.name null",
        "apply map.k.id text",
        "apply map.k.kept null",
    ];
    Fixed::new("oracle_map", attributes, [before, after], answers)
}

fn set() -> Fixed {
    let members = vec![
        Attribute::string("name").required(),
        Attribute::number("port").default(6443),
        Attribute::plain("tags", Type::map(Type::String)),
    ];
    let attributes = vec![Attribute::nested("set", Nesting::Set, members), Attribute::string("id").computed()];
    let before = vec![("set", Value::set([member("a"), member("b")]))];
    let after = vec![("set", Value::set([member("a"), object(vec![("name", Value::UNKNOWN), ("port", 1.into())])]))];
    let answers = &[
        "plan set empty",
        "plan set null",
        "plan set unknown",
        "plan id text",
        "apply set empty",
        "apply set null",
        "apply set.0.name text",
        "apply set.1.port number",
        "apply set.0.tags empty",
        "apply id text",
    ];
    Fixed::new("oracle_set", attributes, [before, after], answers)
}

fn deep() -> Fixed {
    let inner = Attribute::nested("inner", Nesting::Map, members());
    let middle = Attribute::nested("middle", Nesting::List, vec![inner, Attribute::string("id").computed()]);
    let attributes =
        vec![Attribute::nested("outer", Nesting::Single, vec![middle, Attribute::string("id").computed()])];
    let outer = |inner: Value| vec![("outer", object(vec![("middle", Value::list([object(vec![("inner", inner)])]))]))];
    let after = outer(map([("k", member("a")), ("l", object(vec![("name", Value::UNKNOWN)]))]));
    let answers = &[
        "plan outer null",
        "plan outer.id text",
        "plan outer.middle drop",
        "plan outer.middle.0.inner key",
        "plan outer.middle.0.inner.k.name text",
        "plan outer.middle.0.inner.k.id text",
        "plan outer.middle.0.inner.k.note text",
        "final outer.middle.0.inner.k.kept text",
        "apply outer.middle drop",
        "apply outer.middle.0.inner empty",
        "apply outer.middle.0.inner.k.name text",
        "apply outer.middle.0.inner.k.id text",
        "apply outer.middle.0.inner.k.note text",
    ];
    Fixed::new("oracle_deep", attributes, [outer(map([("k", member("a"))])), after], answers)
}

fn computed() -> Fixed {
    let made = || vec![Attribute::string("name").computed(), Attribute::number("port").computed()];
    let attributes = vec![
        Attribute::string("given"),
        Attribute::nested("one", Nesting::Single, made()).computed(),
        Attribute::nested("list", Nesting::List, made()).computed(),
        Attribute::nested("map", Nesting::Map, made()).computed().keep_prior(),
        Attribute::nested("set", Nesting::Set, made()).computed(),
    ];
    let answers = &[
        "plan given text",
        "plan one null",
        "plan list empty",
        "plan map null",
        "plan set empty",
        "final map null",
        "apply one null",
        "apply one.name unknown",
        "apply list null",
        "apply map null",
        "apply set null",
    ];
    Fixed::new("oracle_computed", attributes, [vec![("given", "a".into())], vec![("given", Value::UNKNOWN)]], answers)
}

fn defaults() -> Fixed {
    let inner =
        Attribute::nested("inner", Nesting::Single, vec![Attribute::bool("on").default(true)]).default_members();
    let settings = vec![Attribute::number("port").default(6443), Attribute::string("free"), inner];
    let literal = object(vec![("name", "literal".into())]);
    let attributes = vec![
        Attribute::string("given"),
        Attribute::nested("settings", Nesting::Single, settings).default_members(),
        Attribute::nested("list", Nesting::List, vec![Attribute::string("name")]).default(Value::list([literal])),
        Attribute::plain("tags", Type::set(Type::String)).default(Value::set(strings(&["a", "b"]))),
    ];
    let after =
        vec![("given", Value::UNKNOWN), ("settings", object(vec![("port", 1.into()), ("inner", object(vec![]))]))];
    let answers = &[
        "plan settings null",
        "plan settings.port number",
        "plan settings.free text",
        "plan settings.inner.on flip",
        "plan settings.inner null",
        "plan list drop",
        "final settings.inner.on flip",
        "final tags more",
        "apply settings null",
        "apply settings.port number",
        "apply settings.inner.on null",
        "apply list drop",
        "apply tags more",
    ];
    Fixed::new("oracle_defaults", attributes, [vec![("given", "a".into())], after], answers)
}

fn replacing() -> Fixed {
    let both = |name, nesting| Attribute::nested(name, nesting, members()).optional_computed();
    let attributes = vec![
        Attribute::string("fixed").requires_replace(),
        Attribute::string("sized").requires_replace(),
        both("single", Nesting::Single),
        both("map", Nesting::Map).keep_prior(),
        both("list", Nesting::List),
    ];
    let before = vec![("fixed", "a".into()), ("single", member("s"))];
    let after = vec![("fixed", Value::UNKNOWN), ("single", member("t")), ("map", map([("k", member("m"))]))];
    let answers = &[
        "plan fixed text",
        "plan single null",
        "plan single.name text",
        "plan map key",
        "plan list null",
        "plan list unknown",
        "replace single.name",
        "replace list.7",
        "apply fixed text",
        "apply single.name text",
        "apply single.id text",
        "apply map null",
        "apply list null",
    ];
    Fixed::new("oracle_replacing", attributes, [before, after], answers)
}
