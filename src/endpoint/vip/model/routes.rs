//! The default routes that a patch gives a node together with its addresses.

use std::net::IpAddr;

use super::parse::optional;
use super::schema::names::{ADDITIONAL_GATEWAY, GATEWAY, ROUTE_PRIORITY};
use crate::endpoint::address;
use crate::framework::path::Path;
use crate::framework::reader::{Maybe, Reader};

/// The default routes of a node, or those that nodes have in common.
#[derive(Clone, Debug)]
pub struct Routes {
    /// The gateway.
    pub gateway: Setting<IpAddr>,
    /// That of the other address family.
    pub additional: Setting<IpAddr>,
    /// The metric of both.
    pub priority: Setting<i64>,
}

/// An argument and where it stands.
#[derive(Clone, Debug)]
pub struct Setting<T> {
    /// What it says.
    pub value: Maybe<Option<T>>,
    /// Its place in the configuration: a node's own, or the common one.
    pub path: Path,
}

impl Routes {
    /// Reads the three arguments of the object at `place`.
    pub fn read(place: Path, object: &Reader<'_>) -> Routes {
        let gateway = |name| Setting { value: optional(object.text(name), address::bare), path: place.attribute(name) };
        Routes {
            gateway: gateway(GATEWAY),
            additional: gateway(ADDITIONAL_GATEWAY),
            priority: Setting { value: object.number(ROUTE_PRIORITY), path: place.attribute(ROUTE_PRIORITY) },
        }
    }

    /// Each argument falls back on its own.
    pub fn or(self, common: &Routes) -> Routes {
        Routes {
            gateway: self.gateway.or(&common.gateway),
            additional: self.additional.or(&common.additional),
            priority: self.priority.or(&common.priority),
        }
    }

    /// Both gateways, each with its place.
    pub fn gateways(&self) -> [&Setting<IpAddr>; 2] {
        [&self.gateway, &self.additional]
    }

    /// The gateways in their order; none where one isn't known.
    pub fn known_gateways(&self) -> Option<Vec<IpAddr>> {
        let all: Option<Vec<Option<IpAddr>>> = self.gateways().into_iter().map(|it| it.value.clone().known()).collect();
        Some(all?.into_iter().flatten().collect())
    }
}

impl<T: Clone> Setting<T> {
    fn or(self, common: &Setting<T>) -> Setting<T> {
        if self.value.is_absent() { common.clone() } else { self }
    }
}
