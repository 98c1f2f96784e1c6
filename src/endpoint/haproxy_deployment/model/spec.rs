//! What the user wants, all of it known.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use super::schema::names::*;
use crate::endpoint::address::{Address, unmapped};
use crate::framework::reader::{Maybe, Reader};
use crate::framework::value::Object;

/// A deployment.
#[derive(Clone, Debug, PartialEq)]
pub struct Spec {
    /// Whose files these are.
    pub name: String,
    /// `haproxy.cfg`.
    pub haproxy_cfg: String,
    /// The path of HAProxy's administrative socket.
    pub stats_socket: String,
    /// The folder HAProxy locks itself into; empty where it doesn't.
    pub chroot: String,
    /// HAProxy's user.
    pub user: String,
    /// HAProxy's group.
    pub group: String,
    /// Virtual IPs, the first one first.
    pub vips: Vec<IpAddr>,
    /// The load balancers by name.
    pub hosts: BTreeMap<String, HostSpec>,
    /// Whether missing programs are installed.
    pub install_packages: bool,
    /// Whether files of others are replaced.
    pub adopt_existing: bool,
    /// How many hosts may be out of reach.
    pub allow_missing_hosts: usize,
}

/// A load balancer.
#[derive(Clone, Debug, PartialEq)]
pub struct HostSpec {
    /// `keepalived.conf`; none where Keepalived doesn't run.
    pub keepalived_conf: Option<String>,
    /// The load balancer's own address.
    pub address: IpAddr,
    /// How SSH gets there.
    pub way: Hop,
    /// What leads there.
    pub bastion: Option<Hop>,
}

/// A machine to log in to; what is unset comes from the provider block.
#[derive(Clone, Debug, PartialEq)]
pub struct Hop {
    /// Address or DNS name.
    pub host: String,
    /// Port of SSH.
    pub port: Option<u16>,
    /// Who logs in.
    pub user: Option<String>,
    /// Its public key.
    pub host_key: Option<String>,
}

impl Spec {
    /// The hosts whose machines `prior` doesn't have.
    pub fn new_hosts(&self, prior: Option<&Spec>) -> BTreeSet<String> {
        let is_known = |host: &HostSpec| {
            prior.is_some_and(|prior| prior.hosts.values().any(|known| known.address == host.address))
        };
        self.hosts.iter().filter(|(_, host)| !is_known(host)).map(|(name, _)| name.clone()).collect()
    }

    /// The deployment of a wholly known object; none where something in it isn't known.
    pub fn read(object: &Object) -> Option<Spec> {
        let all = Reader::new(object);
        let endpoint = all.nested(ENDPOINT).present()?;
        let haproxy = endpoint.nested(HAPROXY).present()?;
        let setting = |name: &str| haproxy.text(name).present().map(str::to_owned);
        let files = endpoint.text_map(KEEPALIVED_CONF).present()?;
        let overrides = all.nested_map(HOSTS).known()?.unwrap_or_default();
        let mut hosts = BTreeMap::new();
        for (name, host) in endpoint.nested_map(LOAD_BALANCERS).present()? {
            let address = Address::parse(host.text(ADDRESS).present()?)?.ip;
            let own = overrides.get(name);
            let way = match own {
                Some(own) => hop(own, own.text(ADDRESS).known()?.map_or_else(|| address.to_string(), str::to_owned))?,
                None => Hop { host: address.to_string(), port: None, user: None, host_key: None },
            };
            let bastion = match own.map_or(Maybe::Known(None), |own| own.nested(BASTION)).known()? {
                Some(bastion) => Some(hop(&bastion, bastion.text(HOST).present()?.to_owned())?),
                None => None,
            };
            let keepalived_conf = files.get(name).cloned();
            hosts.insert(name.to_owned(), HostSpec { keepalived_conf, address, way, bastion });
        }
        Some(Spec {
            name: all.text(NAME).present()?.to_owned(),
            haproxy_cfg: endpoint.text(HAPROXY_CFG).present()?.to_owned(),
            stats_socket: setting(STATS_SOCKET)?,
            chroot: setting(CHROOT)?,
            user: setting(USER)?,
            group: setting(GROUP)?,
            vips: vips(&endpoint)?,
            hosts,
            install_packages: all.bool(INSTALL_PACKAGES).present()?,
            adopt_existing: all.bool(ADOPT_EXISTING).present()?,
            allow_missing_hosts: usize::try_from(all.number(ALLOW_MISSING_HOSTS).present()?).ok()?,
        })
    }

    /// Whom `cloud_init` records as the owner of what it wrote on `host`.
    pub fn owner_of_cloud_init(&self, host: &HostSpec) -> String {
        self.vips.first().unwrap_or(&host.address).to_string()
    }
}

fn hop(reader: &Reader<'_>, host: String) -> Option<Hop> {
    Some(Hop {
        host,
        port: reader.number(PORT).known()?.and_then(|port| u16::try_from(port).ok()),
        user: reader.text(USER).known()?.map(str::to_owned),
        host_key: reader.text(HOST_KEY).known()?.map(str::to_owned),
    })
}

fn vips(endpoint: &Reader<'_>) -> Option<Vec<IpAddr>> {
    let mut vips: Vec<IpAddr> = endpoint.text(VIP).known()?.and_then(unmapped).into_iter().collect();
    for vip in endpoint.nested_items(ADDITIONAL_VIPS).known()?.unwrap_or_default() {
        vips.extend(vip.text(ADDRESS).known()?.and_then(unmapped));
    }
    Some(vips)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoint::haproxy_deployment::sample::object;
    use crate::framework::value::Value;

    #[test]
    fn a_host_is_reached_at_its_own_address_unless_it_says_otherwise() {
        let mut object = object();
        let spec = Spec::read(&object).unwrap();
        assert_eq!(spec.hosts["lb-01"].way.host, "192.0.2.21");
        assert_eq!(spec.owner_of_cloud_init(&spec.hosts["lb-02"]), "192.0.2.30");
        let bastion =
            [(HOST, "jump.example".into()), (PORT, 2222.into()), (USER, Value::Null), (HOST_KEY, Value::Null)];
        let bastion: Object = bastion.into_iter().map(|(name, value): (_, Value)| (name.to_owned(), value)).collect();
        let other = [
            (ADDRESS, Value::from("lb-01.example")),
            (PORT, Value::Null),
            (USER, "admin".into()),
            (HOST_KEY, Value::Null),
            (BASTION, bastion.into()),
        ];
        let other: Object = other.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        object.insert(HOSTS.to_owned(), Value::Map([("lb-01".to_owned(), other.into())].into()));
        let spec = Spec::read(&object).unwrap();
        let host = &spec.hosts["lb-01"];
        assert_eq!((host.way.host.as_str(), host.way.user.as_deref()), ("lb-01.example", Some("admin")));
        assert_eq!(
            host.bastion.as_ref().map(|bastion| (bastion.host.as_str(), bastion.port)),
            Some(("jump.example", Some(2222)))
        );
        assert_eq!(spec.hosts["lb-02"].way.host, "192.0.2.22");
    }

    #[test]
    fn what_is_not_known_makes_no_spec() {
        let mut object = object();
        object.insert(HOSTS.to_owned(), Value::UNKNOWN);
        assert_eq!(Spec::read(&object), None);
    }
}
