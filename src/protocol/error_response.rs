//! Answers that consist of what is wrong.
//!
//! An error of the RPC itself would reach the user without a place and with a misleading title ("Plugin did not respond"), so every
//! answer that has room for diagnostics carries the reason inside.

use super::encode;
use super::pb::tfplugin6 as pb;
use crate::framework::diagnostic::{Diagnostic, Diagnostics};

/// An answer that can say why there is none.
pub(super) trait ErrorResponse: Default {
    /// The answer that holds only `reasons`.
    fn error_response(reasons: Diagnostics) -> Self;
}

macro_rules! answered_by_diagnostics {
    ($($rpc:ident),* $(,)?) => {
        $(impl ErrorResponse for pb::$rpc::Response {
            #[allow(clippy::needless_update)] // some answers are nothing but diagnostics
            fn error_response(reasons: Diagnostics) -> Self {
                Self { diagnostics: encode::diagnostics(reasons), ..Self::default() }
            }
        })*
    };
}

answered_by_diagnostics!(
    get_metadata,
    get_provider_schema,
    get_resource_identity_schemas,
    get_functions,
    apply_resource_change,
    plan_resource_change,
    read_resource,
    read_data_source,
    import_resource_state,
    upgrade_resource_state,
    upgrade_resource_identity,
    move_resource_state,
    generate_resource_config,
    open_ephemeral_resource,
    renew_ephemeral_resource,
    plan_action,
    configure_state_store,
    lock_state,
    unlock_state,
    get_states,
    delete_state,
    validate_provider_config,
    configure_provider,
    validate_resource_config,
    validate_data_resource_config,
    validate_ephemeral_resource_config,
    close_ephemeral_resource,
    validate_list_resource_config,
    validate_action_config,
    validate_state_store_config,
);

impl ErrorResponse for pb::call_function::Response {
    fn error_response(reasons: Diagnostics) -> Self {
        let texts: Vec<String> =
            reasons.into_iter().map(|Diagnostic { title, detail, .. }| format!("{title}: {detail}")).collect();
        let error = pb::FunctionError { text: texts.join("\n\n"), function_argument: None };
        Self { result: None, error: Some(error) }
    }
}

impl ErrorResponse for pb::stop_provider::Response {
    fn error_response(reasons: Diagnostics) -> Self {
        let titles: Vec<String> = reasons.into_iter().map(|reason| reason.title).collect();
        Self { error: titles.join(", ") }
    }
}

/// A request that is refused for its size; it has `what`.
pub(super) fn too_large(what: &str) -> Diagnostics {
    let detail = format!(
        "Terraform's request has {what}, which is more than this provider reads. Large data belongs into a file or an \
         object store, and its path into the configuration."
    );
    Diagnostic::failed("Request too large", detail).into()
}

/// A `moved` block leads from one type of resource to another, which can be imported or not. `help` is what the resource says of that.
pub(super) fn foreign_type(from: &str, provider: &str, to: &str, can_be_imported: bool, help: &str) -> Diagnostics {
    let import = if can_be_imported { format!("Import the object as `{to}`") } else { format!("`{to}` is made anew") };
    let detail = format!(
        "The state of `{from}` (provider {provider}) can't become that of `{to}`. Remove the `moved` block. {import}, \
         and let go of `{from}` with a `removed` block that has `destroy = false`."
    );
    let detail = if help.is_empty() { detail } else { format!("{detail} {help}") };
    Diagnostic::failed("Other type of resource", detail).into()
}

/// The answer of an RPC that we don't serve. Terraform calls none of them, since the schema offers nothing of the kind.
pub(super) fn not_offered<A: ErrorResponse>(what: &str) -> A {
    let detail = format!("This provider has no {what}.");
    A::error_response(Diagnostic::failed("Not offered by this provider", detail).into())
}
