variable "control_plane" {
  description = "Addresses of the control-plane nodes by name."
  type        = map(string)
}

variable "load_balancers" {
  description = "The machines that run HAProxy, by name. With a single one leave `vip` out."
  type = map(object({
    address       = string
    interface     = optional(string)
    vip_interface = optional(string)
    priority      = optional(number)
  }))
}

variable "vip" {
  description = "An unused address of the load balancers' subnet."
  type        = string
  default     = null
}

variable "host" {
  description = "A DNS name that leads to the VIP, if there is one. Needs `talos_version`."
  type        = string
  default     = null
}

variable "talos_version" {
  description = "The version contract of the machine configuration, such as v1.12."
  type        = string
  default     = null
}

variable "folder" {
  description = "Where the files are written to."
  type        = string
  default     = "rendered"
}
