output "control_plane_instance_ids" {
  description = "The control-plane nodes."
  value       = aws_instance.control_plane[*].id
}

output "control_plane_private_ips" {
  description = "Addresses by which nodes know one another; `--nodes` of talosctl takes them."
  value       = aws_instance.control_plane[*].private_ip
}

output "control_plane_public_ips" {
  description = "Addresses by which a node without configuration is reached from outside."
  value       = aws_instance.control_plane[*].public_ip
}

output "worker_instance_ids" {
  description = "The workers."
  value       = aws_instance.worker[*].id
}

output "worker_private_ips" {
  description = "As those of the control plane."
  value       = aws_instance.worker[*].private_ip
}

output "worker_public_ips" {
  description = "As those of the control plane."
  value       = aws_instance.worker[*].public_ip
}
