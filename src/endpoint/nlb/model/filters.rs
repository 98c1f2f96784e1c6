//! What load balancers a list is about.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::schema::names::{NAME_PREFIX, REGION, TAGS};
use crate::endpoint::attributes;
use crate::framework::reader::Reader;
use crate::framework::schema::{Attribute, Schema};
use crate::framework::ty::Type;
use crate::framework::validator::{length_between, no_nulls, text};
use crate::framework::value::Object;
use crate::remote::elb::{LoadBalancer, Tags};

/// The filters, built once.
pub static FILTERS: LazyLock<Schema> = LazyLock::new(|| Schema {
    version: 0,
    description: "Finds the Network Load Balancers of a region that can be imported, whoever made them, for `terraform \
                  query`: those with a listener for the Kubernetes API, the Talos API or trustd. Terraform shows the \
                  first 100 where the `list` block has no `limit`.",
    attributes: vec![
        Attribute::string(REGION)
            .check(attributes::region())
            .describe("Region of the load balancers. Default: the provider's region."),
        Attribute::string(NAME_PREFIX)
            .check(text("must consist of letters, digits and hyphens", is_part_of_a_name))
            .check(length_between(1, 32))
            .describe("How the names of the load balancers begin, such as `prod-`. Default: any name."),
        Attribute::plain(TAGS, Type::map(Type::String))
            .check(no_nulls())
            .describe("Tags that the load balancers have, each with exactly this value. Default: any tags."),
    ],
});

/// No load balancer has anything else in its name.
fn is_part_of_a_name(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// The filters of one list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filters {
    /// Where to search; none for the provider's region.
    pub region: Option<String>,
    name_prefix: String,
    tags: BTreeMap<String, String>,
}

impl Filters {
    /// Reads a wholly known configuration.
    pub fn read(config: &Object) -> Filters {
        let config = Reader::new(config);
        Filters {
            region: config.text(REGION).present().map(str::to_owned),
            name_prefix: config.text(NAME_PREFIX).present().unwrap_or_default().to_owned(),
            tags: config.text_map(TAGS).present().unwrap_or_default(),
        }
    }

    /// Whether a load balancer may be one that is wanted, before its tags are known.
    pub fn fits(&self, balancer: &LoadBalancer) -> bool {
        balancer.kind == "network" && balancer.name.starts_with(&self.name_prefix)
    }

    /// Whether its tags matter: they take further calls.
    pub fn by_tags(&self) -> bool {
        !self.tags.is_empty()
    }

    /// Whether a load balancer with these tags is wanted.
    pub fn fits_tags(&self, tags: &Tags) -> bool {
        self.tags.iter().all(|(key, value)| tags.get(key) == Some(value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::framework::engine::schema_problems;
    use crate::framework::value::Value;

    #[test]
    fn terraform_would_take_the_filters() {
        assert_eq!(schema_problems(&FILTERS), Vec::<String>::new());
    }

    #[test]
    fn a_prefix_is_no_pattern() {
        assert!(is_part_of_a_name("prod-") && !is_part_of_a_name("prod*") && !is_part_of_a_name("prod_"));
    }

    #[test]
    fn every_filter_must_fit() {
        let balancer = |kind: &str, name: &str| LoadBalancer {
            kind: kind.to_owned(),
            name: name.to_owned(),
            ..LoadBalancer::default()
        };
        let all = Filters::read(&FILTERS.null_object());
        assert!(all.fits(&balancer("network", "x")) && !all.by_tags() && all.fits_tags(&Tags::new()));
        assert!(!all.fits(&balancer("application", "x")));
        let mut config = FILTERS.null_object();
        config.insert(NAME_PREFIX.to_owned(), "prod-".into());
        config.insert(TAGS.to_owned(), Value::Map([("env".to_owned(), "prod".into())].into()));
        let some = Filters::read(&config);
        assert!(some.fits(&balancer("network", "prod-api-nlb")) && !some.fits(&balancer("network", "xprod-")));
        let tags = |value: &str| Tags::from([("env".to_owned(), value.to_owned()), ("a".to_owned(), "b".to_owned())]);
        assert!(some.by_tags() && some.fits_tags(&tags("prod")));
        assert!(!some.fits_tags(&tags("production")) && !some.fits_tags(&Tags::new()));
    }
}
