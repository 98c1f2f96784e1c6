//! Dotted form parameters as a tree: `Tags.member.1.Key=a` is `Tags` → `member` → `1` → `Key`.

use std::collections::BTreeMap;

/// A place in the request.
#[derive(Debug, Clone, Default)]
pub struct Node {
    /// The value sent under exactly this name.
    pub value: Option<String>,
    /// What was sent below it.
    pub children: BTreeMap<String, Node>,
}

impl Node {
    /// The tree of a whole request.
    pub fn from_params(params: &[(String, String)]) -> Node {
        let mut root = Node::default();
        for (name, value) in params {
            let mut node = &mut root;
            for part in name.split('.') {
                node = node.children.entry(part.to_owned()).or_default();
            }
            node.value = Some(value.clone());
        }
        root
    }

    /// The children as list elements in order; `None` when they aren't numbered 1, 2, … without a gap.
    pub fn elements(&self) -> Option<Vec<&Node>> {
        let count = self.children.len();
        let numbered = (1..=count).map(|index| self.children.get(&index.to_string()));
        numbered.collect()
    }
}
