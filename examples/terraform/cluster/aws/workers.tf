# The Talos API of workers, behind the same load balancer.

resource "aws_lb_target_group" "wk_talos_api" {
  name                 = "${var.environment}-talos-wk-apid-tg"
  port                 = 50000
  protocol             = "TCP"
  vpc_id               = module.network.vpc_id
  preserve_client_ip   = true
  deregistration_delay = 30

  health_check {
    protocol            = "TCP"
    port                = "traffic-port"
    interval            = var.health_check_interval
    timeout             = var.health_check_timeout
    healthy_threshold   = var.healthy_threshold
    unhealthy_threshold = var.unhealthy_threshold
  }
}

resource "aws_lb_listener" "wk_talos_api" {
  load_balancer_arn = module.loadbalancer.load_balancer_arn
  port              = var.worker_talos_api_port
  protocol          = "TCP"

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.wk_talos_api.arn
  }
}

resource "aws_lb_target_group_attachment" "wk_talos_api" {
  count = var.worker_count

  target_group_arn = aws_lb_target_group.wk_talos_api.arn
  target_id        = module.compute.worker_instance_ids[count.index]
  port             = 50000
}
