variable "environment" {
  description = "Name of the environment; what is made here is named after it."
  type        = string
}

variable "vpc_cidr" {
  description = "Addresses of the VPC; each subnet gets a 256th of them."
  type        = string

  validation {
    condition     = can(cidrsubnet(var.vpc_cidr, 8, 0))
    error_message = "Must be an IPv4 range with room for subnets, such as 10.0.0.0/16."
  }
}

variable "availability_zone_count" {
  description = "In how many Availability Zones there is a subnet."
  type        = number

  validation {
    condition     = var.availability_zone_count >= 1 && floor(var.availability_zone_count) == var.availability_zone_count
    error_message = "Must be a whole number from 1 on."
  }
}
