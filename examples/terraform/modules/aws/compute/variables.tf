variable "environment" {
  description = "Name of the environment; what is made here is named after it."
  type        = string
}

variable "vpc_id" {
  description = "The VPC of the nodes."
  type        = string
}

variable "vpc_cidr" {
  description = "Its addresses: health checks, and connections whose client address is not preserved, come from the load balancer in it."
  type        = string
}

variable "subnet_ids" {
  description = "Subnets of the nodes, which are distributed over them in turn."
  type        = list(string)
}

variable "control_plane_count" {
  description = "How many control-plane nodes there are."
  type        = number

  validation {
    condition     = contains([1, 3, 5, 7], var.control_plane_count)
    error_message = "Must be 1, 3, 5 or 7: an even number of etcd members survives no more failures than one member less."
  }
}

variable "worker_count" {
  description = "How many workers there are."
  type        = number

  validation {
    condition     = var.worker_count >= 0 && floor(var.worker_count) == var.worker_count
    error_message = "Must be a whole number."
  }
}

variable "control_plane_instance_type" {
  description = "Instance type of control-plane nodes."
  type        = string
}

variable "worker_instance_type" {
  description = "Instance type of workers."
  type        = string
}

variable "ami_id" {
  description = "Image of new nodes. Default: Sidero Labs' image of `talos_version` for amd64."
  type        = string
  default     = null
}

variable "talos_version" {
  description = "Version of Talos on new nodes, such as v1.13.9. Nodes that exist are upgraded by `talosctl upgrade`, not from here."
  type        = string

  validation {
    condition     = can(regex("^v[0-9]+\\.[0-9]+\\.[0-9]+$", var.talos_version))
    error_message = "Must be a whole version with a `v` before it, such as v1.13.9."
  }
}

variable "allowed_admin_cidrs" {
  description = "Addresses of those who may use the Kubernetes API and the Talos API."
  type        = list(string)

  validation {
    condition     = alltrue([for cidr in var.allowed_admin_cidrs : can(cidrnetmask(cidr))])
    error_message = "Must be IPv4 ranges, such as 203.0.113.20/32."
  }
}

variable "endpoint_is_public" {
  description = "Whether the load balancer is internet-facing: nodes then reach it, and one another through it, by their public addresses."
  type        = bool
}

variable "control_plane_user_data" {
  description = "Machine configuration of control-plane nodes. A change replaces them, one after the other only with `-target`. Default: none; it is applied by `talosctl apply-config`."
  type        = string
  default     = null
  sensitive   = true
}

variable "worker_user_data" {
  description = "Machine configuration of workers. A change replaces them. Default: none; it is applied by `talosctl apply-config`."
  type        = string
  default     = null
  sensitive   = true
}
