//! What a plugin serves beside its own service, and what bad manners of a handler do to it (conformance test 8).

use std::time::Duration;

use talosendpoint::{
    plugin::pb::{
        goplugin::{ConnInfo, StdioData, stdio_data::Channel as Source},
        health::{HealthCheckRequest, health_check_response::ServingStatus},
    },
    protocol::pb::tfplugin6::{DynamicValue, call_function},
};
use tokio::time::{sleep, timeout};
use tonic::Code;

use super::{
    client::{Launch, PATIENCE},
    fixture::{fixture, providers},
};

#[tokio::test]
async fn health_knows_the_plugin_and_nothing_else() {
    for provider in providers() {
        let plugin = Launch::of(provider).start().await;
        let mut health = plugin.health().await;
        let ask = |service: &str| HealthCheckRequest { service: service.to_owned() };
        for service in ["plugin", ""] {
            let answer = health.check(ask(service)).await.unwrap().into_inner();
            assert_eq!(answer.status(), ServingStatus::Serving, "{service:?}");
        }
        assert_eq!(health.check(ask("other")).await.unwrap_err().code(), Code::NotFound);

        for (service, status) in [("plugin", ServingStatus::Serving), ("other", ServingStatus::ServiceUnknown)] {
            let mut watch = health.watch(ask(service)).await.unwrap().into_inner();
            assert_eq!(watch.message().await.unwrap().unwrap().status(), status);
            assert!(timeout(Duration::from_millis(100), watch.message()).await.is_err(), "stays open");
        }
        plugin.assert_ends_promptly("watched").await;
    }
}

#[tokio::test]
async fn stray_output_reaches_the_host_as_a_stream() {
    let plugin = Launch::of(fixture()).start().await;
    let mut stream = plugin.stdio().await.stream_stdio(()).await.unwrap().into_inner();
    assert!(timeout(Duration::from_millis(100), stream.message()).await.is_err(), "nothing was printed yet");
    plugin.call("print:hello\n").await.unwrap();
    let chunk = timeout(PATIENCE, stream.message()).await.unwrap().unwrap().unwrap();
    assert_eq!(chunk, StdioData { channel: Source::Stdout.into(), data: b"hello\n".to_vec() });

    // Another stream continues where one has ended.
    drop(stream);
    let mut stream = plugin.stdio().await.stream_stdio(()).await.unwrap().into_inner();
    sleep(Duration::from_millis(200)).await;
    plugin.call("print:again\n").await.unwrap();
    let chunk = timeout(PATIENCE, stream.message()).await.unwrap().unwrap().unwrap();
    assert_eq!(chunk.data, b"again\n");
    plugin.assert_ends_promptly("printed").await;
}

#[tokio::test]
async fn a_megabyte_on_stdout_blocks_nobody() {
    const SIZE: usize = 1 << 20;

    // Nobody reads: the print returns, and so do several at once and other calls.
    let plugin = Launch::of(fixture()).start().await;
    let print = format!("print_bytes:{}", 2 * SIZE);
    let (one, two, three) = tokio::join!(plugin.call(&print), plugin.call(&print), plugin.call("echo"));
    one.and(two).and(three).unwrap();
    plugin.assert_ends_promptly("full").await;

    // Somebody reads: all of it arrives.
    let plugin = Launch::of(fixture()).start().await;
    let mut stream = plugin.stdio().await.stream_stdio(()).await.unwrap().into_inner();
    let print = format!("print_bytes:{SIZE}");
    let (printed, received) = tokio::join!(plugin.call(&print), async {
        let mut received = 0;
        while received < SIZE {
            let chunk = timeout(PATIENCE, stream.message()).await.unwrap().unwrap().unwrap();
            assert!(chunk.data.len() <= 1024);
            received += chunk.data.len();
        }
        received
    });
    printed.unwrap();
    assert_eq!(received, SIZE);
}

#[tokio::test]
async fn the_broker_listens_and_says_nothing() {
    for provider in providers() {
        let mut plugin = Launch::of(provider).start().await;
        let (offers, stream) = tokio::sync::mpsc::channel(1);
        let stream = tokio_stream::wrappers::ReceiverStream::new(stream);
        let mut answers = plugin.broker().await.start_stream(stream).await.unwrap().into_inner();
        offers.send(ConnInfo { service_id: 1, ..ConnInfo::default() }).await.unwrap();
        assert!(timeout(Duration::from_millis(200), answers.message()).await.is_err(), "no answer");
        drop(offers);
        let end = timeout(PATIENCE, answers.message()).await.expect("it ends with the client");
        assert!(end.unwrap().is_none());
        assert!(plugin.shutdown().await.0.success());
    }
}

#[tokio::test]
async fn large_messages_pass_both_ways() {
    let plugin = Launch::of(fixture()).start().await;
    let mut client = plugin.provider().await;
    for megabytes in [5, 70, 200] {
        let argument = DynamicValue { msgpack: vec![7; megabytes << 20], json: vec![] };
        let request = call_function::Request { name: "echo".to_owned(), arguments: vec![argument] };
        let answer = client.call_function(request).await.unwrap().into_inner();
        assert_eq!(answer.result.unwrap().msgpack.len(), megabytes << 20);
    }
}

#[tokio::test]
async fn a_panic_takes_only_its_own_request_and_says_so_on_stderr() {
    let mut plugin = Launch::of(fixture()).start().await;
    let error = plugin.call("panic:line one\n{\"@level\": 1}").await.unwrap_err();
    assert_eq!(error.code(), Code::Internal, "said, not a stream that ends");
    plugin.call("echo").await.unwrap();
    assert!(plugin.shutdown().await.0.success());
    let stderr = plugin.stderr();
    let mut lines = stderr.lines();
    assert_eq!(lines.next(), Some("panic: line one"));
    assert_eq!(lines.next(), Some("| {\"@level\": 1}"));
    assert!(lines.clone().count() > 2, "a trace follows: {stderr}");
    assert!(lines.all(|line| line.starts_with("| ")), "{stderr}");
}
