# Every node behind one load balancer, as attachments that can be imported.
list "talosendpoint_nlb_attachment" "nodes" {
  provider = talosendpoint

  config {
    load_balancer_arn = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/net/prod-talos-api-nlb/0123456789abcdef"
  }

  include_resource = true
  limit            = 500
}
