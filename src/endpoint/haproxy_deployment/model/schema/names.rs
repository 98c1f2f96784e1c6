//! What the attributes are called.

pub use crate::endpoint::contract::{ADDITIONAL_VIPS, ADDRESS, LOAD_BALANCERS, VIP};
pub use crate::endpoint::timeouts::TIMEOUTS;

pub const ENDPOINT: &str = "endpoint";
pub const HAPROXY_CFG: &str = "haproxy_cfg";
pub const KEEPALIVED_CONF: &str = "keepalived_conf";
pub const HAPROXY: &str = "haproxy";
pub const STATS_SOCKET: &str = "stats_socket";
pub const CHROOT: &str = "chroot";
pub const USER: &str = "user";
pub const GROUP: &str = "group";
pub const HOSTS: &str = "hosts";
pub const PORT: &str = "port";
pub const HOST_KEY: &str = "host_key";
pub const BASTION: &str = "bastion";
pub const HOST: &str = "host";
pub const NAME: &str = "name";
pub const INSTALL_PACKAGES: &str = "install_packages";
pub const ADOPT_EXISTING: &str = "adopt_existing";
pub const ALLOW_MISSING_HOSTS: &str = "allow_missing_hosts";
pub const DEPLOYED: &str = "deployed";
pub const OTHERS: &str = "others";
pub const SERVICES: &str = "services";
pub const ENABLED: &str = "enabled";
pub const ACTIVE: &str = "active";
