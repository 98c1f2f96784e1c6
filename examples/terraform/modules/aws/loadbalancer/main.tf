# The stable endpoint: load balancer, target groups and listeners of the Kubernetes API (6443) and the Talos API (50000).

# Where the AWS provider works, so that its block alone says it.
data "aws_region" "current" {}

data "aws_default_tags" "current" {}

resource "talosendpoint_nlb" "kubernetes_api" {
  name       = "${var.environment}-talos" # ENVIRONMENT-talos-api-nlb, ENVIRONMENT-talos-api-tg, ENVIRONMENT-talos-apid-tg
  region     = data.aws_region.current.id
  vpc_id     = var.vpc_id
  subnet_ids = var.subnet_ids
  internal   = var.internal

  security_group_ids               = var.security_group_ids
  enable_deletion_protection       = var.enable_deletion_protection
  enable_cross_zone_load_balancing = var.enable_cross_zone_load_balancing

  preserve_client_ip   = var.preserve_client_ip
  deregistration_delay = 30

  health_check = {
    interval            = var.health_check_interval
    timeout             = var.health_check_timeout
    healthy_threshold   = var.healthy_threshold
    unhealthy_threshold = var.unhealthy_threshold
  }

  tags = data.aws_default_tags.current.tags
}

# A local value, because a data source that names a resource waits for the apply while that has a change pending.
locals {
  endpoint = talosendpoint_nlb.kubernetes_api
}
