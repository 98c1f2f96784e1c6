//! Where credentials come from, in the order of the AWS CLI.

use std::time::{Duration, SystemTime};

use aws_config::SdkConfig;
use aws_config::ecs::EcsCredentialsProvider;
use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::imds::credentials::ImdsCredentialsProvider;
use aws_config::meta::credentials::CredentialsProviderChain;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::web_identity_token::WebIdentityTokenCredentialsProvider;
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{self, ProvideCredentials, SharedCredentialsProvider, future};
use aws_runtime::env_config::file::EnvConfigFiles;
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

use super::connect_error::ConnectError;
use super::credentials_failure::{CredentialsFailure, PROFILE, unconnected};
use super::error_chain::links;
use super::keys;
use super::shared_files::SharedFiles;

/// All of credentials must be there within this time: a `credential_process` may ask its user something.
pub const LIMIT: Duration = Duration::from_secs(60);

/// How long before their end credentials are renewed. Longer than the SDK's own 10 to 15 s, so that it never gets what it throws away.
const MARGIN: Duration = Duration::from_secs(60);

/// How long credentials without an end are taken for good, as in the SDK.
const ENDLESS: Duration = Duration::from_secs(15 * 60);

/// The sources of credentials outside the settings.
#[derive(Debug)]
pub struct Sources {
    client: ProviderConfig,
    files: EnvConfigFiles,
    profile: Option<String>,
    sso_profile: Option<String>,
}

impl Sources {
    /// The sources for `config`. With a `profile`, which the settings name, it and the platform's own are all there is:
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

/// A source whose failures are explained: the role that the settings name.
#[derive(Debug)]
pub struct Explained<P> {
    /// What gives the role's credentials.
    pub source: P,
    /// The ARN of the role.
    pub role: String,
}

impl<P: ProvideCredentials> ProvideCredentials for Explained<P> {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(async move {
            let found: provider::Result = self.source.provide_credentials().await;
            found.map_err(|error| match unconnected(&error) {
                Some(reason) => CredentialsError::provider_error(CredentialsFailure::RoleUnreachable {
                    role: self.role.clone(),
                    reason,
                }),
                None => explained(error, None, None),
            })
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
            let late =
                || CredentialsError::provider_error(CredentialsFailure::Failed(format!("none came within {LIMIT:?}")));
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
            let new = usable(answer?)?;
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

/// Keys that no header can hold: the SDK would end with a panic.
fn usable(found: Credentials) -> provider::Result {
    let token = found.session_token().unwrap_or_default();
    let parts = [("the access key id", found.access_key_id()), ("the session token", token)];
    let unusable = parts.into_iter().find_map(|(name, value)| Some((name, keys::fault(value)?)));
    match unusable {
        Some((name, fault)) => {
            let reason = format!("{name} that the source of credentials gave {fault}");
            Err(CredentialsError::provider_error(CredentialsFailure::Failed(reason)))
        }
        None => Ok(found),
    }
}

/// The error with its reason as a [`CredentialsFailure`], unless it has one already or something stood in the way.
fn explained(error: CredentialsError, profile: Option<&str>, sso_profile: Option<&str>) -> CredentialsError {
    let known = links(&error).any(|link| link.is::<CredentialsFailure>() || link.is::<ConnectError>());
    if known { error } else { CredentialsError::provider_error(CredentialsFailure::of(&error, profile, sso_profile)) }
}

#[cfg(test)]
mod tests;
