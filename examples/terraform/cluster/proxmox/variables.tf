variable "cluster_name" {
  description = "The name of the cluster."
  type        = string
  default     = "proxmox"
}

variable "control_plane" {
  description = <<-END
    The control-plane nodes by name. `address` is a node's own, best with its prefix length; `endpoint` is what talosctl dials in place of it,
    such as a DNS name, and enough alone where a DHCP server gives the address.
  END
  type = map(object({
    address              = optional(string)
    additional_addresses = optional(list(string))
    endpoint             = optional(string)
    interface            = optional(string)
    vlan_id              = optional(number)
    dhcp                 = optional(bool)
    gateway              = optional(string)
    additional_gateway   = optional(string)
    route_priority       = optional(number)
  }))

  validation {
    condition     = alltrue([for node in var.control_plane : node.address != null || node.endpoint != null])
    error_message = "Each node needs an address, or an endpoint by which it is reached."
  }
}

variable "workers" {
  description = "The workers by name, with an address (without prefix length), or an endpoint by which they are reached, or both."
  type = map(object({
    address  = optional(string)
    endpoint = optional(string)
  }))
  default = {}

  validation {
    condition     = alltrue([for node in var.workers : node.address != null || node.endpoint != null])
    error_message = "Each worker needs an address, or an endpoint by which it is reached."
  }

  validation {
    condition     = alltrue([for node in var.workers : !strcontains(coalesce(node.address, "-"), "/")])
    error_message = "The address of a worker has no prefix length: the Talos provider dials it as it is."
  }
}

variable "vip" {
  description = "An unused address of the nodes' subnet, outside of what a DHCP server hands out."
  type        = string
}

variable "additional_vips" {
  description = "Further virtual IPs, such as the old one while clients move to another `vip`."
  type = list(object({
    address   = string
    interface = optional(string)
    vlan_id   = optional(number)
  }))
  default = []
}

variable "host" {
  description = "A DNS name that leads to the virtual IP, if there is one."
  type        = string
  default     = null
}

variable "host_entry" {
  description = "Whether every node has `host` in its own host table, so that the cluster needs no DNS to find itself."
  type        = bool
  default     = false
}

variable "additional_names" {
  description = "Further names and addresses under which the cluster is reached, such as a name in a VPN."
  type        = list(string)
  default     = []
}

variable "talos_version" {
  description = "The version contract of the machine configuration, such as \"v1.12\". Stays what it was when the cluster was made."
  type        = string
}

variable "interface" {
  description = "The network interface of the nodes."
  type        = string
  default     = "eth0"
}

variable "vlan_id" {
  description = "The VLAN on the interface, if there is one."
  type        = number
  default     = null
}

variable "static_addressing" {
  description = "Whether the patches carry the nodes' addresses, which cloud-init gave them before. `false` for nodes with DHCP."
  type        = bool
  default     = true
}

variable "dhcp" {
  description = "Whether a patch up to v1.11 switches DHCP on for the interface: for nodes with DHCP whose address is given all the same."
  type        = bool
  default     = null
}

variable "gateway" {
  description = "The default route, with `static_addressing`."
  type        = string
  default     = null
}

variable "config_patches" {
  description = "Patches of your own for every node, such as `machine.install.disk`."
  type        = list(string)
  default     = []
}

variable "check_health" {
  description = "Whether an apply ends only when the cluster is healthy. Needs the address of every node, and is left out without."
  type        = bool
  default     = true
}
