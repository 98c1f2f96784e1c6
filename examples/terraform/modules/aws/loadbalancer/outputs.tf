output "load_balancer_dns_name" {
  description = "NLB DNS name for external access"
  value       = talosendpoint_nlb.kubernetes_api.dns_name
}

output "load_balancer_arn" {
  description = "NLB ARN (used for additional listeners in root module)"
  value       = talosendpoint_nlb.kubernetes_api.arn
}

output "kubernetes_api_endpoint" {
  description = "https://<nlb-dns>:6443"
  value       = talosendpoint_nlb.kubernetes_api.kubernetes_api_endpoint
}

output "talos_api_endpoint" {
  description = "<nlb-dns>:50000"
  value       = talosendpoint_nlb.kubernetes_api.talos_api_endpoint
}

output "kubernetes_api_target_group_arn" {
  description = "For target group attachments"
  value       = talosendpoint_nlb.kubernetes_api.kubernetes_api_target_group_arn
}

output "talos_api_target_group_arn" {
  description = "For target group attachments"
  value       = talosendpoint_nlb.kubernetes_api.talos_api_target_group_arn
}
