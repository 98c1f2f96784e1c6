//! Checks of the inputs that endpoints share.

use super::attributes::{ADDITIONAL_NAMES, CONTROL_PLANE, HOST, HOST_ENTRY, TALOS_VERSION};
use super::host_name::is_host;
use super::patches::Names;
use super::talos_version::TalosVersion;
use crate::endpoint::address;
use crate::endpoint::enumeration::listed;
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
        if !is_host(&name) {
            continue; // its validator has reported it
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
    if config.bool(HOST_ENTRY) != Maybe::Known(Some(true)) {
        return;
    }
    let why = match (several, config.text(HOST)) {
        (Some(why), _) => format!("{why} An entry in the host table would pin one of them. Remove `{HOST_ENTRY}`."),
        (None, Maybe::Known(None)) => {
            format!("An entry in the host table needs a name. Set `{HOST}` to a DNS name, or remove `{HOST_ENTRY}`.")
        }
        (None, Maybe::Known(Some(host))) if address::bare(host).is_some() => format!(
            "{host} is an address, which needs no entry in a host table. Set `{HOST}` to a DNS name, or remove \
             `{HOST_ENTRY}`."
        ),
        _ => return,
    };
    diagnostics.push(Diagnostic::invalid(Path::of(HOST_ENTRY), "Host entry not possible", why));
}

/// An address of a node, or what talosctl dials in place of it.
#[derive(Clone, Debug)]
pub struct Dialled<'a> {
    /// The node's key in `control_plane`.
    pub node: &'a str,
    /// The argument.
    pub path: Path,
    /// What it says.
    pub text: String,
    /// Whether it is dialled in place of an address.
    pub is_endpoint: bool,
}

/// What talosctl dials for one node is neither dialled for another nor an address of one. That addresses are distinct is a rule of its own.
pub fn distinct_endpoints(all: &[Dialled<'_>], diagnostics: &mut Diagnostics) {
    for (index, one) in all.iter().enumerate() {
        let same = |other: &&Dialled<'_>| {
            other.node != one.node
                && spelling(&other.text) == spelling(&one.text)
                && (other.is_endpoint || one.is_endpoint)
        };
        if let Some(other) = all[..index].iter().find(same) {
            diagnostics.push(Diagnostic::invalid(
                one.path.clone(),
                "Endpoint used twice",
                format!(
                    "{} is both `{}` and `{}`, so talosctl would reach one node for two. Each node has its own.",
                    one.text, other.path, one.path
                ),
            ));
        }
    }
}

/// The names of nodes: 1–64 letters, digits, `_`, `.`, `:` and `-`, whatever the kind of endpoint, so that nodes can be taken from one to
/// another (HAProxy's rule for server names).
pub fn node_names<'a>(names: impl IntoIterator<Item = &'a str>, diagnostics: &mut Diagnostics) {
    for name in names.into_iter().filter(|name| !is_node_name(name)) {
        diagnostics.push(Diagnostic::invalid(
            Path::of(CONTROL_PLANE).key(name),
            "Invalid name",
            format!(
                "{name:?} can't be the name of a node, which has 1 to 64 letters, digits, `_`, `.`, `:` and `-`. \
                 Choose another key."
            ),
        ));
    }
}

/// What a node, or anything that HAProxy sends to, can be called.
pub fn is_node_name(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.:-".contains(&b))
}

/// The version contract; unknown as well where its validator has reported it.
pub fn talos_version_of(inputs: &Reader<'_>) -> Maybe<Option<TalosVersion>> {
    match inputs.text(TALOS_VERSION) {
        Maybe::Known(Some(text)) => {
            TalosVersion::parse(text).map_or(Maybe::Unknown, |version| Maybe::Known(Some(version)))
        }
        Maybe::Known(None) => Maybe::Known(None),
        Maybe::Unknown => Maybe::Unknown,
    }
}

/// The error of a contract that `needs_talos_version`, with what it needs it for.
pub fn no_talos_version(reasons: &[String]) -> Diagnostic {
    Diagnostic::invalid(
        Path::of(TALOS_VERSION),
        "No Talos version",
        format!(
            "Patches for {} differ from one Talos version to another. Set `talos_version` to the version contract of \
             the machine configuration, such as `v1.12`.",
            listed(reasons)
        ),
    )
}
