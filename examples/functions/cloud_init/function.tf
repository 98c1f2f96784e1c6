terraform {
  required_providers {
    talosendpoint = {
      source  = "talosendpoint/talosendpoint"
      version = "~> 0.1"
    }
  }
}

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

# A local value, because a data source that names a resource waits for the apply while that has a change pending.
locals {
  endpoint = talosendpoint_haproxy.this
}

# What each load balancer starts with: hand it to whatever makes the machine. cloud-init reads it at the first boot only, so a later change
# does nothing on a machine that exists; and where it replaces machines, it replaces both load balancers in one apply. Have the resource
# that makes the machines ignore it: `lifecycle { ignore_changes = [user_data] }`, or whatever the argument is called there.
output "user_data" {
  value = {
    for name in keys(local.endpoint.load_balancers) :
    name => provider::talosendpoint::cloud_init(local.endpoint, name)
  }
}
