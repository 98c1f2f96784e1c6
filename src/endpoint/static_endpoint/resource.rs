//! The resource: what Terraform asks, answered by the files of the same names.

use super::model::schema::SCHEMA;
use super::plan::{defaults, outputs, rules, warnings};
use crate::endpoint::computation::Computation;
use crate::framework::diagnostic::Diagnostics;
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

    fn defaults(&self, config: &Object, planned: &mut Object) {
        defaults::defaults(config, planned);
    }

    fn rules(&self, config: &Object, planned: &Object, diagnostics: &mut Diagnostics) {
        rules::rules(config, planned, diagnostics);
    }

    fn outputs(&self, config: &Object, planned: &mut Object) {
        outputs::outputs(config, planned);
    }

    fn warnings(&self, config: &Object, prior: Option<&Object>, planned: &Object, diagnostics: &mut Diagnostics) {
        warnings::warnings(config, prior, planned, diagnostics);
    }
}
