//! What AWS says no with. Codes as on the wire, without the suffix "Exception".

/// An error answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// HTTP status.
    pub status: u16,
    /// `LoadBalancerNotFound`
    pub code: String,
    /// The text.
    pub message: String,
}

/// What every action gives: the inside of its result element.
pub type Answered = Result<String, Refusal>;

/// A refusal with status 400, which all but a few have.
pub fn refuse<T>(code: &str, message: impl Into<String>) -> Result<T, Refusal> {
    Err(Refusal { status: 400, code: code.to_owned(), message: message.into() })
}

/// The request's form is wrong.
pub fn invalid<T>(message: impl Into<String>) -> Result<T, Refusal> {
    refuse("ValidationError", message)
}

/// The settings don't go together.
pub fn unsupported<T>(message: impl Into<String>) -> Result<T, Refusal> {
    refuse("InvalidConfigurationRequest", message)
}

/// Whatever the ARN names doesn't exist.
pub fn not_found<T>(arn: &str) -> Result<T, Refusal> {
    let (code, what) = if arn.contains(":listener/") {
        ("ListenerNotFound", "listeners")
    } else if arn.contains(":targetgroup/") {
        ("TargetGroupNotFound", "target groups")
    } else {
        ("LoadBalancerNotFound", "load balancers")
    };
    refuse(code, format!("One or more {what} not found"))
}
