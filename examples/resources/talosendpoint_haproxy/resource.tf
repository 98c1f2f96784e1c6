terraform {
  required_providers {
    talosendpoint = {
      source  = "talosendpoint/talosendpoint"
      version = "~> 0.1"
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

# The same pair for two clusters and their ingress: the second cluster's API has a VIP of its own, on the usual port.
resource "talosendpoint_haproxy" "shared" {
  control_plane = {
    cp-01 = { address = "192.168.60.31" }
    cp-02 = { address = "192.168.60.32" }
    cp-03 = { address = "192.168.60.33" }
  }
  load_balancers = {
    lb-01 = { address = "192.168.60.21/24", interface = "eth0" }
    lb-02 = { address = "192.168.60.22/24", interface = "eth0" }
  }
  vip             = "192.168.60.30"
  additional_vips = [{ address = "192.168.60.40" }]
  bind            = "vip" # each VIP has its own listeners

  additional_services = {
    staging_api = {
      vip  = "192.168.60.40"
      port = 6443
      servers = {
        staging-01 = { address = "192.168.60.51" }
        staging-02 = { address = "192.168.60.52" }
        staging-03 = { address = "192.168.60.53" }
      }
      health_check = { type = "https", path = "/readyz", expect_status = [200, 401] }
    }
    ingress_https = {
      port        = 443
      target_port = 30443
      servers = {
        worker-01 = { address = "192.168.60.61" }
        worker-02 = { address = "192.168.60.62" }
      }
      proxy_protocol = true # the ingress controller must expect it
    }
  }
}

# HAProxy in a container that runs as its own user, on the address of one machine.
resource "talosendpoint_haproxy" "container" {
  control_plane = {
    cp-01 = { address = "192.168.70.31" }
  }
  load_balancers = {
    lb-01 = { address = "192.168.70.21" }
  }
  bind = "own"

  haproxy = {
    chroot       = ""
    user         = ""
    group        = ""
    log          = "stdout"
    stats_socket = "/tmp/admin.sock"
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
