//! Where the host wants the plugin to listen.

use std::{ops::RangeInclusive, path::PathBuf};

/// The host's wishes, of which none may be there.
#[derive(Debug, Clone)]
pub struct Place {
    /// Folder for the Unix socket; unset means the system's temporary folder.
    pub folder: Option<PathBuf>,
    /// Name or number of a group that may use the socket too.
    pub group: Option<String>,
    /// Ports to try on TCP, in order; `0..=0` means any free one.
    pub ports: RangeInclusive<u16>,
    /// Use TCP though Unix sockets would work.
    pub tcp: bool,
}

impl Default for Place {
    fn default() -> Self {
        Self { folder: None, group: None, ports: 0..=0, tcp: false }
    }
}
