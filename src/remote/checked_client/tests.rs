use std::collections::VecDeque;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use aws_config::retry::RetryMode;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::http::http_client_fn;
use futures_util::future::BoxFuture;

use super::*;
use crate::remote::answer::samples;
use crate::remote::aws_error::{AwsError, Cause};
use crate::remote::connect_error::{CertificateFault, ProxyFault};
use crate::remote::connector;
use crate::remote::ec2::Ec2;
use crate::remote::elb::{Elb, NewLoadBalancer};
use crate::remote::proxy::Proxy;
use crate::remote::retries;
use crate::remote::trust::Authorities;

/// What the network does with one request.
#[derive(Clone, Debug)]
enum Deed {
    /// Answers with this status, body and declared length.
    Answer(u16, String, Option<usize>),
    /// Breaks off, as a reset does.
    Reset,
    /// Never connects.
    Unconnected,
    /// Connects to somebody whose certificate isn't accepted.
    NotTrusted,
    /// Doesn't get as far as the proxy.
    NoProxy,
}

/// A network that does one deed after the other, the last again and again.
#[derive(Debug, Clone)]
struct Network {
    deeds: Arc<Mutex<VecDeque<Deed>>>,
    calls: Arc<AtomicU32>,
}

impl Network {
    fn new(deeds: impl IntoIterator<Item = Deed>) -> Network {
        Network { deeds: Arc::new(Mutex::new(deeds.into_iter().collect())), calls: Arc::default() }
    }

    fn calls(&self) -> u32 {
        self.calls.load(Ordering::Relaxed)
    }

    /// A configuration as `remote/aws.rs` makes it.
    async fn config(&self) -> SdkConfig {
        let network = self.clone();
        let client = http_client_fn(move |_, _| SharedHttpConnector::new(network.clone()));
        aws_config::defaults(BehaviorVersion::latest())
            .http_client(connector::over(&client))
            .region(Region::new("eu-central-1"))
            .credentials_provider(SharedCredentialsProvider::new(Credentials::new(
                "AKIA", "secret", None, None, "test",
            )))
            .retry_config(retries::paced(RetryMode::Standard, retries::ATTEMPTS))
            .load()
            .await
    }

    async fn elb(&self) -> Elb {
        Elb::new(&self.config().await, None, "eu-central-1".to_owned())
    }
}

impl HttpConnector for Network {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        self.calls.fetch_add(1, Ordering::Relaxed);
        assert!(request.headers().get("authorization").is_some_and(|text| text.starts_with("AWS4-HMAC-SHA256")));
        let mut deeds = self.deeds.lock().unwrap();
        let deed = if deeds.len() > 1 { deeds.pop_front().unwrap() } else { deeds[0].clone() };
        HttpConnectorFuture::ready(match deed {
            Deed::Answer(status, body, length) => {
                let mut answer = http::Response::builder().status(status);
                if let Some(length) = length {
                    answer = answer.header("content-length", length);
                }
                Ok(HttpResponse::try_from(answer.body(SdkBody::from(body)).unwrap()).unwrap())
            }
            Deed::Reset => Err(ConnectorError::io("connection reset by peer".into())),
            Deed::NotTrusted => Err(ConnectorError::other(not_trusted().into(), None)),
            Deed::NoProxy => Err(ConnectorError::io(no_proxy().into())),
            Deed::Unconnected => Err(ConnectorError::timeout("HTTP connect timeout occurred after 3s".into())),
        })
    }
}

fn not_trusted() -> ConnectError {
    let (host, authorities) = ("elb:443".to_owned(), Authorities::BuiltIn);
    ConnectError::Certificate { host, fault: CertificateFault::Issuer("unknown issuer"), authorities }
}

fn no_proxy() -> ConnectError {
    let proxy = Proxy { address: "http://proxy:3128".to_owned(), variable: "HTTPS_PROXY", with_password: false };
    ConnectError::Proxy { proxy, host: "elb:443".to_owned(), fault: ProxyFault::Unreachable("refused".to_owned()) }
}

fn groups(items: &str) -> String {
    samples::elb("DescribeTargetGroups", "TargetGroups", items)
}

fn good() -> Deed {
    Deed::Answer(200, groups(""), None)
}

/// Every way in which an answer can be no answer.
fn broken() -> Vec<Deed> {
    let whole = groups("");
    let half = whole[..whole.len() / 2].to_owned();
    vec![
        Deed::Answer(200, half.clone(), None),
        Deed::Answer(200, half.clone(), Some(half.len())),
        Deed::Answer(200, half, Some(whole.len())),
        Deed::Answer(200, whole.clone(), Some(whole.len() + 1)),
        Deed::Answer(200, String::new(), Some(0)),
        Deed::Answer(200, "<html>Sign in</html>".to_owned(), None),
        Deed::Answer(200, groups("<member><TargetGroupName>t</TargetGroupName></member>"), None),
        Deed::Answer(400, "<ErrorResponse><Error><Code>TargetGroupNotFound".to_owned(), None),
    ]
}

/// Every fault that passes.
fn passing() -> Vec<Deed> {
    let error =
        |code: &str| format!("<ErrorResponse><Error><Code>{code}</Code><Message>m</Message></Error></ErrorResponse>");
    let mut all = broken();
    all.extend([
        Deed::Reset,
        Deed::Answer(400, error("Throttling"), None),
        Deed::Answer(503, error("Throttling"), None),
    ]);
    all.extend([500, 502, 503, 504].map(|status| Deed::Answer(status, error("InternalFailure"), None)));
    all.extend([500, 503].map(|status| Deed::Answer(status, String::new(), None)));
    all
}

#[tokio::test(start_paused = true)]
async fn a_fault_that_passes_costs_attempts_and_nothing_else() {
    for deed in passing() {
        let network = Network::new([vec![deed.clone(); 20], vec![good()]].concat());
        let begun = tokio::time::Instant::now();
        assert_eq!(network.elb().await.all_target_groups().await, Ok(Vec::new()), "{deed:?}");
        assert_eq!(network.calls(), 21, "{deed:?}");
        assert!(begun.elapsed() < Duration::from_secs(21 * 20), "no pause is longer than 20 s: {:?}", begun.elapsed());
    }
}

#[tokio::test(start_paused = true)]
async fn a_fault_that_stays_is_an_error_after_all_attempts() {
    for deed in passing() {
        let network = Network::new([deed.clone()]);
        let error = network.elb().await.all_target_groups().await.unwrap_err();
        assert_eq!(network.calls(), 25, "{deed:?}: {error:?}");
        let is_broken = matches!(error.cause, Cause::BrokenAnswer(_));
        let is_one = broken().iter().any(|broken| format!("{broken:?}") == format!("{deed:?}"));
        assert_eq!(is_broken, is_one, "{deed:?}: {error:?}");
        assert!(!error.is_not_found(), "nothing is gone because of {deed:?}");
        if let Deed::Answer(500.., body, _) = &deed
            && !body.contains("Throttling")
        {
            assert!(matches!(error.cause, Cause::ServerError { .. }), "{deed:?}: {error:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_thousand_throttled_calls_take_the_attempts_of_none_of_the_others() {
    let throttled = "<ErrorResponse><Error><Code>Throttling</Code></Error></ErrorResponse>".to_owned();
    let network = Network::new([vec![Deed::Answer(400, throttled, None); 1000], vec![good()]].concat());
    let elb = network.elb().await;
    let all = futures_util::future::join_all((0..100).map(|_| elb.all_target_groups())).await;
    assert!(all.iter().all(Result::is_ok), "{all:?}");
}

#[tokio::test(start_paused = true)]
async fn what_does_not_connect_is_given_up_after_three_attempts() {
    let network = Network::new([Deed::Unconnected]);
    let error = network.elb().await.all_target_groups().await.unwrap_err();
    assert_eq!(network.calls(), 3);
    assert!(matches!(error.cause, Cause::Unreachable(_)), "{error:?}");
    let network = Network::new([Deed::Unconnected, Deed::Unconnected, good()]);
    assert!(network.elb().await.all_target_groups().await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn what_no_repeat_helps_is_not_repeated() {
    for code in ["AccessDenied", "ExpiredToken", "InvalidClientTokenId", "ValidationError", "TargetGroupNotFound"] {
        let error = format!("<ErrorResponse><Error><Code>{code}</Code><Message>m</Message></Error></ErrorResponse>");
        let network = Network::new([Deed::Answer(403, error, None)]);
        let error = network.elb().await.all_target_groups().await.unwrap_err();
        assert_eq!((network.calls(), error.code()), (1, Some(code)));
    }
    let network = Network::new([Deed::Answer(403, "<html>Blocked by the office</html>".to_owned(), None)]);
    assert!(network.elb().await.all_target_groups().await.is_err());
    assert_eq!(network.calls(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_changing_call_whose_answer_is_lost_may_have_had_its_effect() {
    let desired = NewLoadBalancer {
        name: "n".to_owned(),
        internal: true,
        subnets: Vec::new(),
        security_groups: Vec::new(),
        ip_address_type: "ipv4".to_owned(),
        tags: [].into(),
    };
    for deed in [Deed::Reset, Deed::Answer(503, String::new(), None), Deed::Answer(200, "<Create".to_owned(), None)] {
        let error = Network::new([deed.clone()]).elb().await.create_load_balancer(&desired).await.unwrap_err();
        assert!(error.is_ambiguous(), "{deed:?}: {error:?}");
        assert!(!matches!(error.cause, Cause::Unreachable(_)), "{deed:?}: {error:?}");
    }
    let error = async |deeds: &[Deed]| {
        let error = Network::new(deeds.to_vec()).elb().await.create_load_balancer(&desired).await.unwrap_err();
        assert!(error.to_string().contains("no connection to elasticloadbalancing.eu-central-1.amazonaws.com"));
        error.cause
    };
    let never = error(&[Deed::Unconnected]).await;
    assert!(matches!(never, Cause::Unreachable(_)), "{never:?}");
    // A proxy that ends while it has the request, and is then not there any more.
    let once = error(&[Deed::Reset, Deed::Unconnected]).await;
    assert!(matches!(once, Cause::Lost(_)), "{once:?}");
    for (last, fault) in [(Deed::NotTrusted, not_trusted()), (Deed::NoProxy, no_proxy())] {
        for (first, lost) in [(vec![], false), (vec![Deed::Reset], true)] {
            let network = Network::new([first, vec![last.clone()]].concat());
            let error = network.elb().await.create_load_balancer(&desired).await.unwrap_err();
            let cause = Cause::Connect { error: fault.clone(), may_have_been_sent: lost };
            assert_eq!((&error.cause, error.is_ambiguous()), (&cause, lost));
        }
    }
}

type Query = for<'a> fn(&'a Ec2) -> BoxFuture<'a, Result<Vec<String>, AwsError>>;

#[tokio::test(start_paused = true)]
async fn the_query_to_ec2_obeys_the_same_rules() {
    let query: Query = |ec2| Box::pin(ec2.network_interfaces("ELB net/x/1"));
    let whole = "<DescribeNetworkInterfacesResponse><networkInterfaceSet><item><networkInterfaceId>eni-1</networkInterfaceId></item></networkInterfaceSet></DescribeNetworkInterfacesResponse>";
    let error = |code: &str| {
        format!("<Response><Errors><Error><Code>{code}</Code><Message>m</Message></Error></Errors></Response>")
    };
    let good = Deed::Answer(200, whole.to_owned(), None);
    for deed in [
        Deed::Reset,
        Deed::Answer(200, whole[..60].to_owned(), None),
        Deed::Answer(503, error("RequestLimitExceeded"), None),
        Deed::Answer(400, error("Throttling"), None),
        Deed::Answer(500, error("InternalError"), None),
    ] {
        let network = Network::new([vec![deed.clone(); 20], vec![good.clone()]].concat());
        let ec2 = Ec2::new(&network.config().await, None).await.unwrap();
        assert_eq!(query(&ec2).await, Ok(vec!["eni-1".to_owned()]), "{deed:?}");
        assert_eq!(network.calls(), 21);
    }
    let network = Network::new([Deed::Unconnected]);
    assert!(query(&Ec2::new(&network.config().await, None).await.unwrap()).await.is_err());
    assert_eq!(network.calls(), 3);
    let network = Network::new([Deed::Answer(403, error("UnauthorizedOperation"), None)]);
    let refused = query(&Ec2::new(&network.config().await, None).await.unwrap()).await.unwrap_err();
    assert_eq!((network.calls(), refused.code()), (1, Some("UnauthorizedOperation")));
}
