# The stable endpoint of a cluster, whichever kind it is. What uses this module doesn't change when `kind` does, so that an environment's
# tfvars may say it:
#
#   module "endpoint" {
#     source        = "./modules/endpoint"
#     kind          = var.kind
#     control_plane = var.control_plane
#     …
#   }

terraform {
  required_version = ">= 1.8"
  required_providers {
    talosendpoint = {
      source  = "talosendpoint/talosendpoint"
      version = "~> 0.1"
    }
  }
}

# On AWS. The nodes are put behind it with talosendpoint_nlb_attachment, once they exist.
resource "talosendpoint_nlb" "this" {
  count            = var.kind == "nlb" ? 1 : 0
  name             = var.name
  subnet_ids       = var.subnet_ids
  host             = var.host
  additional_names = var.additional_names
  talos_version    = var.talos_version
}

# On bare metal. The files are put on the machines by whatever makes those.
resource "talosendpoint_haproxy" "this" {
  count            = var.kind == "haproxy" ? 1 : 0
  control_plane    = var.control_plane
  load_balancers   = var.load_balancers
  vip              = var.vip
  host             = var.host
  additional_names = var.additional_names
  talos_version    = var.talos_version
}

# On Proxmox and other layer-2 networks.
resource "talosendpoint_vip" "this" {
  count            = var.kind == "vip" ? 1 : 0
  control_plane    = var.control_plane
  vip              = var.vip
  interface        = var.interface
  host             = var.host
  additional_names = var.additional_names
  talos_version    = var.talos_version
}

# A single node, a DNS name, or a load balancer that exists already.
resource "talosendpoint_static" "this" {
  count            = var.kind == "static" ? 1 : 0
  control_plane    = var.control_plane
  host             = var.host
  additional_names = var.additional_names
  external         = var.external
  talos_version    = var.talos_version
}

# Local values, because a data source that names a resource waits for the apply while that has a change pending.
locals {
  nlb     = one(talosendpoint_nlb.this)
  haproxy = one(talosendpoint_haproxy.this)
  vip     = one(talosendpoint_vip.this)
  static  = one(talosendpoint_static.this)

  endpoint = {
    nlb     = local.nlb
    haproxy = local.haproxy
    vip     = local.vip
    static  = local.static
  }[var.kind]
}
