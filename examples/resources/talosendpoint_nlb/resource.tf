terraform {
  required_providers {
    talosendpoint = {
      source  = "talosendpoint/talosendpoint"
      version = "~> 0.1"
    }
  }
}

variable "vpc_id" {
  type = string
}

variable "private_subnet_ids" {
  type = set(string)
}

variable "public_subnet_ids" {
  type = set(string)
}

variable "security_group_id" {
  description = "Admits the addresses of administrators to 6443 and 50000."
  type        = string
}

# Reachable from the VPC only: everything else is a default.
resource "talosendpoint_nlb" "internal" {
  name       = "prod-talos"
  vpc_id     = var.vpc_id
  subnet_ids = var.private_subnet_ids
}

# Reachable from the internet, but only for those that the security group admits. Nodes and kubeconfigs know it by a name
# of your own, so that the load balancer can be exchanged behind it.
resource "talosendpoint_nlb" "public" {
  name               = "edge-talos"
  host               = "k8s.example.com"
  talos_version      = "v1.12"
  vpc_id             = var.vpc_id
  subnet_ids         = var.public_subnet_ids
  internal           = false
  security_group_ids = [var.security_group_id]

  enable_deletion_protection       = true
  enable_cross_zone_load_balancing = true

  # `talosctl` for workers, through the same load balancer.
  worker_talos_api = {
    port = 50002
  }

  health_check = {
    interval            = 10
    unhealthy_threshold = 3
  }

  tags = {
    environment = "edge"
  }
}
