//! How a plugin ends, and what must not end it (conformance tests 7 and 10, and debug mode).

use std::{fs, path::Path, time::Duration};

use rustix::process::{Pid, Signal, kill_process};
use talosendpoint::{
    plugin::pb::{
        goplugin::{ConnInfo, Empty, grpc_controller_client::GrpcControllerClient},
        health::{HealthCheckRequest, health_client::HealthClient},
    },
    protocol::pb::tfplugin6::call_function,
};
use tokio::{
    io::AsyncReadExt,
    time::{sleep, timeout},
};

use super::{
    client::{DebugPlugin, Launch, PATIENCE},
    fixture::{fixture, providers},
    handshake::connect,
};

#[tokio::test]
async fn shutdown_ends_the_process_whatever_is_open() {
    for provider in providers() {
        Launch::of(provider).start().await.assert_ends_promptly("idle").await;

        let plugin = Launch::of(provider).start().await;
        let _stream = plugin.stdio().await.stream_stdio(()).await.unwrap();
        plugin.assert_ends_promptly("stdio open").await;

        let plugin = Launch::of(provider).start().await;
        let silence = tokio_stream::pending::<ConnInfo>();
        let _stream = plugin.broker().await.start_stream(silence).await.unwrap();
        plugin.assert_ends_promptly("broker open").await;
    }
}

#[tokio::test]
async fn shutdown_ends_the_process_whatever_runs() {
    for slow in ["sleep:60000", "block:60000"] {
        let plugin = Launch::of(fixture()).start().await;
        let client = plugin.provider().await;
        // More than it has workers: nobody is left but the thread that listens to the host.
        let start = || {
            let mut client = client.clone();
            let request = call_function::Request { name: slow.to_owned(), arguments: vec![] };
            tokio::spawn(async move { client.call_function(request).await })
        };
        let running = [start(), start(), start()];
        sleep(Duration::from_millis(300)).await;
        assert!(running.iter().all(|call| !call.is_finished()));
        plugin.serves().await.unwrap();
        plugin.assert_ends_promptly(slow).await;
        for call in running {
            call.await.unwrap().unwrap_err();
        }
    }
}

#[tokio::test]
async fn ctrl_c_and_a_terminal_that_closes_are_the_hosts_business() {
    for provider in providers() {
        let mut plugin = Launch::of(provider).start().await;
        for signal in [Signal::INT, Signal::HUP, Signal::INT, Signal::HUP] {
            plugin.signal(signal);
        }
        sleep(Duration::from_millis(300)).await;
        plugin.serves().await.unwrap();
        assert!(plugin.shutdown().await.0.success());
    }
}

#[tokio::test]
async fn sigterm_ends_it_cleanly() {
    for provider in providers() {
        let mut plugin = Launch::of(provider).start().await;
        plugin.serves().await.unwrap();
        let socket = plugin.socket();
        plugin.signal(Signal::TERM);
        assert_eq!(plugin.exit().await.code(), Some(0));
        assert!(!fs::exists(socket).unwrap());
    }
}

#[tokio::test]
async fn it_follows_a_killed_host_within_seconds() {
    for provider in providers() {
        let folder = tempfile::tempdir().unwrap();
        // A shell is the host; stdout passes through it, so that the end of stdout is the end of the plugin.
        let mut host = Launch::of(Path::new("/bin/sh"))
            .env("TMPDIR", folder.path())
            .arg("-c")
            .arg("\"$0\" & wait")
            .arg(provider.to_str().unwrap())
            .start()
            .await;
        host.serves().await.unwrap();
        // With the host alive it stays, connected or not.
        sleep(Duration::from_millis(1500)).await;
        host.serves().await.unwrap();
        host.child.kill().await.unwrap();
        let mut rest = Vec::new();
        timeout(Duration::from_secs(5), host.stdout.read_to_end(&mut rest)).await.expect("the plugin ends").unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "the socket is gone");
    }
}

#[tokio::test]
async fn debug_mode_serves_run_after_run_until_interrupted() {
    for provider in providers() {
        let source = "registry.terraform.io/talosendpoint/talosendpoint";
        let mut plugin = DebugPlugin::start(provider).await;
        let entry = plugin.entry(source);
        assert_eq!(entry["Test"], true);
        assert_eq!(entry["ProtocolVersion"], 6);
        assert_eq!(entry["Pid"], plugin.child.id().unwrap());
        assert_eq!(plugin.entry("registry.opentofu.org/talosendpoint/talosendpoint"), entry);
        let handshake = plugin.handshake(source);
        for _ in 0..3 {
            drop(handshake.dial().await.unwrap());
            let channel = connect(handshake.clone(), None).await.unwrap();
            let mut health = HealthClient::new(channel.clone());
            health.check(HealthCheckRequest::default()).await.unwrap();
            GrpcControllerClient::new(channel).shutdown(Empty {}).await.unwrap();
        }
        let pid = i32::try_from(plugin.child.id().unwrap()).unwrap();
        kill_process(Pid::from_raw(pid).unwrap(), Signal::INT).unwrap();
        let status = timeout(PATIENCE, plugin.child.wait()).await.unwrap().unwrap();
        assert_eq!(status.code(), Some(0));
        assert!(!fs::exists(handshake.address).unwrap());
    }
}
