resource "aws_lb_target_group_attachment" "cp_kubernetes_api" {
  count = 2

  target_group_arn = module.loadbalancer.kubernetes_api_target_group_arn
  target_id        = aws_instance.control_plane[count.index].id
  port             = 6443
}

resource "aws_lb_target_group_attachment" "cp_talos_api" {
  count = 2

  target_group_arn = module.loadbalancer.talos_api_target_group_arn
  target_id        = aws_instance.control_plane[count.index].id
  port             = 50000
}
