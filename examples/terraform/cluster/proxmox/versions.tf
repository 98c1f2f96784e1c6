terraform {
  required_version = ">= 1.8"

  required_providers {
    talosendpoint = {
      source  = "talosendpoint/talosendpoint"
      version = "~> 0.1"
    }

    # A `talos_version` of v1.14 with names for the API server (`additional_vips`, `additional_names`, `host`) needs Talos 1.14 inside the
    # provider: version = "0.12.0-alpha.5", exactly, until 0.12.0 is released.
    talos = {
      source  = "siderolabs/talos"
      version = ">= 0.11"
    }
  }
}
