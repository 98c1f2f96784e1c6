//! Values as JSON, the encoding of stored state.
//!
//! More forgiving than MessagePack, as Terraform itself is: an attribute that is missing is null, and a number may be text. Numbers keep
//! all their digits. There are no unknown values.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

use super::codec::{CodecError, Outer, Problem, expected, normalised};
use super::limits::MAX_VALUES;
use crate::framework::ty::Type;
use crate::framework::value::{Object, Value};

/// What becomes of attributes that the type doesn't have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extra {
    /// They are left out: state of the current schema version may hold what another build of the provider wrote.
    Ignored,
    /// They are an error: dropping them from state of an older version would lose what an upgrade should keep.
    Refused,
}

/// Reads a value of type `ty` that takes all of `bytes`.
///
/// # Errors
/// If the bytes are anything else.
pub fn decode(bytes: &[u8], ty: &Type, extra: Extra) -> Result<Value, CodecError> {
    decode_within(bytes, ty, extra, &mut { MAX_VALUES })
}

/// The same for one of several parts: `left` is how many values they may still hold.
///
/// # Errors
/// If the bytes are anything else, or hold more.
pub fn decode_within(bytes: &[u8], ty: &Type, extra: Extra, left: &mut usize) -> Result<Value, CodecError> {
    // Counted before anything is made of them: one digit becomes a hundred bytes.
    *left = left.checked_sub(values(bytes)).ok_or(Problem::TooManyValues)?;
    // serde_json's own message holds a position and no part of the text; it also stops at a depth of 128.
    let json: Json = serde_json::from_slice(bytes).map_err(|error| Problem::NotJson(error.to_string()))?;
    read(json, ty, extra)
}

/// Writes `value` as type `ty`, as Terraform stores it: every attribute, names in order.
///
/// # Errors
/// If the value is not of that type or not wholly known.
pub fn encode(value: &Value, ty: &Type) -> Result<Vec<u8>, CodecError> {
    // Texts, numbers and keys that are texts always have a JSON form.
    write(value, ty).map(|json| json.to_string().into_bytes())
}

/// How many values JSON holds, at every depth: the outermost one, the first in each array or object, and one behind each comma.
pub fn values(json: &[u8]) -> usize {
    let (mut count, mut opened) = (1, false);
    let mut bytes = json.iter().copied().filter(|byte| !byte.is_ascii_whitespace());
    while let Some(byte) = bytes.next() {
        let closes = matches!(byte, b']' | b'}');
        count += usize::from(byte == b',' || opened && !closes);
        opened = matches!(byte, b'[' | b'{');
        if byte == b'"' {
            skip_text(&mut bytes);
        }
    }
    count
}

/// Goes behind the quotation mark that ends a text.
fn skip_text(bytes: &mut impl Iterator<Item = u8>) {
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => return,
            b'\\' => drop(bytes.next()),
            _ => {}
        }
    }
}

fn read(json: Json, ty: &Type, extra: Extra) -> Result<Value, CodecError> {
    match (json, ty) {
        (Json::Null, _) => Ok(Value::Null),
        (Json::Bool(truth), Type::Bool) => Ok(Value::Bool(truth)),
        (Json::Number(number), Type::Number) => Ok(Value::Number(number.as_str().parse()?)),
        (Json::String(text), Type::Number) => Ok(Value::Number(text.parse()?)),
        (Json::String(text), Type::String) => Ok(Value::String(normalised(&text))),
        (Json::Array(elements), Type::List(element)) => {
            read_elements(elements, element, extra, Outer::Index).map(Value::List)
        }
        (Json::Array(elements), Type::Set(element)) => {
            read_elements(elements, element, extra, |_| Outer::Unaddressed).map(Value::set)
        }
        (Json::Object(entries), Type::Map(element)) => read_map(entries, element, extra).map(Value::Map),
        (Json::Object(entries), Type::Object(attributes)) => read_object(entries, attributes, extra).map(Value::Object),
        _ => Err(expected(ty)),
    }
}

fn read_elements<'o>(
    elements: Vec<Json>,
    element: &Type,
    extra: Extra,
    outer: impl Fn(u64) -> Outer<'o>,
) -> Result<Vec<Value>, CodecError> {
    let numbered = (0..).zip(elements);
    numbered.map(|(index, json)| read(json, element, extra).map_err(|error| error.inside(outer(index)))).collect()
}

fn read_map(entries: Map<String, Json>, element: &Type, extra: Extra) -> Result<BTreeMap<String, Value>, CodecError> {
    let mut map = BTreeMap::new();
    for (key, json) in entries {
        let value = read(json, element, extra).map_err(|error| error.inside(Outer::Unaddressed))?;
        if map.insert(normalised(&key), value).is_some() {
            return Err(Problem::Duplicate.into());
        }
    }
    Ok(map)
}

fn read_object(
    mut entries: Map<String, Json>,
    attributes: &BTreeMap<String, Type>,
    extra: Extra,
) -> Result<Object, CodecError> {
    let mut object = Object::new();
    for (name, ty) in attributes {
        let json = entries.remove(name).unwrap_or(Json::Null);
        object.insert(name.clone(), read(json, ty, extra).map_err(|error| error.inside(Outer::Attribute(name)))?);
    }
    if extra == Extra::Refused && !entries.is_empty() {
        return Err(Problem::UnknownAttribute.into());
    }
    Ok(object)
}

fn write(value: &Value, ty: &Type) -> Result<Json, CodecError> {
    match (value, ty) {
        (Value::Null, _) => Ok(Json::Null),
        (Value::Unknown(_), _) => Err(Problem::Unknown.into()),
        (Value::Bool(truth), Type::Bool) => Ok(Json::Bool(*truth)),
        (Value::Number(number), Type::Number) => {
            serde_json::from_str(&number.to_string()).map_err(|error| Problem::NotJson(error.to_string()).into())
        }
        (Value::String(text), Type::String) => Ok(Json::String(text.clone())),
        (Value::List(elements), Type::List(element)) => {
            let numbered = (0..).zip(elements);
            let written =
                numbered.map(|(index, value)| write(value, element).map_err(|error| error.inside(Outer::Index(index))));
            written.collect::<Result<_, _>>().map(Json::Array)
        }
        (Value::Set(elements), Type::Set(element)) => {
            let written = elements.iter().map(|value| write(value, element));
            written.collect::<Result<_, _>>().map(Json::Array).map_err(|error| error.inside(Outer::Unaddressed))
        }
        (Value::Map(entries), Type::Map(element)) => {
            let written = entries.iter().map(|(key, value)| Ok((key.clone(), write(value, element)?)));
            let written: Result<Map<_, _>, CodecError> = written.collect();
            written.map(Json::Object).map_err(|error| error.inside(Outer::Unaddressed))
        }
        (Value::Object(object), Type::Object(attributes)) => {
            if object.len() != attributes.len() {
                return Err(Problem::AttributeCount { expected: attributes.len(), found: object.len() }.into());
            }
            let written = object.iter().map(|(name, value)| {
                let ty = attributes.get(name).ok_or(Problem::UnknownAttribute)?;
                write(value, ty).map(|json| (name.clone(), json)).map_err(|error| error.inside(Outer::Attribute(name)))
            });
            written.collect::<Result<Map<_, _>, _>>().map(Json::Object)
        }
        _ => Err(expected(ty)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::framework::path::Path;
    use crate::protocol::random;
    use proptest::prelude::*;

    fn person() -> Type {
        Type::object([("age", Type::Number), ("name", Type::String)])
    }

    fn read(text: &str, extra: Extra) -> Result<Value, CodecError> {
        decode(text.as_bytes(), &person(), extra)
    }

    #[test]
    fn values_are_counted_before_they_are_read() {
        fn of(json: &Json) -> usize {
            match json {
                Json::Array(elements) => 1 + elements.iter().map(of).sum::<usize>(),
                Json::Object(entries) => 1 + entries.values().map(of).sum::<usize>(),
                _ => 1,
            }
        }
        for text in [
            "null",
            "[]",
            " [ ] ",
            "[1, 2 ,3]",
            r#"{"a": [], "b": {}, "c": [[1], [2, {"d": null}]]}"#,
            r#"["a,b", "[", "\"", "\\", "x\\\",", {"k,": "{"}]"#,
        ] {
            assert_eq!(values(text.as_bytes()), of(&serde_json::from_str(text).unwrap()), "{text}");
        }
        let many = format!("[{}]", vec!["0"; MAX_VALUES].join(","));
        let refused = decode(many.as_bytes(), &Type::list(Type::Number), Extra::Refused);
        assert_eq!(refused.unwrap_err().problem, Problem::TooManyValues);
    }

    #[test]
    fn missing_attributes_are_null_and_extra_ones_are_left_out_or_refused() {
        let known = read(r#"{"name":"a"}"#, Extra::Refused).unwrap();
        assert_eq!(known, Value::Object(Object::from([("age".into(), Value::Null), ("name".into(), "a".into())])));
        assert_eq!(read(r#"{"name":"a","gone":{"x":[1]}}"#, Extra::Ignored).unwrap(), known);
        let error = read(r#"{"name":"a","gone":1}"#, Extra::Refused).unwrap_err();
        assert_eq!(error.problem, Problem::UnknownAttribute);
    }

    #[test]
    fn numbers_keep_all_digits_and_may_be_text() {
        for text in ["0.1", "9223372036854775808", "1e400", "3.14159265358979323846264338327950288"] {
            for spelling in [text.to_owned(), format!("\"{text}\"")] {
                let value = read(&format!(r#"{{"age":{spelling}}}"#), Extra::Refused).unwrap();
                assert_eq!(value.attribute("age"), Some(&Value::Number(text.parse().unwrap())), "{spelling}");
            }
        }
        assert!(matches!(read(r#"{"age":1e999999999}"#, Extra::Refused).unwrap_err().problem, Problem::Number(_)));
    }

    #[test]
    fn errors_name_the_place_and_no_value() {
        let error = read(r#"{"age":"hunter2"}"#, Extra::Refused).unwrap_err();
        assert_eq!(error.path, Path::of("age"));
        assert!(!error.to_string().contains("hunter2"));
        let error = read(r#"{"name":["hunter2"]}"#, Extra::Refused).unwrap_err();
        assert_eq!(error.to_string(), "name: string expected");
        let error = read("hunter2", Extra::Refused).unwrap_err();
        assert!(matches!(error.problem, Problem::NotJson(_)) && !error.to_string().contains("hunter2"));
    }

    #[test]
    fn unknown_values_have_no_form() {
        assert_eq!(encode(&Value::UNKNOWN, &Type::String).unwrap_err().problem, Problem::Unknown);
        assert!(decode(&b"[".repeat(100_000), &Type::list(Type::Bool), Extra::Ignored).is_err());
    }

    proptest! {
        #[test]
        fn what_is_written_is_read((ty, value) in random::typed_value()) {
            let known = value.unknowns_as_null();
            let bytes = encode(&known, &ty).unwrap();
            prop_assert_eq!(decode(&bytes, &ty, Extra::Refused), Ok(known));
        }

        #[test]
        fn any_bytes_are_a_value_or_an_error(ty in random::ty(), bytes in any::<Vec<u8>>()) {
            if let Ok(value) = decode(&bytes, &ty, Extra::Ignored) {
                prop_assert!(ty.admits(&value));
            }
        }
    }
}
