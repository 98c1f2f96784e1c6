//! What a kind of resource says of AWS's error codes.

/// A short title, and what to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Advice {
    /// A few words, no full stop.
    pub title: &'static str,
    /// One or two sentences, in the names of the attributes that the user has set.
    pub remedy: &'static str,
}

/// What a kind of resource says of an error code of AWS, given without the suffix `Exception`. `None` where it knows nothing better than
/// what holds for all.
pub type OwnAdvice = fn(&str) -> Option<Advice>;

/// No advice of its own: for what is the same for every resource.
pub fn none(_code: &str) -> Option<Advice> {
    None
}
