terraform {
  required_version = ">= 1.8"

  required_providers {
    talosendpoint = {
      source = "talosendpoint/talosendpoint"
    }

    talos = {
      source  = "siderolabs/talos"
      version = ">= 0.11"
    }
  }
}
