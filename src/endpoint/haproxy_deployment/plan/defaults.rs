//! The one default that depends on other attributes.

use crate::endpoint::address::{self, Address};
use crate::endpoint::haproxy_deployment::model::schema::names::{ADDRESS, ENDPOINT, LOAD_BALANCERS, NAME, VIP};
use crate::framework::reader::{Maybe, Reader};
use crate::framework::value::{Object, Value};

/// Sets `name` where the configuration leaves it out.
pub fn defaults(config: &Object, planned: &mut Object) {
    if config.get(NAME).is_some_and(Value::is_null) {
        let name = name(&Reader::new(config));
        planned.insert(NAME.to_owned(), name.map_or(Value::UNKNOWN_NOT_NULL, Value::from));
    }
}

/// The VIP, or the address of the first load balancer by name.
fn name(config: &Reader<'_>) -> Option<String> {
    let endpoint = config.nested(ENDPOINT).present()?;
    match endpoint.text(VIP) {
        Maybe::Known(Some(vip)) => return Some(address::canonical(vip)),
        Maybe::Known(None) => {}
        Maybe::Unknown => return None,
    }
    let hosts = endpoint.nested_map(LOAD_BALANCERS).present()?;
    let first = hosts.values().next()?.text(ADDRESS).present()?;
    Address::parse(first).map(|address| address.ip.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoint::haproxy_deployment::sample::{config, without_vip};

    fn named(config: &Object) -> Value {
        let mut planned = config.clone();
        defaults(config, &mut planned);
        planned[NAME].clone()
    }

    #[test]
    fn the_name_is_the_vip_or_the_first_address() {
        assert_eq!(named(&config()), "192.0.2.30".into());
        assert_eq!(named(&without_vip()), "192.0.2.21".into());
        let mut own = config();
        own.insert(NAME.to_owned(), "prod".into());
        assert_eq!(named(&own), "prod".into());
        let mut unknown = config();
        unknown.insert(ENDPOINT.to_owned(), Value::UNKNOWN);
        assert!(named(&unknown).is_unknown());
    }
}
