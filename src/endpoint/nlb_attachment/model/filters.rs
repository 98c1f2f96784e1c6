//! Which attachments a list is about.

use std::sync::LazyLock;

use super::schema::is_load_balancer_arn;
use super::schema::names::LOAD_BALANCER_ARN;
use crate::framework::schema::{Attribute, Schema};
use crate::framework::validator::text;

/// The filters, built once.
pub static FILTERS: LazyLock<Schema> = LazyLock::new(|| Schema {
    version: 0,
    description: "Finds the targets that are registered behind a Network Load Balancer, for `terraform query`: one \
                  attachment for each target and port.",
    attributes: vec![
        Attribute::string(LOAD_BALANCER_ARN)
            .required()
            .check(text("must be the ARN of a load balancer (`arn:…:loadbalancer/net/…`)", is_load_balancer_arn))
            .describe("The ARN of the load balancer. Its region is in it."),
    ],
});

#[cfg(test)]
mod tests {
    use super::*;
    use crate::framework::engine::schema_problems;

    #[test]
    fn terraform_would_take_the_filters() {
        assert_eq!(schema_problems(&FILTERS), Vec::<String>::new());
    }
}
