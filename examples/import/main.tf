# Takes over the load balancer of the guide, with its listener for workers, as it is: `terraform plan` shows an import and no change.
# If another configuration has it in its state, remove it there first (`removed` blocks with `destroy = false`): two configurations must
# never own one load balancer.

terraform {
  required_version = ">= 1.5"
  required_providers {
    talosendpoint = {
      source  = "talosendpoint/talosendpoint"
      version = "~> 0.1"
    }
  }
}

variable "public_subnet_ids" {
  type = set(string)
}

import {
  to = talosendpoint_nlb.this
  id = "prod-talos-api-nlb" # or its ARN
}

resource "talosendpoint_nlb" "this" {
  name       = "prod-talos"
  subnet_ids = var.public_subnet_ids
  internal   = false

  worker_talos_api = {
    port = 50001
  }
}
