output "nlb_dns_name" {
  description = "DNS name of the endpoint"
  value       = module.loadbalancer.load_balancer_dns_name
}

output "kubernetes_api_endpoint" {
  description = "Server URL of kubeconfigs, and `cluster_endpoint` of every machine configuration"
  value       = module.loadbalancer.kubernetes_api_endpoint
}

output "talos_api_endpoint" {
  description = "Talos API of the control plane"
  value       = module.loadbalancer.talos_api_endpoint
}

output "worker_talos_api_endpoint" {
  description = "Talos API of workers"
  value       = "${module.loadbalancer.load_balancer_dns_name}:${aws_lb_listener.wk_talos_api.port}"
}

locals {
  # A node without configuration has no certificate to be reached by through the load balancer: it is dialled itself.
  control_plane_ips = var.nlb_internal ? module.compute.control_plane_private_ips : module.compute.control_plane_public_ips
  worker_ips        = var.nlb_internal ? module.compute.worker_private_ips : module.compute.worker_public_ips
}

output "commands" {
  description = "From fresh nodes to a cluster that answers: terraform output -raw commands"
  value       = <<-END
    # Machine configurations; the load balancer's name must be in the certificates of the Talos API.
    talosctl gen config ${var.environment} ${module.loadbalancer.kubernetes_api_endpoint} --additional-sans ${module.loadbalancer.load_balancer_dns_name}
    for node in ${join(" ", local.control_plane_ips)}; do talosctl apply-config --insecure --nodes "$node" --file controlplane.yaml; done
    for node in ${join(" ", local.worker_ips)}; do talosctl apply-config --insecure --nodes "$node" --file worker.yaml; done

    # From here on through the load balancer.
    talosctl config merge talosconfig
    talosctl config endpoint ${module.loadbalancer.load_balancer_dns_name}
    talosctl config node ${module.compute.control_plane_private_ips[0]}
    talosctl bootstrap
    talosctl kubeconfig
    kubectl cluster-info
  END
}
