//! What is said of attachments whose addresses have changed.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::registrations::Moved;
use crate::framework::diagnostic::Diagnostic;
use crate::framework::path::Path;

/// Attachments are removed while new ones get the same registrations: one warning for all, with the blocks that keep the objects.
/// `may_be_more`: not all attachments are planned yet.
/// Terraform doesn't show its providers any address, so the blocks name the target and leave the addresses to the reader.
pub fn moved(moved: &Moved, may_be_more: bool) -> Diagnostic {
    let count = moved.len();
    let mut blocks = String::new();
    for (target, groups) in moved {
        let names: Vec<&str> = groups.iter().map(|arn| name(arn)).collect();
        let _ = write!(
            blocks,
            "\n\n  # {target} in {}\n  moved {{\n    from = talosendpoint_nlb_attachment.OLD\n    to   = talosendpoint_nlb_attachment.NEW\n  }}",
            names.join(", ")
        );
    }
    Diagnostic::warning(
        Path::root(),
        "Attachments changed their addresses",
        format!(
            "For {count} target{}, one attachment is destroyed and another is created with the same registration. The registration is kept: \
             the target isn't drained. If only the address in the configuration has changed, `moved` blocks change nothing at all. A provider \
             doesn't know addresses: for each target, replace OLD by the address that the plan destroys and NEW by the one that it creates.\
             {}{blocks}",
            if count == 1 { "" } else { "s" },
            if may_be_more {
                " More attachments may be concerned: not all were planned when this was reported."
            } else {
                ""
            },
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
            "`{target}` was deregistered from {} with another attachment of the same registration, which Terraform destroyed before it came \
             to this one. It is registered again. This happens where few operations run at once (`-parallelism`), or where this attachment \
             has to wait for other resources. After a change of addresses, `moved` blocks avoid it.",
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
    use crate::framework::diagnostic::Severity;

    #[test]
    fn the_blocks_name_what_is_known() {
        let arn = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/prod-api-tg/6d0ecf831eec9f09";
        let groups = [arn.to_owned()].into();
        let told = moved(&Moved::from([("i-1".to_owned(), groups)]), false);
        assert_eq!(told.severity, Severity::Warning);
        assert!(told.detail.starts_with("For 1 target, "), "{}", told.detail);
        let block = "\n\n  # i-1 in prod-api-tg\n  moved {\n    from = talosendpoint_nlb_attachment.OLD\n    to   = talosendpoint_nlb_attachment.NEW\n  }";
        assert!(told.detail.ends_with(block), "{}", told.detail);
    }
}
