# Control-plane nodes and workers, and who may reach them.

data "aws_ami" "talos" {
  count = var.ami_id == null ? 1 : 0

  owners      = ["540036508848"] # Sidero Labs
  most_recent = true

  filter {
    name   = "name"
    values = ["talos-${var.talos_version}-*-amd64"]
  }
}

locals {
  ami_id = var.ami_id != null ? var.ami_id : data.aws_ami.talos[0].id
}

resource "aws_instance" "control_plane" {
  count = var.control_plane_count

  ami                         = local.ami_id
  instance_type               = var.control_plane_instance_type
  subnet_id                   = var.subnet_ids[count.index % length(var.subnet_ids)]
  vpc_security_group_ids      = [aws_security_group.nodes.id]
  user_data                   = var.control_plane_user_data
  user_data_replace_on_change = true

  tags = {
    Name = "${var.environment}-talos-cp-${count.index}"
  }

  lifecycle {
    ignore_changes = [ami] # Talos is upgraded in place
  }
}

resource "aws_instance" "worker" {
  count = var.worker_count

  ami                         = local.ami_id
  instance_type               = var.worker_instance_type
  subnet_id                   = var.subnet_ids[count.index % length(var.subnet_ids)]
  vpc_security_group_ids      = [aws_security_group.nodes.id]
  user_data                   = var.worker_user_data
  user_data_replace_on_change = true

  tags = {
    Name = "${var.environment}-talos-wk-${count.index}"
  }

  lifecycle {
    ignore_changes = [ami]
  }
}
