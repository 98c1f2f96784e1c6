//! Why there are no credentials: what the errors of the SDK's sources amount to.

use std::error::Error;

use aws_config::meta::ProviderChainError;
use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_sts::operation::assume_role::AssumeRoleError;
use aws_sdk_sts::operation::assume_role_with_web_identity::AssumeRoleWithWebIdentityError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::connect_error::ConnectError;
use super::error_chain::{innermost, links};
use super::unconnected::Unconnected;

/// The name of the profile's source in the chain.
pub(super) const PROFILE: &str = "Profile";

/// Why there are no credentials.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CredentialsFailure {
    /// None were found anywhere.
    #[error("no credentials were found")]
    Nothing,
    /// The profile that the settings name has none, nor has the platform.
    #[error("the profile `{0}` holds no credentials, and this is no container or instance with a role")]
    EmptyProfile(String),
    /// A sign-in at IAM Identity Center is needed.
    #[error("profile `{profile}`: {reason}")]
    SignIn {
        /// The one that signs in, which may not be the one that was asked for.
        profile: String,
        /// What is wrong with the present sign-in.
        reason: String,
    },
    /// IAM Identity Center doesn't give this role.
    #[error("profile `{profile}`: {reason}")]
    NotAssigned {
        /// The one that names account and role.
        profile: String,
        /// Identity Center's own words.
        reason: String,
    },
    /// STS refused a role.
    #[error("{operation} was refused ({code}): {message}")]
    Role {
        /// `sts:AssumeRole` or `sts:AssumeRoleWithWebIdentity`.
        operation: &'static str,
        /// The code on the wire.
        code: String,
        /// AWS's own words.
        message: String,
    },
    /// STS can't be reached for the role of the settings.
    #[error("sts:AssumeRole of {role} was not sent: {reason}")]
    RoleUnreachable {
        /// Its ARN.
        role: String,
        /// Where to, and why not.
        reason: String,
    },
    /// A source that is configured gave none.
    #[error("{0}")]
    Failed(String),
}

/// What the profile is missing, where it was tried and passed over: the SDK goes on as if it weren't there.
fn passed_over(error: &CredentialsError) -> Option<String> {
    let chain = links(error).find_map(|link| link.downcast_ref::<ProviderChainError<CredentialsError>>())?;
    let attempt = chain.attempts().iter().find(|attempt| attempt.name() == PROFILE)?;
    attempt.error().source().map(ToString::to_string)
}

impl CredentialsFailure {
    /// The reason that an error of the SDK's sources amounts to.
    pub(super) fn of(error: &CredentialsError, profile: Option<&str>, sso_profile: Option<&str>) -> CredentialsFailure {
        if matches!(error, CredentialsError::CredentialsNotLoaded(_)) {
            let nothing = || {
                profile.map_or(CredentialsFailure::Nothing, |name| CredentialsFailure::EmptyProfile(name.to_owned()))
            };
            return passed_over(error).map_or_else(nothing, CredentialsFailure::Failed);
        }
        if let Some(refused) = links(error).find_map(refused_role) {
            return refused;
        }
        if let Some(reason) = unconnected(error) {
            return CredentialsFailure::Failed(reason);
        }
        let reason = innermost(error);
        match sso_profile.map(str::to_owned) {
            Some(profile) if links(error).any(|link| link.to_string().contains("Forbidden")) => {
                CredentialsFailure::NotAssigned { profile, reason }
            }
            Some(profile) => CredentialsFailure::SignIn { profile, reason },
            None => CredentialsFailure::Failed(reason.trim_end().to_owned()),
        }
    }
}

/// To what there is no connection, and why, if that is all there is to say.
pub(super) fn unconnected(error: &CredentialsError) -> Option<String> {
    if links(error).any(|link| link.is::<ConnectError>() || link.is::<CredentialsFailure>()) {
        return None;
    }
    links(error).find_map(|link| link.downcast_ref::<Unconnected>()).map(ToString::to_string)
}

fn refused_role(link: &(dyn Error + 'static)) -> Option<CredentialsFailure> {
    type Refused<E> = SdkError<E, HttpResponse>;
    if let Some(Refused::<AssumeRoleError>::ServiceError(service)) = link.downcast_ref() {
        return Some(role("sts:AssumeRole", service.err()));
    }
    match link.downcast_ref() {
        Some(Refused::<AssumeRoleWithWebIdentityError>::ServiceError(service)) => {
            Some(role("sts:AssumeRoleWithWebIdentity", service.err()))
        }
        _ => None,
    }
}

fn role(operation: &'static str, error: &impl ProvideErrorMetadata) -> CredentialsFailure {
    CredentialsFailure::Role {
        operation,
        code: error.code().unwrap_or("Unknown").to_owned(),
        message: error.message().unwrap_or("AWS gave no reason").to_owned(),
    }
}
