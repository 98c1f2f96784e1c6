//! The SDK that the provider uses must be able to read the fake: raw requests can't show that.

use aws_sdk_elasticloadbalancingv2 as elbv2;
use elbv2::config::{BehaviorVersion, Credentials, Region, retry::RetryConfig};
use elbv2::error::ProvideErrorMetadata;
use elbv2::types::{
    Action, ActionTypeEnum, LoadBalancerAttribute, LoadBalancerTypeEnum, ProtocolEnum, Tag, TargetDescription,
};

use lab::fake::Fake;
use lab::fake::settings::VPC;
use lab::faults::Fault;
use lab::model::Models;
use lab::need;
use lab::proxy::Proxy;
use lab::venv::Venv;

type Failed = Box<dyn std::error::Error>;

#[test]
fn the_sdk_understands_the_fake_and_the_model_the_sdk() -> Result<(), Failed> {
    let fake = Fake::start();
    let proxy = Proxy::start(&fake.url());
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(walk(&client(&proxy.url())))?;
    let inventory = fake.inventory();
    assert_eq!(inventory.listener(6443).tags["k"], "v");
    let calls = proxy.calls();
    assert!(calls.len() >= 14);
    assert!(calls.iter().all(|call| call.status == 200));
    assert!(calls.iter().all(|call| call.user_agent.contains("aws-sdk-rust")));
    assert_eq!(fake.sequence(), proxy.sequence());
    let models = match Venv::get() {
        Ok(venv) => Models::load(&venv),
        Err(missing) => {
            lab::skip::report(&missing);
            return Ok(());
        }
    };
    models.assert_valid(&calls);
    Ok(())
}

#[test]
fn errors_of_fake_and_proxy_reach_the_sdk_with_their_codes() {
    let fake = Fake::start();
    let proxy = Proxy::start(&fake.url());
    proxy.fail(Fault::throttling("DescribeLoadBalancers"));
    let client = client(&proxy.url());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let describe = || client.describe_load_balancers().names("none").send();
    let throttled = runtime.block_on(describe()).expect_err("throttled");
    assert_eq!(throttled.code(), Some("Throttling"));
    let missing = runtime.block_on(describe()).expect_err("missing");
    assert_eq!(missing.code(), Some("LoadBalancerNotFound"));
    assert!(missing.into_service_error().is_load_balancer_not_found_exception());
}

#[test]
fn a_request_that_aws_would_refuse_is_found_in_the_sdk_s_own_form() {
    let models = Models::load(&need!(Venv::get()));
    let fake = Fake::start();
    let proxy = Proxy::start(&fake.url());
    let client = client(&proxy.url());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let group = client.create_target_group().name("tg").health_check_interval_seconds(999);
    runtime.block_on(group.send()).expect_err("refused");
    let found = models.check(&proxy.calls());
    let paths: Vec<&str> = found.iter().map(|violation| violation.path.as_str()).collect();
    assert_eq!(paths, ["HealthCheckIntervalSeconds"]);
}

async fn walk(client: &elbv2::Client) -> Result<(), Failed> {
    let tag = Tag::builder().key("k").value("v").build();
    let made = client
        .create_load_balancer()
        .name("nlb")
        .r#type(LoadBalancerTypeEnum::Network)
        .subnets("subnet-0000000000000000a")
        .security_groups("sg-1")
        .tags(tag.clone())
        .send()
        .await?;
    let balancer = arn(made.load_balancers()[0].load_balancer_arn());
    let group =
        client.create_target_group().name("tg").protocol(ProtocolEnum::Tcp).port(6443).vpc_id(VPC).send().await?;
    let group = arn(group.target_groups()[0].target_group_arn());
    let forward = Action::builder().r#type(ActionTypeEnum::Forward).target_group_arn(&group).build();
    let listener = client
        .create_listener()
        .load_balancer_arn(&balancer)
        .protocol(ProtocolEnum::Tcp)
        .port(6443)
        .default_actions(forward)
        .send()
        .await?;
    let listener = arn(listener.listeners()[0].listener_arn());
    client.add_tags().resource_arns(&listener).tags(tag).send().await?;
    change(client, &balancer, &group).await?;
    look(client, &balancer, &group, &listener).await
}

async fn change(client: &elbv2::Client, balancer: &str, group: &str) -> Result<(), Failed> {
    let cross_zone = LoadBalancerAttribute::builder().key("load_balancing.cross_zone.enabled").value("true").build();
    let attributes =
        client.modify_load_balancer_attributes().load_balancer_arn(balancer).attributes(cross_zone).send().await?;
    assert_eq!(attributes.attributes().len(), 9);
    let zones = client
        .set_subnets()
        .load_balancer_arn(balancer)
        .subnets("subnet-0000000000000000a")
        .subnets("subnet-0000000000000000b")
        .send()
        .await?;
    assert_eq!(zones.availability_zones().len(), 2);
    let groups = client.set_security_groups().load_balancer_arn(balancer).security_groups("sg-2").send().await?;
    assert_eq!(groups.security_group_ids(), ["sg-2"]);
    let target = TargetDescription::builder().id("i-0123456789abcdef0").build();
    let register = client.register_targets().target_group_arn(group);
    register.targets(target).send().await?;
    Ok(())
}

async fn look(client: &elbv2::Client, balancer: &str, group: &str, listener: &str) -> Result<(), Failed> {
    let shown = client.describe_load_balancers().load_balancer_arns(balancer).send().await?;
    let shown = &shown.load_balancers()[0];
    let code = shown.state().and_then(|state| state.code());
    assert_eq!(code.map(|code| code.as_str()), Some("provisioning"));
    assert!(shown.created_time().is_some());
    assert_eq!(shown.security_groups(), ["sg-2"]);
    let groups = client.describe_target_groups().load_balancer_arn(balancer).send().await?;
    let shown = &groups.target_groups()[0];
    assert_eq!(shown.load_balancer_arns(), [balancer]);
    assert_eq!(shown.health_check_interval_seconds(), Some(30));
    let listeners = client.describe_listeners().load_balancer_arn(balancer).send().await?;
    let action = &listeners.listeners()[0].default_actions()[0];
    assert_eq!(action.target_group_arn(), Some(group));
    assert_eq!(action.forward_config().map(|config| config.target_groups().len()), Some(1));
    let health = client.describe_target_health().target_group_arn(group).send().await?;
    let health = health.target_health_descriptions()[0].target_health();
    let state = health.and_then(|health| health.state());
    assert_eq!(state.map(|state| state.as_str()), Some("initial"));
    let tags = client.describe_tags().resource_arns(balancer).resource_arns(listener).send().await?;
    assert_eq!(tags.tag_descriptions().len(), 2);
    assert_eq!(tags.tag_descriptions()[1].tags()[0].value(), Some("v"));
    let attributes = client.describe_target_group_attributes().target_group_arn(group).send().await?;
    assert_eq!(attributes.attributes().len(), 13);
    Ok(())
}

fn client(url: &str) -> elbv2::Client {
    let config = elbv2::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("test", "test", None, None, "lab"))
        .retry_config(RetryConfig::disabled())
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .endpoint_url(url)
        .build();
    elbv2::Client::from_conf(config)
}

fn arn(found: Option<&str>) -> String {
    found.expect("an ARN").to_owned()
}
