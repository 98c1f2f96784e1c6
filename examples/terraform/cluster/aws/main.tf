# A Talos cluster on AWS: network, nodes, and the endpoint by which they are reached.

module "network" {
  source = "../../modules/aws/network"

  environment             = var.environment
  vpc_cidr                = var.vpc_cidr
  availability_zone_count = var.availability_zone_count
}

module "loadbalancer" {
  source = "../../modules/aws/loadbalancer"

  environment                      = var.environment
  vpc_id                           = module.network.vpc_id
  subnet_ids                       = module.network.public_subnet_ids
  internal                         = var.nlb_internal
  enable_deletion_protection       = var.enable_deletion_protection
  enable_cross_zone_load_balancing = var.enable_cross_zone_load_balancing
  health_check_interval            = var.health_check_interval
  health_check_timeout             = var.health_check_timeout
  healthy_threshold                = var.healthy_threshold
  unhealthy_threshold              = var.unhealthy_threshold
}

module "compute" {
  source = "../../modules/aws/compute"

  environment                 = var.environment
  vpc_id                      = module.network.vpc_id
  vpc_cidr                    = module.network.vpc_cidr
  subnet_ids                  = module.network.public_subnet_ids
  control_plane_count         = var.control_plane_count
  worker_count                = var.worker_count
  control_plane_instance_type = var.control_plane_instance_type
  worker_instance_type        = var.worker_instance_type
  ami_id                      = var.ami_id
  talos_version               = var.talos_version
  allowed_admin_cidrs         = var.allowed_admin_cidrs
  endpoint_is_public          = !var.nlb_internal
}

resource "aws_lb_target_group_attachment" "cp_kubernetes_api" {
  count = var.control_plane_count

  target_group_arn = module.loadbalancer.kubernetes_api_target_group_arn
  target_id        = module.compute.control_plane_instance_ids[count.index]
  port             = 6443
}

resource "aws_lb_target_group_attachment" "cp_talos_api" {
  count = var.control_plane_count

  target_group_arn = module.loadbalancer.talos_api_target_group_arn
  target_id        = module.compute.control_plane_instance_ids[count.index]
  port             = 50000
}
