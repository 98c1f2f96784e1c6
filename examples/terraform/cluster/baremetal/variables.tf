variable "cluster_name" {
  description = "The name of the cluster."
  type        = string
  default     = "baremetal"
}

variable "control_plane" {
  description = "Addresses of the control-plane nodes by name."
  type        = map(string)
}

variable "workers" {
  description = "Addresses of the workers by name."
  type        = map(string)
  default     = {}
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
  description = "A DNS name that leads to the VIP, if there is one."
  type        = string
  default     = null
}

variable "talos_version" {
  description = "The version contract of the machine configuration, such as \"v1.12\". Stays what it was when the cluster was made."
  type        = string
}

variable "config_patches" {
  description = "Patches of your own for every node, such as `machine.install.disk`."
  type        = list(string)
  default     = []
}

variable "ssh_user" {
  description = "Who logs in to the load balancers: root, or a user whom sudo asks for no password."
  type        = string
  default     = "admin"
}

variable "ssh_private_key_path" {
  description = "The file of the user's private key. Without it the SSH agent is asked."
  type        = string
  default     = null
}

variable "ssh_bastion" {
  description = "The machine through which the load balancers are reached, if there is one."
  type = object({
    host     = string
    port     = optional(number)
    user     = optional(string)
    host_key = optional(string)
  })
  default = null
}

variable "host_keys" {
  description = "Public host keys of load balancers, by name. Those of the others are in ~/.ssh/known_hosts."
  type        = map(string)
  default     = {}
}
