//! What differs between the kinds of endpoints, as far as the warnings of all of them depend on it.

use std::net::IpAddr;

use super::behind::{Addresses, Behind};
use crate::framework::value::Object;

/// A kind of endpoint.
#[derive(Clone, Copy)]
pub struct Kind<'a> {
    /// The output that holds the endpoint's own name, where it has one.
    pub own_name: Option<&'static str>,
    /// The inputs on which it depends where clients get to, `host` and the ports aside.
    pub inputs: &'static [&'static str],
    /// Where a DNS name in front of the endpoint leads.
    pub behind_name: fn(&Object) -> Behind,
    /// The addresses of the endpoint itself; none where they aren't known here.
    pub own_addresses: fn(&Object) -> Option<Addresses>,
    /// Why this virtual IP can't stay beside the new one, in a sentence without a full stop; none where it can.
    pub only_one_fits: &'a dyn Fn(IpAddr) -> Option<String>,
    /// Whether clients dial the API servers themselves, each of which listens on one port.
    pub has_one_port: bool,
    /// The input that overrides the form of the network's patches, where there is one, and what it comes to in an object: whether they are
    /// documents.
    pub form: Option<Form>,
}

/// The name of such an input, and whether an object has documents; none where that isn't known.
pub type Form = (&'static str, fn(&Object) -> Option<bool>);

impl Kind<'_> {
    /// A kind that has neither a name nor addresses nor nodes of its own.
    pub const PLAIN: Kind<'static> = Kind {
        own_name: None,
        inputs: &[],
        behind_name: |_| Behind::LoadBalancer,
        own_addresses: |_| None,
        only_one_fits: &|_| None,
        has_one_port: false,
        form: None,
    };
}
