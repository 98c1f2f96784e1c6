//! Rules between attributes, silent about what is not yet known.

use std::collections::BTreeSet;

use crate::endpoint::aws_access::region_of;
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::path::Path;
use crate::framework::reader::{Maybe, Reader};

/// Checks everything that can be decided from the configuration alone.
pub fn rules(config: &Reader<'_>, diagnostics: &mut Diagnostics) {
    one_region(config, diagnostics);
    zone_of_an_instance(config, diagnostics);
}

/// A target is in one region, and so are the groups that can hold it.
fn one_region(config: &Reader<'_>, diagnostics: &mut Diagnostics) {
    let arns = config.texts("target_group_arns").present().unwrap_or_default();
    let regions: BTreeSet<&str> = arns.into_iter().filter_map(|arn| region_of(arn.known()?)).collect();
    if regions.len() > 1 {
        let list = regions.into_iter().collect::<Vec<_>>().join(", ");
        diagnostics.push(Diagnostic::invalid(
            Path::of("target_group_arns"),
            "Target groups of several regions",
            format!(
                "These target groups are in {list}. A target is in one region: make one attachment for each region."
            ),
        ));
    }
}

fn zone_of_an_instance(config: &Reader<'_>, diagnostics: &mut Diagnostics) {
    let Maybe::Known(Some(target)) = config.text("target_id") else { return };
    if target.starts_with("i-") && config.text("availability_zone").present().is_some() {
        diagnostics.push(Diagnostic::invalid(
            Path::of("availability_zone"),
            "No zone for an instance",
            format!("`{target}` is an instance, whose zone AWS knows and doesn't take from anybody. Remove `availability_zone`."),
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::super::schema::SCHEMA;
    use super::*;
    use crate::framework::value::Value;

    fn check(target: Value, zone: Value, arns: &[Value], expected: &[&str]) {
        let mut config = SCHEMA.null_object();
        config.insert("target_id".to_owned(), target);
        config.insert("availability_zone".to_owned(), zone);
        config.insert("target_group_arns".to_owned(), Value::set(arns.to_vec()));
        let mut diagnostics = Diagnostics::new();
        rules(&Reader::new(&config), &mut diagnostics);
        let paths: Vec<String> = diagnostics.iter().map(|diagnostic| diagnostic.path.to_string()).collect();
        assert_eq!(paths, expected, "{diagnostics:?}");
    }

    fn arn(region: &str) -> Value {
        format!("arn:aws:elasticloadbalancing:{region}:123456789012:targetgroup/a/1").into()
    }

    #[test]
    fn all_problems_come_at_once() {
        let two = [arn("us-east-1"), arn("us-east-2")];
        check("i-1".into(), "us-east-1a".into(), &two, &["target_group_arns", "availability_zone"]);
    }

    #[test]
    fn what_is_right_or_unknown_is_silent() {
        check("i-1".into(), Value::Null, &[arn("us-east-1"), Value::UNKNOWN], &[]);
        check("10.0.0.1".into(), "all".into(), &[arn("us-east-1")], &[]);
        check(Value::UNKNOWN, "all".into(), &[Value::UNKNOWN], &[]);
        check("i-1".into(), Value::UNKNOWN, &[Value::UNKNOWN], &[]);
    }
}
