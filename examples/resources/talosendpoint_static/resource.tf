terraform {
  required_providers {
    talosendpoint = {
      source  = "talosendpoint/talosendpoint"
      version = "~> 0.1"
    }
  }
}

# One DNS name for all nodes.
resource "talosendpoint_static" "round_robin" {
  host = "k8s.example.com"
  control_plane = {
    cp-01 = { address = "192.168.30.31" }
    cp-02 = { address = "192.168.30.32" }
    cp-03 = { address = "192.168.30.33" }
  }

  # Needed where addresses are known only after apply: `for_each` below wants to know the keys before.
  record_types = ["A"]
}

# A local value, because a data source that names a resource waits for the apply while that has a change pending.
locals {
  endpoint = talosendpoint_static.round_robin
}

# The records, for the DNS provider of your choice. With hashicorp/dns:
#
#   resource "dns_a_record_set" "this" {
#     for_each  = { for type, set in local.endpoint.dns_record_sets : type => set if type == "A" }
#     zone      = "example.com."
#     name      = trimsuffix(each.value.name, ".example.com")
#     ttl       = each.value.ttl
#     addresses = each.value.records
#   }
output "records" {
  value = local.endpoint.dns_record_sets
}

# A load balancer that exists already, such as HAProxy on a Proxmox host.
resource "talosendpoint_static" "external" {
  host           = "192.168.30.5"
  kubernetes_api = { port = 443 }
}

# A cluster of one: its address is the endpoint.
resource "talosendpoint_static" "single" {
  control_plane = {
    cp-01 = { address = "192.168.30.31" }
  }
}
