//! What works.
use crate::framework::diagnostic::Diagnostics;
use crate::framework::reader::Reader;
use crate::framework::value::Object;
/// Warns.
pub fn warnings(_config: &Reader<'_>, _prior: Option<&Object>, _planned: &Object, _diagnostics: &mut Diagnostics) {}
