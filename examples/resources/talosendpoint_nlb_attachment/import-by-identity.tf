# The target, and the load balancer: all of its target groups that the target is in. With `port`, only those on a port of the target's own.
import {
  to = talosendpoint_nlb_attachment.control_plane["cp-0"]
  identity = {
    target_id         = "i-0123456789abcdef0"
    load_balancer_arn = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/net/prod-talos-api-nlb/0123456789abcdef"
  }
}
