//! What is said of attachments whose addresses have changed.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::registrations::Moved;
use crate::framework::diagnostic::Diagnostic;
use crate::framework::path::Path;

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
    use crate::framework::diagnostic::Severity;

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
