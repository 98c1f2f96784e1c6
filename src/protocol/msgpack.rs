//! Values as MessagePack, the encoding that Terraform always sends and is always answered in.
//!
//! It is read along the type that is due: nothing in the bytes decides how deep or how far reading goes, and no declared length is
//! believed before that many bytes are there. Beyond plain MessagePack there are three rules: an extension is an unknown value (code
//! 12 with a map of what is known of it), a number that neither an integer nor a float holds exactly is decimal text, and an object
//! has exactly all attributes of its type.

use std::collections::BTreeMap;

use rmp::Marker;

use super::codec::{CodecError, Outer, Problem, normalised};
use crate::framework::number::Number;
use crate::framework::ty::Type;
use crate::framework::value::{Object, Value};

mod refinement;
mod writer;

pub use writer::encode;

/// Reads a value of type `ty` that takes all of `bytes`.
///
/// # Errors
/// If the bytes are anything else.
pub fn decode(bytes: &[u8], ty: &Type) -> Result<Value, CodecError> {
    let mut reader = Reader { bytes };
    let value = reader.value(ty)?;
    if reader.bytes.is_empty() { Ok(value) } else { Err(Problem::Trailing.into()) }
}

/// The bytes that are not read yet.
struct Reader<'a> {
    bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    fn value(&mut self, ty: &Type) -> Result<Value, CodecError> {
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

    /// The number that begins with `marker`; none if it begins anything else.
    fn number(&mut self, marker: Marker) -> Result<Option<Number>, CodecError> {
        let number = match marker {
            Marker::FixPos(value) => Number::from(u64::from(value)),
            Marker::FixNeg(value) => Number::from(i64::from(value)),
            Marker::U8 => Number::from(u64::from(self.byte()?)),
            Marker::U16 => Number::from(u64::from(u16::from_be_bytes(self.array()?))),
            Marker::U32 => Number::from(u64::from(u32::from_be_bytes(self.array()?))),
            Marker::U64 => Number::from(u64::from_be_bytes(self.array()?)),
            Marker::I8 => Number::from(i64::from(i8::from_be_bytes(self.array()?))),
            Marker::I16 => Number::from(i64::from(i16::from_be_bytes(self.array()?))),
            Marker::I32 => Number::from(i64::from(i32::from_be_bytes(self.array()?))),
            Marker::I64 => Number::from(i64::from_be_bytes(self.array()?)),
            Marker::F32 => Number::from_f64(f64::from(f32::from_be_bytes(self.array()?))).ok_or(Problem::NotFinite)?,
            Marker::F64 => Number::from_f64(f64::from_be_bytes(self.array()?)).ok_or(Problem::NotFinite)?,
            _ => return self.text(marker)?.map(|text| text.parse::<Number>().map_err(CodecError::from)).transpose(),
        };
        Ok(Some(number))
    }

    /// The text that begins with `marker`; none if it begins anything else.
    fn text(&mut self, marker: Marker) -> Result<Option<&'a str>, CodecError> {
        let length = match marker {
            Marker::FixStr(length) => usize::from(length),
            Marker::Str8 => self.length8()?,
            Marker::Str16 => self.length16()?,
            Marker::Str32 => self.length32()?,
            _ => return Ok(None),
        };
        let bytes = self.take(length)?;
        std::str::from_utf8(bytes).map(Some).map_err(|_| Problem::NotUtf8.into())
    }

    fn array_length(&mut self, marker: Marker) -> Result<Option<usize>, CodecError> {
        Ok(match marker {
            Marker::FixArray(length) => Some(usize::from(length)),
            Marker::Array16 => Some(self.length16()?),
            Marker::Array32 => Some(self.length32()?),
            _ => None,
        })
    }

    fn map_length(&mut self, marker: Marker) -> Result<Option<usize>, CodecError> {
        Ok(match marker {
            Marker::FixMap(length) => Some(usize::from(length)),
            Marker::Map16 => Some(self.length16()?),
            Marker::Map32 => Some(self.length32()?),
            _ => None,
        })
    }

    /// The body length of the extension that begins with `marker`; its code follows. None if it begins anything else.
    fn extension_length(&mut self, marker: Marker) -> Result<Option<usize>, CodecError> {
        Ok(match marker {
            Marker::FixExt1 => Some(1),
            Marker::FixExt2 => Some(2),
            Marker::FixExt4 => Some(4),
            Marker::FixExt8 => Some(8),
            Marker::FixExt16 => Some(16),
            Marker::Ext8 => Some(self.length8()?),
            Marker::Ext16 => Some(self.length16()?),
            Marker::Ext32 => Some(self.length32()?),
            _ => None,
        })
    }

    fn marker(&mut self) -> Result<Marker, CodecError> {
        self.byte().map(Marker::from_u8)
    }

    fn length8(&mut self) -> Result<usize, CodecError> {
        self.byte().map(usize::from)
    }

    fn length16(&mut self) -> Result<usize, CodecError> {
        self.array().map(|bytes| usize::from(u16::from_be_bytes(bytes)))
    }

    fn length32(&mut self) -> Result<usize, CodecError> {
        self.array().map(|bytes| u32::from_be_bytes(bytes) as usize)
    }

    fn byte(&mut self) -> Result<u8, CodecError> {
        self.array().map(|[byte]| byte)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], CodecError> {
        let (taken, rest) = self.bytes.split_first_chunk().ok_or(Problem::Truncated)?;
        self.bytes = rest;
        Ok(*taken)
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], CodecError> {
        let (taken, rest) = self.bytes.split_at_checked(length).ok_or(Problem::Truncated)?;
        self.bytes = rest;
        Ok(taken)
    }
}

pub(super) fn expected(ty: &Type) -> CodecError {
    // An object type in full would fill the screen; the path says which one it is.
    let text = match ty {
        Type::Object(_) => "an object".to_owned(),
        other => other.describe(),
    };
    Problem::Expected(text).into()
}

#[cfg(test)]
mod tests;
