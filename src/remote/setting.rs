//! A setting of the environment or of a profile, and where it stands.

use std::fmt;

/// Where a setting stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// An argument of the settings.
    Argument(&'static str),
    /// A variable of the environment.
    Variable(&'static str),
    /// A key of a profile of the shared configuration files.
    Profile {
        /// Such as `max_attempts`.
        key: &'static str,
        /// Which profile.
        profile: String,
        /// The file that has it, as the settings or the environment name it, if that is known.
        file: Option<String>,
    },
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Argument(name) => write!(f, "`{name}`"),
            Place::Variable(name) => f.write_str(name),
            Place::Profile { key, profile, file: None } => write!(f, "`{key}` of the profile `{profile}`"),
            Place::Profile { key, profile, file: Some(file) } => {
                write!(f, "`{key}` of the profile `{profile}` in {file}")
            }
        }
    }
}

/// A value and its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Where it stands.
    pub place: Place,
    /// As it stands there.
    pub value: String,
}

impl Setting {
    /// What a variable of the environment holds; an empty one holds nothing.
    pub fn of_variable(name: &'static str) -> Option<Setting> {
        non_empty_variable(name).map(|value| Setting { place: Place::Variable(name), value })
    }
}

/// What a variable of the environment holds; an empty one holds nothing.
pub fn non_empty_variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
