//! Executes what AWS doesn't exchange in one call: the subnet of a zone, and ports of listeners in a circle.

use super::failure::Failure;
use super::session::{CONSISTENCY_LIMIT, POLL, Session};
use crate::endpoint::nlb::model::inventory::subnet_mappings;
use crate::remote::aws_error::{AwsError, Cause};
use crate::remote::elb::{SubnetMapping, Zone};

/// What AWS says where a zone has a subnet already. The code differs between reports, the words don't
/// (kubernetes-sigs/aws-load-balancer-controller issues 4171 and 4172).
const ZONE_IS_TAKEN: &str = "already associated with the load balancer";

/// Replaces the subnets. Where AWS doesn't put another subnet, or another address, into a zone that the load balancer has, the zone
/// leaves in a first call and comes back in a second; zones that stay serve meanwhile.
pub async fn set_subnets(session: &Session<'_>, desired: &[SubnetMapping]) -> Result<(), Failure> {
    let arn = session.balancer_arn();
    let refusal = match session.elb.set_subnets(&arn, desired).await {
        Ok(zones) if has_addresses(&zones, desired) => return Ok(()),
        Ok(_) => None,
        Err(error) if is_zone_taken(&error) => Some(error),
        Err(error) => return Err(error.into()),
    };
    let present = session.elb.load_balancer(&arn).await?.map(|found| found.zones).unwrap_or_default();
    let is_present = |mapping: &&SubnetMapping| present.iter().any(|zone| zone.subnet_id == mapping.subnet_id);
    let stay =
        desired.iter().filter(is_present).filter(|mapping| has_addresses(&present, std::slice::from_ref(mapping)));
    let stay: Vec<SubnetMapping> = stay.cloned().collect();
    if let Some(error) = refusal.filter(|error| stay.len() == present.len() || is_about(error, &stay, &present)) {
        return Err(error.into()); // a second subnet in a zone whose first one stays
    }
    if stay.is_empty() {
        let pinned = desired.iter().any(|mapping| *mapping != plain(mapping));
        return Err(Failure::NoZoneStays { zones: present.len(), pinned });
    }
    session.elb.set_subnets(&arn, &stay).await?;
    match bring_back(session, &arn, desired).await {
        Ok(()) => Ok(()),
        Err(Failure::Aws(error)) => {
            let restored = session.elb.set_subnets(&arn, &subnet_mappings(&present)).await.is_ok();
            Err(Failure::SubnetsNotSet { error, restored })
        }
        Err(other) => Err(other),
    }
}

/// The second call. AWS may take a moment to notice that the zone is free.
async fn bring_back(session: &Session<'_>, arn: &str, desired: &[SubnetMapping]) -> Result<(), Failure> {
    let limit = session.deadline.at_most(CONSISTENCY_LIMIT);
    loop {
        match session.elb.set_subnets(arn, desired).await {
            Err(error) if is_zone_taken(&error) => {
                if limit.pause(POLL).await.is_err() {
                    let doing = "bringing a zone back with its new subnet".to_owned();
                    session.deadline.check().map_err(|why| Failure::Interrupted(why, doing))?;
                    return Err(error.into());
                }
            }
            other => return Ok(other.map(drop)?),
        }
    }
}

fn plain(mapping: &SubnetMapping) -> SubnetMapping {
    SubnetMapping { subnet_id: mapping.subnet_id.clone(), ..SubnetMapping::default() }
}

fn is_zone_taken(error: &AwsError) -> bool {
    matches!(&error.cause, Cause::Service { message, .. } if message.contains(ZONE_IS_TAKEN))
}

/// True if a refusal names the zone of a subnet that stays.
fn is_about(refusal: &AwsError, stay: &[SubnetMapping], present: &[Zone]) -> bool {
    let stays = |zone: &&Zone| stay.iter().any(|mapping| mapping.subnet_id == zone.subnet_id);
    let mut zones = present.iter().filter(stays);
    matches!(&refusal.cause, Cause::Service { message, .. } if zones.any(|zone| message.contains(&format!("'{}'", zone.name))))
}

/// True unless AWS reports another address for one of `desired`. An address that it doesn't report may well be there; and one that it
/// reports although none is wanted is its own choice, save for an Elastic IP, which is never that.
fn has_addresses(zones: &[Zone], desired: &[SubnetMapping]) -> bool {
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
    fn a_taken_zone_is_known_by_the_words_under_any_code() {
        let refused = |code: &str, message: &str| {
            let cause = Cause::Service { code: code.into(), message: message.into() };
            AwsError::new("elasticloadbalancing:SetSubnets", cause)
        };
        let words = "You cannot specify an additional subnet from an Availability Zone that is already associated with \
                     the load balancer.";
        for code in ["InvalidConfigurationRequest", "InvalidSubnet", "ValidationError"] {
            assert!(is_zone_taken(&refused(code, words)), "{code}");
            assert!(!is_zone_taken(&refused(code, "The subnet has no free addresses")), "{code}");
        }
    }
}
