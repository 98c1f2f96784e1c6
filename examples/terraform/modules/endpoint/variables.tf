variable "kind" {
  description = "What the endpoint is: nlb, haproxy, vip or static."
  type        = string

  validation {
    condition     = contains(["nlb", "haproxy", "vip", "static"], var.kind)
    error_message = "The kind is one of nlb, haproxy, vip and static."
  }
}

variable "control_plane" {
  description = "The control-plane nodes by name. An NLB needs the names only."
  type        = map(object({ address = string }))
}

variable "talos_version" {
  description = "The version contract of the machine configuration, such as v1.12."
  type        = string
}

variable "host" {
  description = "A DNS name that leads to the endpoint; with static also the name or address of a load balancer."
  type        = string
  default     = null
}

variable "additional_names" {
  description = "Further names and addresses under which the cluster is reached, such as a name in a VPN."
  type        = list(string)
  default     = []
}

variable "name" {
  description = "For nlb: the base of all names."
  type        = string
  default     = null
}

variable "subnet_ids" {
  description = "For nlb: one subnet for each zone."
  type        = set(string)
  default     = null
}

variable "vip" {
  description = "For haproxy and vip: an unused address of the subnet."
  type        = string
  default     = null
}

variable "interface" {
  description = "For vip: the link of the nodes that carries it."
  type        = string
  default     = null
}

variable "load_balancers" {
  description = "For haproxy: the machines that run it, by name."
  type = map(object({
    address       = string
    interface     = optional(string)
    vip_interface = optional(string)
    priority      = optional(number)
  }))
  default = {}
}

variable "external" {
  description = "For static: whether `host` is a load balancer before the nodes."
  type        = bool
  default     = null
}
