# What a configuration for Talos needs to know of its endpoint. The names are the same for every kind of endpoint.

output "host" {
  value = talosendpoint_nlb.this.host
}

# `cluster_endpoint` of the data source talos_machine_configuration.
output "kubernetes_api_endpoint" {
  value = talosendpoint_nlb.this.kubernetes_api_endpoint
}

output "talos_api_endpoint" {
  value = talosendpoint_nlb.this.talos_api_endpoint
}

# `endpoints` of the data source talos_client_configuration.
output "talosctl_endpoints" {
  value = talosendpoint_nlb.this.talosctl_endpoints
}

output "machine_cert_sans" {
  value = talosendpoint_nlb.this.machine_cert_sans
}

# Part of `config_patches` of every control-plane node.
output "control_plane_config_patches" {
  value = talosendpoint_nlb.this.control_plane_config_patches
}
