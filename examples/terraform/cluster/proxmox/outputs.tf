output "kubernetes_api_endpoint" {
  description = "For `cluster_endpoint` of the machine configuration: `talosctl gen config NAME $(terraform output -raw kubernetes_api_endpoint)`."
  value       = talosendpoint_vip.this.kubernetes_api_endpoint
}

output "talosctl_endpoints" {
  description = "For `talosctl config endpoint`: the nodes, because the virtual IP is gone when etcd is."
  value       = talosendpoint_vip.this.talosctl_endpoints
}

output "patches" {
  description = "Machine configuration patches of each control-plane node."
  value       = talosendpoint_vip.this.patches
}
