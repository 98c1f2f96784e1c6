//! What a data source implements.

use async_trait::async_trait;

use super::diagnostic::Diagnostics;
use super::schema::Schema;
use super::stop::Stop;
use super::value::Object;

/// Something that is read and not managed.
#[async_trait]
pub trait DataSource: Send + Sync {
    /// The full type name, `PROVIDER_THING`.
    fn name(&self) -> &'static str;

    /// What it asks for and what it answers.
    fn schema(&self) -> &Schema;

    /// Checks rules between attributes; values may be unknown.
    fn validate(&self, _config: &Object, _diagnostics: &mut Diagnostics) {}

    /// Reads it. `config` is wholly known and carries the schema's defaults. No object without an error is a bug.
    async fn read(&self, config: Object, stop: Stop) -> (Option<Object>, Diagnostics);
}
