//! Rules between attributes, silent about what is not yet known.

use std::collections::BTreeSet;

use crate::endpoint::aws_access::region_of;
use crate::endpoint::enumeration::listed;
use crate::endpoint::nlb_attachment::model::schema::is_instance;
use crate::endpoint::nlb_attachment::model::schema::names::*;
use crate::endpoint::target_groups::KnownGroup;
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::path::Path;
use crate::framework::reader::{Maybe, Reader};
use crate::framework::value::Object;

/// Checks everything that can be decided from the configuration alone. No default takes part.
pub fn rules(config: &Object, _planned: &Object, diagnostics: &mut Diagnostics) {
    let config = Reader::new(config);
    one_region(&config, diagnostics);
    zone_of_an_instance(&config, diagnostics);
    zone_of_the_region(&config, diagnostics);
}

/// A target is in one region, and so are the groups that can hold it.
fn one_region(config: &Reader<'_>, diagnostics: &mut Diagnostics) {
    let arns = config.texts(TARGET_GROUP_ARNS).present().unwrap_or_default();
    let regions: BTreeSet<&str> = arns.into_iter().filter_map(|arn| region_of(arn.known()?)).collect();
    if regions.len() > 1 {
        let list = regions.into_iter().collect::<Vec<_>>().join(", ");
        diagnostics.push(Diagnostic::invalid(
            Path::of(TARGET_GROUP_ARNS),
            "Target groups of several regions",
            format!(
                "These target groups are in {list}. A target is in one region: make one attachment for each region."
            ),
        ));
    }
}

fn zone_of_an_instance(config: &Reader<'_>, diagnostics: &mut Diagnostics) {
    let Maybe::Known(Some(target)) = config.text(TARGET_ID) else { return };
    if target.starts_with("i-") && config.text(AVAILABILITY_ZONE).present().is_some() {
        diagnostics.push(Diagnostic::invalid(
            Path::of(AVAILABILITY_ZONE),
            "No zone for an instance",
            format!(
                "`{target}` is an instance, whose zone AWS knows and doesn't take from anybody. Remove \
                 `availability_zone`."
            ),
        ));
    }
}

/// A zone is in the region of the groups.
fn zone_of_the_region(config: &Reader<'_>, diagnostics: &mut Diagnostics) {
    let Some(zone) = config.text(AVAILABILITY_ZONE).present().filter(|zone| *zone != "all") else { return };
    let arns = config.texts(TARGET_GROUP_ARNS).present().unwrap_or_default();
    let other = arns.into_iter().filter_map(|arn| region_of(arn.known()?)).find(|region| !zone.starts_with(region));
    if let Some(region) = other {
        diagnostics.push(Diagnostic::invalid(
            Path::of(AVAILABILITY_ZONE),
            "Zone of another region",
            format!("The zone `{zone}` is not in {region}, the region of the target groups. Write a zone of {region}."),
        ));
    }
}

/// A group takes instances or addresses, and its listener leads to one port. `of` knows the groups of load balancers in the same
/// configuration; AWS knows all.
pub fn groups(planned: &Object, of: impl Fn(&str) -> Option<KnownGroup>, diagnostics: &mut Diagnostics) {
    let planned = Reader::new(planned);
    let arns = planned.texts(TARGET_GROUP_ARNS).present().unwrap_or_default();
    let known: Vec<KnownGroup> = arns.into_iter().filter_map(|arn| of(arn.known()?)).collect();
    target_type(&planned, &known, diagnostics);
    one_port(&planned, &known, diagnostics);
}

fn target_type(planned: &Reader<'_>, groups: &[KnownGroup], diagnostics: &mut Diagnostics) {
    let Maybe::Known(Some(target)) = planned.text(TARGET_ID) else { return };
    let fitting = if is_instance(target) { "instance" } else { "ip" };
    let types: BTreeSet<&str> = groups.iter().map(|group| group.target_type.as_str()).collect();
    if let Some(other) = types.into_iter().find(|of_group| *of_group != fitting) {
        let (is, write) = match other {
            "ip" => ("an instance id", "the node's private address, such as `aws_instance.x.private_ip`"),
            _ => ("an address", "the id of the node's instance, such as `aws_instance.x.id`"),
        };
        diagnostics.push(Diagnostic::invalid(
            Path::of(TARGET_ID),
            "Target of another type",
            format!(
                "`{target}` is {is}, and the load balancer's target groups have `target_type = \"{other}\"`. Write \
                 {write}, or change `target_type`, which makes a new load balancer."
            ),
        ));
    }
}

/// Groups of several ports belong to several APIs: on one port they would all lead to one of them.
fn one_port(planned: &Reader<'_>, groups: &[KnownGroup], diagnostics: &mut Diagnostics) {
    let Some(port) = planned.number(PORT).present() else { return };
    let ports: BTreeSet<i64> = groups.iter().map(|group| group.port).collect();
    if ports.len() > 1 {
        diagnostics.push(Diagnostic::invalid(
            Path::of(PORT),
            "One port for several APIs",
            format!(
                "The target groups have the ports {}, each for an API of its own. With `port = {port}`, every \
                 listener would lead to what answers on port {port} of the node. Remove `port`: then each group has \
                 its own. Where one API has another port on this node, give its group an attachment of its own.",
                listed(ports)
            ),
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoint::nlb_attachment::model::schema::SCHEMA;
    use crate::framework::value::Value;

    fn check(target: Value, zone: Value, arns: &[Value], expected: &[&str]) {
        let mut config = SCHEMA.null_object();
        config.insert(TARGET_ID.to_owned(), target);
        config.insert(AVAILABILITY_ZONE.to_owned(), zone);
        config.insert(TARGET_GROUP_ARNS.to_owned(), Value::set(arns.to_vec()));
        let mut diagnostics = Diagnostics::new();
        rules(&config, &config, &mut diagnostics);
        let paths: Vec<String> = diagnostics.iter().map(|diagnostic| diagnostic.path.to_string()).collect();
        assert_eq!(paths, expected, "{diagnostics:?}");
    }

    fn arn(region: &str) -> Value {
        format!("arn:aws:elasticloadbalancing:{region}:123456789012:targetgroup/a/1").into()
    }

    #[test]
    fn a_target_fits_its_groups() {
        let said = |target: &str, of_groups: Option<&str>| {
            let mut planned = SCHEMA.null_object();
            planned.insert(TARGET_ID.to_owned(), target.into());
            planned.insert(TARGET_GROUP_ARNS.to_owned(), Value::set([arn("us-east-1"), Value::UNKNOWN]));
            let mut diagnostics = Diagnostics::new();
            let group = |kind: &str| KnownGroup { target_type: kind.to_owned(), port: 6443, load_balancer_arn: None };
            groups(&planned, |_| of_groups.map(group), &mut diagnostics);
            diagnostics.iter().map(|said| format!("{}: {}", said.path, said.detail)).collect::<String>()
        };
        assert!(said("i-1", Some("ip")).starts_with("target_id: `i-1` is an instance id, and"));
        assert!(said("10.0.0.1", Some("instance")).starts_with("target_id: `10.0.0.1` is an address, and"));
        for (target, of_groups) in [("i-1", Some("instance")), ("10.0.0.1", Some("ip")), ("i-1", None)] {
            assert_eq!(said(target, of_groups), "");
        }
    }

    #[test]
    fn one_port_is_not_for_several_apis() {
        let said = |ports: [i64; 2], port: Value| {
            let mut planned = SCHEMA.null_object();
            planned.insert(PORT.to_owned(), port);
            planned.insert(TARGET_GROUP_ARNS.to_owned(), Value::set(["a".into(), "b".into()]));
            let of = |arn: &str| {
                Some(KnownGroup {
                    target_type: "instance".into(),
                    port: ports[usize::from(arn == "b")],
                    load_balancer_arn: None,
                })
            };
            let mut diagnostics = Diagnostics::new();
            groups(&planned, of, &mut diagnostics);
            diagnostics.iter().map(|said| format!("{}: {}", said.path, said.detail)).collect::<String>()
        };
        let both = said([6443, 50000], 6443.into());
        assert!(both.starts_with("port: The target groups have the ports 6443 and 50000, each"), "{both}");
        assert_eq!(said([6443, 6443], 7443.into()), "", "one API behind two load balancers");
        assert_eq!(said([6443, 50000], Value::Null) + &said([6443, 50000], Value::UNKNOWN), "");
    }

    #[test]
    fn all_problems_come_at_once() {
        let two = [arn("us-east-1"), arn("us-east-2")];
        check("i-1".into(), "us-east-1a".into(), &two, &[TARGET_GROUP_ARNS, AVAILABILITY_ZONE, AVAILABILITY_ZONE]);
        check("10.0.0.1".into(), "eu-west-1a".into(), &two[..1], &[AVAILABILITY_ZONE]);
    }

    #[test]
    fn what_is_right_or_unknown_is_silent() {
        check("i-1".into(), Value::Null, &[arn("us-east-1"), Value::UNKNOWN], &[]);
        check("10.0.0.1".into(), "all".into(), &[arn("us-east-1")], &[]);
        check(Value::UNKNOWN, "all".into(), &[Value::UNKNOWN], &[]);
        check("i-1".into(), Value::UNKNOWN, &[Value::UNKNOWN], &[]);
    }
}
