# A Talos cluster on Proxmox (or any layer-2 network) behind Talos' own virtual IP, from the variables of an environment:
#
#   terraform init
#   terraform apply -var-file ../envs/proxmox.tfvars
#   terraform output -raw kubeconfig > kubeconfig
#
# The virtual machines are yours: make them with bpg/proxmox, or by hand, from a Talos image (`nocloud`, from factory.talos.dev). Before the
# first apply each must be up in maintenance mode, at the address or name in `control_plane` and `workers`: by cloud-init or by DHCP.

resource "talosendpoint_vip" "this" {
  vip               = var.vip
  additional_vips   = var.additional_vips
  host              = var.host
  host_entry        = var.host_entry
  additional_names  = var.additional_names
  talos_version     = var.talos_version
  interface         = var.interface
  vlan_id           = var.vlan_id
  dhcp              = var.dhcp
  static_addressing = var.static_addressing
  gateway           = var.gateway
  control_plane     = var.control_plane
}

# A local value, because a data source that names a resource waits for the apply while that has a change pending.
locals {
  endpoint = talosendpoint_vip.this
}
