# By ARN, which names its region too.
terraform import talosendpoint_nlb.internal \
  arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/net/prod-talos-api-nlb/0123456789abcdef

# By name, in the provider's region.
terraform import talosendpoint_nlb.internal prod-talos-api-nlb
