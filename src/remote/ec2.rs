//! The one call of EC2 that we use.
//!
//! The SDK's EC2 crate takes seven minutes and 9 GB of memory to compile, which is not worth one query: it is signed with the SDK's own
//! signer and sent through the SDK's own client, so that repeats, time-outs and the proxy are the same as everywhere.

use std::time::SystemTime;

use aws_config::{SdkConfig, timeout::TimeoutConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::ProvideCredentials;
use aws_runtime::request_info::RequestInfoInterceptor;
use aws_runtime::retries::classifiers::AwsErrorCodeClassifier;
use aws_sdk_elasticloadbalancingv2::config::endpoint::{DefaultResolver, Params, ResolveEndpoint};
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4::SigningParams;
use aws_smithy_runtime::client::orchestrator::operation::Operation;
use aws_smithy_runtime::client::retries::classifiers::{HttpStatusCodeClassifier, TransientErrorClassifier};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_runtime_api::client::interceptors::context::BeforeTransmitInterceptorContextMut;
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, OrchestratorError};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::client::runtime_plugin::StaticRuntimePlugin;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::{ConfigBag, Layer};
use aws_smithy_types::error::ErrorMetadata;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_smithy_types::retry::RetryConfig;
use aws_types::service_config::ServiceConfigKey;

use super::aws_error::{AwsError, Cause};
use super::retries;

/// The name that IAM policies give to the call.
const ACTION: &str = "ec2:DescribeNetworkInterfaces";

/// EC2 in one region.
#[derive(Debug)]
pub struct Ec2 {
    config: SdkConfig,
    url: String,
    region: String,
}

impl Ec2 {
    pub(super) async fn new(config: &SdkConfig, endpoint: Option<String>) -> Result<Ec2, AwsError> {
        let region = config.region().map(ToString::to_string).unwrap_or_default();
        let set = endpoint.or_else(|| configured(config)).or_else(|| config.endpoint_url().map(str::to_owned));
        let url = match set {
            Some(url) => url,
            None => of_partition(config, &region).await?,
        };
        Ok(Ec2 { config: config.clone(), url: format!("{}/", url.trim_end_matches('/')), region })
    }

    /// The ids of network interfaces with exactly this description.
    ///
    /// # Errors
    /// What EC2 answers; the permission `ec2:DescribeNetworkInterfaces` is often missing.
    pub async fn network_interfaces(&self, description: &str) -> Result<Vec<String>, AwsError> {
        let body = form(&[
            ("Action", "DescribeNetworkInterfaces"),
            ("Version", "2016-11-15"),
            ("Filter.1.Name", "description"),
            ("Filter.1.Value.1", description),
        ]);
        let provider = self.config.credentials_provider();
        let provider = provider.ok_or_else(|| broken("no source of credentials"))?;
        let credentials = provider.provide_credentials().await;
        let credentials = credentials.map_err(|error| AwsError::from_credentials(ACTION, &error))?;
        interfaces(&self.send(body, credentials).await?)
    }

    /// Sends the query, and again where that may help, as often as the SDK's own clients do.
    async fn send(&self, body: String, credentials: Credentials) -> Result<String, AwsError> {
        let client: SharedHttpClient = self.config.http_client().ok_or_else(|| broken("no HTTP client"))?;
        let retry = self.config.retry_config().cloned().unwrap_or_else(RetryConfig::standard);
        let timeouts = self.config.timeout_config().cloned().unwrap_or_else(TimeoutConfig::disabled);
        let mut partition = Layer::new("retries");
        partition.store_put(retries::partition(format!("ec2 in {}", self.region)));
        let mut operation = Operation::builder()
            .service_name("ec2")
            .operation_name("DescribeNetworkInterfaces")
            .http_client(client)
            .endpoint_url(&self.url)
            .no_auth() // signed by the interceptor
            .interceptor(RequestInfoInterceptor::new())
            .interceptor(Signer { credentials, region: self.region.clone() })
            .standard_retry(&retry)
            .retry_classifier(HttpStatusCodeClassifier::default())
            .retry_classifier(TransientErrorClassifier::<QueryError>::new())
            .retry_classifier(AwsErrorCodeClassifier::<QueryError>::new())
            .runtime_plugin(StaticRuntimePlugin::new().with_config(partition.freeze()))
            .timeout_config(timeouts);
        if let Some(sleep) = self.config.sleep_impl() {
            operation = operation.sleep_impl(sleep);
        }
        let sent = operation
            .serializer(|body: String| {
                // The endpoint's path comes before this one.
                let request = http::Request::post("/").header("content-type", "application/x-www-form-urlencoded");
                HttpRequest::try_from(request.body(SdkBody::from(body))?).map_err(Into::into)
            })
            .deserializer(|response| {
                let text = response.body().bytes().map(|bytes| String::from_utf8_lossy(bytes).into_owned());
                let text = text.unwrap_or_default();
                if response.status().is_success() {
                    return Ok::<String, OrchestratorError<QueryError>>(text);
                }
                Err(OrchestratorError::operation(QueryError::read(&text)))
            })
            .build()
            .invoke(body)
            .await;
        sent.map_err(|error| AwsError::from_sdk(ACTION, error))
    }
}

/// Signs each attempt: a signature is good for some minutes only.
#[derive(Debug)]
struct Signer {
    credentials: Credentials,
    region: String,
}

#[dyn_dispatch_hint]
impl Intercept for Signer {
    fn name(&self) -> &'static str {
        "Signer"
    }

    fn modify_before_transmit(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let identity = self.credentials.clone().into();
        let params = SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name("ec2")
            .time(SystemTime::now())
            .settings(SigningSettings::default())
            .build()?
            .into();
        let request = context.request_mut();
        let (instructions, _) = {
            let body = SignableBody::Bytes(request.body().bytes().unwrap_or_default());
            let kind = request.headers().get("content-type").unwrap_or_default();
            let headers = [("content-type", kind)].into_iter();
            sign(SignableRequest::new("POST", request.uri(), headers, body)?, &params)?.into_parts()
        };
        let (headers, _) = instructions.into_parts();
        for header in headers {
            request.headers_mut().insert(header.name(), header.value().to_owned());
        }
        Ok(())
    }
}

/// An error that EC2 answers with.
#[derive(Debug, thiserror::Error)]
#[error("refused")]
struct QueryError(ErrorMetadata);

impl QueryError {
    /// Reads `Response/Errors/Error`.
    fn read(xml: &str) -> QueryError {
        let mut meta = ErrorMetadata::builder();
        if let Ok(document) = roxmltree::Document::parse(xml)
            && let Some(error) = document.descendants().find(|node| node.tag_name().name() == "Error")
        {
            meta = meta.code(child(&error, "Code")).message(child(&error, "Message"));
        }
        QueryError(meta.build())
    }
}

impl ProvideErrorMetadata for QueryError {
    fn meta(&self) -> &ErrorMetadata {
        &self.0
    }
}

/// Reads `DescribeNetworkInterfacesResponse`.
fn interfaces(xml: &str) -> Result<Vec<String>, AwsError> {
    let document =
        roxmltree::Document::parse(xml).map_err(|error| broken(format!("the answer is no XML ({error})")))?;
    let items = document.descendants().filter(|node| {
        node.tag_name().name() == "item"
            && node.parent().is_some_and(|parent| parent.tag_name().name() == "networkInterfaceSet")
    });
    Ok(items.map(|item| child(&item, "networkInterfaceId")).collect())
}

fn child(node: &roxmltree::Node<'_, '_>, name: &str) -> String {
    let child = node.children().find(|child| child.tag_name().name() == name);
    child.and_then(|child| child.text()).unwrap_or_default().to_owned()
}

/// Where EC2 is in a region. The partitions, and what FIPS and dual stack change, are those of Elastic Load Balancing, whose endpoint the SDK
/// knows: `elasticloadbalancing.us-iso-east-1.c2s.ic.gov` is beside `ec2.us-iso-east-1.c2s.ic.gov`.
async fn of_partition(config: &SdkConfig, region: &str) -> Result<String, AwsError> {
    let params = Params::builder()
        .region(region)
        .use_fips(config.use_fips().unwrap_or_default())
        .use_dual_stack(config.use_dual_stack().unwrap_or_default())
        .build();
    let params = params.map_err(|error| broken(error.to_string()))?;
    let resolver = DefaultResolver::new();
    let found = ResolveEndpoint::resolve_endpoint(&resolver, &params).await;
    let found = found.map_err(|error| broken(format!("the region has no endpoint ({error})")))?;
    Ok(found.url().replacen("elasticloadbalancing", "ec2", 1))
}

/// `AWS_ENDPOINT_URL_EC2`, or the profile's, by the rules of the SDK's own clients: the settings' URL for all services wins.
fn configured(config: &SdkConfig) -> Option<String> {
    if config.get_origin("endpoint_url").is_client_config() {
        return None;
    }
    let key = ServiceConfigKey::builder().service_id("EC2").env("AWS_ENDPOINT_URL").profile("endpoint_url").build();
    config.service_config()?.load_config(key.ok()?).filter(|url| !url.is_empty())
}

fn form(fields: &[(&str, &str)]) -> String {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(fields);
    form.finish()
}

fn broken(reason: impl Into<String>) -> AwsError {
    AwsError::new(ACTION, Cause::BrokenAnswer(reason.into()))
}

#[cfg(test)]
mod tests;
