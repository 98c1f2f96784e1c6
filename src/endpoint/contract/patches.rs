//! What the contract needs in machine configurations, as patches.
//!
//! One JSON object for each document: it is valid YAML, has no quoting trap, and reads well in a plan.

use serde_json::{Value as Json, json};

use super::talos_version::TalosVersion;
use crate::framework::reader::Maybe;
use crate::framework::value::{Refinement, Value};

/// Texts, some of which may not be known yet; unknown where not even their number is.
pub type Names = Maybe<Vec<Maybe<String>>>;

/// The names in the certificate of the Talos API.
pub fn machine_certificate(names: &Names) -> Names {
    document(names, |names| json!({"machine": {"certSANs": names}}))
}

/// The names in the certificate of the API server.
pub fn api_server_certificate(names: &Names, version: &Maybe<Option<TalosVersion>>) -> Names {
    match version {
        Maybe::Known(Some(version)) if version.has_kubernetes_documents() => document(
            names,
            |names| json!({"apiVersion": "v1alpha1", "kind": "KubeAPIServerConfig", "certExtraSANs": names}),
        ),
        Maybe::Known(Some(_)) => document(names, |names| json!({"cluster": {"apiServer": {"certSANs": names}}})),
        Maybe::Known(None) | Maybe::Unknown => names.as_ref().map(|names| match names.is_empty() {
            true => Vec::new(),
            false => vec![Maybe::Unknown],
        }),
    }
}

/// `host` with each of `addresses` in a node's host table.
pub fn host_table(host: &Maybe<String>, addresses: &Names, documents: &Maybe<bool>) -> Names {
    let Maybe::Known(addresses) = addresses else { return Maybe::Unknown };
    let (Maybe::Known(host), Maybe::Known(documents)) = (host, documents) else {
        return if addresses.is_empty() { Maybe::Known(Vec::new()) } else { Maybe::Unknown };
    };
    if *documents {
        let entry = |ip: String| {
            json!({"apiVersion": "v1alpha1", "kind": "StaticHostConfig", "name": ip, "hostnames": [host]}).to_string()
        };
        return Maybe::Known(addresses.iter().map(|ip| ip.clone().map(entry)).collect());
    }
    let entry = |ip: &String| json!({"ip": ip, "aliases": [host]});
    document(&Maybe::Known(addresses.clone()), |addresses| {
        let entries: Vec<Json> = addresses.iter().map(entry).collect();
        json!({"machine": {"network": {"extraHostEntries": entries}}})
    })
}

/// One document, where there are names at all.
fn document(names: &Names, build: impl FnOnce(Vec<String>) -> Json) -> Names {
    let Maybe::Known(names) = names else { return Maybe::Unknown };
    if names.is_empty() {
        return Maybe::Known(Vec::new());
    }
    let known: Option<Vec<String>> = names.iter().cloned().map(Maybe::known).collect();
    Maybe::Known(vec![known.map_or(Maybe::Unknown, |names| Maybe::Known(build(names).to_string()))])
}

/// All of them, one after another.
pub fn concat<'a>(parts: impl IntoIterator<Item = &'a Names>) -> Names {
    let mut all = Vec::new();
    for part in parts {
        let Maybe::Known(part) = part else { return Maybe::Unknown };
        all.extend(part.iter().cloned());
    }
    Maybe::Known(all)
}

/// A list whose length is known before its elements are.
pub fn list(names: Names) -> Value {
    let element = |text: Maybe<String>| text.map(Value::String).known().unwrap_or(Value::UNKNOWN_NOT_NULL);
    let names = names.map(|names| Value::list(names.into_iter().map(element)));
    names.known().unwrap_or(Value::UNKNOWN_NOT_NULL)
}

/// A list of patches: unknown as a whole while an element is. siderolabs/talos takes an unknown list for what it is, and stops at apply
/// where an element was unknown.
pub fn patch_list(patches: Names) -> Value {
    match patches {
        Maybe::Known(patches) if patches.contains(&Maybe::Unknown) => {
            Value::Unknown(Refinement { not_null: true, min_length: patches.len() as u64 })
        }
        patches => list(patches),
    }
}
