//! Pages of a Describe: the marker is the number of what came before.

use super::names::number;
use super::refusal::{Answered, invalid};
use crate::call::Call;
use crate::xml::{leaf, list};

/// One page of `items` as the list `name`, and the marker of the next one if there is one.
pub fn page(call: &Call, limit: usize, name: &str, items: Vec<String>) -> Answered {
    let wanted = number(call, "PageSize", 1, 400)?.map_or(limit, |size| size as usize);
    let size = wanted.min(limit);
    let start = match call.param("Marker").map(str::parse) {
        None => 0,
        Some(Ok(start)) if start <= items.len() => start,
        Some(_) => return invalid("Invalid marker"),
    };
    let end = start.saturating_add(size).min(items.len());
    let marker = if end < items.len() { leaf("NextMarker", end) } else { String::new() };
    Ok(list(name, items[start..end].to_vec()) + &marker)
}
