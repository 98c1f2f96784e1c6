//! How a load balancer comes to other subnets, where AWS doesn't change all of them in one call.

use crate::remote::elb::{SubnetMapping, Zone};

/// What AWS says where a zone has a subnet already, under several codes
/// (kubernetes-sigs/aws-load-balancer-controller issues 4171 and 4172).
const ZONE_IS_TAKEN: &str = "already associated with the load balancer";

/// Those of `desired` that a load balancer with `present` has as they are: they serve while others come in a second call.
pub fn staying(present: &[Zone], desired: &[SubnetMapping]) -> Vec<SubnetMapping> {
    let is_present = |mapping: &&SubnetMapping| present.iter().any(|zone| zone.subnet_id == mapping.subnet_id);
    let has_its_own = |mapping: &&SubnetMapping| has_addresses(present, std::slice::from_ref(*mapping));
    desired.iter().filter(is_present).filter(has_its_own).cloned().collect()
}

/// True if a second call doesn't help where AWS has refused the first with `message`: a second subnet is wanted in a zone whose first
/// one stays.
pub fn is_final(message: &str, stay: &[SubnetMapping], present: &[Zone]) -> bool {
    let stays = |zone: &&Zone| stay.iter().any(|mapping| mapping.subnet_id == zone.subnet_id);
    let is_named = |zone: &Zone| message.contains(&format!("'{}'", zone.name));
    stay.len() == present.len() || present.iter().filter(stays).any(is_named)
}

/// True if a subnet has an address of its own.
pub fn are_pinned(desired: &[SubnetMapping]) -> bool {
    let plain = |mapping: &SubnetMapping| SubnetMapping { subnet_id: mapping.subnet_id.clone(), ..Default::default() };
    desired.iter().any(|mapping| *mapping != plain(mapping))
}

/// True if AWS refuses because a zone has a subnet already.
pub fn is_zone_taken(message: &str) -> bool {
    message.contains(ZONE_IS_TAKEN)
}

/// True unless AWS reports another address for one of `desired`. An address that it doesn't report may well be there; and one that it
/// reports although none is wanted is its own choice, save for an Elastic IP, which is never that.
pub fn has_addresses(zones: &[Zone], desired: &[SubnetMapping]) -> bool {
    desired.iter().all(|mapping| {
        let reported = zones.iter().filter(|zone| zone.subnet_id == mapping.subnet_id).flat_map(|zone| &zone.addresses);
        let reported: Vec<_> = reported.collect();
        let allocations: Vec<&String> = reported.iter().filter_map(|address| address.allocation_id.as_ref()).collect();
        let private: Vec<&String> =
            reported.iter().filter_map(|address| address.private_ipv4_address.as_ref()).collect();
        let ipv6: Vec<&String> = reported.iter().filter_map(|address| address.ipv6_address.as_ref()).collect();
        let fits = |desired: &Option<String>, reported: &[&String]| match desired {
            Some(desired) => reported.is_empty() || reported.contains(&desired),
            None => true,
        };
        let no_foreign_allocation = mapping.allocation_id.is_some() || allocations.is_empty();
        fits(&mapping.allocation_id, &allocations)
            && no_foreign_allocation
            && fits(&mapping.private_ipv4_address, &private)
            && fits(&mapping.ipv6_address, &ipv6)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::remote::elb::ZoneAddress;

    fn mapping(allocation: Option<&str>, private: Option<&str>) -> SubnetMapping {
        let text = |text: Option<&str>| text.map(str::to_owned);
        SubnetMapping {
            subnet_id: "a".into(),
            allocation_id: text(allocation),
            private_ipv4_address: text(private),
            ipv6_address: None,
        }
    }

    fn check(reported: &[&SubnetMapping], desired: &SubnetMapping, has: bool) {
        let addresses = reported.iter().map(|mapping| ZoneAddress {
            allocation_id: mapping.allocation_id.clone(),
            private_ipv4_address: mapping.private_ipv4_address.clone(),
            ipv6_address: None,
        });
        let zone = Zone { name: "z".into(), subnet_id: "a".into(), addresses: addresses.collect() };
        assert_eq!(has_addresses(&[zone], std::slice::from_ref(desired)), has, "{reported:?} for {desired:?}");
    }

    #[test]
    fn only_another_address_is_a_difference() {
        let (one, two) = (mapping(Some("eip-1"), None), mapping(Some("eip-2"), None));
        check(&[], &one, true);
        check(&[&one], &one, true);
        check(&[&two], &one, false);
        check(&[&two, &one], &one, true);
        check(&[&one], &mapping(None, None), false);
        let private = mapping(None, Some("10.0.0.1"));
        check(&[&mapping(None, Some("10.0.0.2"))], &private, false);
        check(&[&private], &mapping(None, None), true);
    }

    #[test]
    fn a_taken_zone_is_known_by_the_words() {
        let words = "You cannot specify an additional subnet from an Availability Zone that is already associated with \
                     the load balancer.";
        assert!(is_zone_taken(words));
        assert!(!is_zone_taken("The subnet has no free addresses"));
    }

    #[test]
    fn no_second_call_helps_in_a_zone_that_stays() {
        let zone = |name: &str, subnet: &str| Zone { name: name.into(), subnet_id: subnet.into(), addresses: vec![] };
        let plain = |subnet: &str| SubnetMapping { subnet_id: subnet.into(), ..SubnetMapping::default() };
        let present = [zone("z1", "a"), zone("z2", "b")];
        let exchange = [plain("a"), plain("c")];
        let stay = staying(&present, &exchange);
        assert_eq!(stay, [plain("a")]);
        assert!(!is_final("'z2' is taken", &stay, &present));
        assert!(is_final("'z1' is taken", &stay, &present));
        let both = staying(&present, &[plain("a"), plain("b"), plain("c")]);
        assert!(is_final("one of them is taken", &both, &present));
        assert!(!are_pinned(&exchange) && are_pinned(&[mapping(Some("eip-1"), None)]));
    }
}
