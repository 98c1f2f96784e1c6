//! Rules for names and single values.

use super::refusal::{Refusal, invalid};
use crate::call::Call;

/// A required parameter.
pub fn required<'a>(call: &'a Call, name: &str) -> Result<&'a str, Refusal> {
    match call.param(name) {
        Some(value) => Ok(value),
        None => invalid(format!("1 validation error detected: Value null at '{name}'")),
    }
}

/// A number within AWS's limits, where it was sent.
pub fn number(call: &Call, name: &str, min: u32, max: u32) -> Result<Option<u32>, Refusal> {
    let Some(text) = call.param(name) else {
        return Ok(None);
    };
    match text.parse() {
        Ok(value) if (min..=max).contains(&value) => Ok(Some(value)),
        _ => invalid(format!("{name} '{text}' must be between {min} and {max}")),
    }
}

/// The name of a new load balancer or group.
pub fn check_name(what: &str, name: &str) -> Result<(), Refusal> {
    if name.is_empty() || name.len() > 32 {
        return invalid(format!("{what} name '{name}' cannot be longer than '32' characters"));
    }
    if !name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-') {
        let rule = "can only contain characters that are alphanumeric characters and hyphens(-)";
        return invalid(format!("{what} name '{name}' {rule}"));
    }
    if name.starts_with('-') || name.ends_with('-') {
        return invalid(format!("{what} name '{name}' cannot begin or end with '-'"));
    }
    Ok(())
}
