output "host" {
  description = "What clients dial."
  value       = local.endpoint.host
}

output "kubernetes_api_endpoint" {
  description = "For `cluster_endpoint` of the machine configuration."
  value       = local.endpoint.kubernetes_api_endpoint
}

output "talos_api_endpoint" {
  description = "HOST:PORT of the Talos API."
  value       = local.endpoint.talos_api_endpoint
}

output "talosctl_endpoints" {
  description = "For `talosctl config endpoint`."
  value       = local.endpoint.talosctl_endpoints
}

output "machine_cert_sans" {
  description = "Names for `machine.certSANs` of the control plane; `patches` has them."
  value       = local.endpoint.machine_cert_sans
}

output "api_server_cert_sans" {
  description = "Names for the API server's certificate; `patches` has them."
  value       = local.endpoint.api_server_cert_sans
}

output "patches" {
  description = "Machine configuration patches by control-plane node."
  # An NLB doesn't know the nodes: all get the same.
  value = var.kind == "nlb" ? {
    for node in keys(var.control_plane) : node => local.endpoint.control_plane_config_patches
  } : local.endpoint.patches
}

output "worker_config_patches" {
  description = "Machine configuration patches for every worker."
  value       = local.endpoint.worker_config_patches
}

output "nodes" {
  description = "By control-plane node, its own address, and the endpoint by which talosctl reaches it."
  # An NLB doesn't know the nodes: they are dialled at their addresses.
  value = var.kind == "nlb" ? {
    for name, node in var.control_plane : name => { address = node.address, endpoint = node.address }
  } : local.endpoint.nodes
}

output "control_plane_target_group_arns" {
  description = "For talosendpoint_nlb_attachment; empty for the other kinds."
  value       = flatten([for nlb in local.nlb[*] : tolist(nlb.control_plane_target_group_arns)])
}

output "haproxy_cfg" {
  description = "For HAProxy on the load balancers; null for the other kinds."
  value       = one(local.haproxy[*].haproxy_cfg)
}

output "keepalived_conf" {
  description = "For Keepalived, by load balancer; empty for the other kinds."
  value       = merge({}, local.haproxy[*].keepalived_conf...)
}

output "dns_record_sets" {
  description = "The DNS records that `host` needs, by type; empty where none are."
  value       = merge({}, local.static[*].dns_record_sets...)
}
