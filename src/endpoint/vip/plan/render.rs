//! The patches that give a node its virtual IPs.
//!
//! Each patch is one JSON object as text: that is valid YAML, has no trap of quoting, and Terraform shows a change of it as a structured
//! `jsonencode({…})`. One document a patch, never a `$patch: delete`: up to Talos 1.13 a delete of what isn't there ends in a panic.

mod addressing;
mod legacy;
mod documents;

use serde_json::Value as Json;

pub use addressing::Addressing;

use crate::endpoint::vip::model::inputs::{Form, Inputs, Node};
use crate::framework::reader::Maybe;

/// Patches, some of which may not be known yet; unknown where not even their number is.
pub type Patches = Maybe<Vec<Maybe<String>>>;

/// The patches of `node` alone.
pub fn render(inputs: &Inputs, node: &Node) -> Patches {
    let (Maybe::Known(form), Some(placements)) = (&inputs.form, inputs.placements(node)) else {
        return Maybe::Unknown;
    };
    let documents = match form {
        Form::Legacy => Some(vec![legacy::legacy(inputs, node, &placements)]),
        Form::Document => documents::documents(inputs, node, &placements),
    };
    let known = |document: Option<Json>| document.map_or(Maybe::Unknown, text);
    documents.map_or(Maybe::Unknown, |documents| Maybe::Known(documents.into_iter().map(known).collect()))
}

fn text(document: Json) -> Maybe<String> {
    Maybe::Known(document.to_string())
}
