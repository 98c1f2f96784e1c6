//! Walks a configuration, a prior and a planned object side by side, as far as they correspond.

use crate::f::schema::{Attribute, AttributeType, Nesting};
use crate::f::value::Value;

/// The values of one attribute at one place.
pub struct Place<'a> {
    pub attribute: &'a Attribute,
    pub path: String,
    pub config: &'a Value,
    pub prior: &'a Value,
    pub planned: &'a Value,
}

/// Calls `visit` for every attribute of every object that is in the configuration and in the plan. It answers whether to go deeper.
pub fn places<'a>(
    attributes: &'a [Attribute],
    [config, prior, planned]: [&'a Value; 3],
    path: &str,
    visit: &mut dyn FnMut(&Place<'a>) -> bool,
) {
    if !matches!((config, planned), (Value::Object(_), Value::Object(_))) {
        return;
    }
    for attribute in attributes {
        let member = |value: &'a Value| value.attribute(attribute.name).unwrap_or(&Value::Null);
        let path = if path.is_empty() { attribute.name.to_owned() } else { format!("{path}.{}", attribute.name) };
        let place = Place { attribute, path, config: member(config), prior: member(prior), planned: member(planned) };
        if !visit(&place) {
            continue;
        }
        if let AttributeType::Nested(nesting, members) = &attribute.ty {
            for (trio, path) in elements(*nesting, &place) {
                places(members, trio, &path, visit);
            }
        }
    }
}

/// The objects of a nested attribute that correspond. Those of sets don't.
fn elements<'a>(nesting: Nesting, place: &Place<'a>) -> Vec<([&'a Value; 3], String)> {
    match nesting {
        Nesting::Single => vec![([place.config, place.prior, place.planned], place.path.clone())],
        Nesting::Set => Vec::new(),
        Nesting::List => {
            let item = |value: &'a Value, i| value.elements().and_then(|items| items.get(i));
            let count = place.config.elements().map_or(0, <[_]>::len);
            (0..count)
                .filter_map(|i| {
                    let trio =
                        [item(place.config, i)?, item(place.prior, i).unwrap_or(&Value::Null), item(place.planned, i)?];
                    Some((trio, format!("{}[{i}]", place.path)))
                })
                .collect()
        }
        Nesting::Map => {
            let item = |value: &'a Value, key: &str| value.entries().and_then(|items| items.get(key));
            place
                .config
                .entries()
                .into_iter()
                .flatten()
                .filter_map(|(key, config)| {
                    let trio = [config, item(place.prior, key).unwrap_or(&Value::Null), item(place.planned, key)?];
                    Some((trio, format!("{}[{key}]", place.path)))
                })
                .collect()
        }
    }
}
