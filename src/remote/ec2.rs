//! The one call of EC2 that we use.
//!
//! The SDK's EC2 crate takes seven minutes and 9 GB of memory to compile, which is not worth one query: it is signed with the SDK's own
//! signer and sent through the SDK's own client, so that retries, time-outs and the proxy are the same as everywhere.

use std::time::SystemTime;

use aws_config::{SdkConfig, timeout::TimeoutConfig};
use aws_credential_types::provider::ProvideCredentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4::SigningParams;
use aws_smithy_runtime::client::orchestrator::operation::Operation;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, OrchestratorError};
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::retry::RetryConfig;
use aws_types::service_config::ServiceConfigKey;

use super::aws_error::{AwsError, Cause};

/// The name that IAM policies give to the call.
const ACTION: &str = "ec2:DescribeNetworkInterfaces";

/// EC2 in one region.
#[derive(Debug)]
pub struct Ec2 {
    config: SdkConfig,
    url: String,
    region: String,
}

/// An answer of EC2: its status, and its XML.
type Answer = (u16, String);

impl Ec2 {
    pub(super) fn new(config: &SdkConfig, endpoint: Option<String>) -> Ec2 {
        let region = config.region().map(ToString::to_string).unwrap_or_default();
        let url = endpoint.or_else(|| configured(config)).or_else(|| config.endpoint_url().map(str::to_owned));
        let url = url.unwrap_or_else(|| format!("https://ec2.{region}.{}", domain(&region)));
        Ec2 { config: config.clone(), url: format!("{}/", url.trim_end_matches('/')), region }
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
        let request = self.signed(body).await?;
        let (status, xml) = self.send(request).await?;
        read(status, &xml)
    }

    async fn signed(&self, body: String) -> Result<http::Request<String>, AwsError> {
        let provider = self.config.credentials_provider();
        let provider = provider.ok_or_else(|| unusable("no source of credentials"))?;
        let credentials = provider.provide_credentials().await;
        let credentials = credentials.map_err(|error| AwsError::from_credentials(ACTION, &error))?;
        let identity = credentials.into();
        let params = SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name("ec2")
            .time(SystemTime::now())
            .settings(SigningSettings::default())
            .build()
            .map_err(unusable)?
            .into();
        let mut request = http::Request::post(&self.url)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body)
            .map_err(unusable)?;
        let headers = request.headers().iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap_or_default()));
        let signable =
            SignableRequest::new("POST", self.url.as_str(), headers, SignableBody::Bytes(request.body().as_bytes()));
        let (instructions, _) = sign(signable.map_err(unusable)?, &params).map_err(unusable)?.into_parts();
        instructions.apply_to_request_http1x(&mut request);
        Ok(request)
    }

    async fn send(&self, request: http::Request<String>) -> Result<Answer, AwsError> {
        let client: SharedHttpClient = self.config.http_client().ok_or_else(|| unusable("no HTTP client"))?;
        let retry = self.config.retry_config().cloned().unwrap_or_else(RetryConfig::standard);
        let timeouts = self.config.timeout_config().cloned().unwrap_or_else(TimeoutConfig::disabled);
        let mut operation = Operation::builder()
            .service_name("ec2")
            .operation_name("DescribeNetworkInterfaces")
            .http_client(client)
            .endpoint_url(&self.url)
            .no_auth() // signed above
            .standard_retry(&retry)
            .timeout_config(timeouts);
        if let Some(sleep) = self.config.sleep_impl() {
            operation = operation.sleep_impl(sleep);
        }
        operation
            .serializer(|request: http::Request<String>| {
                HttpRequest::try_from(request.map(SdkBody::from)).map_err(Into::into)
            })
            .deserializer(|response| {
                let text = response.body().bytes().map(|bytes| String::from_utf8_lossy(bytes).into_owned());
                Ok::<Answer, OrchestratorError<NeverRefused>>((response.status().as_u16(), text.unwrap_or_default()))
            })
            .build()
            .invoke(request)
            .await
            .map_err(|error: SdkError<NeverRefused, _>| AwsError::from_sdk(ACTION, error))
    }
}

/// Refusals are read from the answer; the transport itself has none.
#[derive(Debug, thiserror::Error)]
#[error("refused")]
struct NeverRefused;

impl aws_smithy_types::error::metadata::ProvideErrorMetadata for NeverRefused {
    fn meta(&self) -> &aws_smithy_types::error::ErrorMetadata {
        static NOTHING: std::sync::LazyLock<aws_smithy_types::error::ErrorMetadata> =
            std::sync::LazyLock::new(|| aws_smithy_types::error::ErrorMetadata::builder().build());
        &NOTHING
    }
}

/// Reads `DescribeNetworkInterfacesResponse`, or the `Response/Errors` of a refusal.
fn read(status: u16, xml: &str) -> Result<Vec<String>, AwsError> {
    let document =
        roxmltree::Document::parse(xml).map_err(|_| unusable(format!("EC2 answered {status} without XML")))?;
    let text = |node: &roxmltree::Node<'_, '_>, name: &str| {
        let child = node.children().find(|child| child.tag_name().name() == name);
        child.and_then(|child| child.text()).unwrap_or_default().to_owned()
    };
    if let Some(error) = document.descendants().find(|node| node.tag_name().name() == "Error") {
        let cause = Cause::Service { code: text(&error, "Code"), message: text(&error, "Message") };
        return Err(AwsError::new(ACTION, cause));
    }
    if status != 200 {
        return Err(unusable(format!("EC2 answered {status}")));
    }
    let items = document.descendants().filter(|node| {
        node.tag_name().name() == "item"
            && node.parent().is_some_and(|parent| parent.tag_name().name() == "networkInterfaceSet")
    });
    Ok(items.map(|item| text(&item, "networkInterfaceId")).collect())
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

/// The domain of a region's partition (endpoint rules of the SDK).
fn domain(region: &str) -> &'static str {
    match region.split('-').next().unwrap_or_default() {
        "cn" => "amazonaws.com.cn",
        _ => "amazonaws.com",
    }
}

fn unusable(error: impl ToString) -> AwsError {
    AwsError::new(ACTION, Cause::Unusable(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_interfaces_and_refusals() {
        let xml = r#"<DescribeNetworkInterfacesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><networkInterfaceSet>
            <item><networkInterfaceId>eni-1</networkInterfaceId><groupSet><item><groupId>sg-1</groupId></item></groupSet></item>
            <item><networkInterfaceId>eni-2</networkInterfaceId></item></networkInterfaceSet></DescribeNetworkInterfacesResponse>"#;
        assert_eq!(read(200, xml).unwrap(), ["eni-1", "eni-2"]);
        let refused = "<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>no</Message></Error></Errors></Response>";
        assert!(read(403, refused).unwrap_err().is("UnauthorizedOperation"));
        assert!(read(200, "not xml").is_err());
        assert!(read(503, "<html/>").is_err());
    }

    #[test]
    fn forms_are_encoded() {
        assert_eq!(form(&[("a", "ELB net/x/1")]), "a=ELB+net%2Fx%2F1");
    }
}
