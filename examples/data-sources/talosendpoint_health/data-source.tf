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

# One endpoint of each kind. Elsewhere nodes, bootstrap and so on stand between these and the waits below.
resource "talosendpoint_vip" "this" {
  vip           = "192.168.30.30"
  talos_version = "v1.12"
  interface     = "eth0"
  control_plane = {
    cp-01 = { address = "192.168.30.31/24" }
    cp-02 = { address = "192.168.30.32/24" }
    cp-03 = { address = "192.168.30.33/24" }
  }
}

resource "talosendpoint_nlb" "this" {
  name       = "prod-talos"
  subnet_ids = var.private_subnet_ids
}

resource "talosendpoint_haproxy" "this" {
  control_plane = {
    cp-01 = { address = "192.168.40.31" }
    cp-02 = { address = "192.168.40.32" }
    cp-03 = { address = "192.168.40.33" }
  }
  load_balancers = {
    lb-01 = { address = "192.168.40.21/24", interface = "eth0" }
    lb-02 = { address = "192.168.40.22/24", interface = "eth0" }
  }
  vip = "192.168.40.30"
}

resource "talosendpoint_static" "this" {
  host     = "k8s.example.com"
  external = true
}

# Local values, because a data source that names a resource waits for the apply while that has a change pending.
locals {
  vip     = talosendpoint_vip.this
  nlb     = talosendpoint_nlb.this
  haproxy = talosendpoint_haproxy.this
  static  = talosendpoint_static.this
}

resource "talosendpoint_ready" "vip" {
  endpoint = local.vip
}

resource "talosendpoint_ready" "nlb" {
  endpoint          = local.nlb
  target_group_arns = local.nlb.control_plane_target_group_arns
}

resource "talosendpoint_ready" "haproxy" {
  endpoint = local.haproxy
}

resource "talosendpoint_ready" "static" {
  endpoint = local.static
}

# `depends_on` is what keeps the first apply quiet: the endpoint is probed once it serves. Later plans probe it each time, and a cluster that
# is down is a warning there.
#
# Inside of the `check` block the data source would be read again at the end of every apply. But Terraform lists it in every plan then, and
# `terraform plan -detailed-exitcode` ends with 2 even where nothing changes.
data "talosendpoint_health" "vip" {
  endpoint   = local.vip
  depends_on = [talosendpoint_ready.vip]
}

check "vip" {
  assert {
    condition     = data.talosendpoint_health.vip.serves
    error_message = data.talosendpoint_health.vip.message
  }
}

# Behind a Network Load Balancer AWS is asked too, and its answer is in the message: it is often the shorter way to the reason.
data "talosendpoint_health" "nlb" {
  endpoint          = local.nlb
  target_group_arns = local.nlb.control_plane_target_group_arns
  depends_on        = [talosendpoint_ready.nlb]
}

check "nlb" {
  assert {
    condition     = data.talosendpoint_health.nlb.serves
    error_message = data.talosendpoint_health.nlb.message
  }
}

data "talosendpoint_health" "haproxy" {
  endpoint   = local.haproxy
  depends_on = [talosendpoint_ready.haproxy]
}

# `healthy` in place of `serves` is stricter: it is false as soon as one node is down, also on a first apply whose last nodes are still joining.
check "haproxy" {
  assert {
    condition     = data.talosendpoint_health.haproxy.serves
    error_message = data.talosendpoint_health.haproxy.message
  }
}

data "talosendpoint_health" "static" {
  endpoint   = local.static
  depends_on = [talosendpoint_ready.static]
}

check "certificate" {
  # Two weeks are left to renew it.
  assert {
    condition = try(
      timecmp(data.talosendpoint_health.static.targets["kubernetes_api"].certificate.not_after, timeadd(plantimestamp(), "336h")) > 0,
      false
    )
    error_message = "The certificate of the Kubernetes API ends within two weeks, or isn't shown."
  }
}
