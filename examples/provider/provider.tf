terraform {
  required_providers {
    talosendpoint = {
      source  = "talosendpoint/talosendpoint"
      version = "~> 0.1"
    }
  }
}

# Without a block, region and credentials come from where the AWS CLI finds them.
provider "talosendpoint" {
  aws = {
    region = "eu-central-1"

    assume_role = {
      role_arn = "arn:aws:iam::123456789012:role/terraform"
    }

    allowed_account_ids = ["123456789012"]

    default_tags = {
      managed-by = "terraform"
    }
  }
}
