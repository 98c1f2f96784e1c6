# For demonstrations and tests: reachable from the internet by those who are named, in one Availability Zone.
environment   = "demo"
region        = "us-east-1"
talos_version = "v1.13.9"

nlb_internal                     = false # true = internal, false = internet-facing
enable_deletion_protection       = false
enable_cross_zone_load_balancing = false # Single AZ, not needed

# Your own: curl https://checkip.amazonaws.com
allowed_admin_cidrs = [
  "203.0.113.20/32",
]
