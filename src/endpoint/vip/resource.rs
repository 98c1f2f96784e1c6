//! The resource: what Terraform asks, answered by the files of the same names.

use super::model::schema::SCHEMA;
use super::plan::{outputs, rules, warnings};
use crate::endpoint::computation::Computation;
use crate::framework::diagnostic::Diagnostics;
use crate::framework::schema::Schema;
use crate::framework::value::Object;

/// `talosendpoint_vip`.
#[derive(Clone, Copy, Debug)]
pub struct Vip;

impl Computation for Vip {
    fn name(&self) -> &'static str {
        "talosendpoint_vip"
    }

    fn schema(&self) -> &'static Schema {
        &SCHEMA
    }

    /// No default depends on another argument: what a node takes from the common arguments is the patches' affair.
    fn defaults(&self, _config: &Object, _planned: &mut Object) {}

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
