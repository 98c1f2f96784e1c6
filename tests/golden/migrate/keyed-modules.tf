# Brings load balancers of hashicorp/aws over to talosendpoint_nlb, as they are. Nothing is destroyed.
#
# 1. Put this file into the root module, beside the others.
# 2. Name the provider in the block `required_providers` of the root module, and of module.lb["a"]:
#
#      talosendpoint = {
#        source  = "talosendpoint/talosendpoint"
#        version = "~> 0.1"
#      }
#
# 3. Take these out of the `count` or `for_each` of their resource, or of their module, in which
# others stay:
#
#      module.lb["a"].aws_lb.kubernetes_api
#      module.lb["a"].aws_lb_listener.kubernetes_api
#      module.lb["a"].aws_lb_listener.talos_api
#      module.lb["a"].aws_lb_target_group.kubernetes_api
#      module.lb["a"].aws_lb_target_group.talos_api
#
# 4. Where something refers to them, write what takes their place: see the end of this file.
# 5. Put the block of each module, below, into that module. Where the module isn't yours to edit,
# delete its call instead, put the block into the root module, and shorten `to` of the `import` block
# to the same.
#
# Run the `state rm` commands below, then `terraform init` and `terraform plan`. It must say "0 to
# destroy". After the apply, delete the `import` and `removed` blocks.

import {
  to = module.lb["a"].talosendpoint_nlb.kubernetes_api
  id = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/a-talos-api-nlb/e1a67b5174e11c7a"
}

# The state forgets these by commands, before the plan:
#
#   terraform state rm 'module.lb["a"].aws_lb.kubernetes_api'
#   terraform state rm 'module.lb["a"].aws_lb_listener.kubernetes_api'
#   terraform state rm 'module.lb["a"].aws_lb_listener.talos_api'
#   terraform state rm 'module.lb["a"].aws_lb_target_group.kubernetes_api'
#   terraform state rm 'module.lb["a"].aws_lb_target_group.talos_api'

# --- Into module.lb["a"], without the comment signs. The values are those of this state: write the
# module's own variables in their place.
#
# The module is called with `count` or `for_each`: write the block once for all calls. Where a call
# stays without it, make the block depend on a variable by `count`, or give the calls that come over a
# copy of the module.
#
# resource "talosendpoint_nlb" "kubernetes_api" {
#   name                   = "a-talos"
#   region                 = "us-east-1"
#   subnet_ids             = ["subnet-0574bc91336cc0ff0", "subnet-34e9ce7d23b9e25a9"]
#   internal               = false
#   connection_termination = false
#   kubernetes_api         = { health_check = { port = "6443" } }
#   talos_api              = { health_check = { port = "50000" } }
#   tags                   = { environment = "demo" }
# }
#
# --- end

# What takes the place of references in module.lb["a"]:
#
#   aws_lb.kubernetes_api.arn               -> talosendpoint_nlb.kubernetes_api.arn
#   aws_lb.kubernetes_api.id                -> talosendpoint_nlb.kubernetes_api.id
#   aws_lb.kubernetes_api.arn_suffix        -> talosendpoint_nlb.kubernetes_api.arn_suffix
#   aws_lb.kubernetes_api.dns_name          -> talosendpoint_nlb.kubernetes_api.dns_name
#   aws_lb.kubernetes_api.zone_id           -> talosendpoint_nlb.kubernetes_api.zone_id
#   aws_lb.kubernetes_api.vpc_id            -> talosendpoint_nlb.kubernetes_api.vpc_id
#   aws_lb.kubernetes_api.subnets           -> talosendpoint_nlb.kubernetes_api.subnet_ids
#   aws_lb_target_group.kubernetes_api.arn  -> talosendpoint_nlb.kubernetes_api.kubernetes_api_target_group_arn
#   aws_lb_target_group.kubernetes_api.name -> talosendpoint_nlb.kubernetes_api.target_groups["kubernetes_api"].name
#   aws_lb_listener.kubernetes_api.arn      -> talosendpoint_nlb.kubernetes_api.listener_arns["kubernetes_api"]
#   aws_lb_listener.kubernetes_api.port     -> talosendpoint_nlb.kubernetes_api.kubernetes_api.port
#   aws_lb_target_group.talos_api.arn       -> talosendpoint_nlb.kubernetes_api.talos_api_target_group_arn
#   aws_lb_target_group.talos_api.name      -> talosendpoint_nlb.kubernetes_api.target_groups["talos_api"].name
#   aws_lb_listener.talos_api.arn           -> talosendpoint_nlb.kubernetes_api.listener_arns["talos_api"]
#   aws_lb_listener.talos_api.port          -> talosendpoint_nlb.kubernetes_api.talos_api.port
