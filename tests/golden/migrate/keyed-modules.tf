# Brings load balancers of hashicorp/aws over to talosendpoint_nlb, as they are. Nothing is destroyed.
#
# 1. Put this file into the root module, beside the others.
# 2. Name the provider in the block `required_providers` of the root module, and of module.lb:
#
#      talosendpoint = {
#        source  = "talosendpoint/talosendpoint"
#        version = "~> 0.1"
#      }
#
# 3. Keep these blocks for the objects that stay, with this `count` or `for_each`:
#
#      module.lb.aws_lb.kubernetes_api:              count = var.use_talosendpoint ? 0 : 1
#      module.lb.aws_lb_listener.kubernetes_api:     count = var.use_talosendpoint ? 0 : 1
#      module.lb.aws_lb_listener.talos_api:          count = var.use_talosendpoint ? 0 : 1
#      module.lb.aws_lb_target_group.kubernetes_api: count = var.use_talosendpoint ? 0 : 1
#      module.lb.aws_lb_target_group.talos_api:      count = var.use_talosendpoint ? 0 : 1
#
# 4. Where something refers to them, write what takes their place: see the end of this file.
# 5. Put the block of each module, below, into that module.
# 6. Pass to the module which of its calls come over:
#
#      module.lb: use_talosendpoint = contains(["a"], each.key)
#
# Run the `state rm` commands below, then `terraform init` and `terraform plan`. It must say "0 to
# destroy". After the apply, delete the `import` and `removed` blocks.

import {
  to = module.lb["a"].talosendpoint_nlb.kubernetes_api[0]
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
# The module is called with `count` or `for_each`: write the block once for all calls. The variable
# keeps module.lb["b"] as it is.
#
# variable "use_talosendpoint" {
#   description = "Whether the load balancer is a talosendpoint_nlb."
#   type        = bool
#   default     = false
# }
#
# resource "talosendpoint_nlb" "kubernetes_api" {
#   count = var.use_talosendpoint ? 1 : 0
#
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

# Attachments: module.lb.aws_lb_target_group_attachment.cp_kubernetes_api,
# module.lb.aws_lb_target_group_attachment.cp_talos_api may stay as they are, with the new ARNs.
#
# Or let talosendpoint_nlb_attachment take their place: one for each node, which deregisters it and
# waits until it is drained before the node ends. Then delete those blocks too, and remove the comment
# signs between the marks below. Put what is marked with a module into that module. No registration is
# taken back by it. Keep the keys, and write the expressions of the old blocks in place of the ids.
#
# Keep these blocks for the objects that stay, with this `count` or `for_each` (OLD is the expression
# that is there now):
#
#      module.lb.aws_lb_target_group_attachment.cp_kubernetes_api: count = var.use_talosendpoint ? 0 : OLD
#      module.lb.aws_lb_target_group_attachment.cp_talos_api:      count = var.use_talosendpoint ? 0 : OLD
#
# The state forgets these by commands, before the plan:
#
#   terraform state rm 'module.lb["a"].aws_lb_target_group_attachment.cp_kubernetes_api[0]'
#   terraform state rm 'module.lb["a"].aws_lb_target_group_attachment.cp_kubernetes_api[1]'
#   terraform state rm 'module.lb["a"].aws_lb_target_group_attachment.cp_talos_api[0]'
#   terraform state rm 'module.lb["a"].aws_lb_target_group_attachment.cp_talos_api[1]'
#
# --- attachments, into module.lb["a"]
#
# resource "talosendpoint_nlb_attachment" "control_plane" {
#   for_each = var.use_talosendpoint ? { "0" = "i-0b7fcfca47cdb820e", "1" = "i-5505403944f3cc351" } : {}
#
#   target_id         = each.value
#   target_group_arns = talosendpoint_nlb.kubernetes_api[0].control_plane_target_group_arns
# }
#
# --- end

# What takes the place of references in module.lb["a"]:
#
#   aws_lb.kubernetes_api.arn               -> var.use_talosendpoint ? talosendpoint_nlb.kubernetes_api[0].arn : aws_lb.kubernetes_api[0].arn
#   aws_lb.kubernetes_api.id                -> var.use_talosendpoint ? talosendpoint_nlb.kubernetes_api[0].id : aws_lb.kubernetes_api[0].id
#   aws_lb.kubernetes_api.arn_suffix        -> var.use_talosendpoint ? talosendpoint_nlb.kubernetes_api[0].arn_suffix : aws_lb.kubernetes_api[0].arn_suffix
#   aws_lb.kubernetes_api.dns_name          -> var.use_talosendpoint ? talosendpoint_nlb.kubernetes_api[0].dns_name : aws_lb.kubernetes_api[0].dns_name
#   aws_lb.kubernetes_api.zone_id           -> var.use_talosendpoint ? talosendpoint_nlb.kubernetes_api[0].zone_id : aws_lb.kubernetes_api[0].zone_id
#   aws_lb.kubernetes_api.vpc_id            -> var.use_talosendpoint ? talosendpoint_nlb.kubernetes_api[0].vpc_id : aws_lb.kubernetes_api[0].vpc_id
#   aws_lb.kubernetes_api.subnets           -> var.use_talosendpoint ? talosendpoint_nlb.kubernetes_api[0].subnet_ids : aws_lb.kubernetes_api[0].subnets
#   aws_lb_target_group.kubernetes_api.arn  -> var.use_talosendpoint ? talosendpoint_nlb.kubernetes_api[0].kubernetes_api_target_group_arn : aws_lb_target_group.kubernetes_api[0].arn
#   aws_lb_target_group.kubernetes_api.name -> var.use_talosendpoint ? talosendpoint_nlb.kubernetes_api[0].target_groups["kubernetes_api"].name : aws_lb_target_group.kubernetes_api[0].name
#   aws_lb_listener.kubernetes_api.arn      -> var.use_talosendpoint ? talosendpoint_nlb.kubernetes_api[0].listener_arns["kubernetes_api"] : aws_lb_listener.kubernetes_api[0].arn
#   aws_lb_listener.kubernetes_api.port     -> var.use_talosendpoint ? talosendpoint_nlb.kubernetes_api[0].kubernetes_api.port : aws_lb_listener.kubernetes_api[0].port
#   aws_lb_target_group.talos_api.arn       -> var.use_talosendpoint ? talosendpoint_nlb.kubernetes_api[0].talos_api_target_group_arn : aws_lb_target_group.talos_api[0].arn
#   aws_lb_target_group.talos_api.name      -> var.use_talosendpoint ? talosendpoint_nlb.kubernetes_api[0].target_groups["talos_api"].name : aws_lb_target_group.talos_api[0].name
#   aws_lb_listener.talos_api.arn           -> var.use_talosendpoint ? talosendpoint_nlb.kubernetes_api[0].listener_arns["talos_api"] : aws_lb_listener.talos_api[0].arn
#   aws_lb_listener.talos_api.port          -> var.use_talosendpoint ? talosendpoint_nlb.kubernetes_api[0].talos_api.port : aws_lb_listener.talos_api[0].port
#
# These refer to the old resources, or to outputs made of them:
#
#   module.lb.aws_lb_target_group_attachment.cp_kubernetes_api
#   module.lb.aws_lb_target_group_attachment.cp_talos_api
