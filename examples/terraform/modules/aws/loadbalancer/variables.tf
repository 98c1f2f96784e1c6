variable "environment" {
  description = "Name of the environment; the load balancer is `ENVIRONMENT-talos-api-nlb`."
  type        = string
}

variable "vpc_id" {
  description = "The VPC of the nodes."
  type        = string
}

variable "subnet_ids" {
  description = "Subnets of the load balancer, one for each Availability Zone."
  type        = list(string)
}

variable "internal" {
  description = "Whether the load balancer has private addresses only."
  type        = bool
}

variable "enable_deletion_protection" {
  description = "Whether the load balancer can't be deleted. While it is on, `terraform destroy` is an error at plan."
  type        = bool
  default     = false
}

variable "enable_cross_zone_load_balancing" {
  description = "Whether a zone without a healthy control-plane node is served by those of other zones."
  type        = bool
  default     = false
}

variable "health_check_interval" {
  description = "NLB health check interval in seconds"
  type        = number
  default     = 10
}

variable "health_check_timeout" {
  description = "NLB health check timeout in seconds"
  type        = number
  default     = 5
}

variable "healthy_threshold" {
  description = "Consecutive successful checks before marking target healthy"
  type        = number
  default     = 2
}

variable "unhealthy_threshold" {
  description = "Consecutive failed checks before marking target unhealthy"
  type        = number
  default     = 2
}

variable "preserve_client_ip" {
  description = "Whether nodes see the client's address. Default: yes where the load balancer is internet-facing and has no security group, so that the nodes' own admit administrators by address; otherwise no, because a node can't reach itself through the load balancer then."
  type        = bool
  default     = null
}

variable "security_group_ids" {
  description = "Security groups of the load balancer. One that is made without any can never be given one. Default: none; the nodes' own security group says who gets in."
  type        = set(string)
  default     = null
}
