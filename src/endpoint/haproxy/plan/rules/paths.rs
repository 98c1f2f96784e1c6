//! Paths that HAProxy makes or uses: one path is one thing.

use crate::endpoint::haproxy::model::schema::names::{CHROOT, HAPROXY, LOG, SERVER_STATE_FILE, STATS_SOCKET};
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::path::Path;
use crate::framework::reader::Reader;

/// Checks `chroot`, `log`, `stats_socket` and `server_state_file` against one another.
pub fn rules(planned: &Reader<'_>, diagnostics: &mut Diagnostics) {
    let Some(haproxy) = planned.nested(HAPROXY).present() else { return };
    let text = |name: &str| haproxy.text(name).present().unwrap_or_default();
    let (chroot, log, socket) = (text(CHROOT), text(LOG), text(STATS_SOCKET));
    let within = |inner: &str, outer: &str| {
        !outer.is_empty() && inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let mut refuse = |name: &str, detail: String| {
        diagnostics.push(Diagnostic::invalid(Path::of(HAPROXY).attribute(name), "Path used twice", detail));
    };
    if within(chroot, socket) {
        refuse(
            CHROOT,
            format!("`{socket}` is HAProxy's own socket (`stats_socket`), and no folder. Choose another folder."),
        );
    }
    if within(chroot, log) {
        refuse(
            CHROOT,
            format!("`{log}` is the socket that HAProxy logs to (`log`), and no folder. Choose another folder."),
        );
    }
    let state = text(SERVER_STATE_FILE);
    if within(state, socket) || within(state, log) {
        refuse(
            SERVER_STATE_FILE,
            format!("`{state}` is a socket (`stats_socket` or `log`), or inside one. Choose another path."),
        );
    }
    if within(socket, log) || within(log, socket) {
        refuse(
            STATS_SOCKET,
            format!(
                "`{log}` is the socket that HAProxy logs to (`log`), and HAProxy would put a socket of its own in its \
                 place. Choose another path."
            ),
        );
    }
}
