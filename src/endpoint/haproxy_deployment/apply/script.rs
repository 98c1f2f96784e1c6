//! The functions that run on hosts. What each does, and which variables it reads, is at its beginning.

/// Where a host keeps what a run does.
pub const RUN_FOLDER: &str = "/run/talosendpoint";

/// Keeps other runs away; needs [`HOLDER`].
pub const LOCK: &str = include_str!("script/lock.sh");

/// Which run has a host, and since which boot of it.
pub const HOLDER: &str = include_str!("script/holder.sh");

/// Installs what is missing.
pub const PREPARE: &str = include_str!("script/prepare.sh");

/// Puts new files beside the old ones.
pub const STAGE: &str = include_str!("script/stage.sh");

/// Takes them into use; needs [`STAGE`], [`HOLDER`], [`BACKGROUND`] and [`ORIGINALS`].
pub const CHANGE: &str = include_str!("script/change.sh");

/// Ends what was deployed; needs [`HOLDER`], [`BACKGROUND`] and [`ORIGINALS`].
pub const REMOVE: &str = include_str!("script/remove.sh");

/// What goes on without the connection that began it.
pub const BACKGROUND: &str = include_str!("script/background.sh");

/// Where files of before are kept.
pub const ORIGINALS: &str = include_str!("script/originals.sh");

/// Who has the virtual IPs.
pub const NEIGHBOUR: &str = include_str!("script/neighbour.sh");

/// The host's packet filter.
pub const FIREWALL: &str = include_str!("script/firewall.sh");
