# The Talos API of workers: the root module's own, behind the module's load balancer.

locals {
  workers = terraform.workspace == "demo" ? 1 : 0
}

resource "aws_instance" "worker" {
  count = local.workers

  ami           = "ami-12c6146b"
  instance_type = "t3.micro"
}

resource "aws_lb_target_group" "wk_talos_api" {
  count = local.workers

  name                 = "${terraform.workspace}-talos-wk-apid-tg"
  port                 = 50000
  protocol             = "TCP"
  vpc_id               = data.aws_vpc.default.id
  preserve_client_ip   = true
  deregistration_delay = 30
}

resource "aws_lb_listener" "wk_talos_api" {
  count = local.workers

  load_balancer_arn = module.loadbalancer.load_balancer_arn
  port              = 50001
  protocol          = "TCP"

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.wk_talos_api[count.index].arn
  }
}

resource "aws_lb_target_group_attachment" "wk_talos_api" {
  count = local.workers

  target_group_arn = aws_lb_target_group.wk_talos_api[count.index].arn
  target_id        = aws_instance.worker[count.index].id
  port             = 50000
}
