//! The outside world: AWS. Knows neither endpoints nor Terraform. In reading order:

pub mod aws;
pub mod connector;
pub mod aws_error;
pub mod elb;
pub mod ec2;
