//! Access to AWS: our settings over the SDK's own chain, one configuration per region, made when first needed.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use aws_config::identity::IdentityCache;
use aws_config::imds::region::ImdsRegionProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::sts::AssumeRoleProvider;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_runtime_api::client::identity::ResolveCachedIdentity;
use tokio::sync::Mutex;

use super::aws_error::{AwsError, Cause};
use super::connector::{self, Transport};
use super::credentials::{self, Explained, Sources};
use super::ec2::Ec2;
use super::elb::Elb;
use super::proxy::Proxies;
use super::setting::non_empty_variable;
use super::settings::{AssumeRole, AwsSettings};
use super::settings_error::{Origin, SettingsError};
use super::shared_files::SharedFiles;
use super::{keys, region, retries, trust};

/// A connection must be there within this time: an endpoint that swallows packets is reported within seconds.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// A request that was sent must be answered within this time.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);

/// Clients for any region, made once each.
#[derive(Debug)]
pub struct Aws {
    settings: AwsSettings,
    transport: Transport,
    configs: Mutex<HashMap<Option<String>, Arc<SdkConfig>>>,
    elbs: Mutex<HashMap<String, Elb>>,
    account: Mutex<Option<String>>,
}

impl Aws {
    /// Takes the settings; contacts nothing.
    pub fn new(settings: AwsSettings, transport: Transport) -> Aws {
        Aws { settings, transport, configs: Mutex::default(), elbs: Mutex::default(), account: Mutex::default() }
    }

    /// What it was made with.
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
        Ec2::new(&config, self.settings.endpoints.ec2.clone()).await
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
        let builder = builder.retry_partition(retries::partition("sts".to_owned()));
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
        let unusable = |error| failed(Cause::Settings(error));
        let shared = SharedFiles::load(settings).await.map_err(unusable)?;
        let http = match &self.transport {
            Transport::Network => settings.http_client(shared.ca_bundle.as_deref()).map_err(unusable)?,
            Transport::Given(client) => connector::over(client),
        };
        let region = match region::find(region, shared.region.as_ref()).map_err(unusable)? {
            Some(region) => Region::new(region),
            None => region_of_instance(&http).await.ok_or_else(|| failed(Cause::NoRegion))?,
        };
        keys::check(settings, &shared).map_err(unusable)?;
        let retries = retries::config(settings, &shared).map_err(unusable)?;
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .http_client(http)
            .timeout_config(timeouts())
            .identity_cache(identity_cache())
            .profile_files(shared.files.clone())
            .region(region)
            .retry_config(retries)
            .no_credentials();
        if let Some(profile) = &settings.profile {
            loader = loader.profile_name(profile);
        }
        if let Some(url) = &settings.endpoint_url {
            loader = loader.endpoint_url(url);
        }
        let config = loader.load().await;
        let config = match settings.static_credentials() {
            Some(own) => credentials::with(config, own),
            None => {
                let sources = Sources::new(&config, shared, settings.profile.clone());
                credentials::with(config, sources)
            }
        };
        match &settings.assume_role {
            Some(role) => Ok(assume(config, role, settings.endpoints.sts.as_deref()).await),
            None => Ok(config),
        }
    }
}

impl AwsSettings {
    fn http_client(&self, of_profile: Option<&str>) -> Result<SharedHttpClient, SettingsError> {
        let variable = non_empty_variable("AWS_CA_BUNDLE");
        let (origin, bundle) = match (&self.custom_ca_bundle, &variable) {
            (Some(path), _) => (Origin::Settings, Some(path.as_str())),
            (None, Some(path)) => (Origin::Variable, Some(path.as_str())),
            (None, None) => (Origin::Profile, of_profile),
        };
        let path = bundle.unwrap_or_default().to_owned();
        let (context, authorities) =
            trust::context(bundle).map_err(|error| SettingsError::CaBundle { origin, path, error })?;
        let proxies = Proxies::from_env().map_err(SettingsError::Proxy)?;
        Ok(connector::http_client(&context, authorities, proxies))
    }

    fn static_credentials(&self) -> Option<Credentials> {
        let (key, secret) = (self.access_key.as_ref()?, self.secret_key.as_ref()?);
        let token = self.token.as_ref().map(|token| token.reveal().to_owned());
        Some(Credentials::new(key.reveal(), secret.reveal(), token, None, "settings"))
    }
}

/// An attempt includes its wait for credentials, which must not be cut short: a `credential_process` would be started anew.
fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .read_timeout(ANSWER_TIMEOUT)
        .operation_attempt_timeout(credentials::LIMIT * 2 + ANSWER_TIMEOUT) // of a role and of what assumes it
        .build()
}

/// Its own limit only comes after ours, whose error says more.
fn identity_cache() -> impl ResolveCachedIdentity + 'static {
    IdentityCache::lazy().load_timeout(credentials::LIMIT * 2).build()
}

fn failed(cause: Cause) -> AwsError {
    AwsError::new("aws", cause)
}

/// An instance knows its region. Elsewhere nobody answers, which the SDK believes after a second.
async fn region_of_instance(http: &SharedHttpClient) -> Option<Region> {
    let client = ProviderConfig::without_region().with_http_client(http.clone());
    ImdsRegionProvider::builder().configure(&client).build().region().await
}

async fn assume(config: SdkConfig, role: &AssumeRole, sts_url: Option<&str>) -> SdkConfig {
    let sts_config = match sts_url {
        Some(url) => {
            let mut builder = config.clone().into_builder().endpoint_url(url);
            // Set explicitly: otherwise AWS_ENDPOINT_URL would win over it.
            builder.insert_origin("endpoint_url", aws_types::origin::Origin::shared_config());
            builder.build()
        }
        None => config.clone(),
    };
    let mut provider =
        AssumeRoleProvider::builder(&role.role_arn).configure(&sts_config).session_name(&role.session_name);
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
    credentials::with(config, Explained { source: credentials, role: role.role_arn.clone() })
}

#[cfg(test)]
mod tests;
