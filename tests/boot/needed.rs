//! What the tests need: programs, rights, packages, and a kernel that lets systemd boot in a container.

use std::path::PathBuf;

use lab::network;
use lab::network::container;
use lab::network::debian::Debian;
use lab::programs;
use lab::skip::Missing;

/// Terraform and Debian, where everything else is there too.
///
/// # Errors
/// The first thing that is lacking.
pub fn needed() -> Result<(PathBuf, Debian), Missing> {
    network::needed(&["systemd-nspawn", "mmdebstrap", "dpkg-deb", "python3", "ssh-keygen", "setsid"])?;
    let terraform = programs::terraform()?;
    let debian = Debian::find_or_make()?;
    container::allowed(&debian)?;
    Ok((terraform, debian))
}
