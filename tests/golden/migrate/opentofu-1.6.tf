# Brings load balancers of hashicorp/aws over to talosendpoint_nlb, as they are. Nothing is destroyed.
#
# 1. Put this file into the root module, beside the others.
# 2. Name the provider in the block `required_providers` of the root module, and of
# module.loadbalancer:
#
#      talosendpoint = {
#        source  = "talosendpoint/talosendpoint"
#        version = "~> 0.1"
#      }
#
# 3. Delete the old blocks:
#
#      module.loadbalancer.aws_lb.kubernetes_api
#      module.loadbalancer.aws_lb_listener.kubernetes_api
#      module.loadbalancer.aws_lb_listener.talos_api
#      module.loadbalancer.aws_lb_target_group.kubernetes_api
#      module.loadbalancer.aws_lb_target_group.talos_api
#
# 4. Where something refers to them, write what takes their place: see the end of this file.
# 5. Put the block of each module, below, into that module. Where the module isn't yours to edit,
# delete its call instead, put the block into the root module, and shorten `to` of the `import` block
# to the same.
#
# Run the `state rm` commands below, then `tofu init` and `tofu plan`. It must say "0 to destroy".
# After the apply, delete the `import` and `removed` blocks.

import {
  to = module.loadbalancer.talosendpoint_nlb.kubernetes_api
  id = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/demo-talos-api-nlb/e1a67b5174e11c7a"
}

# The state forgets these by commands, before the plan:
#
#   tofu state rm 'module.loadbalancer.aws_lb.kubernetes_api'
#   tofu state rm 'module.loadbalancer.aws_lb_listener.kubernetes_api'
#   tofu state rm 'module.loadbalancer.aws_lb_listener.talos_api'
#   tofu state rm 'module.loadbalancer.aws_lb_target_group.kubernetes_api'
#   tofu state rm 'module.loadbalancer.aws_lb_target_group.talos_api'

# --- Into module.loadbalancer, without the comment signs. The values are those of this state: write
# the module's own variables in their place.
#
# resource "talosendpoint_nlb" "kubernetes_api" {
#   name                   = "demo-talos"
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

# Attachments: aws_lb_target_group_attachment.cp_kubernetes_api,
# aws_lb_target_group_attachment.cp_talos_api may stay as they are, with the new ARNs.
#
# Or let talosendpoint_nlb_attachment take their place: one for each node, which deregisters it and
# waits until it is drained before the node ends. Then delete those blocks too, and remove the comment
# signs between the marks below. Put what is marked with a module into that module. No registration is
# taken back by it. Keep the keys, and write the expressions of the old blocks in place of the ids.
#
# The state forgets these by commands, before the plan:
#
#   tofu state rm 'aws_lb_target_group_attachment.cp_kubernetes_api[0]'
#   tofu state rm 'aws_lb_target_group_attachment.cp_kubernetes_api[1]'
#   tofu state rm 'aws_lb_target_group_attachment.cp_talos_api[0]'
#   tofu state rm 'aws_lb_target_group_attachment.cp_talos_api[1]'
#
# --- attachments
#
# resource "talosendpoint_nlb_attachment" "control_plane" {
#   for_each = { "0" = "i-0b7fcfca47cdb820e", "1" = "i-5505403944f3cc351" }
#
#   target_id = each.value
#
#   target_group_arns = [
#     "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/demo-talos-api-tg/c00ac64127e92e7f",
#     "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/demo-talos-apid-tg/2fa067b61ef57b93",
#   ]
# }
#
# --- end

# What takes the place of references in module.loadbalancer:
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
#
# These refer to the old resources, or to outputs made of them:
#
#   aws_lb_listener.wk_talos_api
#   aws_lb_target_group_attachment.cp_kubernetes_api
#   aws_lb_target_group_attachment.cp_talos_api
#   output.nlb
