//! What to do where there are no credentials.

use crate::remote::credentials_failure::CredentialsFailure;

/// A short title, and a paragraph with the reason and the remedy.
pub(super) fn explain(operation: &str, failure: &CredentialsFailure) -> (String, String) {
    let (title, remedy) = match failure {
        CredentialsFailure::Nothing | CredentialsFailure::EmptyProfile(_) => (
            "No AWS credentials",
            "Set AWS_PROFILE, AWS_ACCESS_KEY_ID with AWS_SECRET_ACCESS_KEY, a container's or an instance's role, or \
             the fields of `aws` in the provider block. `aws sts get-caller-identity` shows whether the machine has \
             any."
                .to_owned(),
        ),
        CredentialsFailure::SignIn { profile, .. } => {
            ("A sign-in to AWS is needed", format!("Run `aws sso login --profile {profile}`, then run again."))
        }
        CredentialsFailure::NotAssigned { profile, .. } => (
            "No access to the AWS account",
            format!(
                "Correct `sso_account_id` and `sso_role_name` of the profile `{profile}`, or have that role assigned."
            ),
        ),
        CredentialsFailure::Role { operation, code, .. } if code == "AccessDenied" => (
            "The role cannot be assumed",
            format!(
                "The credentials need the permission `{operation}` for that role, and the role's trust policy must \
                 admit them; where it asks for an external id, `external_id` must be that."
            ),
        ),
        CredentialsFailure::RoleUnreachable { .. } => (
            "The role cannot be assumed",
            "The role of `assume_role` needs STS. Check the network, the proxy settings (HTTPS_PROXY, NO_PROXY) and, \
             where set, `endpoints.sts` and `endpoint_url` in the provider block, AWS_ENDPOINT_URL_STS and \
             AWS_ENDPOINT_URL. Then run again."
                .to_owned(),
        ),
        CredentialsFailure::Role { .. } => {
            ("The role cannot be assumed", "Correct what AWS names and run again.".to_owned())
        }
        CredentialsFailure::Failed(_) => (
            "No usable AWS credentials",
            "Something is configured as the source of credentials and gave none. `aws sts get-caller-identity`, run \
             with the same environment and profile, shows whether it works at all."
                .to_owned(),
        ),
    };
    let reason = failure.to_string();
    (title.to_owned(), format!("{operation} could not be signed: {}.\n\n{remedy}", reason.trim_end_matches('.')))
}
