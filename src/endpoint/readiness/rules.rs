//! What an endpoint must have, so that there is something to probe.

use super::attributes::ENDPOINT;
use super::target::Api;
use crate::endpoint::contract::{KUBERNETES_API_ENDPOINT, TALOS_API_ENDPOINT};
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::path::Path;
use crate::framework::reader::{Maybe, Reader};
use crate::framework::value::Object;

/// Whether the endpoint of a configuration serves an API.
pub fn is_on(config: &Object, api: Api) -> Maybe<bool> {
    let name = match api {
        Api::Kubernetes => KUBERNETES_API_ENDPOINT,
        Api::Talos => TALOS_API_ENDPOINT,
    };
    match Reader::new(config).nested(ENDPOINT) {
        Maybe::Known(Some(endpoint)) => endpoint.text(name).map(|text| text.is_some()),
        Maybe::Known(None) => Maybe::Known(false),
        Maybe::Unknown => Maybe::Unknown,
    }
}

/// Refuses an endpoint of which both APIs are off.
pub fn something_to_probe(config: &Object, diagnostics: &mut Diagnostics) {
    if Api::ALL.into_iter().all(|api| is_on(config, api) == Maybe::Known(false)) {
        diagnostics.push(Diagnostic::invalid(
            Path::of(ENDPOINT),
            "Nothing to probe",
            format!(
                "The endpoint serves neither API: `{KUBERNETES_API_ENDPOINT}` and `{TALOS_API_ENDPOINT}` are null. Set \
                 one of them."
            ),
        ));
    }
}
