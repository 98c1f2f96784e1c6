//! Rules of subnets and pinned addresses.

use std::collections::BTreeMap;

use crate::endpoint::address;
use crate::endpoint::enumeration::listed;
use crate::endpoint::nlb::model::schema::names;
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::path::Path;
use crate::framework::reader::Reader;

/// Checks the subnets and what is pinned in them.
pub(super) fn subnets(planned: &Reader<'_>, diagnostics: &mut Diagnostics) {
    let (ids, mappings) = (planned.texts(names::SUBNET_IDS), planned.nested_items(names::SUBNET_MAPPINGS));
    if ids.is_absent() && mappings.is_absent() {
        diagnostics.push(Diagnostic::invalid(
            Path::of(names::SUBNET_IDS),
            "No subnets",
            "Exactly one of `subnet_ids` and `subnet_mappings` is needed. Set `subnet_ids` to one subnet for each \
             Availability Zone.",
        ));
    }
    if ids.clone().present().is_some() && mappings.clone().present().is_some() {
        diagnostics.push(Diagnostic::invalid(
            Path::of(names::SUBNET_MAPPINGS),
            "Subnets twice",
            "Exactly one of `subnet_ids` and `subnet_mappings` is needed. Remove one of them.",
        ));
    }
    for mapping in mappings.present().unwrap_or_default() {
        mapping_addresses(planned, &mapping, diagnostics);
    }
    repeated_subnets(planned, diagnostics);
    repeated_addresses(planned, diagnostics);
}

fn mapping_addresses(planned: &Reader<'_>, mapping: &Reader<'_>, diagnostics: &mut Diagnostics) {
    let subnet = mapping.text(names::SUBNET_ID).present().unwrap_or("(known after apply)");
    let internal = planned.bool(names::INTERNAL);
    let mut refuse = |title: &str, detail: String| {
        diagnostics.push(Diagnostic::invalid(Path::of(names::SUBNET_MAPPINGS), title, detail));
    };
    let has = |name: &str| mapping.text(name).present().is_some();
    if internal.is_known_and(|internal| *internal == Some(true)) && has(names::ALLOCATION_ID) {
        refuse(
            "Elastic IP on an internal load balancer",
            format!(
                "Subnet {subnet} has an `allocation_id`, but the load balancer is internal. Remove it, or set \
                 `internal = false`."
            ),
        );
    }
    if internal.is_known_and(|internal| *internal == Some(false)) && has(names::PRIVATE_IPV4_ADDRESS) {
        refuse(
            "Private address on an internet-facing load balancer",
            format!(
                "Subnet {subnet} has a `private_ipv4_address`, but the load balancer is internet-facing. Remove it, or \
                 set `internal = true`."
            ),
        );
    }
    if planned.text(names::IP_ADDRESS_TYPE).is_known_and(|kind| *kind == Some("ipv4")) && has(names::IPV6_ADDRESS) {
        refuse(
            "IPv6 address without dual stack",
            format!(
                "Subnet {subnet} has an `ipv6_address`. Set `ip_address_type = \"dualstack\"`, or remove the address."
            ),
        );
    }
}

fn repeated_subnets(planned: &Reader<'_>, diagnostics: &mut Diagnostics) {
    let mappings = planned.nested_items(names::SUBNET_MAPPINGS).present().unwrap_or_default();
    let mut ids: Vec<&str> = mappings.iter().filter_map(|mapping| mapping.text(names::SUBNET_ID).present()).collect();
    ids.sort_unstable();
    for pair in ids.windows(2).filter(|pair| pair[0] == pair[1]) {
        diagnostics.push(Diagnostic::invalid(
            Path::of(names::SUBNET_MAPPINGS),
            "Subnet named twice",
            format!("{} has two mappings. A load balancer has one place in each subnet: keep one of them.", pair[0]),
        ));
    }
}

/// An address is in one subnet, and an Elastic IP in one zone.
fn repeated_addresses(planned: &Reader<'_>, diagnostics: &mut Diagnostics) {
    let mappings = planned.nested_items(names::SUBNET_MAPPINGS).present().unwrap_or_default();
    for name in [names::ALLOCATION_ID, names::PRIVATE_IPV4_ADDRESS, names::IPV6_ADDRESS] {
        let mut subnets: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        for mapping in &mappings {
            let Some(pinned) = mapping.text(name).present() else { continue };
            let subnet = mapping.text(names::SUBNET_ID).present().unwrap_or("(known after apply)");
            subnets.entry(address::canonical(pinned)).or_default().push(subnet);
        }
        for (pinned, mut subnets) in subnets {
            let places = subnets.len();
            subnets.dedup();
            // Two mappings of one subnet are reported already.
            if places > 1 && subnets.len() > 1 {
                diagnostics.push(Diagnostic::invalid(
                    Path::of(names::SUBNET_MAPPINGS),
                    "Address pinned twice",
                    format!(
                        "`{name}` is {pinned} in {}. The load balancer has an address of its own in each subnet: \
                         choose another one for all but one of them.",
                        listed(subnets)
                    ),
                ));
            }
        }
    }
}
