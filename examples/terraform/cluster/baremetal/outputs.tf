output "kubernetes_api_endpoint" {
  description = "The URL in kubeconfigs and in every machine configuration, once it answers."
  value       = talosendpoint_ready.this.endpoint.kubernetes_api_endpoint
}

output "talosctl_endpoints" {
  description = "For `talosctl config endpoint`."
  value       = local.endpoint.talosctl_endpoints
}

output "talosconfig" {
  description = "For talosctl: `terraform output -raw talosconfig > talosconfig`."
  value       = data.talos_client_configuration.this.talos_config
  sensitive   = true
}

output "kubeconfig" {
  description = "For kubectl: `terraform output -raw kubeconfig > kubeconfig`."
  value       = talos_cluster_kubeconfig.this.kubeconfig_raw
  sensitive   = true
}
