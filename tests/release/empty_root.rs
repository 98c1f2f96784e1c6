//! The release build alone in an empty root: it serves, and finds AWS by name.
//!
//! The test makes a network namespace and runs itself in it (`inside`), where it is the name server and AWS.

use std::env;
use std::fs;
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use talosendpoint::framework::provider::Provider;
use talosendpoint::framework::schema::Schema;
use talosendpoint::framework::value::{Object, Value};
use talosendpoint::protocol::msgpack;
use talosendpoint::protocol::pb::tfplugin6::{DynamicValue, configure_provider, read_resource};
use talosendpoint::provider::TalosEndpoint;

use lab::fake::Fake;
use lab::need;
use lab::process::Running;
use lab::programs::{self, Found, release};
use lab::skip::Missing;

use crate::client::Launch;
use crate::names::Names;

const NAME: &str = "elb.test.internal";

/// Set where the ports of the machine are this test's own.
const INSIDE: &str = "TALOSENDPOINT_TEST_INSIDE_NAMESPACE";

const ARN: &str = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/net/gone-api-nlb/0123456789abcdef";

/// The arguments with which unshare gives a network namespace here: as root, or in a user namespace.
fn namespace(unshare: &PathBuf) -> Result<&'static [&'static str], Missing> {
    let ways: [&[&str]; 2] = [&["--net"], &["--user", "--map-root-user", "--net"]];
    let works = |way: &&&[&str]| {
        let tried = Command::new(unshare).args(**way).arg("true").output();
        tried.is_ok_and(|output| output.status.success())
    };
    ways.iter().find(works).copied().ok_or_else(|| Missing("network namespace".to_owned()))
}

#[test]
fn it_serves_in_an_empty_root_and_finds_aws_by_name() {
    need!(release());
    let unshare = need!(programs::find("unshare"));
    need!(programs::find("ip"));
    need!(programs::find("chroot"));
    let way = need!(namespace(&unshare));
    let mut command = Command::new(unshare);
    command.args(way).arg(env::current_exe().unwrap()).env(INSIDE, "1");
    command.args(["--ignored", "--exact", "--nocapture", "empty_root::inside"]);
    let outcome = Running::start(command).finish(Duration::from_secs(90)).ok();
    assert!(outcome.stdout.contains("1 passed"), "{}", outcome.said());
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "runs in a network namespace that the test above makes"]
async fn inside() {
    if env::var_os(INSIDE).is_none() {
        return;
    }
    let up = Command::new("ip").args(["link", "set", "lo", "up"]).status().unwrap();
    assert!(up.success(), "the loopback device");
    let names = Names::serve(NAME, Ipv4Addr::LOCALHOST);
    let fake = Fake::start();
    let port = fake.url().rsplit(':').next().unwrap().to_owned();

    let folder = tempfile::tempdir().unwrap();
    fs::copy(release().unwrap(), folder.path().join("provider")).unwrap();
    let chroot: Found = programs::find("chroot");
    let launch = Launch::of(&chroot.unwrap()).arg(folder.path().to_str().unwrap()).arg("/provider");
    // There is no folder for a socket, nor one for anything else.
    let mut plugin = launch.without("TMPDIR").start().await;
    assert_eq!(plugin.handshake.network, "tcp");
    let mut client = plugin.provider().await;

    let request = configure_provider::Request { config: Some(provider_block(&port)), ..Default::default() };
    let answer = client.configure_provider(request).await.unwrap().into_inner();
    assert_eq!(answer.diagnostics, []);

    let current_state = Some(load_balancer());
    let request =
        read_resource::Request { type_name: "talosendpoint_nlb".to_owned(), current_state, ..Default::default() };
    let answer = client.read_resource(request).await.unwrap().into_inner();
    assert_eq!(answer.diagnostics, []);
    let state = msgpack::decode(&answer.new_state.unwrap().msgpack, &nlb().object_type()).unwrap();
    assert_eq!(state, Value::Null, "AWS was asked, and has no such load balancer");

    assert!(!fake.of("DescribeLoadBalancers").is_empty(), "{:?}", fake.sequence());
    assert!(names.asked().iter().all(|name| name == NAME) && !names.asked().is_empty(), "{:?}", names.asked());
    let left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["provider"], "the root is left as it was");
    assert!(plugin.shutdown().await.0.success());
}

fn provider_block(port: &str) -> DynamicValue {
    let provider = TalosEndpoint::default();
    let schema = Provider::schema(&provider);
    let url = format!("http://{NAME}:{port}");
    let own = [("region", "us-east-1"), ("access_key", "test"), ("secret_key", "test"), ("endpoint_url", url.as_str())];
    let aws = schema.attribute("aws").unwrap().value_type();
    let aws = aws.object_of(own.map(|(name, value)| (name, Value::from(value))));
    dynamic(schema, schema.object_type().object_of([("aws", Value::Object(aws))]))
}

/// A load balancer of the state that no longer exists.
fn load_balancer() -> DynamicValue {
    let mut object = nlb().null_object();
    for (name, value) in [("id", ARN), ("arn", ARN), ("region", "us-east-1"), ("name", "gone")] {
        object.insert(name.to_owned(), value.into());
    }
    dynamic(&nlb(), object)
}

fn nlb() -> Schema {
    let resources = TalosEndpoint::default().resources();
    resources.iter().find(|resource| resource.name() == "talosendpoint_nlb").unwrap().schema().clone()
}

fn dynamic(schema: &Schema, object: Object) -> DynamicValue {
    let msgpack = msgpack::encode(&Value::Object(object), &schema.object_type()).unwrap();
    DynamicValue { msgpack, json: Vec::new() }
}
