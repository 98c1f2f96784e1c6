//! Our types in the form of a request.

use aws_sdk_elasticloadbalancingv2::types as sdk;

use super::types::{HealthCheck, SubnetMapping, Tags, Target};

pub(super) fn mappings(subnets: &[SubnetMapping]) -> Vec<sdk::SubnetMapping> {
    subnets
        .iter()
        .map(|mapping| {
            sdk::SubnetMapping::builder()
                .subnet_id(&mapping.subnet_id)
                .set_allocation_id(mapping.allocation_id.clone())
                .set_private_ipv4_address(mapping.private_ipv4_address.clone())
                .set_ipv6_address(mapping.ipv6_address.clone())
                .build()
        })
        .collect()
}

pub(super) fn forward(target_group_arn: &str) -> sdk::Action {
    sdk::Action::builder().r#type(sdk::ActionTypeEnum::Forward).target_group_arn(target_group_arn).build()
}

pub(super) fn matcher(check: &HealthCheck) -> Option<sdk::Matcher> {
    check.matcher.as_ref().map(|codes| sdk::Matcher::builder().http_code(codes).build())
}

/// AWS refuses an empty list of tags: it must be left out.
pub(super) fn tag_list(tags: &Tags) -> Option<Vec<sdk::Tag>> {
    some(tags.iter().map(|(key, value)| sdk::Tag::builder().key(key).value(value).build()).collect())
}

pub(super) fn some<T>(list: Vec<T>) -> Option<Vec<T>> {
    if list.is_empty() { None } else { Some(list) }
}

/// A target in the form of a request.
pub(super) fn description(target: &Target) -> sdk::TargetDescription {
    sdk::TargetDescription::builder()
        .id(&target.id)
        .set_port(target.port.map(number))
        .set_availability_zone(target.availability_zone.clone())
        .build()
}

/// Every number that is sent was checked at plan; the bounds of the API are far inside `i32`.
pub(super) fn number(value: i64) -> i32 {
    i32::try_from(value).unwrap_or(i32::MAX)
}
