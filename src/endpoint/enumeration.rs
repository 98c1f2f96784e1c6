//! Several things in one sentence.

use std::fmt::Display;

/// `a`, `a and b`, `a, b and c`.
pub fn listed<T: Display>(items: impl IntoIterator<Item = T>) -> String {
    let mut items: Vec<String> = items.into_iter().map(|item| item.to_string()).collect();
    match items.pop() {
        Some(last) if !items.is_empty() => format!("{} and {last}", items.join(", ")),
        last => last.unwrap_or_default(),
    }
}

/// The same, each in backquotes.
pub fn quoted<T: Display>(items: impl IntoIterator<Item = T>) -> String {
    listed(items.into_iter().map(|item| format!("`{item}`")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_one_is_joined_by_and() {
        let of = |count: usize| listed(["a", "b", "c"].into_iter().take(count));
        assert_eq!([0, 1, 2, 3].map(of), ["", "a", "a and b", "a, b and c"]);
        assert_eq!(quoted(["a", "b"]), "`a` and `b`");
    }
}
