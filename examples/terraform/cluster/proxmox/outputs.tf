output "kubernetes_api_endpoint" {
  description = "For `cluster_endpoint` of the machine configuration: `talosctl gen config NAME $(terraform output -raw kubernetes_api_endpoint)`."
  value       = local.endpoint.kubernetes_api_endpoint
}

output "talosctl_endpoints" {
  description = "For `talosctl config endpoint`: the nodes, because the virtual IP is gone when etcd is."
  value       = local.endpoint.talosctl_endpoints
}

output "patches" {
  description = "Machine configuration patches of each control-plane node."
  value       = local.endpoint.patches
}
