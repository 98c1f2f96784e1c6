//! Reading values.

use std::collections::BTreeMap;

use rmp::Marker;

use super::bytes::Bytes;
use super::refinement;
use crate::framework::ty::Type;
use crate::framework::value::{Object, Value};
use crate::protocol::codec::{CodecError, Outer, Problem, expected, normalised};
use crate::protocol::limits::MAX_VALUES;

/// Reads a value of type `ty` that takes all of `bytes`.
///
/// # Errors
/// If the bytes are anything else.
pub fn decode(bytes: &[u8], ty: &Type) -> Result<Value, CodecError> {
    decode_within(bytes, ty, &mut { MAX_VALUES })
}

/// The same for one of several parts: `left` is how many values they may still hold.
///
/// # Errors
/// If the bytes are anything else, or hold more.
pub fn decode_within(bytes: &[u8], ty: &Type, left: &mut usize) -> Result<Value, CodecError> {
    let mut reader = Bytes::new(bytes, *left);
    let value = reader.value(ty)?;
    *left = reader.left;
    if reader.rest.is_empty() { Ok(value) } else { Err(Problem::Trailing.into()) }
}

impl<'a> Bytes<'a> {
    fn value(&mut self, ty: &Type) -> Result<Value, CodecError> {
        self.count()?;
        let marker = self.marker()?;
        if marker == Marker::Null {
            return Ok(Value::Null);
        }
        if let Some(length) = self.extension_length(marker)? {
            return self.unknown(length);
        }
        match ty {
            Type::Bool => match marker {
                Marker::True => Ok(Value::Bool(true)),
                Marker::False => Ok(Value::Bool(false)),
                _ => Err(expected(ty)),
            },
            Type::Number => self.number(marker)?.map(Value::Number).ok_or_else(|| expected(ty)),
            Type::String => self.text(marker)?.map(|text| Value::String(normalised(text))).ok_or_else(|| expected(ty)),
            Type::List(element) => {
                let length = self.array_length(marker)?.ok_or_else(|| expected(ty))?;
                self.elements(length, element, Outer::Index).map(Value::List)
            }
            Type::Set(element) => {
                let length = self.array_length(marker)?.ok_or_else(|| expected(ty))?;
                self.elements(length, element, |_| Outer::Unaddressed).map(Value::set)
            }
            Type::Map(element) => {
                let length = self.map_length(marker)?.ok_or_else(|| expected(ty))?;
                self.map(length, element).map(Value::Map)
            }
            Type::Object(attributes) => {
                let length = self.map_length(marker)?.ok_or_else(|| expected(ty))?;
                self.object(length, attributes).map(Value::Object)
            }
        }
    }

    fn elements<'o>(
        &mut self,
        length: usize,
        element: &Type,
        outer: impl Fn(u64) -> Outer<'o>,
    ) -> Result<Vec<Value>, CodecError> {
        let mut elements = Vec::new(); // grows with what is there, not with what is declared
        for index in 0..length {
            elements.push(self.value(element).map_err(|error| error.inside(outer(index as u64)))?);
        }
        Ok(elements)
    }

    fn map(&mut self, length: usize, element: &Type) -> Result<BTreeMap<String, Value>, CodecError> {
        let mut entries = BTreeMap::new();
        for _ in 0..length {
            let key = normalised(self.name().map_err(|error| error.inside(Outer::Unaddressed))?);
            let value = self.value(element).map_err(|error| error.inside(Outer::Unaddressed))?;
            if entries.insert(key, value).is_some() {
                return Err(Problem::Duplicate.into());
            }
        }
        Ok(entries)
    }

    fn object(&mut self, length: usize, attributes: &BTreeMap<String, Type>) -> Result<Object, CodecError> {
        if length != attributes.len() {
            return Err(Problem::AttributeCount { expected: attributes.len(), found: length }.into());
        }
        let mut object = Object::new();
        for _ in 0..length {
            let (name, ty) = attributes.get_key_value(self.name()?).ok_or(Problem::UnknownAttribute)?;
            let value = self.value(ty).map_err(|error| error.inside(Outer::Attribute(name)))?;
            if object.insert(name.clone(), value).is_some() {
                return Err(Problem::Duplicate.into());
            }
        }
        Ok(object)
    }

    fn name(&mut self) -> Result<&'a str, CodecError> {
        let marker = self.marker()?;
        self.text(marker)?.ok_or_else(|| Problem::Expected("a name".to_owned()).into())
    }

    fn unknown(&mut self, length: usize) -> Result<Value, CodecError> {
        let code = self.byte()?;
        let body = self.take(length)?;
        Ok(Value::Unknown(refinement::read(code, body)))
    }
}
