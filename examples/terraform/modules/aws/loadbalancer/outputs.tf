output "load_balancer_dns_name" {
  description = "NLB DNS name for external access"
  value       = local.endpoint.dns_name
}

output "load_balancer_arn" {
  description = "NLB ARN (used for additional listeners in root module)"
  value       = local.endpoint.arn
}

output "kubernetes_api_endpoint" {
  description = "https://<nlb-dns>:6443"
  value       = local.endpoint.kubernetes_api_endpoint
}

output "talos_api_endpoint" {
  description = "<nlb-dns>:50000"
  value       = local.endpoint.talos_api_endpoint
}

output "kubernetes_api_target_group_arn" {
  description = "For target group attachments"
  value       = local.endpoint.kubernetes_api_target_group_arn
}

output "talos_api_target_group_arn" {
  description = "For target group attachments"
  value       = local.endpoint.talos_api_target_group_arn
}
