//! Rules between attributes.
use crate::framework::diagnostic::Diagnostics;
use crate::framework::reader::Reader;
/// Checks.
pub fn rules(_config: &Reader<'_>, _effective: &Reader<'_>, _diagnostics: &mut Diagnostics) {}
