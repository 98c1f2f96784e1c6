//! Where a probe comes from.

use crate::remote::proxy::{Proxies, Proxy};

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

/// The proxy that other programs would use for `https://HOST:PORT`; a probe goes past it.
pub fn proxy_for(host: &str, port: u16) -> Option<Proxy> {
    let authority = if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") };
    Proxies::from_env().ok()?.of(&format!("https://{authority}/").parse().ok()?)
}
