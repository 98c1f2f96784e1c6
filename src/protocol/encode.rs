//! Answers of the engine to messages.

use super::msgpack;
use super::pb::tfplugin6 as pb;
use crate::framework::diagnostic::{Diagnostic, Diagnostics, Severity};
use crate::framework::engine::{PlanResponse, StateResponse};
use crate::framework::function::FunctionError;
use crate::framework::path::{Path, Step};
use crate::framework::ty::Type;
use crate::framework::value::Value;

pub(super) fn plan(
    response: PlanResponse,
    ty: &Type,
    identity: Option<pb::ResourceIdentityData>,
) -> Result<pb::plan_resource_change::Response, Diagnostics> {
    let PlanResponse { planned, replace, private, diagnostics } = response;
    Ok(pb::plan_resource_change::Response {
        planned_state: Some(value(&planned, ty)?),
        requires_replace: replace.iter().map(path).collect(),
        planned_private: private.to_bytes(),
        diagnostics: self::diagnostics(diagnostics),
        legacy_type_system: false, // true would switch Terraform's checks of the plan off
        deferred: None,
        planned_identity: identity,
    })
}

pub(super) fn apply(
    response: StateResponse,
    ty: &Type,
    identity: Option<pb::ResourceIdentityData>,
) -> Result<pb::apply_resource_change::Response, Diagnostics> {
    let StateResponse { state, private, diagnostics } = response;
    Ok(pb::apply_resource_change::Response {
        new_state: Some(value(&state, ty)?),
        private: private.to_bytes(),
        diagnostics: self::diagnostics(diagnostics),
        legacy_type_system: false,
        new_identity: identity,
    })
}

pub(super) fn read(
    response: StateResponse,
    ty: &Type,
    identity: Option<pb::ResourceIdentityData>,
) -> Result<pb::read_resource::Response, Diagnostics> {
    let StateResponse { state, private, diagnostics } = response;
    Ok(pb::read_resource::Response {
        new_state: Some(value(&state, ty)?),
        private: private.to_bytes(),
        diagnostics: self::diagnostics(diagnostics),
        deferred: None,
        new_identity: identity,
    })
}

pub(super) fn upgrade(response: StateResponse, ty: &Type) -> Result<pb::upgrade_resource_state::Response, Diagnostics> {
    // There is no room for private data here: Terraform keeps what it has.
    let StateResponse { state, private: _, diagnostics } = response;
    Ok(pb::upgrade_resource_state::Response {
        upgraded_state: Some(value(&state, ty)?),
        diagnostics: self::diagnostics(diagnostics),
    })
}

/// `private` is what was stored at the former address.
pub(super) fn moved(
    response: StateResponse,
    private: Vec<u8>,
    ty: &Type,
    identity: Option<pb::ResourceIdentityData>,
) -> Result<pb::move_resource_state::Response, Diagnostics> {
    let StateResponse { state, private: _, diagnostics } = response;
    Ok(pb::move_resource_state::Response {
        target_state: Some(value(&state, ty)?),
        diagnostics: self::diagnostics(diagnostics),
        target_private: private,
        target_identity: identity,
    })
}

/// Without a state there is no imported resource, and the diagnostics say why.
pub(super) fn import(
    name: &str,
    response: StateResponse,
    ty: &Type,
    identity: Option<pb::ResourceIdentityData>,
) -> Result<pb::import_resource_state::Response, Diagnostics> {
    use pb::import_resource_state::{ImportedResource, Response};
    let StateResponse { state, private, diagnostics } = response;
    let mut imported_resources = Vec::new();
    if !state.is_null() {
        let (state, private) = (Some(value(&state, ty)?), private.to_bytes());
        imported_resources.push(ImportedResource { type_name: name.to_owned(), state, private, identity });
    }
    Ok(Response { imported_resources, diagnostics: self::diagnostics(diagnostics), deferred: None })
}

pub(super) fn data(
    (found, diagnostics): (Value, Diagnostics),
    ty: &Type,
) -> Result<pb::read_data_source::Response, Diagnostics> {
    Ok(pb::read_data_source::Response {
        state: Some(value(&found, ty)?),
        diagnostics: self::diagnostics(diagnostics),
        deferred: None,
    })
}

/// A value as MessagePack: JSON could not carry unknown values.
///
/// # Errors
/// If the value is not of that type, which is our fault.
pub(super) fn value(value: &Value, ty: &Type) -> Result<pb::DynamicValue, Diagnostics> {
    let msgpack = msgpack::encode(value, ty).map_err(|error| {
        Diagnostic::bug(
            "Answer does not fit the schema",
            format!("The provider made a value of the wrong form: {error}."),
        )
        .at(error.path)
    })?;
    Ok(pb::DynamicValue { msgpack, json: Vec::new() })
}

pub(super) fn diagnostics(diagnostics: Diagnostics) -> Vec<pb::Diagnostic> {
    diagnostics.into_iter().map(diagnostic).collect()
}

pub(super) fn diagnostic(diagnostic: Diagnostic) -> pb::Diagnostic {
    let Diagnostic { severity, title, detail, path } = diagnostic;
    let severity = match severity {
        Severity::Error => pb::diagnostic::Severity::Error,
        Severity::Warning => pb::diagnostic::Severity::Warning,
    };
    let shown = found_by_terraform(&path);
    // What the path on the wire doesn't say any more, the text says.
    let name = path.to_string();
    let is_named = shown == path || title.contains(&name) || detail.contains(&name);
    let detail = if is_named { detail } else { format!("{detail}\n\nThis is about `{name}`.") };
    let attribute = (!shown.is_root()).then(|| self::path(&shown));
    pb::Diagnostic { severity: severity.into(), summary: title, detail, attribute }
}

/// The beginning of a path for which Terraform finds a line in the configuration: the first attribute, with its index or key. A longer one it
/// doesn't find at all, and shows none.
fn found_by_terraform(path: &Path) -> Path {
    match path.steps() {
        [Step::Attribute(name), Step::Index(index), ..] => Path::of(name).index(*index),
        [Step::Attribute(name), Step::Key(key), ..] => Path::of(name).key(key),
        [Step::Attribute(name), ..] => Path::of(name),
        _ => path.clone(),
    }
}

pub(super) fn path(path: &Path) -> pb::AttributePath {
    use pb::attribute_path::step::Selector;
    let steps = path.steps().iter().map(|step| {
        let selector = match step {
            Step::Attribute(name) => Selector::AttributeName(name.clone()),
            Step::Key(key) => Selector::ElementKeyString(key.clone()),
            Step::Index(index) => Selector::ElementKeyInt(i64::try_from(*index).unwrap_or(i64::MAX)),
        };
        pb::attribute_path::Step { selector: Some(selector) }
    });
    pb::AttributePath { steps: steps.collect() }
}

pub(super) fn function_error(error: FunctionError) -> pb::FunctionError {
    let FunctionError { argument, text } = error;
    // Terraform puts the text into a sentence, and ends that itself.
    let text = text.strip_suffix('.').map_or(text.clone(), str::to_owned);
    pb::FunctionError { text, function_argument: argument.and_then(|index| i64::try_from(index).ok()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terraform_ends_the_sentence_of_a_function_s_error() {
        let sent = |text: &str| function_error(FunctionError { argument: Some(0), text: text.to_owned() }).text;
        assert_eq!(sent("Brackets belong in URLs. Write `::1`."), "Brackets belong in URLs. Write `::1`");
        assert_eq!(sent("a port must be a number"), "a port must be a number");
    }

    #[test]
    fn a_diagnostic_has_a_severity_and_its_path() {
        let place = Path::of("nodes").key("a").attribute("ports").index(1);
        let sent = diagnostics(Diagnostic::warning(place, "title", "detail").into());
        let steps: Vec<_> =
            sent[0].attribute.iter().flat_map(|path| &path.steps).map(|step| step.selector.clone()).collect();
        use pb::attribute_path::step::Selector::{AttributeName, ElementKeyString};
        let expected = [AttributeName("nodes".into()), ElementKeyString("a".into())];
        assert_eq!(steps, expected.map(Some), "Terraform finds no line for a longer one");
        assert_eq!(sent[0].detail, "detail\n\nThis is about `nodes[\"a\"].ports[1]`.");
        assert_eq!(sent[0].severity(), pb::diagnostic::Severity::Warning);
        let error = diagnostics(Diagnostic::failed("title", "detail").into());
        assert_eq!((error[0].severity(), &error[0].attribute), (pb::diagnostic::Severity::Error, &None));
    }

    #[test]
    fn a_place_that_the_text_names_is_not_named_twice() {
        let sent =
            |path: Path, detail: &str| diagnostics(Diagnostic::invalid(path, "title", detail).into()).remove(0).detail;
        let nested = Path::of("listener").attribute("port");
        assert_eq!(sent(nested.clone(), "`listener.port` is taken."), "`listener.port` is taken.");
        assert_eq!(sent(nested, "It is taken."), "It is taken.\n\nThis is about `listener.port`.");
        assert_eq!(sent(Path::of("listener"), "It is taken."), "It is taken.");
        assert_eq!(sent(Path::of("nodes").index(2), "It is taken."), "It is taken.");
    }

    #[test]
    fn a_value_of_another_form_is_our_fault() {
        let diagnostics = value(&Value::from("secret"), &Type::Bool).unwrap_err();
        assert!(diagnostics.iter().all(|diagnostic| !diagnostic.detail.contains("secret")));
        assert!(diagnostics.has_error());
    }
}
