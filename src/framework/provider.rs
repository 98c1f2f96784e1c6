//! What a provider implements.

use std::sync::Arc;

use async_trait::async_trait;

use super::data_source::DataSource;
use super::diagnostic::Diagnostics;
use super::function::Function;
use super::list_resource::ListResource;
use super::resource::Resource;
use super::schema::Schema;
use super::value::Object;

/// A provider: its configuration, and the things it offers.
#[async_trait]
pub trait Provider: Send + Sync {
    /// The attributes of the provider block.
    fn schema(&self) -> &Schema;

    /// Checks rules between attributes of the provider block; values may be unknown.
    fn validate(&self, _config: &Object, _diagnostics: &mut Diagnostics) {}

    /// Takes the configuration. At plan it may hold unknown values. May be called again, with another configuration, in a process that
    /// serves several runs. Contacts nothing.
    async fn configure(&self, config: Object) -> Diagnostics;

    /// The resource types, each name once.
    fn resources(&self) -> Vec<Arc<dyn Resource>>;

    /// The data source types, each name once.
    fn data_sources(&self) -> Vec<Arc<dyn DataSource>> {
        Vec::new()
    }

    /// The list resources, each for a resource type that has an identity.
    fn list_resources(&self) -> Vec<Arc<dyn ListResource>> {
        Vec::new()
    }

    /// The functions, which need no configuration.
    fn functions(&self) -> Vec<Arc<dyn Function>> {
        Vec::new()
    }
}
