# `terraform query` prints what it finds; `terraform query -generate-config-out=found.tf` writes resource and import blocks of it.
list "talosendpoint_nlb" "prod" {
  provider = talosendpoint

  config {
    region      = "eu-central-1"
    name_prefix = "prod-"
    tags        = { cluster = "prod" }
  }

  include_resource = true
  limit            = 500
}
