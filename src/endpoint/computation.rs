//! Endpoints that are only computed: nothing of them exists outside of Terraform, so every operation is arithmetic on the configuration.
//! What differs from one to the next is a [`Computation`]; [`Computed`] makes a resource of it.

use async_trait::async_trait;

use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::engine;
use crate::framework::private::Private;
use crate::framework::progress::Progress;
use crate::framework::resource::{
    ApplyRequest, DeleteRequest, ImportRequest, Plan, ReadRequest, ReadResponse, Resource,
};
use crate::framework::schema::Schema;
use crate::framework::value::Object;

/// What one kind of computed endpoint knows. All of it is pure. The functions are those of the files of the same names.
pub trait Computation: Send + Sync {
    /// The full type name, `talosendpoint_THING`.
    fn name(&self) -> &'static str;

    /// The attributes.
    fn schema(&self) -> &'static Schema;

    /// Sets every default that depends on other attributes, null included, so that running it twice changes nothing. `planned` holds
    /// the configuration with the schema's defaults; what `config` sets stays.
    fn defaults(&self, config: &Object, planned: &mut Object);

    /// Checks what can be decided from `planned`, the configuration with every default. Silent about what is not known yet.
    fn rules(&self, config: &Object, planned: &Object, diagnostics: &mut Diagnostics);

    /// Sets every computed attribute of `planned`, whose inputs have their defaults: known where the inputs are, unknown else.
    fn outputs(&self, config: &Object, planned: &mut Object);

    /// Warns of `planned`, where it differs from `prior`.
    fn warnings(&self, config: &Object, prior: Option<&Object>, planned: &Object, diagnostics: &mut Diagnostics);
}

/// The resource made of a [`Computation`].
#[derive(Clone, Copy, Debug)]
pub struct Computed<C>(pub C);

impl<C: Computation> Computed<C> {
    /// The configuration with every default.
    fn with_defaults(&self, config: &Object) -> Object {
        let mut planned = engine::with_defaults(&self.0.schema().attributes, config);
        self.0.defaults(config, &mut planned);
        planned
    }

    /// The same for create and update. What was unknown at plan is known and checked only now.
    fn apply(&self, request: ApplyRequest, progress: &Progress) -> Diagnostics {
        let ApplyRequest { config, planned: mut object, private, .. } = request;
        let mut diagnostics = Diagnostics::new();
        self.0.rules(&config, &self.with_defaults(&config), &mut diagnostics);
        if !diagnostics.has_error() {
            self.0.defaults(&config, &mut object);
            self.0.outputs(&config, &mut object);
            progress.report(object, private);
        }
        diagnostics
    }
}

#[async_trait]
impl<C: Computation> Resource for Computed<C> {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn schema(&self) -> &Schema {
        self.0.schema()
    }

    fn validate(&self, config: &Object, planned: &Object, diagnostics: &mut Diagnostics) {
        self.0.rules(config, planned, diagnostics);
    }

    fn defaults(&self, config: &Object, planned: &mut Object) {
        self.0.defaults(config, planned);
    }

    fn plan(&self, plan: &mut Plan<'_>) {
        self.0.outputs(plan.config, plan.planned);
        self.0.warnings(plan.config, plan.prior, plan.planned, plan.diagnostics);
    }

    async fn create(&self, request: ApplyRequest, progress: &Progress) -> Diagnostics {
        self.apply(request, progress)
    }

    async fn read(&self, request: ReadRequest) -> ReadResponse {
        ReadResponse { state: Some(request.state), private: request.private, diagnostics: Diagnostics::new() }
    }

    async fn update(&self, request: ApplyRequest, progress: &Progress) -> Diagnostics {
        self.apply(request, progress)
    }

    async fn delete(&self, _request: DeleteRequest, progress: &Progress) -> Diagnostics {
        progress.gone();
        Diagnostics::new()
    }

    async fn import(&self, request: ImportRequest) -> ReadResponse {
        let detail = format!(
            "A {} is computed from its arguments: nothing of it exists outside of Terraform, so there is nothing to \
             import as \"{}\". Write the resource and run an apply, which changes nothing but the state.",
            self.0.name(),
            request.id,
        );
        ReadResponse {
            state: None,
            private: Private::new(),
            diagnostics: Diagnostic::failed("Import is not supported", detail).into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use super::*;
    use crate::framework::path::Path;
    use crate::framework::reader::Reader;
    use crate::framework::schema::Attribute;
    use crate::framework::stop::Stop;
    use crate::framework::value::Value;

    /// Doubles a word that must not be "bad".
    struct Twice;

    static SCHEMA: LazyLock<Schema> = LazyLock::new(|| Schema {
        version: 0,
        description: "Doubles a word.",
        attributes: vec![
            Attribute::string("word").required(),
            Attribute::string("last").optional_computed(),
            Attribute::string("twice").computed(),
        ],
    });

    impl Computation for Twice {
        fn name(&self) -> &'static str {
            "talosendpoint_twice"
        }

        fn schema(&self) -> &'static Schema {
            &SCHEMA
        }

        fn defaults(&self, config: &Object, planned: &mut Object) {
            if config["last"].is_null() {
                planned.insert("last".to_owned(), planned["word"].clone());
            }
        }

        fn rules(&self, _config: &Object, planned: &Object, diagnostics: &mut Diagnostics) {
            if Reader::new(planned).text("last").is_known_and(|last| *last == Some("bad")) {
                diagnostics.push(Diagnostic::invalid(Path::of("last"), "Bad", "It is bad."));
            }
        }

        fn outputs(&self, _config: &Object, planned: &mut Object) {
            let reader = Reader::new(planned);
            let both = reader.text("word").present().zip(reader.text("last").present());
            let twice = both.map_or(Value::UNKNOWN_NOT_NULL, |(word, last)| format!("{word}{last}").into());
            planned.insert("twice".to_owned(), twice);
        }

        fn warnings(&self, _config: &Object, prior: Option<&Object>, _planned: &Object, diagnostics: &mut Diagnostics) {
            if prior.is_none() {
                diagnostics.push(Diagnostic::warning(Path::root(), "New", "It is new."));
            }
        }
    }

    fn config(word: Value, last: Value) -> Object {
        let mut object = SCHEMA.null_object();
        object.extend([("word".to_owned(), word), ("last".to_owned(), last)]);
        object
    }

    fn planned(config: &Object, prior: Option<&Object>) -> (Object, Diagnostics) {
        let mut object = Computed(Twice).with_defaults(config);
        let (mut private, mut replace, mut diagnostics) = (Private::new(), Vec::new(), Diagnostics::new());
        let planned = &mut object;
        Computed(Twice).plan(&mut Plan {
            config,
            prior,
            planned,
            private: &mut private,
            replace: &mut replace,
            diagnostics: &mut diagnostics,
        });
        (object, diagnostics)
    }

    async fn applied(config: Object, planned: Object) -> (Option<Object>, Diagnostics) {
        let progress = Progress::new(None, Private::new());
        let request = ApplyRequest { config, planned, prior: None, private: Private::new(), stop: Stop::new() };
        let diagnostics = Computed(Twice).create(request, &progress).await;
        (progress.reported().state, diagnostics)
    }

    #[tokio::test]
    async fn what_is_planned_is_what_is_applied() {
        let config = config("a".into(), Value::Null);
        let (object, warnings) = planned(&config, None);
        assert_eq!(object["twice"], "aa".into());
        assert_eq!(warnings.iter().count(), 1);
        assert_eq!(applied(config.clone(), object.clone()).await, (Some(object.clone()), Diagnostics::new()));
        assert_eq!(planned(&config, Some(&object)), (object, Diagnostics::new()));
    }

    #[tokio::test]
    async fn what_becomes_known_at_apply_is_computed_and_checked_then() {
        let (object, _) = planned(&config(Value::UNKNOWN, Value::Null), None);
        assert_eq!(object["twice"], Value::UNKNOWN_NOT_NULL);
        let (good, _) = applied(config("a".into(), Value::Null), object.clone()).await;
        assert!(good.is_some());
        let (none, problems) = applied(config("bad".into(), Value::Null), object).await;
        assert!(none.is_none() && problems.has_error());
    }

    #[tokio::test]
    async fn nothing_outside_is_read_deleted_or_imported() {
        let (object, _) = planned(&config("a".into(), "b".into()), None);
        let read = ReadRequest { state: object.clone(), private: Private::new(), stop: Stop::new() };
        assert_eq!(Computed(Twice).read(read).await.state, Some(object.clone()));
        let progress = Progress::new(Some(object.clone()), Private::new());
        let delete = DeleteRequest { prior: object, private: Private::new(), stop: Stop::new() };
        assert!(Computed(Twice).delete(delete, &progress).await.is_empty());
        assert!(progress.reported().state.is_none());
        let import = ImportRequest { id: "x".to_owned(), stop: Stop::new() };
        assert!(Computed(Twice).import(import).await.diagnostics.has_error());
    }
}
