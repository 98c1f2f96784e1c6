//! The outside world: AWS. Knows neither endpoints nor Terraform. In reading order:

pub mod settings;
pub mod aws;
pub mod shared_files;
pub mod credentials;
pub mod trust;
pub mod proxy;
pub mod connector;
pub mod obstacle;
pub mod aws_error;
pub mod refusal;
pub mod elb;
pub mod ec2;
