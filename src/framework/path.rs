//! A place in a value: `health_check.interval`, `subnet_mappings`, `control_plane["cp-01"].address`.

use std::fmt;

/// One step into a value. Elements of sets cannot be addressed: a path stops at the set.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// An attribute of an object.
    Attribute(String),
    /// An element of a map.
    Key(String),
    /// An element of a list.
    Index(u64),
}

/// A sequence of steps from the root object. The empty path is the whole object.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Path(Vec<Step>);

impl Path {
    /// The whole object.
    pub fn root() -> Path {
        Path::default()
    }

    /// The attribute `name` of the root object.
    pub fn of(name: &str) -> Path {
        Path::root().attribute(name)
    }

    /// The attribute `name` at this place.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Path {
        self.then(Step::Attribute(name.to_owned()))
    }

    /// The element `key` of the map at this place.
    #[must_use]
    pub fn key(&self, key: &str) -> Path {
        self.then(Step::Key(key.to_owned()))
    }

    /// The element `index` (from 0) of the list at this place.
    #[must_use]
    pub fn index(&self, index: u64) -> Path {
        self.then(Step::Index(index))
    }

    /// The steps from the root.
    pub fn steps(&self) -> &[Step] {
        &self.0
    }

    /// True for the whole object.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    fn then(&self, step: Step) -> Path {
        let mut steps = self.0.clone();
        steps.push(step);
        Path(steps)
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, step) in self.0.iter().enumerate() {
            match step {
                Step::Attribute(name) if position == 0 => write!(f, "{name}")?,
                Step::Attribute(name) => write!(f, ".{name}")?,
                Step::Key(key) => write!(f, "[{key:?}]")?,
                Step::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_like_terraform() {
        let path = Path::of("control_plane").key("cp-01").attribute("address");
        assert_eq!(path.to_string(), "control_plane[\"cp-01\"].address");
        assert_eq!(Path::of("x").index(2).to_string(), "x[2]");
    }
}
