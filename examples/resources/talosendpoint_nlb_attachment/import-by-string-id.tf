# The target, and the ARN of the load balancer or of each target group that it is in, separated by commas.
import {
  to = talosendpoint_nlb_attachment.control_plane["cp-0"]
  id = "i-0123456789abcdef0,arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/net/prod-talos-api-nlb/0123456789abcdef"
}
