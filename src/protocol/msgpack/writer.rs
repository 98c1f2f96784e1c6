//! Writing values.

use rmp::encode::{
    ByteBuf, write_array_len, write_bool, write_f64, write_map_len, write_nil, write_sint, write_str, write_str_len,
    write_uint,
};

use super::refinement;
use crate::framework::number::Number;
use crate::framework::ty::Type;
use crate::framework::value::Value;
use crate::protocol::codec::{CodecError, Outer, Problem, expected};

/// Writes `value` as type `ty`, to the byte as Terraform would.
///
/// # Errors
/// If the value is not of that type, or longer than MessagePack can count (4 GiB).
pub fn encode(value: &Value, ty: &Type) -> Result<Vec<u8>, CodecError> {
    let mut out = ByteBuf::new();
    write(&mut out, value, ty)?;
    Ok(out.into_vec())
}

// Writing into memory cannot fail, and the type of the buffer says so: `let Ok(…) =` has no other case.
fn write(out: &mut ByteBuf, value: &Value, ty: &Type) -> Result<(), CodecError> {
    match (value, ty) {
        (Value::Null, _) => {
            let Ok(()) = write_nil(out);
        }
        (Value::Unknown(refined), _) => refinement::write(out, *refined, ty),
        (Value::Bool(truth), Type::Bool) => {
            let Ok(()) = write_bool(out, *truth);
        }
        (Value::Number(number), Type::Number) => write_number(out, number),
        (Value::String(text), Type::String) => write_text(out, text)?,
        (Value::List(elements), Type::List(element)) => {
            let Ok(_) = write_array_len(out, count(elements.len())?);
            for (index, value) in elements.iter().enumerate() {
                write(out, value, element).map_err(|error| error.inside(Outer::Index(index as u64)))?;
            }
        }
        (Value::Set(elements), Type::Set(element)) => {
            let Ok(_) = write_array_len(out, count(elements.len())?);
            for value in elements {
                write(out, value, element).map_err(|error| error.inside(Outer::Unaddressed))?;
            }
        }
        (Value::Map(entries), Type::Map(element)) => {
            let Ok(_) = write_map_len(out, count(entries.len())?);
            for (key, value) in entries {
                write_text(out, key)?;
                write(out, value, element).map_err(|error| error.inside(Outer::Unaddressed))?;
            }
        }
        (Value::Object(object), Type::Object(attributes)) => {
            if object.len() != attributes.len() {
                return Err(Problem::AttributeCount { expected: attributes.len(), found: object.len() }.into());
            }
            let Ok(_) = write_map_len(out, count(object.len())?);
            for (name, value) in object {
                let ty = attributes.get(name).ok_or(Problem::UnknownAttribute)?;
                write_text(out, name)?;
                write(out, value, ty).map_err(|error| error.inside(Outer::Attribute(name)))?;
            }
        }
        _ => return Err(expected(ty)),
    }
    Ok(())
}

/// Whole numbers as integers and never as floats, which lost digits in older Terraform; fractions as floats where nothing is lost.
fn write_number(out: &mut ByteBuf, number: &Number) {
    if let Some(whole) = number.to_i64() {
        let Ok(_) = write_sint(out, whole);
    } else if let Some(whole) = number.to_u64() {
        let Ok(_) = write_uint(out, whole);
    } else if let (false, Some(float)) = (number.is_integer(), number.to_exact_f64()) {
        let Ok(()) = write_f64(out, float);
    } else {
        // A number is never longer than its limit of digits.
        let Ok(()) = write_str(out, &number.to_string());
    }
}

fn write_text(out: &mut ByteBuf, text: &str) -> Result<(), CodecError> {
    let Ok(_) = write_str_len(out, count(text.len())?);
    out.as_mut_vec().extend_from_slice(text.as_bytes());
    Ok(())
}

fn count(length: usize) -> Result<u32, CodecError> {
    u32::try_from(length).map_err(|_| Problem::TooLong.into())
}
