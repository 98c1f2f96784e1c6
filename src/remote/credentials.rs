//! Where credentials come from, in the order of the AWS CLI, and what is said when none of it helps.

use std::error::Error;
use std::time::{Duration, SystemTime};

use aws_config::SdkConfig;
use aws_config::ecs::EcsCredentialsProvider;
use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::imds::credentials::ImdsCredentialsProvider;
use aws_config::meta::ProviderChainError;
use aws_config::meta::credentials::CredentialsProviderChain;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::web_identity_token::WebIdentityTokenCredentialsProvider;
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{self, ProvideCredentials, SharedCredentialsProvider, future};
use aws_runtime::env_config::file::EnvConfigFiles;
use aws_sdk_sts::operation::assume_role::AssumeRoleError;
use aws_sdk_sts::operation::assume_role_with_web_identity::AssumeRoleWithWebIdentityError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

use super::obstacle::{Obstacle, innermost, links};
use super::shared_files::SharedFiles;

/// The name of a source in the chain.
const PROFILE: &str = "Profile";

/// All of credentials must be there within this time: a `credential_process` may ask its user something.
pub const LIMIT: Duration = Duration::from_secs(60);

/// How long before their end credentials are renewed. Longer than the SDK's own 10 to 15 s, so that it never gets what it throws away.
const MARGIN: Duration = Duration::from_secs(60);

/// How long credentials without an end are taken for good, as in the SDK.
const ENDLESS: Duration = Duration::from_secs(15 * 60);

/// Why there are no credentials.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Lack {
    /// None were found anywhere.
    #[error("no credentials were found")]
    Nothing,
    /// The profile that the provider block names has none, nor has the platform.
    #[error("the profile `{0}` holds no credentials, and this is no container or instance with a role")]
    EmptyProfile(String),
    /// A sign-in at IAM Identity Center is needed.
    #[error("profile `{profile}`: {reason}")]
    SignIn {
        /// The profile.
        profile: String,
        /// What is wrong with the present one.
        reason: String,
    },
    /// IAM Identity Center doesn't give this role.
    #[error("profile `{profile}`: {reason}")]
    NotAssigned {
        /// The profile.
        profile: String,
        /// Its own words.
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
    /// A source that is configured gave none.
    #[error("{0}")]
    Failed(String),
}

/// The sources of credentials outside the provider block.
#[derive(Debug)]
pub struct Sources {
    client: ProviderConfig,
    files: EnvConfigFiles,
    profile: Option<String>,
    sso_profile: Option<String>,
}

impl Sources {
    /// The sources for `config`. With a `profile`, which the provider block names, it and the platform's own are all there is:
    /// what the environment holds doesn't win over it.
    pub fn new(config: &SdkConfig, shared: SharedFiles, profile: Option<String>) -> Sources {
        let SharedFiles { files, sso_profile, .. } = shared;
        Sources { client: client(config), files, profile, sso_profile }
    }

    /// Made for each use: the SDK's profile source gives the true reason of a failure only once.
    fn chain(&self) -> CredentialsProviderChain {
        let profiles =
            ProfileFileCredentialsProvider::builder().configure(&self.client).profile_files(self.files.clone());
        let chain = match &self.profile {
            Some(name) => CredentialsProviderChain::first_try(PROFILE, profiles.profile_name(name).build()),
            None => CredentialsProviderChain::first_try("Environment", EnvironmentVariableCredentialsProvider::new())
                .or_else(PROFILE, profiles.build())
                .or_else("WebIdentity", WebIdentityTokenCredentialsProvider::builder().configure(&self.client).build()),
        };
        chain
            .or_else("Container", EcsCredentialsProvider::builder().configure(&self.client).build())
            .or_else("Instance", ImdsCredentialsProvider::builder().configure(&self.client).build())
    }
}

impl ProvideCredentials for Sources {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(async move {
            let found = self.chain().provide_credentials().await;
            found.map_err(|error| explained(error, self.profile.as_deref(), self.sso_profile.as_deref()))
        })
    }
}

/// A source whose failures are explained: the role of the provider block.
#[derive(Debug)]
pub struct Explained<P>(pub P);

impl<P: ProvideCredentials> ProvideCredentials for Explained<P> {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(async move {
            let found: provider::Result = self.0.provide_credentials().await;
            found.map_err(|error| explained(error, None, None))
        })
    }
}

/// A source that is asked once, and again only when what it gave comes to its end. The SDK's cache serves the SDK's clients alone, and a
/// `credential_process` that asks its user must not do so for each call of another.
#[derive(Debug)]
struct Kept<P> {
    source: P,
    found: Mutex<Found>,
}

/// What a source has last come to.
#[derive(Debug, Default)]
enum Found {
    /// It wasn't asked, or said no.
    #[default]
    Nothing,
    /// Credentials, and when to ask again.
    Good(Credentials, SystemTime),
    /// It said nothing in time; since when that is known. Whoever waited too must not wait as long again.
    Late(Instant),
}

impl<P: ProvideCredentials> ProvideCredentials for Kept<P> {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(async move {
            let late = || CredentialsError::provider_error(Lack::Failed(format!("none came within {LIMIT:?}")));
            let mut found = self.found.lock().await;
            match &*found {
                Found::Good(credentials, end) if *end > SystemTime::now() => return Ok(credentials.clone()),
                Found::Late(since) if since.elapsed() < LIMIT => return Err(late()),
                _ => *found = Found::Nothing,
            }
            let Ok(answer) = timeout(LIMIT, self.source.provide_credentials()).await else {
                *found = Found::Late(Instant::now());
                return Err(late());
            };
            let new = answer?;
            let end = new.expiry().map_or_else(|| SystemTime::now() + ENDLESS, |expiry| expiry - MARGIN);
            *found = Found::Good(new.clone(), end);
            Ok(new)
        })
    }
}

/// `config` with `source` as its credentials.
pub fn with(config: SdkConfig, source: impl ProvideCredentials + 'static) -> SdkConfig {
    let kept = Kept { source, found: Mutex::default() };
    config.into_builder().credentials_provider(SharedCredentialsProvider::new(kept)).build()
}

/// What sources need of `config`: the same HTTP client, so that they take the same way and trust the same authorities.
pub fn client(config: &SdkConfig) -> ProviderConfig {
    let mut client = ProviderConfig::without_region()
        .with_region(config.region().cloned())
        .with_use_fips(config.use_fips())
        .with_use_dual_stack(config.use_dual_stack());
    if let Some(http) = config.http_client() {
        client = client.with_http_client(http);
    }
    if let Some(retry) = config.retry_config() {
        client = client.with_retry_config(retry.clone());
    }
    if let Some(timeouts) = config.timeout_config() {
        client = client.with_timeout_config(timeouts.clone());
    }
    client
}

/// The error with its reason as a [`Lack`], unless it has one already or something stood in the way.
fn explained(error: CredentialsError, profile: Option<&str>, sso_profile: Option<&str>) -> CredentialsError {
    let known = links(&error).any(|link| link.is::<Lack>() || link.is::<Obstacle>());
    if known { error } else { CredentialsError::provider_error(Lack::of(&error, profile, sso_profile)) }
}

/// What the profile is missing, where it was tried and passed over: the SDK goes on as if it weren't there.
fn passed_over(error: &CredentialsError) -> Option<String> {
    let chain = links(error).find_map(|link| link.downcast_ref::<ProviderChainError<CredentialsError>>())?;
    let attempt = chain.attempts().iter().find(|attempt| attempt.name() == PROFILE)?;
    attempt.error().source().map(ToString::to_string)
}

impl Lack {
    /// The reason that an error of the SDK's sources amounts to.
    pub(super) fn of(error: &CredentialsError, profile: Option<&str>, sso_profile: Option<&str>) -> Lack {
        if matches!(error, CredentialsError::CredentialsNotLoaded(_)) {
            let nothing = || profile.map_or(Lack::Nothing, |name| Lack::EmptyProfile(name.to_owned()));
            return passed_over(error).map_or_else(nothing, Lack::Failed);
        }
        if let Some(refused) = links(error).find_map(refused_role) {
            return refused;
        }
        let reason = innermost(error);
        match sso_profile.map(str::to_owned) {
            Some(profile) if links(error).any(|link| link.to_string().contains("Forbidden")) => {
                Lack::NotAssigned { profile, reason }
            }
            Some(profile) => Lack::SignIn { profile, reason },
            None => Lack::Failed(reason.trim_end().to_owned()),
        }
    }

    /// A short title, and a paragraph with the reason and the remedy.
    pub fn explain(&self, operation: &str) -> (String, String) {
        let (title, remedy) = match self {
            Lack::Nothing | Lack::EmptyProfile(_) => (
                "No AWS credentials",
                "Set AWS_PROFILE, AWS_ACCESS_KEY_ID with AWS_SECRET_ACCESS_KEY, a container's or an instance's role, or the fields of `aws` \
                 in the provider block. `aws sts get-caller-identity` shows whether the machine has any."
                    .to_owned(),
            ),
            Lack::SignIn { profile, .. } => {
                ("A sign-in to AWS is needed", format!("Run `aws sso login --profile {profile}`, then run again."))
            }
            Lack::NotAssigned { profile, .. } => (
                "No access to the AWS account",
                format!("Correct `sso_account_id` and `sso_role_name` of the profile `{profile}`, or have that role assigned."),
            ),
            Lack::Role { operation, code, .. } if code == "AccessDenied" => (
                "The role cannot be assumed",
                format!(
                    "The credentials need the permission `{operation}` for that role, and the role's trust policy must admit them; where it \
                     asks for an external id, `external_id` must be that."
                ),
            ),
            Lack::Role { .. } => ("The role cannot be assumed", "Correct what AWS names and run again.".to_owned()),
            Lack::Failed(_) => (
                "No usable AWS credentials",
                "Something is configured as the source of credentials and gave none. `aws sts get-caller-identity`, run with the same \
                 environment and profile, shows whether it works at all."
                    .to_owned(),
            ),
        };
        (
            title.to_owned(),
            format!("{operation} could not be signed: {}.\n\n{remedy}", self.to_string().trim_end_matches('.')),
        )
    }
}

fn refused_role(link: &(dyn Error + 'static)) -> Option<Lack> {
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

fn role(operation: &'static str, error: &impl ProvideErrorMetadata) -> Lack {
    Lack::Role {
        operation,
        code: error.code().unwrap_or("Unknown").to_owned(),
        message: error.message().unwrap_or("AWS gave no reason").to_owned(),
    }
}

#[cfg(test)]
mod tests;
