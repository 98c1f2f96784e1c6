# Brings load balancers of hashicorp/aws over to talosendpoint_nlb, as they are. Nothing is destroyed.
#
# 1. Put this file into the root module, beside the others.
# 2. Name the provider in the block `required_providers` of the root module:
#
#      talosendpoint = {
#        source  = "talosendpoint/talosendpoint"
#        version = "~> 0.1"
#      }
#
# 3. Delete the old blocks:
#
#      aws_alb.this
#      aws_alb_listener.this
#      aws_lb_listener.counted
#      aws_alb_target_group.this
#      aws_lb_target_group.counted
#
# 4. Keep these blocks for the objects that stay, with this `count` or `for_each`:
#
#      aws_lb.counted: count = 1
#
# 5. Where something refers to them, write what takes their place: see the end of this file.
#
# Run the `state rm` commands below, then `terraform init` and `terraform plan`. It must say "0 to
# destroy". After the apply, delete the `import` and `removed` blocks.

import {
  to = talosendpoint_nlb.this["eu"]
  id = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/eu-api-nlb/4949e8599e223a27"
}

import {
  to = talosendpoint_nlb.this["it's \"$${x}\""]
  id = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/other-nlb/b470a7c2160cf59b"
}

import {
  to = talosendpoint_nlb.counted
  id = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/tal-20261129154025281400000001/481d1672b751f18e"
}

# The state forgets these by commands, before the plan:
#
#   terraform state rm 'aws_lb.counted[1]'

removed {
  from = aws_alb.this

  lifecycle {
    destroy = false
  }
}

removed {
  from = aws_alb_listener.this

  lifecycle {
    destroy = false
  }
}

removed {
  from = aws_lb_listener.counted

  lifecycle {
    destroy = false
  }
}

removed {
  from = aws_alb_target_group.this

  lifecycle {
    destroy = false
  }
}

removed {
  from = aws_lb_target_group.counted

  lifecycle {
    destroy = false
  }
}

resource "talosendpoint_nlb" "this" {
  for_each = toset(["eu", "it's \"$${x}\""])

  name                             = { "eu" = "eu", "it's \"$${x}\"" = null }[each.key]
  load_balancer_name               = { "eu" = null, "it's \"$${x}\"" = "other-nlb" }[each.key]
  region                           = "us-east-1"
  subnet_ids                       = ["subnet-0574bc91336cc0ff0", "subnet-34e9ce7d23b9e25a9"]
  enable_deletion_protection       = true
  enable_cross_zone_load_balancing = { "eu" = true, "it's \"$${x}\"" = null }[each.key]
  preserve_client_ip               = true
  deregistration_delay             = 60
  connection_termination           = false
  health_check                     = { healthy_threshold = 5, interval = 30, timeout = 10 }
  kubernetes_api                   = { "eu" = null, "it's \"$${x}\"" = { target_group_name = "g-6443" } }[each.key]
  talos_api                        = { "eu" = null, "it's \"$${x}\"" = { target_group_name = "g-50000" } }[each.key]
  tags                             = { team = "core" }
}

resource "talosendpoint_nlb" "counted" {
  load_balancer_name     = "tal-20261129154025281400000001"
  region                 = "us-east-1"
  subnet_ids             = ["subnet-0574bc91336cc0ff0", "subnet-34e9ce7d23b9e25a9"]
  target_type            = "ip"
  deregistration_delay   = 300
  connection_termination = false
  health_check           = { healthy_threshold = 3, interval = 30, timeout = 10, unhealthy_threshold = 3 }

  kubernetes_api = {
    health_check      = { matcher = "200-401", path = "/readyz", protocol = "HTTPS" }
    port              = 443
    target_group_name = "counted"
  }

  talos_api = { enabled = false }
}

# Attachments: aws_lb_target_group_attachment.counted may stay as they are, with the new ARNs.
#
# Or let talosendpoint_nlb_attachment take their place: one for each node, which deregisters it and
# waits until it is drained before the node ends. Then delete those blocks too, and remove the comment
# signs between the marks below. Put what is marked with a module into that module. No registration is
# taken back by it. Keep the keys, and write the expressions of the old blocks in place of the ids.
#
# --- attachments
#
# removed {
#   from = aws_lb_target_group_attachment.counted
#
#   lifecycle {
#     destroy = false
#   }
# }
#
# resource "talosendpoint_nlb_attachment" "control_plane" {
#   for_each = { "10.0.0.4" = "10.0.0.4", "10.0.0.5" = "10.0.0.5" }
#
#   target_id         = each.value
#   target_group_arns = talosendpoint_nlb.counted.control_plane_target_group_arns
#   port              = 7443
#   availability_zone = "all"
# }
#
# --- end

# What takes the place of references in the root module:
#
#   aws_alb.this["eu"].arn                                 -> talosendpoint_nlb.this["eu"].arn
#   aws_alb.this["eu"].id                                  -> talosendpoint_nlb.this["eu"].id
#   aws_alb.this["eu"].arn_suffix                          -> talosendpoint_nlb.this["eu"].arn_suffix
#   aws_alb.this["eu"].dns_name                            -> talosendpoint_nlb.this["eu"].dns_name
#   aws_alb.this["eu"].zone_id                             -> talosendpoint_nlb.this["eu"].zone_id
#   aws_alb.this["eu"].vpc_id                              -> talosendpoint_nlb.this["eu"].vpc_id
#   aws_alb.this["eu"].subnets                             -> talosendpoint_nlb.this["eu"].subnet_ids
#   aws_alb_target_group.this["eu-6443"].arn               -> talosendpoint_nlb.this["eu"].kubernetes_api_target_group_arn
#   aws_alb_target_group.this["eu-6443"].name              -> talosendpoint_nlb.this["eu"].target_groups["kubernetes_api"].name
#   aws_alb_listener.this["eu-6443"].arn                   -> talosendpoint_nlb.this["eu"].listener_arns["kubernetes_api"]
#   aws_alb_listener.this["eu-6443"].port                  -> talosendpoint_nlb.this["eu"].kubernetes_api.port
#   aws_alb_target_group.this["eu-50000"].arn              -> talosendpoint_nlb.this["eu"].talos_api_target_group_arn
#   aws_alb_target_group.this["eu-50000"].name             -> talosendpoint_nlb.this["eu"].target_groups["talos_api"].name
#   aws_alb_listener.this["eu-50000"].arn                  -> talosendpoint_nlb.this["eu"].listener_arns["talos_api"]
#   aws_alb_listener.this["eu-50000"].port                 -> talosendpoint_nlb.this["eu"].talos_api.port
#   aws_alb.this["it's \"$${x}\""].arn                     -> talosendpoint_nlb.this["it's \"$${x}\""].arn
#   aws_alb.this["it's \"$${x}\""].id                      -> talosendpoint_nlb.this["it's \"$${x}\""].id
#   aws_alb.this["it's \"$${x}\""].arn_suffix              -> talosendpoint_nlb.this["it's \"$${x}\""].arn_suffix
#   aws_alb.this["it's \"$${x}\""].dns_name                -> talosendpoint_nlb.this["it's \"$${x}\""].dns_name
#   aws_alb.this["it's \"$${x}\""].zone_id                 -> talosendpoint_nlb.this["it's \"$${x}\""].zone_id
#   aws_alb.this["it's \"$${x}\""].vpc_id                  -> talosendpoint_nlb.this["it's \"$${x}\""].vpc_id
#   aws_alb.this["it's \"$${x}\""].subnets                 -> talosendpoint_nlb.this["it's \"$${x}\""].subnet_ids
#   aws_alb_target_group.this["it's \"$${x}\"-6443"].arn   -> talosendpoint_nlb.this["it's \"$${x}\""].kubernetes_api_target_group_arn
#   aws_alb_target_group.this["it's \"$${x}\"-6443"].name  -> talosendpoint_nlb.this["it's \"$${x}\""].target_groups["kubernetes_api"].name
#   aws_alb_listener.this["it's \"$${x}\"-6443"].arn       -> talosendpoint_nlb.this["it's \"$${x}\""].listener_arns["kubernetes_api"]
#   aws_alb_listener.this["it's \"$${x}\"-6443"].port      -> talosendpoint_nlb.this["it's \"$${x}\""].kubernetes_api.port
#   aws_alb_target_group.this["it's \"$${x}\"-50000"].arn  -> talosendpoint_nlb.this["it's \"$${x}\""].talos_api_target_group_arn
#   aws_alb_target_group.this["it's \"$${x}\"-50000"].name -> talosendpoint_nlb.this["it's \"$${x}\""].target_groups["talos_api"].name
#   aws_alb_listener.this["it's \"$${x}\"-50000"].arn      -> talosendpoint_nlb.this["it's \"$${x}\""].listener_arns["talos_api"]
#   aws_alb_listener.this["it's \"$${x}\"-50000"].port     -> talosendpoint_nlb.this["it's \"$${x}\""].talos_api.port
#   aws_lb.counted[1].arn                                  -> talosendpoint_nlb.counted.arn
#   aws_lb.counted[1].id                                   -> talosendpoint_nlb.counted.id
#   aws_lb.counted[1].arn_suffix                           -> talosendpoint_nlb.counted.arn_suffix
#   aws_lb.counted[1].dns_name                             -> talosendpoint_nlb.counted.dns_name
#   aws_lb.counted[1].zone_id                              -> talosendpoint_nlb.counted.zone_id
#   aws_lb.counted[1].vpc_id                               -> talosendpoint_nlb.counted.vpc_id
#   aws_lb.counted[1].subnets                              -> talosendpoint_nlb.counted.subnet_ids
#   aws_lb_target_group.counted.arn                        -> talosendpoint_nlb.counted.kubernetes_api_target_group_arn
#   aws_lb_target_group.counted.name                       -> talosendpoint_nlb.counted.target_groups["kubernetes_api"].name
#   aws_lb_listener.counted.arn                            -> talosendpoint_nlb.counted.listener_arns["kubernetes_api"]
#   aws_lb_listener.counted.port                           -> talosendpoint_nlb.counted.kubernetes_api.port
#
# These refer to the old resources, or to outputs made of them:
#
#   aws_lb_listener.web
#   aws_lb_target_group_attachment.counted
#   output.name
