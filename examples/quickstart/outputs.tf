# What a configuration for Talos needs to know of its endpoint. The names are the same for every kind of endpoint.

output "host" {
  value = local.endpoint.host
}

# `cluster_endpoint` of the data source talos_machine_configuration.
output "kubernetes_api_endpoint" {
  value = local.endpoint.kubernetes_api_endpoint
}

output "talos_api_endpoint" {
  value = local.endpoint.talos_api_endpoint
}

# `endpoints` of the data source talos_client_configuration.
output "talosctl_endpoints" {
  value = local.endpoint.talosctl_endpoints
}

output "machine_cert_sans" {
  value = local.endpoint.machine_cert_sans
}

# Part of `config_patches` of every control-plane node.
output "control_plane_config_patches" {
  value = local.endpoint.control_plane_config_patches
}
