# For production: reachable from inside only (VPN or bastion), in three Availability Zones, protected.
environment   = "prod"
region        = "us-east-1"
talos_version = "v1.13.9"

vpc_cidr                = "10.1.0.0/16"
availability_zone_count = 3

nlb_internal                     = true
enable_deletion_protection       = true
enable_cross_zone_load_balancing = true

health_check_interval = 20
health_check_timeout  = 10
unhealthy_threshold   = 3

# Who comes through the VPN.
allowed_admin_cidrs = [
  "10.8.0.0/16",
]

worker_count                = 3
control_plane_instance_type = "m6i.large"
worker_instance_type        = "m6i.large"
