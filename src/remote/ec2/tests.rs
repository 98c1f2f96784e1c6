use std::sync::{Arc, Mutex};

use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

use super::*;

#[test]
fn reads_interfaces_and_errors() {
    let xml = r#"<DescribeNetworkInterfacesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><networkInterfaceSet>
        <item><networkInterfaceId>eni-1</networkInterfaceId><groupSet><item><groupId>sg-1</groupId></item></groupSet></item>
        <item><networkInterfaceId>eni-2</networkInterfaceId></item></networkInterfaceSet></DescribeNetworkInterfacesResponse>"#;
    assert_eq!(interfaces(xml).unwrap(), ["eni-1", "eni-2"]);
    assert!(interfaces("not xml").is_err());
    let refused =
        "<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>no</Message></Error></Errors></Response>";
    assert_eq!(QueryError::read(refused).code(), Some("UnauthorizedOperation"));
    assert_eq!(QueryError::read("<html/>").code(), None);
}

#[test]
fn forms_are_encoded() {
    assert_eq!(form(&[("a", "ELB net/x/1")]), "a=ELB+net%2Fx%2F1");
}

async fn url(region: &str, change: impl Fn(&mut aws_types::sdk_config::Builder)) -> String {
    let mut config = SdkConfig::builder().region(aws_config::Region::new(region.to_owned()));
    change(&mut config);
    Ec2::new(&config.build(), None).await.unwrap().url
}

#[tokio::test]
async fn the_host_follows_the_partition() {
    for (region, host) in [
        ("eu-central-1", "ec2.eu-central-1.amazonaws.com"),
        ("cn-north-1", "ec2.cn-north-1.amazonaws.com.cn"),
        ("us-gov-west-1", "ec2.us-gov-west-1.amazonaws.com"),
        ("us-iso-east-1", "ec2.us-iso-east-1.c2s.ic.gov"),
        ("us-isob-east-1", "ec2.us-isob-east-1.sc2s.sgov.gov"),
        ("eu-isoe-west-1", "ec2.eu-isoe-west-1.cloud.adc-e.uk"),
        ("eusc-de-east-1", "ec2.eusc-de-east-1.amazonaws.eu"),
    ] {
        assert_eq!(url(region, |_| {}).await, format!("https://{host}/"));
    }
    let fips = |config: &mut aws_types::sdk_config::Builder| {
        config.set_use_fips(Some(true));
    };
    let dual = |config: &mut aws_types::sdk_config::Builder| {
        config.set_use_dual_stack(Some(true));
    };
    assert_eq!(url("us-east-1", fips).await, "https://ec2-fips.us-east-1.amazonaws.com/");
    assert_eq!(url("eu-central-1", dual).await, "https://ec2.eu-central-1.api.aws/");
    let both = |config: &mut aws_types::sdk_config::Builder| {
        config.set_use_fips(Some(true)).set_use_dual_stack(Some(true));
    };
    assert_eq!(url("us-east-1", both).await, "https://ec2-fips.us-east-1.api.aws/");
    assert_eq!(url("us-gov-west-1", fips).await, "https://ec2.us-gov-west-1.amazonaws.com/");
    assert_eq!(url("cn-north-1", dual).await, "https://ec2.cn-north-1.api.amazonwebservices.com.cn/");
    assert_eq!(url("eusc-de-east-1", fips).await, "https://ec2-fips.eusc-de-east-1.amazonaws.eu/");
}

/// Notes where it is asked, and has no network interfaces.
#[derive(Clone, Debug, Default)]
struct Noting(Arc<Mutex<Vec<String>>>);

impl HttpConnector for Noting {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        self.0.lock().unwrap().push(request.uri().to_owned());
        let xml = "<DescribeNetworkInterfacesResponse><networkInterfaceSet/></DescribeNetworkInterfacesResponse>";
        let answer = http::Response::builder().status(200).body(SdkBody::from(xml)).unwrap();
        HttpConnectorFuture::ready(Ok(HttpResponse::try_from(answer).unwrap()))
    }
}

#[tokio::test]
async fn the_path_of_an_endpoint_is_asked_once() {
    for (endpoint, asked) in [
        ("http://proxy.test/aws/ec2", "http://proxy.test/aws/ec2/"),
        ("http://proxy.test/aws/ec2/", "http://proxy.test/aws/ec2/"),
        ("http://proxy.test:4566", "http://proxy.test:4566/"),
    ] {
        let noting = Noting::default();
        let client = noting.clone();
        let config = aws_config::defaults(aws_config::BehaviorVersion::latest())
            .http_client(http_client_fn(move |_, _| SharedHttpConnector::new(client.clone())))
            .region(aws_config::Region::new("eu-central-1"))
            .credentials_provider(Credentials::new("AKIA", "secret", None, None, "test"))
            .load()
            .await;
        let ec2 = Ec2::new(&config, Some(endpoint.to_owned())).await.unwrap();
        assert_eq!(ec2.network_interfaces("ELB net/x/1").await.unwrap(), Vec::<String>::new());
        assert_eq!(*noting.0.lock().unwrap(), [asked]);
    }
}
