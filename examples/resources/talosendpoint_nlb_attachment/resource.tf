terraform {
  required_providers {
    talosendpoint = {
      source = "talosendpoint/talosendpoint"
    }
  }
}

variable "vpc_id" {
  type = string
}

variable "subnet_ids" {
  type = set(string)
}

variable "control_plane_instance_ids" {
  type = list(string)
}

resource "talosendpoint_nlb" "this" {
  name       = "prod-talos"
  vpc_id     = var.vpc_id
  subnet_ids = var.subnet_ids
}

# One for each node. The keys are known before the instances are, so the attachments can be planned with them.
resource "talosendpoint_nlb_attachment" "control_plane" {
  for_each          = { for index, id in var.control_plane_instance_ids : "cp-${index}" => id }
  target_id         = each.value
  target_group_arns = talosendpoint_nlb.this.control_plane_target_group_arns
}
