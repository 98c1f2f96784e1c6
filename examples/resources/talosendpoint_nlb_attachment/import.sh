# The target, and the ARN of the load balancer: all of its target groups that the target is in.
terraform import 'talosendpoint_nlb_attachment.control_plane["cp-0"]' \
  i-0123456789abcdef0,arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/net/prod-talos-api-nlb/0123456789abcdef

# Or the ARN of each target group. A port that is not the group's own stands between: i-0123456789abcdef0,7443,arn:…
terraform import 'talosendpoint_nlb_attachment.control_plane["cp-0"]' \
  i-0123456789abcdef0,arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/prod-talos-api-tg/0123456789abcdef,arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/prod-talos-apid-tg/fedcba9876543210
