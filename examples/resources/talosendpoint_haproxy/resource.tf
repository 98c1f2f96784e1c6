terraform {
  required_providers {
    talosendpoint = {
      source = "talosendpoint/talosendpoint"
    }
  }
}

# Two load balancers and an address that moves between them: everything else is a default.
resource "talosendpoint_haproxy" "this" {
  control_plane = {
    cp-01 = { address = "192.168.30.31" }
    cp-02 = { address = "192.168.30.32" }
    cp-03 = { address = "192.168.30.33" }
  }
  load_balancers = {
    lb-01 = { address = "192.168.30.21/24", interface = "eth0" }
    lb-02 = { address = "192.168.30.22/24", interface = "eth0" }
  }
  vip = "192.168.30.30"
}

# A single one: no Keepalived, and clients dial the machine itself.
resource "talosendpoint_haproxy" "single" {
  control_plane = {
    cp-01 = { address = "192.168.40.31" }
  }
  load_balancers = {
    lb-01 = { address = "192.168.40.21" }
  }
}

# Both address families, a DNS name in front, trustd for workers that see nothing but the load balancers, and a faster failover.
resource "talosendpoint_haproxy" "dual_stack" {
  control_plane = {
    cp-01 = { address = "192.168.50.31" }
    cp-02 = { address = "2001:db8:50::32" }
    cp-03 = { address = "cp-03.example.org" }
  }
  load_balancers = {
    lb-01 = { address = "192.168.50.21/24", interface = "bond0" }
    lb-02 = { address = "192.168.50.22/24", interface = "bond0", priority = 90 }
    lb-03 = { address = "192.168.50.23/24", interface = "ens18", priority = 80 }
  }
  vip             = "192.168.50.30"
  additional_vips = [{ address = "2001:db8:50::30" }]
  host            = "k8s.example.org"
  talos_version   = "v1.12"

  trustd = {}

  haproxy = {
    maxconn  = 20000
    timeouts = { tunnel = "24h" }
  }

  keepalived = {
    advert_interval = 0.3
  }
}

# A local value, because a data source that names a resource waits for the apply while that has a change pending.
locals {
  endpoint = talosendpoint_haproxy.this
}

output "haproxy_cfg" {
  value = local.endpoint.haproxy_cfg
}

output "keepalived_conf" {
  value = local.endpoint.keepalived_conf
}
