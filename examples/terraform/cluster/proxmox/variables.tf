variable "control_plane" {
  description = "The control-plane nodes by name, with what differs from node to node."
  type = map(object({
    address   = optional(string)
    interface = optional(string)
    vlan_id   = optional(number)
    endpoint  = optional(string)
  }))
}

variable "vip" {
  description = "An unused address of the nodes' subnet, outside of what a DHCP server hands out."
  type        = string
}

variable "host" {
  description = "A DNS name that leads to the virtual IP, if there is one."
  type        = string
  default     = null
}

variable "talos_version" {
  description = "The version contract of the machine configuration, such as v1.12."
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
  description = "Whether the patches carry the nodes' addresses, which cloud-init gave them before."
  type        = bool
  default     = true
}

variable "gateway" {
  description = "The default route, with `static_addressing`."
  type        = string
  default     = null
}

variable "folder" {
  description = "Where the patches are written to."
  type        = string
  default     = "rendered"
}
