use aws_credential_types::provider::{ProvideCredentials, future};
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;
use tokio::time::{Instant, sleep};

use super::*;

/// AWS, which has no target groups.
#[derive(Debug)]
struct Empty;

impl HttpConnector for Empty {
    fn call(&self, _: HttpRequest) -> HttpConnectorFuture {
        let xml = "<DescribeTargetGroupsResponse><DescribeTargetGroupsResult><TargetGroups/></DescribeTargetGroupsResult></DescribeTargetGroupsResponse>";
        let answer = http::Response::builder().status(200).body(SdkBody::from(xml)).unwrap();
        HttpConnectorFuture::ready(Ok(HttpResponse::try_from(answer).unwrap()))
    }
}

/// A person who types a code into a `credential_process` within so many seconds.
#[derive(Debug)]
struct Typing(u64);

impl ProvideCredentials for Typing {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(async move {
            sleep(Duration::from_secs(self.0)).await;
            Ok(Credentials::new("AKIA", "secret", None, None, "test"))
        })
    }
}

async fn elb(seconds: u64) -> Elb {
    let config = aws_config::defaults(BehaviorVersion::latest())
        .http_client(http_client_fn(|_, _| SharedHttpConnector::new(Empty)))
        .timeout_config(timeouts())
        .identity_cache(identity_cache())
        .region(Region::new("eu-central-1"))
        .no_credentials()
        .load()
        .await;
    Elb::new(&credentials::with(config, Typing(seconds)), None, "eu-central-1".to_owned())
}

#[tokio::test(start_paused = true)]
async fn a_source_of_credentials_may_take_a_minute_and_no_more() {
    let begun = Instant::now();
    assert_eq!(elb(55).await.all_target_groups().await, Ok(Vec::new()));
    assert_eq!(begun.elapsed().as_secs(), 55, "and is asked once");
    let (begun, elb) = (Instant::now(), elb(3600).await);
    let answers = futures_util::join!(elb.all_target_groups(), elb.all_target_groups(), elb.all_target_groups());
    assert_eq!(begun.elapsed().as_secs(), 60, "whoever waits with others doesn't wait longer");
    assert!(answers.0.is_err() && answers.1.is_err());
    let error = answers.2.unwrap_err();
    assert!(matches!(error.cause, Cause::NoCredentials(_)), "{error:?}");
}
