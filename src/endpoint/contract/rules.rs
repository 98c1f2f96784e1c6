//! Checks of the inputs that endpoints share.

use super::attributes::{ADDITIONAL_NAMES, HOST, HOST_ENTRY, TALOS_VERSION};
use super::patches::Names;
use crate::endpoint::address;
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::path::Path;
use crate::framework::reader::{Maybe, Reader};

/// A name or address that the endpoint has anyway, and the argument that says so.
pub type Taken = (Path, String);

/// The names of `additional_names`, addresses in their canonical spelling.
pub fn additional_names(inputs: &Reader<'_>) -> Names {
    let names = inputs.texts(ADDITIONAL_NAMES).map(Option::unwrap_or_default);
    names.map(|names| names.into_iter().map(|name| name.map(address::canonical)).collect())
}

/// A name is given once: two spellings of it would be two entries in a certificate, and the plan counts the entries before it knows them.
pub fn repeated_names(inputs: &Reader<'_>, taken: &[Taken], diagnostics: &mut Diagnostics) {
    let list = Path::of(ADDITIONAL_NAMES);
    let mut seen: Vec<Taken> = taken.iter().map(|(path, name)| (path.clone(), spelling(name))).collect();
    for (index, name) in (0..).zip(additional_names(inputs).known().unwrap_or_default()) {
        let (path, Maybe::Known(name)) = (list.index(index), name) else { continue };
        if let Some(why) = address::bare(&name).and_then(address::unusable) {
            diagnostics.push(Diagnostic::invalid(
                path.clone(),
                "Unusable address",
                format!("Nobody reaches the endpoint at {name}: {why}. Remove it."),
            ));
        }
        match seen.iter().find(|(_, other)| *other == spelling(&name)) {
            Some((other, _)) => diagnostics.push(Diagnostic::invalid(
                path.clone(),
                "Name used twice",
                format!("{name} is in both `{other}` and `{path}`. Remove it from `{ADDITIONAL_NAMES}`."),
            )),
            None => seen.push((path, spelling(&name))),
        }
    }
}

/// DNS takes capital letters for small ones.
fn spelling(name: &str) -> String {
    address::canonical(name).to_ascii_lowercase()
}

/// What an entry in a host table needs: a name, and an address that it always leads to. `several` says why there is no such address.
pub fn host_entry_rules(config: &Reader<'_>, several: Option<&str>, diagnostics: &mut Diagnostics) {
    if !config.bool(HOST_ENTRY).is_known_and(|wanted| *wanted == Some(true)) {
        return;
    }
    let mut refuse = |detail: String| {
        diagnostics.push(Diagnostic::invalid(Path::of(HOST_ENTRY), "No host entry possible", detail));
    };
    match config.text(HOST) {
        Maybe::Known(None) => refuse(format!(
            "An entry in the host table needs a name. Set `{HOST}` to a DNS name, or remove `{HOST_ENTRY}`."
        )),
        Maybe::Known(Some(host)) if address::bare(host).is_some() => {
            refuse(format!(
                "{host} is an address, which needs no entry in a host table. Set `{HOST}` to a DNS name, or remove \
                 `{HOST_ENTRY}`."
            ));
        }
        _ => {}
    }
    if let Some(why) = several {
        refuse(format!("{why} An entry in the host table would pin one of them. Remove `{HOST_ENTRY}`."));
    }
}

/// The error of a contract that `needs_talos_version`, with what it needs it for.
pub fn no_talos_version(reasons: &[String]) -> Diagnostic {
    Diagnostic::invalid(
        Path::of(TALOS_VERSION),
        "No Talos version",
        format!(
            "The form of some patches depends on the version contract of the machine configuration. Here these are for \
             {}. Set `talos_version`, such as `v1.12`.",
            reasons.join(" and ")
        ),
    )
}
