terraform {
  required_providers {
    talosendpoint = {
      source  = "talosendpoint/talosendpoint"
      version = "~> 0.1"
    }
    talos = {
      source  = "siderolabs/talos"
      version = ">= 0.11"
    }
  }
}

# 1. The endpoint.
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

# A local value, because a data source that names a resource waits for the apply while that has a change pending.
locals {
  endpoint = talosendpoint_vip.this
}

# 2. The nodes: each gets its machine configuration.
resource "talos_machine_secrets" "this" {}

data "talos_machine_configuration" "control_plane" {
  for_each         = local.endpoint.patches
  cluster_name     = "prod"
  cluster_endpoint = local.endpoint.kubernetes_api_endpoint
  machine_type     = "controlplane"
  machine_secrets  = talos_machine_secrets.this.machine_secrets
  talos_version    = "v1.12"
  config_patches   = each.value
}

resource "talos_machine_configuration_apply" "control_plane" {
  for_each                    = local.endpoint.nodes
  node                        = each.value.address
  endpoint                    = each.value.endpoint
  client_configuration        = talos_machine_secrets.this.client_configuration
  machine_configuration_input = data.talos_machine_configuration.control_plane[each.key].machine_configuration
}

# 3. The bootstrap, of one node. Its order is for Terraform, its address for talosctl: never the endpoint, which doesn't serve yet.
resource "talos_machine_bootstrap" "this" {
  node                 = local.endpoint.nodes["cp-01"].address
  endpoint             = local.endpoint.nodes["cp-01"].endpoint
  client_configuration = talos_machine_secrets.this.client_configuration
  depends_on           = [talos_machine_configuration_apply.control_plane]
}

# 4. The wait. What needs the cluster depends on it, or uses its outputs.
resource "talosendpoint_ready" "this" {
  endpoint   = local.endpoint
  depends_on = [talos_machine_bootstrap.this]

  # Waits again after an upgrade.
  triggers = {
    talos = "v1.12"
  }

  timeouts = {
    create = "15m"
  }
}

output "kubernetes_api_endpoint" {
  description = "For resources that must not come before the cluster serves."
  value       = talosendpoint_ready.this.kubernetes_api_endpoint
}
