# The files of a bare-metal cluster's load balancers, for those who put them there by other means (Ansible, by hand, cloud-init):
#
#   terraform init
#   terraform apply -var-file ../envs/baremetal-files.tfvars
#
# The files are then in `rendered/`, one folder for each load balancer, and in the outputs.

terraform {
  required_version = ">= 1.8"
  required_providers {
    talosendpoint = {
      source  = "talosendpoint/talosendpoint"
      version = "~> 0.1"
    }
    local = {
      source = "hashicorp/local"
    }
  }
}

resource "talosendpoint_haproxy" "this" {
  control_plane  = { for name, address in var.control_plane : name => { address = address } }
  load_balancers = var.load_balancers
  vip            = var.vip
  host           = var.host
  talos_version  = var.talos_version
}

# A local value, because a data source that names a resource waits for the apply while that has a change pending.
locals {
  endpoint = talosendpoint_haproxy.this
}

locals {
  keepalived = { for name, text in local.endpoint.keepalived_conf : "${name}/keepalived.conf" => text }
  haproxy    = { for name in keys(var.load_balancers) : "${name}/haproxy.cfg" => local.endpoint.haproxy_cfg }
}

# A file that somebody deletes comes back, and those of a load balancer that leaves go with it.
resource "local_file" "rendered" {
  for_each        = merge(local.haproxy, local.keepalived)
  filename        = "${var.folder}/${each.key}"
  content         = each.value
  file_permission = endswith(each.key, "keepalived.conf") ? "0640" : "0644"
}
