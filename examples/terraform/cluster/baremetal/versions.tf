terraform {
  required_version = ">= 1.8"

  required_providers {
    talosendpoint = {
      source  = "talosendpoint/talosendpoint"
      version = "~> 0.1"
    }

    talos = {
      source  = "siderolabs/talos"
      version = ">= 0.11"
    }
  }
}
