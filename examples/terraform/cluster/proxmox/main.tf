# The virtual IP of a Talos cluster on Proxmox (or any layer-2 network), from the variables of an environment:
#
#   terraform init
#   terraform apply -var-file ../envs/proxmox.tfvars
#
# Each node's patches are then in `rendered/NODE/`, one document a file, for talosctl:
#
#   talosctl apply-config --insecure -n 192.168.30.31 -f controlplane.yaml \
#     $(printf -- '--config-patch @%s ' rendered/cp-01/*)
#
# Without files, the same by the output:
#
#   terraform output -json patches | jq -r '.["cp-01"][]'
#
# With the provider siderolabs/talos, talos.tf.example takes the place of talosctl: rename it to talos.tf.

terraform {
  required_version = ">= 1.8"
  required_providers {
    talosendpoint = {
      source = "talosendpoint/talosendpoint"
    }
  }
}

resource "talosendpoint_vip" "this" {
  vip               = var.vip
  host              = var.host
  talos_version     = var.talos_version
  interface         = var.interface
  vlan_id           = var.vlan_id
  static_addressing = var.static_addressing
  gateway           = var.gateway
  control_plane     = var.control_plane
}

# A local value, because a data source that names a resource waits for the apply while that has a change pending.
locals {
  endpoint = talosendpoint_vip.this
}

locals {
  # One document a file: up to Talos 1.13 a file must not hold two parts of one document.
  files = merge([
    for node, patches in local.endpoint.patches : {
      for number, patch in patches : "${node}/${format("%02d", number + 1)}.json" => patch
    }
  ]...)
}

# Writes each file again when it changes, with nothing but a shell.
resource "terraform_data" "file" {
  for_each         = local.files
  triggers_replace = each.value

  provisioner "local-exec" {
    command = "mkdir -p \"$(dirname \"$FILE\")\" && printf '%s\\n' \"$TEXT\" > \"$FILE\""
    environment = {
      FILE = "${var.folder}/${each.key}"
      TEXT = each.value
    }
  }
}
