//! The attributes of hashicorp/aws, and what becomes of each.

use serde_json::Value as Json;

use crate::framework::shown_state::Instance;
use crate::remote::elb::Attributes;

/// The types of a load balancer; `aws_alb…` are hashicorp's other names of the same.
pub const BALANCERS: [&str; 2] = ["aws_lb", "aws_alb"];
/// The types of a target group.
pub const GROUPS: [&str; 2] = ["aws_lb_target_group", "aws_alb_target_group"];
/// The types of a listener.
pub const LISTENERS: [&str; 2] = ["aws_lb_listener", "aws_alb_listener"];
/// The types of a registration.
pub const ATTACHMENTS: [&str; 2] = ["aws_lb_target_group_attachment", "aws_alb_target_group_attachment"];

/// True of every type around a load balancer, also of those that stay.
pub fn is_of_load_balancers(kind: &str) -> bool {
    kind.starts_with("aws_lb") || kind.starts_with("aws_alb")
}

/// Hashicorp's place of what AWS keeps as an attribute, and AWS's key.
const KEYS: [(&str, &str); 14] = [
    ("/enable_deletion_protection", "deletion_protection.enabled"),
    ("/enable_cross_zone_load_balancing", "load_balancing.cross_zone.enabled"),
    ("/dns_record_client_routing_policy", "dns_record.client_routing_policy"),
    ("/enable_zonal_shift", "zonal_shift.config.enabled"),
    ("/preserve_client_ip", "preserve_client_ip.enabled"),
    ("/deregistration_delay", "deregistration_delay.timeout_seconds"),
    ("/connection_termination", "deregistration_delay.connection_termination.enabled"),
    (
        "/target_health_state/0/enable_unhealthy_connection_termination",
        "target_health_state.unhealthy.connection_termination.enabled",
    ),
    ("/target_health_state/0/unhealthy_draining_interval", "target_health_state.unhealthy.draining_interval_seconds"),
    (
        "/target_group_health/0/dns_failover/0/minimum_healthy_targets_count",
        "target_group_health.dns_failover.minimum_healthy_targets.count",
    ),
    (
        "/target_group_health/0/dns_failover/0/minimum_healthy_targets_percentage",
        "target_group_health.dns_failover.minimum_healthy_targets.percentage",
    ),
    (
        "/target_group_health/0/unhealthy_state_routing/0/minimum_healthy_targets_count",
        "target_group_health.unhealthy_state_routing.minimum_healthy_targets.count",
    ),
    (
        "/target_group_health/0/unhealthy_state_routing/0/minimum_healthy_targets_percentage",
        "target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage",
    ),
    ("/tcp_idle_timeout_seconds", "tcp.idle_timeout.seconds"),
];

/// Attributes that have a counterpart here, that AWS computes, or that mean nothing on a Network Load Balancer with TCP listeners.
const COVERED: [&str; 58] = [
    // what identifies and describes
    "id",
    "arn",
    "arn_suffix",
    "name",
    "name_prefix",
    "dns_name",
    "zone_id",
    "vpc_id",
    "region",
    "tags",
    "tags_all",
    "load_balancer_type",
    "load_balancer_arn",
    "load_balancer_arns",
    // with a counterpart
    "internal",
    "ip_address_type",
    "security_groups",
    "subnets",
    "subnet_mapping",
    "enforce_security_group_inbound_rules_on_private_link_traffic",
    "enable_deletion_protection",
    "enable_cross_zone_load_balancing",
    "dns_record_client_routing_policy",
    "enable_zonal_shift",
    "port",
    "protocol",
    "target_type",
    "preserve_client_ip",
    "deregistration_delay",
    "connection_termination",
    "health_check",
    "target_health_state",
    "target_group_health",
    "default_action",
    "tcp_idle_timeout_seconds",
    // of application and gateway load balancers, of Lambda functions, of TLS
    "client_keep_alive",
    "connection_logs",
    "health_check_logs",
    "desync_mitigation_mode",
    "drop_invalid_header_fields",
    "enable_http2",
    "enable_tls_version_and_cipher_suite_headers",
    "enable_waf_fail_open",
    "enable_xff_client_port",
    "idle_timeout",
    "ipam_pools",
    "preserve_host_header",
    "xff_header_processing_mode",
    "lambda_multi_value_headers_enabled",
    "load_balancing_algorithm_type",
    "load_balancing_anomaly_mitigation",
    "protocol_version",
    "slow_start",
    "target_failover",
    "alpn_policy",
    "certificate_arn",
    "mutual_authentication",
    "ssl_policy",
];

/// What hashicorp writes where nothing was configured, beside null, empty text, zero and `false`.
const AT_REST: [(&str, &str); 2] =
    [("load_balancing_cross_zone_enabled", "use_load_balancer_configuration"), ("type", "source_ip")];

/// What the attributes of AWS are set to, as far as the state has them.
pub fn attributes(instance: &Instance) -> Attributes {
    let of = |(place, key): &(&str, &str)| Some(((*key).to_owned(), text(instance.values.pointer(place)?)?));
    KEYS.iter().filter_map(of).collect()
}

/// The attributes that are set and have no counterpart here, with what becomes of them.
pub fn without_counterpart(instance: &Instance) -> Vec<String> {
    let values = instance.values.as_object().into_iter().flatten();
    let set = values.filter(|(name, value)| {
        !COVERED.contains(&name.as_str()) && !name.starts_with("routing_http_") && !is_at_rest(name, value)
    });
    set.map(|(name, _)| format!("{}: `{name}` {}", instance.address, becomes(name))).collect()
}

fn becomes(name: &str) -> &'static str {
    match name {
        "timeouts" => "is part of the configuration only. `talosendpoint_nlb` has `timeouts` of its own.",
        "proxy_protocol_v2" | "stickiness" | "load_balancing_cross_zone_enabled" => {
            "stays set on the target group, and is no longer managed. A group that takes over from it after a change \
             of its port doesn't have it."
        }
        _ => "has no counterpart: it stays as it is in AWS, and is no longer managed.",
    }
}

/// True if nothing was configured.
fn is_at_rest(name: &str, value: &Json) -> bool {
    match value {
        Json::Null => true,
        Json::Bool(value) => !value,
        Json::Number(number) => number.as_f64() == Some(0.0),
        Json::String(text) => text.is_empty() || AT_REST.contains(&(name, text)),
        Json::Array(items) => items.iter().all(|item| is_at_rest("", item)),
        Json::Object(members) => members.iter().all(|(name, value)| is_at_rest(name, value)),
    }
}

/// As AWS writes it; none where it is left to AWS.
fn text(value: &Json) -> Option<String> {
    match value {
        Json::Bool(value) => Some(value.to_string()),
        Json::Number(number) => Some(number.to_string()),
        Json::String(text) if !text.is_empty() => Some(text.clone()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::endpoint::nlb::model::settings::SETTINGS;

    #[test]
    fn every_setting_has_a_place_and_no_other_key() {
        let mut known: Vec<&str> = KEYS.iter().map(|(_, key)| *key).collect();
        let mut settings: Vec<&str> = SETTINGS.iter().map(|setting| setting.key).collect();
        known.sort_unstable();
        settings.sort_unstable();
        assert_eq!(known, settings);
        for (place, _) in KEYS {
            assert!(COVERED.contains(&place.split('/').nth(1).unwrap()), "{place}");
        }
    }

    #[test]
    fn what_is_not_configured_is_at_rest() {
        for (name, value) in [
            ("access_logs", json!([{"bucket": "", "enabled": false, "prefix": ""}])),
            ("stickiness", json!([{"cookie_duration": 0, "cookie_name": "", "enabled": false, "type": "source_ip"}])),
            ("load_balancing_cross_zone_enabled", json!("use_load_balancer_configuration")),
            ("x", json!(null)),
        ] {
            assert!(is_at_rest(name, &value), "{name}");
        }
        for (name, value) in [
            ("access_logs", json!([{"bucket": "b", "enabled": false, "prefix": ""}])),
            ("stickiness", json!([{"enabled": true, "type": "source_ip"}])),
            ("load_balancing_cross_zone_enabled", json!("true")),
            ("proxy_protocol_v2", json!(true)),
        ] {
            assert!(!is_at_rest(name, &value), "{name}");
        }
    }
}
