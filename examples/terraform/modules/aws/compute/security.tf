# Only those named here reach the nodes, also through the load balancer: it has no security group of its own.

resource "aws_security_group" "nodes" {
  name        = "${var.environment}-talos-nodes"
  description = "Nodes of the Talos cluster ${var.environment}"
  vpc_id      = var.vpc_id
}

locals {
  api_ports = toset(["6443", "50000"])
  admins    = { for pair in setproduct(local.api_ports, var.allowed_admin_cidrs) : "${pair[0]} ${pair[1]}" => pair }

  nodes_with_public_endpoint = var.endpoint_is_public ? var.control_plane_count + var.worker_count : 0
}

# Nodes among themselves.
resource "aws_vpc_security_group_ingress_rule" "nodes" {
  security_group_id            = aws_security_group.nodes.id
  ip_protocol                  = "-1"
  referenced_security_group_id = aws_security_group.nodes.id
}

resource "aws_vpc_security_group_ingress_rule" "load_balancer" {
  for_each = local.api_ports

  security_group_id = aws_security_group.nodes.id
  description       = "Load balancer"
  ip_protocol       = "tcp"
  from_port         = tonumber(each.key)
  to_port           = tonumber(each.key)
  cidr_ipv4         = var.vpc_cidr
}

resource "aws_vpc_security_group_ingress_rule" "admin" {
  for_each = local.admins

  security_group_id = aws_security_group.nodes.id
  description       = "Administrators"
  ip_protocol       = "tcp"
  from_port         = tonumber(each.value[0])
  to_port           = tonumber(each.value[0])
  cidr_ipv4         = each.value[1]
}

# With client addresses preserved, what a node sends to the public endpoint arrives from its public address.
resource "aws_vpc_security_group_ingress_rule" "endpoint" {
  count = local.nodes_with_public_endpoint

  security_group_id = aws_security_group.nodes.id
  description       = "A node through the public endpoint"
  ip_protocol       = "tcp"
  from_port         = 6443
  to_port           = 6443
  cidr_ipv4         = "${concat(aws_instance.control_plane, aws_instance.worker)[count.index].public_ip}/32"
}

resource "aws_vpc_security_group_egress_rule" "all" {
  security_group_id = aws_security_group.nodes.id
  description       = "Everything"
  ip_protocol       = "-1"
  cidr_ipv4         = "0.0.0.0/0"
}
