terraform {
  required_providers {
    talosendpoint = {
      source  = "talosendpoint/talosendpoint"
      version = "~> 0.1"
    }
  }
}

variable "private_subnet_ids" {
  type = set(string)
}

variable "control_plane_instance_ids" {
  description = "By node name: `for_each` needs keys that are known at plan; the ids may be known later."
  type        = map(string)
}

resource "talosendpoint_nlb" "this" {
  name       = "prod-talos"
  subnet_ids = var.private_subnet_ids
}

# A local value, because a data source that names a resource waits for the apply while that has a change pending.
locals {
  endpoint = talosendpoint_nlb.this
}

# One for each node: an instance that is replaced is deregistered and drained first, ends then, and its successor joins.
resource "talosendpoint_nlb_attachment" "control_plane" {
  for_each          = var.control_plane_instance_ids
  target_id         = each.value
  target_group_arns = local.endpoint.control_plane_target_group_arns
}
