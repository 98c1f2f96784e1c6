import {
  to = talosendpoint_nlb.internal
  identity = {
    arn = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/net/prod-talos-api-nlb/0123456789abcdef"
  }
}
