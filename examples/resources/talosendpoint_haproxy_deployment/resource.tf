terraform {
  required_providers {
    talosendpoint = {
      source  = "talosendpoint/talosendpoint"
      version = "~> 0.1"
    }
  }
}

# How hosts are reached. Their keys are in ~/.ssh/known_hosts, or in `hosts` below.
provider "talosendpoint" {
  ssh = {
    user             = "admin"
    private_key_path = "~/.ssh/id_ed25519"
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

resource "talosendpoint_haproxy_deployment" "this" {
  endpoint = local.endpoint
}

# Two more load balancers, which are reached through a bastion, with host keys that their user-data has set.
resource "talosendpoint_haproxy" "remote" {
  control_plane = {
    cp-01 = { address = "192.168.40.31" }
  }
  load_balancers = {
    lb-01 = { address = "192.168.40.21/24", interface = "eth0" }
    lb-02 = { address = "192.168.40.22/24", interface = "eth0" }
  }
  vip = "192.168.40.30"
}

locals {
  remote = talosendpoint_haproxy.remote
}

resource "talosendpoint_haproxy_deployment" "remote" {
  endpoint = local.remote
  hosts = {
    lb-01 = {
      host_key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJdD7y3aLq454yWBdwLWbieU1ebz9/cu7/QEXn9OIeZJ"
      bastion  = { host = "bastion.example.org", user = "jump" }
    }
    lb-02 = {
      address  = "lb-02.example.org"
      port     = 2222
      host_key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA6rWI3G1sz07DnfFlrouTcysQlj2P+jpNSOEWD9OJ3X"
    }
  }

  # A single host that is down doesn't hold up the other one.
  allow_missing_hosts = 1
}
