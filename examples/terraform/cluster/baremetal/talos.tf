# No `talos_version` here: where it is lowered, the provider makes new secrets, and with them another cluster.
resource "talos_machine_secrets" "this" {}

# One machine configuration for each node, because a node's patches are its own.
data "talos_machine_configuration" "control_plane" {
  for_each = local.endpoint.patches

  cluster_name     = var.cluster_name
  cluster_endpoint = local.endpoint.kubernetes_api_endpoint
  machine_type     = "controlplane"
  machine_secrets  = talos_machine_secrets.this.machine_secrets
  talos_version    = var.talos_version
  config_patches   = concat(each.value, var.config_patches)
}

data "talos_machine_configuration" "worker" {
  cluster_name     = var.cluster_name
  cluster_endpoint = local.endpoint.kubernetes_api_endpoint
  machine_type     = "worker"
  machine_secrets  = talos_machine_secrets.this.machine_secrets
  talos_version    = var.talos_version
  config_patches   = concat(local.endpoint.worker_config_patches, var.config_patches)
}

# `node` is the node's own address, `endpoint` what is dialled to reach it: never the virtual IP, behind which any node may answer.
resource "talos_machine_configuration_apply" "control_plane" {
  for_each = local.endpoint.nodes

  client_configuration        = talos_machine_secrets.this.client_configuration
  machine_configuration_input = data.talos_machine_configuration.control_plane[each.key].machine_configuration
  node                        = each.value.address
  endpoint                    = each.value.endpoint
}

resource "talos_machine_configuration_apply" "worker" {
  for_each = var.workers

  client_configuration        = talos_machine_secrets.this.client_configuration
  machine_configuration_input = data.talos_machine_configuration.worker.machine_configuration
  node                        = each.value
  endpoint                    = each.value
}

locals {
  # The node on which etcd begins. Once the cluster is there, it doesn't matter which one this is.
  first = values(local.endpoint.nodes)[0]
}

# etcd begins here. The load balancers serve the Talos API before it, and the Kubernetes API after it.
resource "talos_machine_bootstrap" "this" {
  depends_on = [talos_machine_configuration_apply.control_plane]

  client_configuration = talos_machine_secrets.this.client_configuration
  node                 = local.first.address
  endpoint             = local.first.endpoint
}

resource "talos_cluster_kubeconfig" "this" {
  depends_on = [talos_machine_bootstrap.this]

  client_configuration = talos_machine_secrets.this.client_configuration
  node                 = local.first.address
  endpoint             = local.first.endpoint
}

data "talos_client_configuration" "this" {
  cluster_name         = var.cluster_name
  client_configuration = talos_machine_secrets.this.client_configuration
  endpoints            = local.endpoint.talosctl_endpoints
  nodes                = [for node in local.endpoint.nodes : node.address]
}
