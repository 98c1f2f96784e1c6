//! What the attributes are called, those of the contract and of listeners aside.

pub const NAME: &str = "name";
pub const LOAD_BALANCER_NAME: &str = "load_balancer_name";
pub const REGION: &str = "region";

pub const SUBNET_IDS: &str = "subnet_ids";
pub const SUBNET_MAPPINGS: &str = "subnet_mappings";
pub const SUBNET_ID: &str = "subnet_id";
pub const ALLOCATION_ID: &str = "allocation_id";
pub const PRIVATE_IPV4_ADDRESS: &str = "private_ipv4_address";
pub const IPV6_ADDRESS: &str = "ipv6_address";
pub const VPC_ID: &str = "vpc_id";
pub const INTERNAL: &str = "internal";
pub const SECURITY_GROUP_IDS: &str = "security_group_ids";
pub const PRIVATE_LINK_RULES: &str = "enforce_security_group_inbound_rules_on_private_link_traffic";
pub const IP_ADDRESS_TYPE: &str = "ip_address_type";
pub const TARGET_IP_ADDRESS_TYPE: &str = "target_ip_address_type";
pub const TARGET_TYPE: &str = "target_type";

pub const ENABLE_DELETION_PROTECTION: &str = "enable_deletion_protection";
pub const ENABLE_CROSS_ZONE_LOAD_BALANCING: &str = "enable_cross_zone_load_balancing";
pub const PRESERVE_CLIENT_IP: &str = "preserve_client_ip";
pub const DEREGISTRATION_DELAY: &str = "deregistration_delay";
pub const CONNECTION_TERMINATION: &str = "connection_termination";
pub const DNS_RECORD_CLIENT_ROUTING_POLICY: &str = "dns_record_client_routing_policy";
pub const ZONAL_SHIFT: &str = "zonal_shift";
pub const TARGET_HEALTH_STATE: &str = "target_health_state";
pub const ENABLE_UNHEALTHY_CONNECTION_TERMINATION: &str = "enable_unhealthy_connection_termination";
pub const UNHEALTHY_DRAINING_INTERVAL: &str = "unhealthy_draining_interval";
pub const TARGET_GROUP_HEALTH: &str = "target_group_health";
pub const DNS_FAILOVER: &str = "dns_failover";
pub const UNHEALTHY_STATE_ROUTING: &str = "unhealthy_state_routing";
pub const MINIMUM_HEALTHY_TARGETS_COUNT: &str = "minimum_healthy_targets_count";
pub const MINIMUM_HEALTHY_TARGETS_PERCENTAGE: &str = "minimum_healthy_targets_percentage";
pub const TCP_IDLE_TIMEOUT: &str = "tcp_idle_timeout";

pub const HEALTH_CHECK: &str = "health_check";
pub const INTERVAL: &str = "interval";
pub const TIMEOUT: &str = "timeout";
pub const HEALTHY_THRESHOLD: &str = "healthy_threshold";
pub const UNHEALTHY_THRESHOLD: &str = "unhealthy_threshold";
pub const PROTOCOL: &str = "protocol";
pub const PATH: &str = "path";
pub const MATCHER: &str = "matcher";

pub const ENABLED: &str = "enabled";
pub const PORT: &str = "port";
pub const TARGET_PORT: &str = "target_port";
pub const TARGET_GROUP_NAME: &str = "target_group_name";

pub const ALLOW_REPLACEMENT: &str = "allow_replacement";
pub const TAGS: &str = "tags";

pub const ID: &str = "id";
pub const ARN: &str = "arn";
pub const NAME_PREFIX: &str = "name_prefix";
pub const ARN_SUFFIX: &str = "arn_suffix";
pub const DNS_NAME: &str = "dns_name";
pub const ZONE_ID: &str = "zone_id";
pub const TAGS_ALL: &str = "tags_all";
pub const KUBERNETES_API_TARGET_GROUP_ARN: &str = "kubernetes_api_target_group_arn";
pub const TALOS_API_TARGET_GROUP_ARN: &str = "talos_api_target_group_arn";
pub const WORKER_TALOS_API_TARGET_GROUP_ARN: &str = "worker_talos_api_target_group_arn";
pub const CONTROL_PLANE_TARGET_GROUP_ARNS: &str = "control_plane_target_group_arns";
pub const WORKER_TARGET_GROUP_ARNS: &str = "worker_target_group_arns";
pub const TARGET_GROUPS: &str = "target_groups";
pub const LISTENER_ARNS: &str = "listener_arns";
