//! What is known of an unknown value: extension 12, whose body is a map of numbered facts.
//!
//! Two facts are kept, since they are what a plan can use: that the value will not be null, and the least length of a collection.
//! The others (a text's beginning, bounds of a number, the greatest length) may be forgotten without harm. A body that isn't understood is
//! a value of which nothing is known.

use rmp::Marker;
use rmp::encode::{ByteBuf, write_bool, write_ext_meta, write_map_len, write_uint};

use super::bytes::Bytes;
use crate::framework::ty::Type;
use crate::framework::value::Refinement;
use crate::protocol::codec::{CodecError, Problem};

/// The extension code of a refined unknown.
const REFINED: i8 = 12;
/// The longest body that is read; Terraform writes no longer one.
const MAX_BODY: usize = 1024;
/// The fact that says whether the value may be null: false where it will not be.
const NULLNESS: u64 = 1;
/// The fact that bounds the length of a collection from below.
const MIN_LENGTH: u64 = 5;

/// Reads the body of an extension.
pub(super) fn read(code: u8, body: &[u8]) -> Refinement {
    if code != REFINED as u8 || body.len() > MAX_BODY {
        return Refinement::default();
    }
    read_refinement(&mut Bytes::new(body, 0)).unwrap_or_default()
}

/// Writes an unknown value of type `ty`.
pub(super) fn write(out: &mut ByteBuf, refinement: Refinement, ty: &Type) {
    let is_collection = matches!(ty, Type::List(_) | Type::Set(_) | Type::Map(_));
    let min_length = if is_collection { refinement.min_length } else { 0 };
    let mut body = ByteBuf::new();
    let count = u32::from(refinement.not_null) + u32::from(min_length > 0);
    let Ok(_) = write_map_len(&mut body, count);
    if refinement.not_null {
        let Ok(_) = write_uint(&mut body, NULLNESS);
        let Ok(()) = write_bool(&mut body, false);
    }
    if min_length > 0 {
        let Ok(_) = write_uint(&mut body, MIN_LENGTH);
        let Ok(_) = write_uint(&mut body, min_length);
    }
    if count == 0 {
        out.as_mut_vec().extend([0xd4, 0x00, 0x00]); // an extension of one byte and code 0, as Terraform writes it
        return;
    }
    let Ok(_) = write_ext_meta(out, body.as_slice().len() as u32, REFINED); // a few bytes
    out.as_mut_vec().extend(body.as_slice());
}

fn read_refinement(reader: &mut Bytes<'_>) -> Result<Refinement, CodecError> {
    let marker = reader.marker()?;
    let count = reader.map_length(marker)?.ok_or(Problem::Truncated)?;
    let mut refinement = Refinement::default();
    for _ in 0..count {
        let marker = reader.marker()?;
        let fact = reader.number(marker)?.and_then(|number| number.to_u64());
        match fact {
            Some(NULLNESS) => refinement.not_null = reader.marker()? == Marker::False,
            Some(MIN_LENGTH) => {
                let marker = reader.marker()?;
                refinement.min_length = reader.number(marker)?.and_then(|length| length.to_u64()).unwrap_or(0);
            }
            _ => skip(reader)?,
        }
    }
    Ok(refinement)
}

/// Passes over one value of any kind. Not recursive: the body decides how deep it goes.
fn skip(reader: &mut Bytes<'_>) -> Result<(), CodecError> {
    let mut left: usize = 1;
    while left > 0 {
        left -= 1;
        let marker = reader.marker()?;
        if let Some(length) = reader.extension_length(marker)? {
            reader.take(length + 1)?;
        } else if let Some(length) = reader.array_length(marker)? {
            left = left.saturating_add(length);
        } else if let Some(length) = reader.map_length(marker)? {
            left = left.saturating_add(length.saturating_mul(2));
        } else {
            match marker {
                Marker::Bin8 => reader.length8().and_then(|length| reader.take(length)).map(drop)?,
                Marker::Bin16 => reader.length16().and_then(|length| reader.take(length)).map(drop)?,
                Marker::Bin32 => reader.length32().and_then(|length| reader.take(length)).map(drop)?,
                Marker::U8 | Marker::I8 => reader.take(1).map(drop)?,
                Marker::U16 | Marker::I16 => reader.take(2).map(drop)?,
                Marker::U32 | Marker::I32 | Marker::F32 => reader.take(4).map(drop)?,
                Marker::U64 | Marker::I64 | Marker::F64 => reader.take(8).map(drop)?,
                _ => reader.text(marker).map(drop)?,
            }
        }
    }
    Ok(())
}
