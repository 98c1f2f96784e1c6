//! What is said of attachments whose addresses have changed.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::registrations::Moved;
use crate::endpoint::nlb_attachment::model::schema::names::{PORT, TARGET_GROUP_ARNS};
use crate::endpoint::target_groups::KnownGroup;
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::path::Path;
use crate::framework::reader::Reader;
use crate::framework::value::Object;

/// Warns of `planned`, where it differs from `prior`. `of` knows the groups of load balancers in the same configuration.
pub fn warnings(
    prior: Option<&Object>,
    planned: &Object,
    of: impl Fn(&str) -> Option<KnownGroup>,
    diagnostics: &mut Diagnostics,
) {
    let changes = |name: &str| prior.is_none_or(|prior| prior.get(name) != planned.get(name));
    let planned = Reader::new(planned);
    let arns = planned.texts(TARGET_GROUP_ARNS).present().unwrap_or_default();
    let several = arns.len() > 1 && planned.number(PORT).present().is_some();
    // Where all of them are known, the rules decide.
    let is_open = |arn: Option<&str>| arn.is_none_or(|arn| of(arn).is_none());
    if several && (changes(PORT) || changes(TARGET_GROUP_ARNS)) && arns.into_iter().any(|arn| is_open(arn.known())) {
        diagnostics.push(Diagnostic::warning(
            Path::of(PORT),
            "One port in several target groups",
            "`port` stands for the target in each of these target groups. Where they are for different APIs, as those \
             of one `talosendpoint_nlb` are, every listener then leads to the same one. Remove `port` unless all of \
             them are for the same API: then each group has its own.",
        ));
    }
}

/// Attachments are removed while new ones get the same registrations: one warning for all, with the blocks that keep the objects.
/// Terraform doesn't show its providers any address, so the blocks name the target and leave the addresses to the reader. `is_late`:
/// Terraform had the removals planned before it asked for the others, so the apply may deregister first.
pub fn moved(moved: &Moved, is_late: bool) -> Diagnostic {
    let targets = if moved.len() == 1 { "1 target".to_owned() } else { format!("{} targets", moved.len()) };
    let consequence = if is_late {
        "Each target is registered in the end, but may be deregistered and drained before. This list may not be \
         complete."
    } else {
        "The registrations stay as they are, and nothing is drained."
    };
    let mut blocks = String::new();
    for (target, groups) in moved {
        let names: Vec<&str> = groups.iter().map(|arn| name(arn)).collect();
        let _ = write!(
            blocks,
            "\n\n  # {target} in {}\n  moved \
             {{\n    from = talosendpoint_nlb_attachment.OLD\n    to   = talosendpoint_nlb_attachment.NEW\n  }}",
            names.join(", ")
        );
    }
    Diagnostic::warning(
        Path::root(),
        "Attachments changed their addresses",
        format!(
            "For {targets}, this plan destroys one attachment and creates another with the same registration. \
             {consequence} If only addresses in the configuration have changed, `moved` blocks leave nothing to \
             destroy or create. A provider doesn't know addresses: in each block, replace OLD by the address that this \
             plan destroys for the target, and NEW by the one that it creates.{blocks}"
        ),
    )
}

/// An apply had to deregister a target before it could register it again for another attachment.
pub fn was_missing(target: &str, groups: &BTreeSet<String>) -> Diagnostic {
    let names: Vec<&str> = groups.iter().map(|arn| name(arn)).collect();
    Diagnostic::warning(
        Path::root(),
        "Registration was missing for a while",
        format!(
            "`{target}` was deregistered from {} with another attachment of the same registration, which Terraform \
             destroyed before it came to this one. It is registered again. This happens where few operations run at \
             once (`-parallelism`), or where this attachment has to wait for other resources. After a change of \
             addresses, `moved` blocks avoid it.",
            names.join(", ")
        ),
    )
}

/// The name in the ARN of a target group.
fn name(arn: &str) -> &str {
    arn.split('/').nth(1).unwrap_or(arn)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoint::nlb_attachment::model::schema::SCHEMA;
    use crate::framework::diagnostic::Severity;
    use crate::framework::value::Value;

    #[test]
    fn one_port_in_groups_that_nobody_knows() {
        let planned = |port: Value, arns: &[Value]| {
            let mut planned = SCHEMA.null_object();
            planned.insert(PORT.to_owned(), port);
            planned.insert(TARGET_GROUP_ARNS.to_owned(), Value::set(arns.to_vec()));
            planned
        };
        let said = |prior: Option<&Object>, planned: &Object| {
            let known = |arn: &str| {
                (arn == "a").then(|| KnownGroup { target_type: "ip".into(), port: 6443, load_balancer_arn: None })
            };
            let mut diagnostics = Diagnostics::new();
            warnings(prior, planned, known, &mut diagnostics);
            diagnostics.iter().map(|said| format!("{}: {}", said.path, said.title)).collect::<String>()
        };
        let open = planned(6443.into(), &["a".into(), Value::UNKNOWN]);
        assert_eq!(said(None, &open), "port: One port in several target groups");
        assert_eq!(said(Some(&open), &open), "", "said when it came");
        for silent in [planned(Value::Null, &["a".into(), "b".into()]), planned(6443.into(), &["b".into()])] {
            assert_eq!(said(None, &silent), "");
        }
    }

    #[test]
    fn the_blocks_name_what_is_known() {
        let arn = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/prod-api-tg/6d0ecf831eec9f09";
        let groups = [arn.to_owned()].into();
        let reported = moved(&Moved::from([("i-1".to_owned(), groups)]), false);
        assert_eq!(reported.severity, Severity::Warning);
        assert!(reported.detail.starts_with("For 1 target, "), "{}", reported.detail);
        let block = "\n\n  # i-1 in prod-api-tg\n  moved \
                     {\n    from = talosendpoint_nlb_attachment.OLD\n    to   = talosendpoint_nlb_attachment.NEW\n  }";
        assert!(reported.detail.ends_with(block), "{}", reported.detail);
    }
}
