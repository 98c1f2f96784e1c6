//! Tags of all three kinds of parts.

use std::collections::BTreeMap;

use super::refusal::{Answered, Refusal, invalid, refuse};
use super::state::State;
use crate::call::Call;
use crate::xml::{leaf, list};

/// AWS's limit for one resource.
const MOST: usize = 50;

/// The tags of a Create or AddTags; an empty list is an error, not "none".
pub fn read(call: &Call) -> Result<BTreeMap<String, String>, Refusal> {
    let pairs = call.pairs("Tags", "Key", "Value");
    if pairs.is_empty() && call.param("Tags").is_some() {
        return invalid("1 validation error detected: 'tags' must have length greater than or equal to 1");
    }
    let mut tags = BTreeMap::new();
    for (key, value) in &pairs {
        if key.to_ascii_lowercase().starts_with("aws:") {
            return invalid(format!("The tag key '{key}' begins with the reserved prefix 'aws:'"));
        }
        tags.insert((*key).to_owned(), (*value).to_owned());
    }
    if tags.len() != pairs.len() {
        return refuse("DuplicateTagKeys", "A tag key was specified more than once");
    }
    if tags.len() > MOST {
        return too_many();
    }
    Ok(tags)
}

pub fn add(state: &mut State, call: &Call) -> Answered {
    let tags = read(call)?;
    if tags.is_empty() {
        return invalid("1 validation error detected: Value null at 'tags'");
    }
    // All or nothing: first see that every one of them can take the tags.
    for arn in arns(call)? {
        let known = &state.part(arn)?.tags;
        let new = tags.keys().filter(|key| !known.contains_key(*key));
        if known.len() + new.count() > MOST {
            return too_many();
        }
    }
    for arn in arns(call)? {
        state.part(arn)?.tags.extend(tags.clone());
    }
    Ok(String::new())
}

pub fn remove(state: &mut State, call: &Call) -> Answered {
    let keys = call.list("TagKeys");
    for arn in arns(call)? {
        state.part(arn)?;
    }
    for arn in arns(call)? {
        let part = state.part(arn)?;
        part.tags.retain(|key, _| !keys.contains(&key.as_str()));
    }
    Ok(String::new())
}

pub fn describe(state: &mut State, call: &Call) -> Answered {
    let arns = arns(call)?;
    if arns.len() > 20 {
        return invalid("The maximum number of resources is 20");
    }
    let mut shown = Vec::new();
    for arn in arns {
        let tags = state.part(arn)?.tags.iter();
        let tags = tags.map(|(key, value)| leaf("Key", key) + &leaf("Value", value));
        shown.push(leaf("ResourceArn", arn) + &list("Tags", tags));
    }
    Ok(list("TagDescriptions", shown))
}

fn arns(call: &Call) -> Result<Vec<&str>, Refusal> {
    let arns = call.list("ResourceArns");
    if arns.is_empty() {
        return invalid("1 validation error detected: Value null at 'resourceArns'");
    }
    Ok(arns)
}

fn too_many<T>() -> Result<T, Refusal> {
    refuse("TooManyTags", format!("A resource can have at most {MOST} tags"))
}
