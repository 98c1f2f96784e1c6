//! Reads the attribute `ssh`.

use std::sync::Arc;

use super::schema::names;
use crate::endpoint::ssh_access::{Access, Settings};
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::path::Path;
use crate::framework::reader::Reader;
use crate::framework::value::Value;
use crate::remote::ssh::bastions::Bastions;
use crate::remote::ssh::settings::{Hop, SshSettings};
use crate::secret::Secret;

/// The access that the attribute gives.
pub fn access(ssh: &Value) -> Access {
    match ssh {
        ssh if !ssh.is_wholly_known() => Access::NotYetKnown,
        Value::Object(ssh) => Access::Ready(Arc::new(settings(&Reader::new(ssh)))),
        _ => Access::Ready(Arc::default()),
    }
}

/// Reports what can't go together.
pub fn rules(ssh: &Reader<'_>, diagnostics: &mut Diagnostics) {
    let place = |name| Path::of(names::SSH).attribute(name);
    let is_set = |name| ssh.text(name).known().is_some_and(|text| text.is_some());
    let is_absent = |name| ssh.text(name).is_absent();
    if is_set(names::PRIVATE_KEY) && is_set(names::PRIVATE_KEY_PATH) {
        diagnostics.push(Diagnostic::invalid(
            place(names::PRIVATE_KEY_PATH),
            "Two private keys",
            "`private_key` and `private_key_path` are both set. Remove one of them.",
        ));
    }
    let without_key = is_absent(names::PRIVATE_KEY) && is_absent(names::PRIVATE_KEY_PATH);
    for name in [names::PASSPHRASE, names::CERTIFICATE_PATH].into_iter().filter(|name| is_set(name) && without_key) {
        diagnostics.push(Diagnostic::invalid(
            place(name),
            "No private key",
            format!("`{name}` belongs to a private key, and none is set. Set `private_key_path`, or remove `{name}`."),
        ));
    }
}

fn settings(ssh: &Reader<'_>) -> Settings {
    let text = |name: &str| ssh.text(name).present().map(str::to_owned);
    let secret = |name: &str| ssh.text(name).present().map(Secret::new);
    let flag = |name: &str| ssh.bool(name).present();
    let login = SshSettings {
        user: text(names::USER),
        port: port(ssh),
        private_key: secret(names::PRIVATE_KEY),
        private_key_path: text(names::PRIVATE_KEY_PATH),
        passphrase: secret(names::PASSPHRASE),
        certificate_path: text(names::CERTIFICATE_PATH),
        agent: flag(names::AGENT),
        known_hosts_path: text(names::KNOWN_HOSTS_PATH),
        bastion: ssh.nested(names::BASTION).present().map(|bastion| hop(&bastion)),
    };
    Settings { ssh: login, sudo: flag(names::SUDO), bastions: Bastions::default() }
}

fn hop(bastion: &Reader<'_>) -> Hop {
    let text = |name: &str| bastion.text(name).present().map(str::to_owned);
    Hop {
        host: text(names::HOST).unwrap_or_default(),
        port: port(bastion),
        user: text(names::USER),
        host_key: text(names::HOST_KEY),
    }
}

fn port(reader: &Reader<'_>) -> Option<u16> {
    reader.number(names::PORT).present().and_then(|port| u16::try_from(port).ok())
}
