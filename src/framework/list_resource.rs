//! What a list resource implements: finding objects that exist, whoever made them.

use futures_util::stream::BoxStream;

use super::diagnostic::Diagnostics;
use super::schema::Schema;
use super::stop::Stop;
use super::value::Object;

/// Finds the objects of a resource type, for `terraform query` (Terraform 1.14 and newer).
pub trait ListResource: Send + Sync {
    /// The resource type whose objects it finds: one of the provider's, with an identity.
    fn name(&self) -> &'static str;

    /// The filters, and what they are about.
    fn schema(&self) -> &Schema;

    /// Checks rules between filters. Single ones have been checked by their validators. Values may be unknown, which is never an error.
    fn validate(&self, _config: &Object, _diagnostics: &mut Diagnostics) {}

    /// What there is. The outside world is asked only as far as the list is read: whoever has enough drops it. An error is its last item.
    fn list(&self, request: ListRequest) -> List;
}

/// The objects that are found, one after the other.
pub type List = BoxStream<'static, Result<Listed, Diagnostics>>;

/// What is asked of a list resource.
#[derive(Clone, Debug)]
pub struct ListRequest {
    /// The filters, wholly known and with their defaults.
    pub config: Object,
    /// Whether the objects themselves are wanted beside their identities. They may take more calls.
    pub include_object: bool,
    /// The user's wish to stop.
    pub stop: Stop,
}

/// An object that exists.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Listed {
    /// The attributes of its identity. Others are allowed, and not looked at.
    pub identity: Object,
    /// What a person calls it.
    pub display_name: String,
    /// The object as a read gives it, if it was asked for. Attributes that are left out are null.
    pub object: Option<Object>,
}
