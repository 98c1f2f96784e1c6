# A load balancer in front of a Talos control plane, as the usual guide makes it of hashicorp/aws: the module before it comes over.

variable "environment" {
  type = string
}

variable "vpc_id" {
  type = string
}

variable "subnet_ids" {
  type = list(string)
}

variable "internal" {
  type = bool
}

resource "aws_lb" "kubernetes_api" {
  name               = "${var.environment}-talos-api-nlb"
  internal           = var.internal
  load_balancer_type = "network"
  subnets            = var.subnet_ids
}

resource "aws_lb_target_group" "kubernetes_api" {
  name                 = "${var.environment}-talos-api-tg"
  port                 = 6443
  protocol             = "TCP"
  vpc_id               = var.vpc_id
  preserve_client_ip   = true
  deregistration_delay = 30
  health_check {
    protocol            = "TCP"
    port                = "6443"
    interval            = 10
    timeout             = 5
    healthy_threshold   = 2
    unhealthy_threshold = 2
  }
}

resource "aws_lb_target_group" "talos_api" {
  name                 = "${var.environment}-talos-apid-tg"
  port                 = 50000
  protocol             = "TCP"
  vpc_id               = var.vpc_id
  preserve_client_ip   = true
  deregistration_delay = 30
  health_check {
    protocol            = "TCP"
    port                = "50000"
    interval            = 10
    timeout             = 5
    healthy_threshold   = 2
    unhealthy_threshold = 2
  }
}

resource "aws_lb_listener" "kubernetes_api" {
  load_balancer_arn = aws_lb.kubernetes_api.arn
  port              = 6443
  protocol          = "TCP"
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.kubernetes_api.arn
  }
}

resource "aws_lb_listener" "talos_api" {
  load_balancer_arn = aws_lb.kubernetes_api.arn
  port              = 50000
  protocol          = "TCP"
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.talos_api.arn
  }
}

output "load_balancer_dns_name" {
  value = aws_lb.kubernetes_api.dns_name
}

output "load_balancer_arn" {
  value = aws_lb.kubernetes_api.arn
}

output "kubernetes_api_endpoint" {
  value = "https://${aws_lb.kubernetes_api.dns_name}:${aws_lb_listener.kubernetes_api.port}"
}

output "talos_api_endpoint" {
  value = "${aws_lb.kubernetes_api.dns_name}:${aws_lb_listener.talos_api.port}"
}

output "kubernetes_api_target_group_arn" {
  value = aws_lb_target_group.kubernetes_api.arn
}

output "talos_api_target_group_arn" {
  value = aws_lb_target_group.talos_api.arn
}
