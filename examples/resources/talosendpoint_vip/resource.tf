terraform {
  required_providers {
    talosendpoint = {
      source  = "talosendpoint/talosendpoint"
      version = "~> 0.1"
    }
  }
}

# Three nodes that the base configuration addresses. Each gets one document, `Layer2VIPConfig`.
resource "talosendpoint_vip" "this" {
  vip           = "192.168.30.30"
  talos_version = "v1.12"
  interface     = "eth0"
  control_plane = {
    cp-01 = { address = "192.168.30.31/24" }
    cp-02 = { address = "192.168.30.32/24" }
    cp-03 = { address = "192.168.30.33/24" }
  }
}

# The patches carry the nodes' addresses too, in the form that nodes before Talos 1.12 know. One node has other hardware.
resource "talosendpoint_vip" "static" {
  vip               = "192.168.40.30"
  host              = "api.example.com"
  talos_version     = "v1.11"
  static_addressing = true
  gateway           = "192.168.40.1"
  interface         = "eth0"
  control_plane = {
    cp-01 = { address = "192.168.40.31/24" }
    cp-02 = { address = "192.168.40.32/24" }
    cp-03 = { address = "192.168.40.33/24", interface = "bond0", vlan_id = 40 }
  }
}

# Two address families, on the device with this hardware address, whatever its name is. A selector must find exactly one device on a
# node, so it is the node's own. No other document gives these devices an alias: `link_alias` confirms it.
resource "talosendpoint_vip" "dual_stack" {
  vip             = "192.168.50.30"
  additional_vips = [{ address = "fd00:50::30" }]
  talos_version   = "v1.14"
  link_alias      = "vip0"
  control_plane = {
    cp-01 = {
      address              = "192.168.50.31/24"
      additional_addresses = ["fd00:50::31/64"]
      device_selector      = { permanent_addr = "bc:24:11:aa:00:01" }
    }
    cp-02 = {
      address              = "192.168.50.32/24"
      additional_addresses = ["fd00:50::32/64"]
      device_selector      = { permanent_addr = "bc:24:11:aa:00:02" }
    }
    cp-03 = {
      address              = "192.168.50.33/24"
      additional_addresses = ["fd00:50::33/64"]
      device_selector      = { permanent_addr = "bc:24:11:aa:00:03" }
    }
  }
}

# A local value, because a data source that names a resource waits for the apply while that has a change pending.
locals {
  endpoint = talosendpoint_vip.this
}

# What each node needs: `config_patches` of talos_machine_configuration_apply.
output "patches" {
  value = local.endpoint.patches
}

# `endpoints` of talos_client_configuration: the nodes, never the virtual IP.
output "talosctl_endpoints" {
  value = local.endpoint.talosctl_endpoints
}
