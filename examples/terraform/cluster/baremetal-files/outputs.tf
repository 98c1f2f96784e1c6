output "kubernetes_api_endpoint" {
  description = "For `cluster_endpoint` of the machine configuration."
  value       = local.endpoint.kubernetes_api_endpoint
}

output "talosctl_endpoints" {
  description = "For `talosctl config endpoint`."
  value       = local.endpoint.talosctl_endpoints
}

output "patches" {
  description = "Machine configuration patches of each control-plane node."
  value       = local.endpoint.patches
}

output "haproxy_cfg" {
  description = "`terraform output -raw haproxy_cfg` prints the file."
  value       = local.endpoint.haproxy_cfg
}

output "user_data" {
  description = "For machines that are made with cloud-init, by name."
  value = {
    for name in keys(var.load_balancers) : name => provider::talosendpoint::cloud_init(local.endpoint, name)
  }
}
