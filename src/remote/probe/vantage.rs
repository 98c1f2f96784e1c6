//! Where a probe comes from.

use crate::remote::authority::host_port;
use crate::remote::proxy::{Proxies, Proxy, UnusableProxy};

/// The name of this machine, as it calls itself.
#[cfg(unix)]
pub fn machine_name() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

/// The name of this machine, as Windows calls it.
#[cfg(not(unix))]
pub fn machine_name() -> String {
    std::env::var("COMPUTERNAME").unwrap_or_else(|_| "this machine".to_owned())
}

/// The proxy that other programs would use for `https://HOST:PORT`; a probe goes past it. None where there is none.
///
/// # Errors
/// If a variable holds one of a kind that isn't known here, such as SOCKS.
pub fn proxy_for(host: &str, port: u16) -> Result<Option<Proxy>, UnusableProxy> {
    let authority = host_port(host, port);
    let proxies = Proxies::from_env()?;
    Ok(format!("https://{authority}/").parse().ok().and_then(|url| proxies.of(&url)))
}
