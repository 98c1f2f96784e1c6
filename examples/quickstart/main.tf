# The smallest useful configuration: an endpoint in a network that exists already.
# `make demo` runs it against an AWS stand-in; with a real account:
#
#   terraform init
#   terraform apply -var vpc_id=vpc-… -var 'subnet_ids=["subnet-…", "subnet-…"]'

terraform {
  required_providers {
    talosendpoint = {
      source = "talosendpoint/talosendpoint"
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

resource "talosendpoint_nlb" "this" {
  name       = "demo-talos"
  vpc_id     = var.vpc_id
  subnet_ids = var.subnet_ids
}
