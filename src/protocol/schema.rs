//! Schemas and signatures to messages.
//!
//! Everything is in order of name, so that two processes of one binary answer the same bytes: Terraform caches schemas.

use serde_json::{Value as Json, json};

use super::pb::tfplugin6 as pb;
use crate::framework::function::{Parameter, Signature};
use crate::framework::schema::{Attribute, AttributeType, Behaviour, Nesting, Schema};
use crate::framework::ty::Type;

pub(super) fn schema(schema: &Schema) -> pb::Schema {
    let Schema { version, description, attributes: members } = schema;
    let block = pb::schema::Block {
        version: 0, // not looked at by anybody; the schema's own version counts
        attributes: attributes(members),
        block_types: Vec::new(), // nested attributes instead: they can be null and unknown
        description: (*description).to_owned(),
        description_kind: pb::StringKind::Markdown.into(),
        deprecated: false,
        deprecation_message: String::new(),
    };
    pb::Schema { version: *version, block: Some(block) }
}

fn attributes(attributes: &[Attribute]) -> Vec<pb::schema::Attribute> {
    let mut sorted: Vec<&Attribute> = attributes.iter().collect();
    sorted.sort_by_key(|attribute| attribute.name);
    sorted.into_iter().map(attribute).collect()
}

fn attribute(attribute: &Attribute) -> pb::schema::Attribute {
    // Defaults, checks, replacement and kept values are the engine's: Terraform sees only what they lead to.
    let Attribute {
        name,
        ty,
        behaviour,
        sensitive,
        deprecated,
        description,
        default: _,
        validators: _,
        requires_replace: _,
        keep_prior: _,
    } = attribute;
    let (plain, nested) = match ty {
        AttributeType::Plain(ty) => (type_json(ty), None),
        AttributeType::Nested(nesting, members) => (Vec::new(), Some(nested_type(*nesting, members))),
    };
    pb::schema::Attribute {
        name: (*name).to_owned(),
        r#type: plain,
        nested_type: nested,
        description: (*description).to_owned(),
        description_kind: pb::StringKind::Markdown.into(),
        required: *behaviour == Behaviour::Required,
        optional: matches!(behaviour, Behaviour::Optional | Behaviour::OptionalComputed),
        computed: matches!(behaviour, Behaviour::Computed | Behaviour::OptionalComputed),
        sensitive: *sensitive,
        write_only: false,
        deprecated: deprecated.is_some(),
        deprecation_message: deprecated.unwrap_or_default().to_owned(),
    }
}

// The two fields that Terraform never looked at are deprecated, and a message is taken apart or built completely.
#[allow(deprecated)]
fn nested_type(nesting: Nesting, members: &[Attribute]) -> pb::schema::Object {
    use pb::schema::object::NestingMode;
    let nesting = match nesting {
        Nesting::Single => NestingMode::Single,
        Nesting::List => NestingMode::List,
        Nesting::Set => NestingMode::Set,
        Nesting::Map => NestingMode::Map,
    };
    pb::schema::Object { attributes: attributes(members), nesting: nesting.into(), min_items: 0, max_items: 0 }
}

pub(super) fn function(signature: &Signature) -> pb::Function {
    let Signature { parameters, variadic, result, summary, description, deprecated } = signature;
    pb::Function {
        parameters: parameters.iter().map(parameter).collect(),
        variadic_parameter: variadic.as_ref().map(parameter),
        r#return: Some(pb::function::Return { r#type: type_json(result) }),
        summary: (*summary).to_owned(),
        description: (*description).to_owned(),
        description_kind: pb::StringKind::Markdown.into(),
        deprecation_message: deprecated.unwrap_or_default().to_owned(),
    }
}

fn parameter(parameter: &Parameter) -> pb::function::Parameter {
    let Parameter { name, ty, allow_null, allow_unknown, description } = parameter;
    pb::function::Parameter {
        name: (*name).to_owned(),
        r#type: type_json(ty),
        allow_null_value: *allow_null,
        allow_unknown_values: *allow_unknown,
        description: (*description).to_owned(),
        description_kind: pb::StringKind::Markdown.into(),
    }
}

/// A type as Terraform spells it: `["list","string"]`.
pub(super) fn type_json(ty: &Type) -> Vec<u8> {
    type_tree(ty).to_string().into_bytes()
}

fn type_tree(ty: &Type) -> Json {
    match ty {
        Type::Bool => json!("bool"),
        Type::Number => json!("number"),
        Type::String => json!("string"),
        Type::List(element) => json!(["list", type_tree(element)]),
        Type::Set(element) => json!(["set", type_tree(element)]),
        Type::Map(element) => json!(["map", type_tree(element)]),
        Type::Object(attributes) => {
            let members: serde_json::Map<String, Json> =
                attributes.iter().map(|(name, ty)| (name.clone(), type_tree(ty))).collect();
            json!(["object", members])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_as_terraform_spells_them() {
        let spelt = |ty: Type| String::from_utf8(type_json(&ty)).unwrap();
        assert_eq!(spelt(Type::String), r#""string""#);
        assert_eq!(spelt(Type::list(Type::String)), r#"["list","string"]"#);
        assert_eq!(spelt(Type::set(Type::map(Type::Bool))), r#"["set",["map","bool"]]"#);
        let object = Type::object([("b", Type::Number), ("a", Type::list(Type::Bool))]);
        assert_eq!(spelt(object), r#"["object",{"a":["list","bool"],"b":"number"}]"#);
    }

    #[test]
    fn attributes_in_order_with_their_behaviour() {
        let nested =
            Attribute::nested("a", Nesting::Map, vec![Attribute::string("y").required(), Attribute::bool("x")]);
        let sent = schema(&Schema {
            version: 3,
            description: "A thing.",
            attributes: vec![
                Attribute::string("c").computed().sensitive(),
                Attribute::number("b").default(1).deprecated("Use `c`."),
                nested,
            ],
        });
        let block = sent.block.unwrap();
        let names: Vec<&str> = block.attributes.iter().map(|attribute| attribute.name.as_str()).collect();
        assert_eq!((sent.version, names), (3, vec!["a", "b", "c"]));
        let [a, b, c] = block.attributes.as_slice() else { panic!("three attributes") };
        let inner = a.nested_type.as_ref().unwrap();
        assert!(a.r#type.is_empty() && a.optional && !a.computed);
        assert_eq!((inner.nesting(), inner.attributes[0].name.as_str()), (pb::schema::object::NestingMode::Map, "x"));
        assert!(inner.attributes[1].required && !inner.attributes[1].optional);
        assert!(b.optional && b.computed && b.deprecated && b.deprecation_message == "Use `c`.");
        assert!(c.computed && !c.optional && c.sensitive && !c.deprecated && c.nested_type.is_none());
    }
}
