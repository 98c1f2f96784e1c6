//! Checks of single values, each with the one sentence that describes it to the user: in errors and in the documentation.

use std::fmt;
use std::sync::Arc;

use super::value::Value;

/// What is wrong with a value, where the check can say more than its sentence.
type Reason = Arc<dyn Fn(&Value) -> Option<String> + Send + Sync>;

/// A check of a known, non-null value.
#[derive(Clone)]
pub struct Validator {
    sentence: String,
    accepts: Arc<dyn Fn(&Value) -> bool + Send + Sync>,
    reason: Reason,
    mask: fn(&str) -> String,
}

impl Validator {
    /// A check. `sentence` completes "The value …", for example `must be between 5 and 300`, without a full stop.
    pub fn new(sentence: impl Into<String>, accepts: impl Fn(&Value) -> bool + Send + Sync + 'static) -> Validator {
        Validator {
            sentence: sentence.into(),
            accepts: Arc::new(accepts),
            reason: Arc::new(|_| None),
            mask: str::to_owned,
        }
    }

    /// The same check, which also says what exactly is wrong with a text that it refuses: in whole sentences, the last of which says
    /// what to write instead.
    #[must_use]
    pub fn explain(self, reason: fn(&str) -> Option<String>) -> Validator {
        Validator { reason: Arc::new(move |value| reason(value.as_str()?)), ..self }
    }

    /// The same check, which also says what exactly is wrong with a value of any type that it refuses.
    #[must_use]
    pub fn explain_value(self, reason: fn(&Value) -> Option<String>) -> Validator {
        Validator { reason: Arc::new(reason), ..self }
    }

    /// The same check, whose errors show a text that it refuses as `mask` gives it: without the secret that may be in it.
    #[must_use]
    pub fn mask(self, mask: fn(&str) -> String) -> Validator {
        Validator { mask, ..self }
    }

    /// A refused value as an error may show it.
    pub fn shown(&self, value: &Value) -> Value {
        value.as_str().map_or_else(|| value.clone(), |text| Value::from((self.mask)(text).as_str()))
    }

    /// What it demands: `must be between 5 and 300`.
    pub fn sentence(&self) -> &str {
        &self.sentence
    }

    /// True if `value` passes. Unknown and null values always do.
    pub fn accepts(&self, value: &Value) -> bool {
        value.is_null() || value.is_unknown() || (self.accepts)(value)
    }

    /// What exactly is wrong with a value that it refuses, where it can tell.
    pub fn reason(&self, value: &Value) -> Option<String> {
        if self.accepts(value) { None } else { (self.reason)(value) }
    }
}

impl fmt::Debug for Validator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Validator").field(&self.sentence).finish()
    }
}

/// One of these texts.
pub fn one_of(choices: &'static [&'static str]) -> Validator {
    let list = choices.iter().map(|choice| format!("`{choice}`")).collect::<Vec<_>>().join(", ");
    Validator::new(format!("must be one of {list}"), move |value| {
        value.as_str().is_some_and(|text| choices.contains(&text))
    })
}

/// A whole number from `low` to `high`, both included.
pub fn between(low: i64, high: i64) -> Validator {
    Validator::new(format!("must be a whole number from {low} to {high}"), move |value| {
        value.as_i64().is_some_and(|number| (low..=high).contains(&number))
    })
}

/// Text of `low` to `high` characters.
pub fn length_between(low: usize, high: usize) -> Validator {
    Validator::new(format!("must have {low} to {high} characters"), move |value| {
        value.as_str().is_some_and(|text| (low..=high).contains(&text.chars().count()))
    })
}

/// A collection of at least `least` elements.
pub fn at_least(least: usize) -> Validator {
    let noun = if least == 1 { "element" } else { "elements" };
    Validator::new(format!("must have at least {least} {noun}"), move |value| match value {
        Value::List(items) | Value::Set(items) => items.len() >= least,
        Value::Map(items) => items.len() >= least,
        _ => false,
    })
}

/// Every element of a collection passes `validator`.
pub fn each(validator: Validator) -> Validator {
    let sentence = format!("must hold only elements of which each {}", validator.sentence);
    let element = validator.clone();
    let accepts = move |value: &Value| match value {
        Value::List(items) | Value::Set(items) => items.iter().all(|item| element.accepts(item)),
        Value::Map(items) => items.values().all(|item| element.accepts(item)),
        _ => false,
    };
    let of = move |item: &Value| Some(format!("Of {:?}: {}", item.as_str()?, validator.reason(item)?));
    let reason = move |value: &Value| match value {
        Value::List(items) | Value::Set(items) => items.iter().find_map(&of),
        Value::Map(items) => items.values().find_map(&of),
        _ => None,
    };
    Validator { reason: Arc::new(reason), ..Validator::new(sentence, accepts) }
}

/// No element of a collection is null.
pub fn no_nulls() -> Validator {
    Validator::new("must not hold null", |value| match value {
        Value::List(items) | Value::Set(items) => !items.iter().any(Value::is_null),
        Value::Map(items) => !items.values().any(Value::is_null),
        _ => true,
    })
}

/// Text that `accepts` takes; `sentence` says which.
pub fn text(sentence: &'static str, accepts: fn(&str) -> bool) -> Validator {
    Validator::new(sentence, move |value| value.as_str().is_some_and(accepts))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn null_and_unknown_pass_every_check() {
        for validator in [one_of(&["a"]), between(1, 2), length_between(1, 2), at_least(1), no_nulls()] {
            assert!(validator.accepts(&Value::Null), "{validator:?}");
            assert!(validator.accepts(&Value::UNKNOWN), "{validator:?}");
        }
    }

    #[test]
    fn each_check_refuses() {
        assert!(!one_of(&["a"]).accepts(&"b".into()));
        assert!(!between(5, 300).accepts(&Value::from(4)));
        assert!(!between(5, 300).accepts(&Value::Number("5.5".parse().unwrap())));
        assert!(!length_between(1, 2).accepts(&"abc".into()));
        assert!(!at_least(1).accepts(&Value::set([])));
        assert!(!each(between(1, 2)).accepts(&Value::list([Value::from(3)])));
        assert!(!no_nulls().accepts(&Value::list([Value::Null])));
        assert!(!text("must be a", |t| t == "a").accepts(&"b".into()));
        assert_eq!(between(5, 300).sentence(), "must be a whole number from 5 to 300");
    }

    #[test]
    fn a_refused_value_is_shown_without_its_secret() {
        let check = text("must be a", |t| t == "a").mask(|t| t.replace("secret", "***"));
        assert_eq!(check.shown(&"a secret".into()), "a ***".into());
        assert_eq!(check.shown(&Value::from(1)), Value::from(1));
        assert_eq!(text("must be a", |t| t == "a").shown(&"b".into()), "b".into());
    }

    #[test]
    fn a_refused_value_is_explained_also_inside_a_collection() {
        let check = text("must be a", |t| t == "a").explain(|t| (t == "A").then(|| "It is a capital.".to_owned()));
        assert_eq!(check.reason(&"A".into()).as_deref(), Some("It is a capital."));
        for value in ["a".into(), "b".into(), Value::Null, Value::UNKNOWN, Value::from(1)] {
            assert_eq!(check.reason(&value), None, "{value:?}");
        }
        let list = |items: [&str; 2]| each(check.clone()).reason(&Value::list(items.map(Value::from)));
        assert_eq!(list(["a", "A"]).as_deref(), Some("Of \"A\": It is a capital."));
        assert_eq!(list(["a", "b"]), None);
        let map = Value::Map([("k".to_owned(), "A".into())].into());
        assert_eq!(each(check.clone()).reason(&map).as_deref(), Some("Of \"A\": It is a capital."));
    }
}
