//! Which attachments a list is about.

use std::sync::LazyLock;

use super::schema::is_load_balancer_arn;
use super::schema::names::LOAD_BALANCER_ARN;
use crate::framework::diagnostic::Diagnostic;
use crate::framework::path::Path;
use crate::framework::schema::{Attribute, Schema};
use crate::framework::validator::text;
use crate::remote::elb::LoadBalancer;

/// The filters, built once.
pub static FILTERS: LazyLock<Schema> = LazyLock::new(|| Schema {
    version: 0,
    description: "Finds the targets that are registered behind a Network Load Balancer, for `terraform query`: one \
                  attachment for each target and port. Terraform shows the first 100 where the `list` block has no \
                  `limit`.",
    attributes: vec![
        Attribute::string(LOAD_BALANCER_ARN)
            .required()
            .check(text("must be the ARN of a load balancer (`arn:…:loadbalancer/net/…`)", is_load_balancer_arn))
            .describe("The ARN of the load balancer. Its region is in it."),
    ],
});

/// Refuses what is no load balancer with attachments.
///
/// # Errors
/// If it doesn't exist, or is of another type.
pub fn network(described: Option<&LoadBalancer>, arn: &str) -> Result<(), Diagnostic> {
    let place = Path::of(LOAD_BALANCER_ARN);
    match described {
        Some(balancer) if balancer.kind == "network" => Ok(()),
        Some(balancer) => Err(Diagnostic::invalid(
            place,
            "Not a Network Load Balancer",
            format!(
                "{arn} is a load balancer of the type `{}`. Attachments are behind the type `network`.",
                balancer.kind
            ),
        )),
        None => Err(Diagnostic::invalid(
            place,
            "No such load balancer",
            format!("There is no load balancer {arn}. Check the ARN, and whether the credentials are of its account."),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::framework::engine::schema_problems;

    #[test]
    fn attachments_are_behind_a_network_load_balancer() {
        let balancer = |kind: &str| LoadBalancer { kind: kind.to_owned(), ..LoadBalancer::default() };
        assert_eq!(network(Some(&balancer("network")), "arn"), Ok(()));
        let title = |described: Option<LoadBalancer>| network(described.as_ref(), "arn").unwrap_err().title;
        assert_eq!(title(Some(balancer("application"))), "Not a Network Load Balancer");
        assert_eq!(title(None), "No such load balancer");
    }

    #[test]
    fn terraform_would_take_the_filters() {
        assert_eq!(schema_problems(&FILTERS), Vec::<String>::new());
    }
}
