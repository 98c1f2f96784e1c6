# A Talos cluster on bare metal behind two machines with HAProxy and Keepalived, from the variables of an environment:
#
#   terraform init
#   terraform apply -var-file ../envs/baremetal.tfvars
#   terraform output -raw kubeconfig > kubeconfig
#
# Before the first apply each node must be up in maintenance mode at its address, and each load balancer must be reached over SSH by a user
# with sudo. What else a load balancer needs is installed. The guide "Bare metal" says how the keys get there.

provider "talosendpoint" {
  ssh = {
    user             = var.ssh_user
    private_key_path = var.ssh_private_key_path
    bastion          = var.ssh_bastion
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

# Puts the files on the load balancers, and keeps them there.
resource "talosendpoint_haproxy_deployment" "this" {
  endpoint = local.endpoint
  hosts    = { for name, key in var.host_keys : name => { host_key = key } }
}

# The apply ends when the Kubernetes API and the Talos API answer through the virtual IP.
resource "talosendpoint_ready" "this" {
  depends_on = [talosendpoint_haproxy_deployment.this, talos_machine_bootstrap.this]

  endpoint = local.endpoint
}
