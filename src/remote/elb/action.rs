//! What the calls are called.

/// The name that IAM policies give to an operation.
pub(super) fn action(operation: &str) -> String {
    format!("elasticloadbalancing:{operation}")
}
