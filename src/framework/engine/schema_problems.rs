//! What is wrong with a schema: rules that Terraform would report to the user, or not at all, belong in a test over every schema.

use std::collections::BTreeSet;

use super::consistency::shape;
use super::validate;
use crate::framework::path::Path;
use crate::framework::schema::{Attribute, AttributeType, Behaviour, Default, Nesting, Schema};
use crate::framework::value::{Object, Value};

/// Names that a resource or data block uses itself.
const RESERVED: [&str; 7] = ["connection", "count", "depends_on", "for_each", "lifecycle", "provider", "provisioner"];

/// Names that a provider block uses itself.
const RESERVED_BY_PROVIDER: [&str; 2] = ["alias", "version"];

/// Every problem of the schema of a resource or a data source, each a sentence that names the place. For tests.
pub fn schema_problems(schema: &Schema) -> Vec<String> {
    let mut problems = Problems::default();
    problems.root(schema, &RESERVED);
    problems.0
}

/// Every problem of the schema of a provider block: it can neither compute nor replace anything. For tests.
pub fn provider_schema_problems(schema: &Schema) -> Vec<String> {
    fn computed(attributes: &[Attribute], path: &Path, problems: &mut Problems) {
        for attribute in attributes {
            let path = path.attribute(attribute.name);
            let given = matches!(attribute.behaviour, Behaviour::Required | Behaviour::Optional);
            problems.require(given, &path, "a provider block cannot compute it");
            problems.require(!attribute.requires_replace, &path, "a provider block replaces nothing");
            computed(members(attribute), &path, problems);
        }
    }
    let mut problems = Problems::default();
    problems.root(schema, &RESERVED_BY_PROVIDER);
    computed(&schema.attributes, &Path::root(), &mut problems);
    problems.0
}

#[derive(std::default::Default)]
struct Problems(Vec<String>);

/// What surrounds an attribute.
#[derive(Clone, Copy)]
struct Within {
    set: bool,
    computed: bool,
}

impl Problems {
    fn require(&mut self, holds: bool, path: &Path, problem: &str) {
        if !holds {
            self.0.push(format!("{path}: {problem}"));
        }
    }

    fn root(&mut self, schema: &Schema, reserved: &[&str]) {
        let root = Path::root();
        self.require(schema.version >= 0, &root, "the version is negative");
        self.require(is_sentence(schema.description), &root, "the description must end in a full stop");
        for attribute in &schema.attributes {
            let free = !reserved.contains(&attribute.name);
            self.require(free, &Path::of(attribute.name), "Terraform uses this name itself");
        }
        self.attributes(&schema.attributes, &root, Within { set: false, computed: false });
    }

    fn attributes(&mut self, attributes: &[Attribute], path: &Path, within: Within) {
        let mut names = BTreeSet::new();
        for attribute in attributes {
            let path = path.attribute(attribute.name);
            self.require(names.insert(attribute.name), &path, "the name is used twice");
            self.attribute(attribute, &path, within);
        }
    }

    fn attribute(&mut self, attribute: &Attribute, path: &Path, within: Within) {
        let computed = attribute.behaviour == Behaviour::Computed;
        let may_compute = computed || attribute.behaviour == Behaviour::OptionalComputed;
        self.require(is_identifier(attribute.name), path, "the name must match ^[a-z_][a-z0-9_]*$");
        self.require(is_sentence(attribute.description), path, "the description must end in a full stop");
        self.require(attribute.deprecated.is_none_or(is_sentence), path, "the deprecation must end in a full stop");
        self.require(!attribute.keep_prior || may_compute, path, "only a computed value can keep its prior one");
        self.require(!within.computed || computed, path, "a member of a computed attribute must be computed");
        self.require(!computed || attribute.validators.is_empty(), path, "a computed value is never validated");
        if within.set {
            let literal = matches!(attribute.default, Some(Default::Value(_)));
            let fixed = !computed && (literal || attribute.behaviour != Behaviour::OptionalComputed);
            self.require(fixed || within.computed, path, "inside a set only literal defaults can be computed");
            let in_place = !attribute.requires_replace;
            self.require(in_place, path, "an element of a set has no identity, so its change cannot replace anything");
        }
        self.default_value(attribute, path);
        let nested_set = matches!(attribute.ty, AttributeType::Nested(Nesting::Set, _));
        let within = Within { set: within.set || nested_set, computed: within.computed || computed };
        self.attributes(members(attribute), path, within);
    }

    fn default_value(&mut self, attribute: &Attribute, path: &Path) {
        let Some(default) = &attribute.default else { return };
        let behaves = attribute.behaviour == Behaviour::OptionalComputed;
        self.require(behaves, path, "only an optional computed attribute can have a default");
        self.require(!attribute.keep_prior, path, "an attribute with a default never keeps its prior value");
        match default {
            Default::Members => self.member_defaults(attribute, path),
            Default::Value(value) => {
                self.require(value.is_wholly_known(), path, "the default must be known");
                let fits = shape::mismatches(&attribute.value_type(), value).is_empty();
                self.require(fits, path, "the default must be of the attribute's type");
                if fits {
                    self.valid_default(attribute, value, path);
                }
            }
        }
    }

    fn member_defaults(&mut self, attribute: &Attribute, path: &Path) {
        let single = matches!(attribute.ty, AttributeType::Nested(Nesting::Single, _));
        self.require(single, path, "only a single nested object has defaults of its members");
        for member in members(attribute) {
            let required = member.behaviour == Behaviour::Required;
            self.require(!required, &path.attribute(member.name), "a required member has no default");
        }
    }

    /// A default must pass what a configured value must pass.
    fn valid_default(&mut self, attribute: &Attribute, value: &Value, path: &Path) {
        let schema = Schema { attributes: vec![attribute.clone()], ..Schema::default() };
        let object = Object::from([(attribute.name.to_owned(), value.clone())]);
        for diagnostic in validate::attributes(&schema, &object).iter() {
            self.require(false, path, &format!("the default is refused: {}", diagnostic.detail));
        }
    }
}

fn members(attribute: &Attribute) -> &[Attribute] {
    match &attribute.ty {
        AttributeType::Nested(_, members) => members,
        AttributeType::Plain(_) => &[],
    }
}

fn is_sentence(text: &str) -> bool {
    text.len() > 1 && text.ends_with('.')
}

fn is_identifier(name: &str) -> bool {
    let rest_fits = name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    rest_fits && !name.is_empty() && !name.starts_with(|c: char| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::framework::ty::Type;
    use crate::framework::validator::between;

    fn string(name: &'static str) -> Attribute {
        Attribute::string(name).describe("Text.")
    }

    fn nested(nesting: Nesting, member: Attribute) -> Attribute {
        Attribute::nested("x", nesting, vec![member]).describe("Nested.")
    }

    fn problems(attributes: Vec<Attribute>) -> Vec<String> {
        schema_problems(&Schema { version: 0, description: "Test.", attributes })
    }

    #[test]
    fn a_good_schema_has_none() {
        let members = Attribute::nested("m", Nesting::Single, vec![string("a").default("x"), string("b")]);
        let good = vec![
            string("id").computed().keep_prior(),
            members.default_members().describe("Defaults."),
            nested(Nesting::Set, string("y").default("z")),
        ];
        assert_eq!(problems(good), Vec::<String>::new());
        let ports = Attribute::number("p").default(5).check(between(1, 9)).describe("Port.");
        assert_eq!(problems(vec![ports]), Vec::<String>::new());
    }

    #[test]
    fn each_rule_refuses() {
        let keep = || string("x").keep_prior();
        for (attribute, part) in [
            (string("for_each"), "Terraform uses this name"),
            (string("Upper"), "the name must match"),
            (string("1st"), "the name must match"),
            (Attribute::string("x"), "full stop"),
            (string("x").deprecated("Use y"), "the deprecation"),
            (keep(), "keep its prior"),
            (keep().default("a"), "never keeps"),
            (Attribute { default: Some(Default::Value("a".into())), ..string("x") }, "only an optional computed"),
            (string("x").default(true), "of the attribute's type"),
            (string("x").default(Value::UNKNOWN), "must be known"),
            (Attribute::number("x").default(10).check(between(1, 9)).describe("N."), "the default is refused"),
            (string("x").computed().check(between(1, 9)), "never validated"),
            (Attribute::plain("x", Type::list(Type::Bool)).default_members().describe("L."), "only a single nested"),
            (nested(Nesting::Single, string("y").required()).default_members(), "a required member has no default"),
            (nested(Nesting::Single, string("y")).computed(), "a member of a computed attribute"),
            (nested(Nesting::Set, string("y").computed()), "inside a set"),
            (nested(Nesting::Set, string("y").optional_computed()), "inside a set"),
            (nested(Nesting::Set, string("y").requires_replace()), "no identity"),
            (nested(Nesting::Set, Attribute::nested("y", Nesting::List, vec![string("z").computed()])), "inside a set"),
        ] {
            let found = problems(vec![attribute]);
            assert!(found.iter().any(|problem| problem.contains(part)), "{part}: {found:?}");
        }
        assert_eq!(problems(vec![string("x"), string("x")]), ["x: the name is used twice"]);
        let negative = Schema { version: -1, description: "no stop", attributes: Vec::new() };
        assert_eq!(schema_problems(&negative).len(), 2);
    }

    #[test]
    fn a_provider_block_computes_nothing() {
        let schema = |attribute| Schema { version: 0, description: "Test.", attributes: vec![attribute] };
        assert!(provider_schema_problems(&schema(string("count"))).is_empty());
        for attribute in [string("alias"), string("x").computed(), nested(Nesting::Single, string("y").default("z"))] {
            assert_eq!(provider_schema_problems(&schema(attribute)).len(), 1);
        }
    }
}
