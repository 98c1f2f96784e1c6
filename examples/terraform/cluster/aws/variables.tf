variable "environment" {
  description = "Name of the environment; everything is named after it."
  type        = string

  validation {
    # With `-talos-wk-apid-tg` behind it a name may have 32 characters.
    condition     = can(regex("^[a-z0-9]+(-[a-z0-9]+)*$", var.environment)) && length(var.environment) <= 15
    error_message = "Must be at most 15 lower-case letters and digits, with single hyphens between them."
  }
}

variable "region" {
  description = "AWS region of everything."
  type        = string
}

variable "vpc_cidr" {
  description = "Addresses of the VPC."
  type        = string
  default     = "10.0.0.0/16"
}

variable "availability_zone_count" {
  description = "In how many Availability Zones there are subnets, for nodes and load balancer."
  type        = number
  default     = 1
}

variable "nlb_internal" {
  description = "Whether the endpoint has private addresses only: production, reached by VPN or bastion. Otherwise it is internet-facing."
  type        = bool
  default     = true
}

variable "enable_deletion_protection" {
  description = "Whether the load balancer can't be deleted. Must be applied as `false` before `terraform destroy`."
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

  validation {
    condition     = var.health_check_interval >= 5 && var.health_check_interval <= 300
    error_message = "Must be from 5 to 300."
  }
}

variable "health_check_timeout" {
  description = "NLB health check timeout in seconds, not longer than the interval"
  type        = number
  default     = 5

  validation {
    condition     = var.health_check_timeout >= 2 && var.health_check_timeout <= 120
    error_message = "Must be from 2 to 120."
  }
}

variable "healthy_threshold" {
  description = "Consecutive successful checks before marking target healthy"
  type        = number
  default     = 2

  validation {
    condition     = var.healthy_threshold >= 2 && var.healthy_threshold <= 10
    error_message = "Must be from 2 to 10."
  }
}

variable "unhealthy_threshold" {
  description = "Consecutive failed checks before marking target unhealthy"
  type        = number
  default     = 2

  validation {
    condition     = var.unhealthy_threshold >= 2 && var.unhealthy_threshold <= 10
    error_message = "Must be from 2 to 10."
  }
}

variable "worker_talos_api_port" {
  description = "Port of the load balancer for the Talos API of workers. On the guide's 50001 workers that join without discovery look for trustd; 50010 keeps out of their way."
  type        = number
  default     = 50001

  validation {
    condition     = var.worker_talos_api_port >= 1 && var.worker_talos_api_port <= 65535 && !contains([6443, 50000], var.worker_talos_api_port)
    error_message = "Must be a port other than 6443 and 50000, which are the control plane's."
  }
}

variable "allowed_admin_cidrs" {
  description = "Addresses of those who may use the Kubernetes API and the Talos API."
  type        = list(string)
  default     = []
}

variable "control_plane_count" {
  description = "How many control-plane nodes there are: 1, 3, 5 or 7."
  type        = number
  default     = 3
}

variable "worker_count" {
  description = "How many workers there are."
  type        = number
  default     = 2
}

variable "control_plane_instance_type" {
  description = "Instance type of control-plane nodes."
  type        = string
  default     = "t3.medium"
}

variable "worker_instance_type" {
  description = "Instance type of workers."
  type        = string
  default     = "t3.medium"
}

variable "talos_version" {
  description = "Version of Talos on new nodes, such as v1.13.9."
  type        = string
}

variable "ami_id" {
  description = "Image of new nodes. Default: Sidero Labs' image of `talos_version`."
  type        = string
  default     = null
}
