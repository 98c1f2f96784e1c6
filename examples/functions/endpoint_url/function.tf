terraform {
  required_providers {
    talosendpoint = {
      source  = "talosendpoint/talosendpoint"
      version = "~> 0.1"
    }
  }
}

# https://[2001:db8::30]:6443
output "cluster_endpoint" {
  value = provider::talosendpoint::endpoint_url("2001:db8::30", 6443)
}
