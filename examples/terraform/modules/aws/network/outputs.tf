output "vpc_id" {
  description = "The VPC."
  value       = aws_vpc.this.id
}

output "vpc_cidr" {
  description = "Its addresses."
  value       = aws_vpc.this.cidr_block
}

output "public_subnet_ids" {
  description = "One subnet for each Availability Zone, with a way to the internet."
  value       = aws_subnet.public[*].id

  # AWS refuses an internet-facing load balancer in a VPC that has no internet gateway yet, and keeps the gateway while it exists.
  depends_on = [aws_route.internet, aws_route_table_association.public]
}
