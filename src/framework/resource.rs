//! What a resource implements.

use async_trait::async_trait;

use super::diagnostic::Diagnostics;
use super::identity::Identity;
use super::path::Path;
use super::private::Private;
use super::progress::Progress;
use super::schema::Schema;
use super::stop::Stop;
use super::value::Object;

/// A managed resource type.
///
/// `validate`, `defaults`, `plan` and `plan_destroy` are pure: no network, no clock, no randomness; they are called several times and must
/// answer the same. `preflight` may ask the outside world and changes nothing in it. The others act on it.
///
/// Terraform checks three things of every answer, and the engine does so before it: a configured value is never changed at plan; what
/// was known at plan is what apply gives; an object without changes is planned as it is stored.
#[async_trait]
pub trait Resource: Send + Sync {
    /// The full type name, `PROVIDER_THING`.
    fn name(&self) -> &'static str;

    /// The attributes that a configuration may set, and those that this type answers.
    fn schema(&self) -> &Schema;

    /// What names an object of this type for good. Without one, an import goes by an id alone.
    fn identity(&self) -> Option<&'static Identity> {
        None
    }

    /// How an object of another type comes to be one of this type, where a `moved` block asks for it: a sentence of the refusal.
    fn instead_of_moving(&self) -> &'static str {
        ""
    }

    /// Checks rules between attributes. Single attributes have been checked by their validators. Values may be unknown, which is never
    /// an error; `config` is what the user wrote, `planned` the same with every default, null where only the provider can give a value.
    fn validate(&self, _config: &Object, _planned: &Object, _diagnostics: &mut Diagnostics) {}

    /// Sets the optional computed attributes whose default depends on other attributes. `planned` holds the configuration with the
    /// schema's defaults; only attributes that are null in `config` may be changed. What is set counts as decided, null and unknown
    /// included; what isn't set is up to the provider: it keeps its stored value or becomes unknown. Called once for each plan, with the
    /// configuration of a create and of an update alike.
    fn defaults(&self, _config: &Object, _planned: &mut Object) {}

    /// Reviews a create or an update as a whole: sets computed values that are known already, asks for a replacement, warns, refuses.
    fn plan(&self, _plan: &mut Plan<'_>) {}

    /// Reviews a planned destroy: warns or refuses.
    fn plan_destroy(&self, _prior: &Object, _private: &Private, _diagnostics: &mut Diagnostics) {}

    /// Asks the outside world about a planned create, update or destroy in which nothing is wrong so far: refuses what the apply would
    /// fail on, and leaves in the private state what the apply is to know. It may run twice for one change (a replacement is planned
    /// twice) and may be given up at any point, after [`PREFLIGHT_LIMIT`](super::engine::PREFLIGHT_LIMIT) at the latest; then nothing
    /// of it counts. So it is for what makes a plan better, never for what a plan needs, and says nothing of its own failures.
    async fn preflight(&self, _preflight: Preflight<'_>) {}

    /// Takes note of an object of this type that a run finds in its state, before any other operation on it. Contacts nothing.
    fn note_stored(&self, _state: &Object) {}

    /// Makes the planned object. What exists is reported to `progress` before the next step begins; the last report is what Terraform
    /// saves, whatever happens after.
    async fn create(&self, request: ApplyRequest, progress: &Progress) -> Diagnostics;

    /// What exists now. `None` as state means that the object is gone.
    async fn read(&self, request: ReadRequest) -> ReadResponse;

    /// Changes the object from `request.prior` to `request.planned`. `progress` starts with the prior object.
    async fn update(&self, request: ApplyRequest, progress: &Progress) -> Diagnostics;

    /// Removes the object and reports to `progress` that it is gone. Already gone is success.
    async fn delete(&self, request: DeleteRequest, progress: &Progress) -> Diagnostics;

    /// Finds the object that the user calls `id`. The state may be partial: a read follows.
    async fn import(&self, request: ImportRequest) -> ReadResponse {
        ReadResponse {
            state: None,
            private: Private::new(),
            diagnostics: super::diagnostic::Diagnostic::failed(
                "Import is not supported",
                format!("A {} cannot be imported. \"{}\" was left alone.", self.name(), request.id),
            )
            .into(),
        }
    }

    /// Upgrades from older schema versions, each straight to the current one.
    fn upgraders(&self) -> Vec<Upgrader> {
        Vec::new()
    }
}

/// A create or update being planned.
#[derive(Debug)]
pub struct Plan<'a> {
    /// What the user wrote; may hold unknown values.
    pub config: &'a Object,
    /// The stored object; none for a create.
    pub prior: Option<&'a Object>,
    /// The object to be. Computed attributes are unknown where something else changes and they don't keep their prior value.
    pub planned: &'a mut Object,
    /// What is stored beside the object; handed to apply.
    pub private: &'a mut Private,
    /// Attributes whose change needs a new object; the schema's own are in it already.
    pub replace: &'a mut Vec<Path>,
    /// Errors and warnings.
    pub diagnostics: &'a mut Diagnostics,
}

/// A planned change, to be held against the outside world.
#[derive(Debug)]
pub struct Preflight<'a> {
    /// What the user wrote; may hold unknown values. None for a destroy.
    pub config: Option<&'a Object>,
    /// The stored object; none for a create, and where a replacement is planned for the second time.
    pub prior: Option<&'a Object>,
    /// The object to be; none for a destroy.
    pub planned: Option<&'a Object>,
    /// Attributes whose change needs a new object; empty unless this is the first planning of a replacement.
    pub replace: &'a [Path],
    /// What is stored beside the object; handed to apply, to that of a destroy too.
    pub private: &'a mut Private,
    /// Errors and warnings.
    pub diagnostics: &'a mut Diagnostics,
}

/// What a create or an update is given. Everything that was unknown at plan and comes from the configuration is known now.
#[derive(Clone, Debug)]
pub struct ApplyRequest {
    /// What the user wrote.
    pub config: Object,
    /// The object to make: computed attributes may still be unknown.
    pub planned: Object,
    /// The stored object; none for a create.
    pub prior: Option<Object>,
    /// The private entries of the plan.
    pub private: Private,
    /// The user's wish to stop.
    pub stop: Stop,
}

/// What a delete is given.
#[derive(Clone, Debug)]
pub struct DeleteRequest {
    /// The stored object.
    pub prior: Object,
    /// What is stored beside it.
    pub private: Private,
    /// The user's wish to stop.
    pub stop: Stop,
}

/// What a read is given.
#[derive(Clone, Debug)]
pub struct ReadRequest {
    /// The stored object; after an import only what the import gave.
    pub state: Object,
    /// What is stored beside it.
    pub private: Private,
    /// The user's wish to stop.
    pub stop: Stop,
}

/// What a read or an import found.
#[derive(Clone, Debug, Default)]
pub struct ReadResponse {
    /// The object, wholly known; none if it is gone.
    pub state: Option<Object>,
    /// What to store beside it.
    pub private: Private,
    /// Errors and warnings. With an error the stored object stays.
    pub diagnostics: Diagnostics,
}

/// What an import is given.
#[derive(Clone, Debug)]
pub struct ImportRequest {
    /// What the user wrote.
    pub id: String,
    /// The user's wish to stop.
    pub stop: Stop,
}

/// Turns the state of one older schema version into that of the current one.
#[derive(Clone, Debug)]
pub struct Upgrader {
    /// The older version.
    pub from: i64,
    /// The older schema: stored state is read with it.
    pub schema: Schema,
    /// Makes an object of the current schema, or says why that can't be done.
    pub upgrade: fn(Object) -> Result<Object, Diagnostics>,
}
