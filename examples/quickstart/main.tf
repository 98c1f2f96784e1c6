# The smallest useful configuration: an endpoint in a network that exists already, and nodes behind it.
# `make demo` runs it against an AWS stand-in; with a real account:
#
#   terraform init
#   terraform apply -var vpc_id=vpc-… -var 'subnet_ids=["subnet-…", "subnet-…"]'

terraform {
  required_providers {
    talosendpoint = {
      source  = "talosendpoint/talosendpoint"
      version = "~> 0.1"
    }
  }
}

variable "vpc_id" {
  description = "The VPC of the control plane."
  type        = string
}

variable "subnet_ids" {
  description = "Subnets of the load balancer, one per Availability Zone."
  type        = set(string)
}

variable "control_plane_instance_ids" {
  description = "The control-plane nodes, if there are any yet."
  type        = list(string)
  default     = []
}

resource "talosendpoint_nlb" "this" {
  name       = "demo-talos"
  vpc_id     = var.vpc_id
  subnet_ids = var.subnet_ids
}

# A local value, because a data source that names a resource waits for the apply while that has a change pending.
locals {
  endpoint = talosendpoint_nlb.this
}

resource "talosendpoint_nlb_attachment" "control_plane" {
  for_each          = { for index, id in var.control_plane_instance_ids : "cp-${index}" => id }
  target_id         = each.value
  target_group_arns = local.endpoint.control_plane_target_group_arns
}
