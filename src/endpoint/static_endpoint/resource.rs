//! The resource: what Terraform asks, answered by the files of the same names.

use super::schema::SCHEMA;
use super::{effective, outputs, rules, warnings};
use crate::endpoint::computation::Computation;
use crate::framework::diagnostic::Diagnostics;
use crate::framework::reader::Reader;
use crate::framework::schema::Schema;
use crate::framework::value::Object;

/// `talosendpoint_static`.
#[derive(Clone, Copy, Debug)]
pub struct Static;

impl Computation for Static {
    fn name(&self) -> &'static str {
        "talosendpoint_static"
    }

    fn schema(&self) -> &'static Schema {
        &SCHEMA
    }

    fn fill(&self, config: &Object, planned: &mut Object) {
        effective::fill(config, planned);
    }

    fn rules(&self, config: &Object, effective: &Reader<'_>, diagnostics: &mut Diagnostics) {
        rules::rules(&Reader::new(config), effective, diagnostics);
    }

    fn write(&self, config: &Object, object: &mut Object) {
        outputs::write(config, object);
    }

    fn warnings(&self, config: &Object, prior: Option<&Object>, planned: &Object, diagnostics: &mut Diagnostics) {
        warnings::warnings(config, prior, planned, diagnostics);
    }
}
