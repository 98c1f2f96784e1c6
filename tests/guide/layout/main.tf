# The root module: workspaces of Terraform for two environments. One is public and has the workers' listener, the other is internal.

data "aws_vpc" "default" {
  default = true
}

data "aws_subnets" "default" {
  filter {
    name   = "vpc-id"
    values = [data.aws_vpc.default.id]
  }
}

module "loadbalancer" {
  source = "./modules/loadbalancer"

  environment = terraform.workspace
  vpc_id      = data.aws_vpc.default.id
  subnet_ids  = slice(sort(data.aws_subnets.default.ids), 0, 2)
  internal    = terraform.workspace == "prod"
}

resource "aws_instance" "control_plane" {
  count = 2

  ami           = "ami-12c6146b"
  instance_type = "t3.micro"
}

output "nlb_dns_name" {
  value = module.loadbalancer.load_balancer_dns_name
}
