//! Where the version of Talos is needed. A plan judges what a validation can't: what exists already.

use crate::endpoint::contract;
use crate::endpoint::nlb::model::inventory::Inventory;
use crate::endpoint::nlb::plan::outputs;
use crate::framework::diagnostic::Diagnostic;
use crate::framework::reader::{Maybe, Reader};
use crate::framework::value::Object;

/// What is wrong where a host or an additional name needs the version and there is none. A host that may be the endpoint's own name is left
/// to the plan.
pub(super) fn names(planned: &Reader<'_>, host: &Maybe<Option<String>>) -> Option<Diagnostic> {
    if may_be_own(host) { None } else { without_version(planned, host, Pinned::Left) }
}

/// True if a host has the form of names that AWS gives to load balancers. It may then be the endpoint's own name, which counts as none;
/// only a plan knows.
fn may_be_own(host: &Maybe<Option<String>>) -> bool {
    let is_of_aws = |host: &String| {
        let host = host.to_ascii_lowercase();
        host.contains(".elb.") && host.trim_end_matches(".cn").ends_with(".amazonaws.com")
    };
    host.is_known_and(|host| host.as_ref().is_some_and(is_of_aws))
}

/// Whether pinned addresses count as names of the endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pinned {
    Counted,
    Left,
}

/// What is wrong where a host or an additional name needs the version and there is none.
pub fn names_without_version(config: &Object, prior: Option<&Object>, planned: &Object) -> Option<Diagnostic> {
    without_version(&Reader::new(planned), &outputs::configured_host(config, prior), Pinned::Left)
}

/// What is wrong where pinned addresses need the version too and there is none. This is for a plan to judge: addresses that exist already
/// must not keep anybody from a destroy, which plans an update first.
pub fn addresses_without_version(config: &Object, prior: Option<&Object>, planned: &Object) -> Option<Diagnostic> {
    without_version(&Reader::new(planned), &outputs::configured_host(config, prior), Pinned::Counted)
}

fn without_version(planned: &Reader<'_>, host: &Maybe<Option<String>>, pinned: Pinned) -> Option<Diagnostic> {
    let counted = pinned == Pinned::Counted;
    let contract = outputs::contract_with(planned, host.clone(), &Inventory::default(), counted);
    let reasons = contract.needs_talos_version();
    (!reasons.is_empty()).then(|| contract::no_talos_version(&reasons))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Terraform writes the endpoint's own name into a configuration when it generates one.
    #[test]
    fn a_host_that_may_be_the_own_name_is_left_to_the_plan() {
        let host = |name: &str| Maybe::Known(Some(name.to_owned()));
        assert!(may_be_own(&host("prod-api-nlb-0123456789abcdef.elb.eu-central-1.amazonaws.com")));
        assert!(may_be_own(&host("PROD-api-nlb-0123456789abcdef.ELB.eu-central-1.AmazonAWS.com")));
        assert!(may_be_own(&host("prod-api-nlb-0123456789abcdef.elb.cn-north-1.amazonaws.com.cn")));
        for other in [
            host("api.example.com"),
            host("amazonaws.com"),
            host("x.elb.example.com"),
            Maybe::Known(None),
            Maybe::Unknown,
        ] {
            assert!(!may_be_own(&other), "{other:?}");
        }
    }
}
