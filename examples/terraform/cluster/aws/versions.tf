terraform {
  required_version = ">= 1.5"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }

    talosendpoint = {
      source  = "talosendpoint/talosendpoint"
      version = "~> 0.1"
    }
  }
}

# Region and tags of everything, the load balancer included. Credentials come from where the AWS CLI finds them; a `profile` or
# `assume_role` here must be repeated in a block `provider "talosendpoint"` (see the README).
provider "aws" {
  region = var.region

  default_tags {
    tags = {
      environment = var.environment
      managed-by  = "terraform"
    }
  }
}
