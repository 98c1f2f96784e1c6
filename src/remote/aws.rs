//! Access to AWS: settings from the provider block over the SDK's own chain, one configuration per region, made when first needed.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::sts::AssumeRoleProvider;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_runtime::env_config::file::{EnvConfigFileKind, EnvConfigFiles};
use tokio::sync::Mutex;

use super::aws_error::{self, AwsError, Cause};
use super::connector;
use super::ec2::Ec2;
use super::elb::Elb;
use crate::secret::Secret;

/// A connection must be there within this time: an endpoint that swallows packets is reported within seconds.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// One attempt of one call must be answered within this time.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(30);

/// What the user set; what is absent comes from the SDK's own chain (environment, profile, web identity, container, instance).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AwsSettings {
    /// The default region.
    pub region: Option<String>,
    /// A profile of the shared files.
    pub profile: Option<String>,
    /// Static credentials: needs `secret_key` too.
    pub access_key: Option<Secret>,
    /// The secret of `access_key`.
    pub secret_key: Option<Secret>,
    /// The session token of temporary static credentials.
    pub token: Option<Secret>,
    /// Paths instead of `~/.aws/config`.
    pub shared_config_files: Vec<String>,
    /// Paths instead of `~/.aws/credentials`.
    pub shared_credentials_files: Vec<String>,
    /// A role to assume with the credentials found.
    pub assume_role: Option<AssumeRole>,
    /// One URL for all services.
    pub endpoint_url: Option<String>,
    /// URLs of single services, which win over `endpoint_url`.
    pub endpoints: Endpoints,
    /// Attempts of one call, the first included. The SDK's default is 3.
    pub max_attempts: Option<u32>,
    /// `adaptive` instead of `standard` back-off.
    pub adaptive_retry: Option<bool>,
    /// A PEM file that replaces the trusted roots; AWS_CA_BUNDLE where it is absent.
    pub custom_ca_bundle: Option<String>,
    /// Tags of everything that is made.
    pub default_tags: BTreeMap<String, String>,
    /// If not empty, only these accounts may be touched.
    pub allowed_account_ids: Vec<String>,
}

/// URLs of single services.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Endpoints {
    /// Elastic Load Balancing.
    pub elasticloadbalancingv2: Option<String>,
    /// EC2.
    pub ec2: Option<String>,
    /// STS.
    pub sts: Option<String>,
}

/// A role to assume.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AssumeRole {
    /// Its ARN.
    pub role_arn: String,
    /// The session's name; `talosendpoint` if absent.
    pub session_name: Option<String>,
    /// The id that the role's owner asks for.
    pub external_id: Option<String>,
    /// How long a session lasts; one hour if absent.
    pub duration: Option<Duration>,
    /// A policy that narrows the session.
    pub policy: Option<String>,
    /// Tags of the session.
    pub tags: BTreeMap<String, String>,
}

/// Clients for any region, made once each.
#[derive(Debug)]
pub struct Aws {
    settings: AwsSettings,
    configs: Mutex<HashMap<Option<String>, Arc<SdkConfig>>>,
    elbs: Mutex<HashMap<String, Elb>>,
    account: Mutex<Option<String>>,
}

impl Aws {
    /// Takes the settings; contacts nothing.
    pub fn new(settings: AwsSettings) -> Aws {
        Aws { settings, configs: Mutex::default(), elbs: Mutex::default(), account: Mutex::default() }
    }

    /// The settings.
    pub fn settings(&self) -> &AwsSettings {
        &self.settings
    }

    /// Elastic Load Balancing in `region`, or in the default one.
    ///
    /// # Errors
    /// If there is no region, or the settings can't be used.
    pub async fn elb(&self, region: Option<&str>) -> Result<Elb, AwsError> {
        let config = self.config(region).await?;
        let region = config.region().map(|region| region.to_string()).unwrap_or_default();
        let mut elbs = self.elbs.lock().await;
        let elb = elbs.entry(region.clone()).or_insert_with(|| {
            let endpoint = self.settings.endpoints.elasticloadbalancingv2.clone();
            Elb::new(&config, endpoint, region)
        });
        Ok(elb.clone())
    }

    /// EC2 in `region`, or in the default one.
    ///
    /// # Errors
    /// If there is no region, or the settings can't be used.
    pub async fn ec2(&self, region: Option<&str>) -> Result<Ec2, AwsError> {
        let config = self.config(region).await?;
        Ok(Ec2::new(&config, self.settings.endpoints.ec2.clone()))
    }

    /// The account of the credentials, asked once.
    ///
    /// # Errors
    /// If STS refuses.
    pub async fn account(&self, region: Option<&str>) -> Result<String, AwsError> {
        let mut known = self.account.lock().await;
        if let Some(account) = known.as_ref() {
            return Ok(account.clone());
        }
        let config = self.config(region).await?;
        let mut builder = aws_sdk_sts::config::Builder::from(&*config);
        if let Some(url) = &self.settings.endpoints.sts {
            builder = builder.endpoint_url(url);
        }
        let identity = aws_sdk_sts::Client::from_conf(builder.build())
            .get_caller_identity()
            .send()
            .await
            .map_err(|error| AwsError::from_sdk("sts:GetCallerIdentity", error))?;
        let account = identity.account().unwrap_or_default().to_owned();
        *known = Some(account.clone());
        Ok(account)
    }

    async fn config(&self, region: Option<&str>) -> Result<Arc<SdkConfig>, AwsError> {
        let key = region.map(str::to_owned).or_else(|| self.settings.region.clone());
        let mut configs = self.configs.lock().await;
        if let Some(config) = configs.get(&key) {
            return Ok(Arc::clone(config));
        }
        let config = Arc::new(self.load(key.as_deref()).await?);
        configs.insert(key, Arc::clone(&config));
        Ok(config)
    }

    async fn load(&self, region: Option<&str>) -> Result<SdkConfig, AwsError> {
        let settings = &self.settings;
        let bundle = settings.custom_ca_bundle.clone().or_else(|| non_empty_variable("AWS_CA_BUNDLE"));
        let client = connector::http_client(bundle.as_deref())
            .map_err(|error| AwsError::new("aws", Cause::Unusable(aws_error::causes(&error))))?;
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .operation_attempt_timeout(ATTEMPT_TIMEOUT)
            .build();
        let mut loader = aws_config::defaults(BehaviorVersion::latest()).http_client(client).timeout_config(timeouts);
        if let Some(retry) = settings.retry() {
            loader = loader.retry_config(retry);
        }
        if let Some(region) = region {
            loader = loader.region(Region::new(region.to_owned()));
        }
        if let Some(profile) = &settings.profile {
            loader = loader.profile_name(profile);
        }
        if let Some(files) = settings.profile_files() {
            loader = loader.profile_files(files);
        }
        if let Some(url) = &settings.endpoint_url {
            loader = loader.endpoint_url(url);
        }
        if let Some(credentials) = settings.static_credentials() {
            loader = loader.credentials_provider(credentials);
        }
        let config = loader.load().await;
        if config.region().is_none() {
            return Err(AwsError::new("aws", Cause::NoRegion));
        }
        match &settings.assume_role {
            Some(role) => Ok(assume(config, role, settings.endpoints.sts.as_deref()).await),
            None => Ok(config),
        }
    }
}

impl AwsSettings {
    fn retry(&self) -> Option<RetryConfig> {
        if self.max_attempts.is_none() && self.adaptive_retry.is_none() {
            return None; // AWS_MAX_ATTEMPTS, AWS_RETRY_MODE and the profile decide
        }
        let base = if self.adaptive_retry == Some(true) { RetryConfig::adaptive() } else { RetryConfig::standard() };
        Some(match self.max_attempts {
            Some(attempts) => base.with_max_attempts(attempts),
            None => base,
        })
    }

    fn static_credentials(&self) -> Option<Credentials> {
        let (key, secret) = (self.access_key.as_ref()?, self.secret_key.as_ref()?);
        let token = self.token.as_ref().map(|token| token.reveal().to_owned());
        Some(Credentials::new(key.reveal(), secret.reveal(), token, None, "provider block"))
    }

    fn profile_files(&self) -> Option<EnvConfigFiles> {
        if self.shared_config_files.is_empty() && self.shared_credentials_files.is_empty() {
            return None;
        }
        let mut files = EnvConfigFiles::builder();
        let kinds = [
            (EnvConfigFileKind::Config, &self.shared_config_files),
            (EnvConfigFileKind::Credentials, &self.shared_credentials_files),
        ];
        for (kind, paths) in kinds {
            files = match (kind, paths.is_empty()) {
                (EnvConfigFileKind::Config, true) => files.include_default_config_file(true),
                (_, true) => files.include_default_credentials_file(true),
                _ => paths.iter().fold(files, |files, path| files.with_file(kind, path)),
            };
        }
        Some(files.build())
    }
}

async fn assume(config: SdkConfig, role: &AssumeRole, sts_url: Option<&str>) -> SdkConfig {
    let sts_config = match sts_url {
        Some(url) => config.clone().into_builder().endpoint_url(url).build(),
        None => config.clone(),
    };
    let mut provider = AssumeRoleProvider::builder(&role.role_arn)
        .configure(&sts_config)
        .session_name(role.session_name.as_deref().unwrap_or("talosendpoint"));
    if let Some(id) = &role.external_id {
        provider = provider.external_id(id);
    }
    if let Some(duration) = role.duration {
        provider = provider.session_length(duration);
    }
    if let Some(policy) = &role.policy {
        provider = provider.policy(policy);
    }
    if !role.tags.is_empty() {
        provider = provider.tags(role.tags.clone());
    }
    let credentials = match config.credentials_provider() {
        Some(base) => provider.build_from_provider(base).await,
        None => provider.build().await,
    };
    config
        .into_builder()
        .credentials_provider(aws_credential_types::provider::SharedCredentialsProvider::new(credentials))
        .build()
}

fn non_empty_variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// The access of the configuration that is in force, shared by the provider and its resources.
#[derive(Debug, Default)]
pub struct AwsAccess(RwLock<Access>);

/// What is known of the access.
#[derive(Clone, Debug, Default)]
pub enum Access {
    /// There was no configuration yet.
    #[default]
    NotConfigured,
    /// The provider block holds values that are known only at apply.
    NotYetKnown,
    /// It can be used.
    Ready(Arc<Aws>),
}

impl AwsAccess {
    /// Puts another access into force.
    pub fn set(&self, access: Access) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = access;
    }

    /// The access in force.
    pub fn get(&self) -> Access {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
