//! The bytes of an encoded value: markers, lengths, numbers and texts.

use rmp::Marker;

use crate::framework::number::Number;
use crate::protocol::codec::{CodecError, Problem};

/// The bytes that are not read yet, and how many values may still come.
pub(super) struct Bytes<'a> {
    pub(super) rest: &'a [u8],
    pub(super) left: usize,
}

impl<'a> Bytes<'a> {
    pub(super) fn new(rest: &'a [u8], left: usize) -> Bytes<'a> {
        Bytes { rest, left }
    }

    /// One more value is read.
    pub(super) fn count(&mut self) -> Result<(), CodecError> {
        self.left = self.left.checked_sub(1).ok_or(Problem::TooManyValues)?;
        Ok(())
    }

    /// The number that begins with `marker`; none if it begins anything else.
    pub(super) fn number(&mut self, marker: Marker) -> Result<Option<Number>, CodecError> {
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
    pub(super) fn text(&mut self, marker: Marker) -> Result<Option<&'a str>, CodecError> {
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

    pub(super) fn array_length(&mut self, marker: Marker) -> Result<Option<usize>, CodecError> {
        Ok(match marker {
            Marker::FixArray(length) => Some(usize::from(length)),
            Marker::Array16 => Some(self.length16()?),
            Marker::Array32 => Some(self.length32()?),
            _ => None,
        })
    }

    pub(super) fn map_length(&mut self, marker: Marker) -> Result<Option<usize>, CodecError> {
        Ok(match marker {
            Marker::FixMap(length) => Some(usize::from(length)),
            Marker::Map16 => Some(self.length16()?),
            Marker::Map32 => Some(self.length32()?),
            _ => None,
        })
    }

    /// The body length of the extension that begins with `marker`; its code follows. None if it begins anything else.
    pub(super) fn extension_length(&mut self, marker: Marker) -> Result<Option<usize>, CodecError> {
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

    pub(super) fn marker(&mut self) -> Result<Marker, CodecError> {
        self.byte().map(Marker::from_u8)
    }

    pub(super) fn length8(&mut self) -> Result<usize, CodecError> {
        self.byte().map(usize::from)
    }

    pub(super) fn length16(&mut self) -> Result<usize, CodecError> {
        self.array().map(|bytes| usize::from(u16::from_be_bytes(bytes)))
    }

    pub(super) fn length32(&mut self) -> Result<usize, CodecError> {
        self.array().map(|bytes| u32::from_be_bytes(bytes) as usize)
    }

    pub(super) fn byte(&mut self) -> Result<u8, CodecError> {
        self.array().map(|[byte]| byte)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], CodecError> {
        let (taken, rest) = self.rest.split_first_chunk().ok_or(Problem::Truncated)?;
        self.rest = rest;
        Ok(*taken)
    }

    pub(super) fn take(&mut self, length: usize) -> Result<&'a [u8], CodecError> {
        let (taken, rest) = self.rest.split_at_checked(length).ok_or(Problem::Truncated)?;
        self.rest = rest;
        Ok(taken)
    }
}
