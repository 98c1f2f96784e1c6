//! Whether what was applied is what was planned.

use crate::framework::path::Path;
use crate::framework::value::Value;

/// The places where `applied` departs from `planned`. Unknown values may become anything that their refinement allows; everything
/// else must be equal. Paths stop at sets.
pub fn inconsistencies(planned: &Value, applied: &Value) -> Vec<Path> {
    let mut found = Vec::new();
    compare(planned, applied, &Path::root(), &mut found);
    found
}

fn compare(planned: &Value, applied: &Value, path: &Path, found: &mut Vec<Path>) {
    match (planned, applied) {
        (Value::List(p), Value::List(a)) if p.len() == a.len() => {
            (0..).zip(p.iter().zip(a)).for_each(|(i, (p, a))| compare(p, a, &path.index(i), found));
        }
        (Value::Map(p), Value::Map(a)) if p.keys().eq(a.keys()) => {
            p.iter().for_each(|(key, value)| compare(value, &a[key], &path.key(key), found));
        }
        (Value::Object(p), Value::Object(a)) if p.keys().eq(a.keys()) => {
            p.iter().for_each(|(name, value)| compare(value, &a[name], &path.attribute(name), found));
        }
        _ if keeps(planned, applied) => {}
        _ => found.push(path.clone()),
    }
}

/// True if `applied` is consistent with `planned`.
fn keeps(planned: &Value, applied: &Value) -> bool {
    match (planned, applied) {
        (Value::Unknown(refinement), applied) => {
            let length = applied.elements().map(<[_]>::len).or_else(|| applied.entries().map(|map| map.len()));
            !(refinement.not_null && applied.is_null())
                && length.is_none_or(|length| length as u64 >= refinement.min_length)
        }
        (Value::Set(p), Value::Set(a)) => {
            // Two planned elements that hold unknown values may become one.
            a.len() <= p.len()
                && p.iter().all(|p| a.iter().any(|a| inconsistencies(p, a).is_empty()))
                && a.iter().all(|a| p.iter().any(|p| inconsistencies(p, a).is_empty()))
        }
        (planned, applied) => planned == applied,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::framework::value::Refinement;

    fn check(planned: Value, applied: Value, want: usize) {
        assert_eq!(inconsistencies(&planned, &applied).len(), want, "{planned:?} then {applied:?}");
    }

    #[test]
    fn known_values_stay_and_unknown_ones_become_anything_allowed() {
        check("a".into(), "a".into(), 0);
        check("a".into(), "b".into(), 1);
        check(Value::Null, "b".into(), 1);
        check(Value::UNKNOWN, Value::Null, 0);
        check(Value::UNKNOWN_NOT_NULL, Value::Null, 1);
        let two = Value::Unknown(Refinement { not_null: true, min_length: 2 });
        check(two.clone(), Value::list(["a".into()]), 1);
        check(two, Value::list(["a".into(), "b".into()]), 0);
    }

    #[test]
    fn collections_keep_their_elements() {
        check(Value::list([Value::UNKNOWN]), Value::list(["a".into()]), 0);
        check(Value::list([Value::UNKNOWN]), Value::list([]), 1);
        let set = || Value::set([Value::UNKNOWN, "a".into()]);
        check(set(), Value::set(["a".into(), "b".into()]), 0);
        check(set(), Value::set(["a".into()]), 0);
        check(set(), Value::set(["b".into()]), 1);
        check(set(), Value::set(["a".into(), "b".into(), "c".into()]), 1);
    }
}
