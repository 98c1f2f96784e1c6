//! How a plugin starts: cookie, handshake line, transports (conformance tests 1, 2 and 6).

use std::{collections::BTreeSet, fs, os::unix::fs::PermissionsExt, time::Duration};

use talosendpoint::plugin::pb::health::HealthCheckRequest;
use tokio::{io::AsyncReadExt, time::sleep};

use super::{
    client::{COOKIE, Launch},
    fixture::{fixture, providers},
};

#[tokio::test]
async fn without_the_cookie_a_person_gets_an_explanation() {
    for provider in providers() {
        let missing = Launch::of(provider).without(COOKIE.0);
        let wrong = Launch::of(provider).env(COOKIE.0, "d602bf8f");
        for launch in [missing, wrong] {
            let output = launch.output().await;
            assert_eq!(output.status.code(), Some(1));
            assert!(output.stdout.is_empty());
            let text = String::from_utf8(output.stderr).unwrap();
            assert!(text.contains("required_providers") && text.contains("--debug"), "{text}");
        }
    }
}

#[tokio::test]
async fn the_command_line_answers_people() {
    for provider in providers() {
        let version = Launch::of(provider).without(COOKIE.0).arg("--version").output().await;
        assert_eq!(version.status.code(), Some(0));
        assert_eq!(version.stdout, format!("{}\n", env!("CARGO_PKG_VERSION")).into_bytes());

        let nothing = Launch::of(provider).without(COOKIE.0).arg("migrate").output().await;
        let text = String::from_utf8(nothing.stderr).unwrap();
        assert!(nothing.status.code() == Some(2) && nothing.stdout.is_empty(), "{text}");
        assert!(text.contains("terraform show -json"), "{text}");

        let unknown = Launch::of(provider).arg("serve").output().await;
        assert_eq!(unknown.status.code(), Some(2));
        assert!(unknown.stdout.is_empty());
        let text = String::from_utf8(unknown.stderr).unwrap();
        assert!(text.contains("\"serve\"") && text.contains("usage:"), "{text}");
    }
}

#[tokio::test]
async fn fifty_starts_print_fifty_good_lines() {
    for provider in providers() {
        let mut certificates = BTreeSet::new();
        let mut times = Vec::new();
        for _ in 0..50 {
            let plugin = Launch::of(provider).start().await;
            let fields = &plugin.handshake.fields;
            assert_eq!(fields.len(), 6, "{fields:?}");
            assert_eq!((fields[0].as_str(), fields[1].as_str(), fields[4].as_str()), ("1", "6", "grpc"));
            // Parsing refused padding already. Listening means that a connection succeeds at once, without a retry.
            plugin.handshake.dial().await.expect("the plugin listens when it says so");
            certificates.insert(plugin.handshake.certificate.clone().unwrap().to_vec());
            times.push(plugin.start_up);
        }
        assert_eq!(certificates.len(), 50, "a certificate lives as long as one process");
        let remainders: BTreeSet<_> = certificates.iter().map(|der| der.len() % 3).collect();
        assert_ne!(remainders, BTreeSet::from([0]), "padding would not have shown");
        times.sort();
        println!("start to handshake: median {:?}; lengths mod 3: {remainders:?}", times[25]);
    }
}

#[tokio::test]
async fn whatever_versions_are_offered_the_answer_is_six() {
    for provider in providers() {
        for offer in ["5,6", "6,5", "6", "5", "", "junk,,6", "nothing at all"] {
            let plugin = Launch::of(provider).env("PLUGIN_PROTOCOL_VERSIONS", offer).start().await;
            assert_eq!(plugin.handshake.fields[1], "6", "{offer:?}");
        }
    }
}

#[tokio::test]
async fn a_seventh_field_comes_only_when_asked_for() {
    for provider in providers() {
        let mut plugin = Launch::of(provider).env("PLUGIN_MULTIPLEX_GRPC", "true").start().await;
        assert_eq!(plugin.handshake.fields.len(), 7);
        assert_eq!(plugin.handshake.fields[6], "true");
        plugin.shutdown().await;
        let mut plugin = Launch::of(provider).env("PLUGIN_MULTIPLEX_GRPC", "").start().await;
        assert_eq!(plugin.handshake.fields.len(), 6);
        plugin.shutdown().await;
    }
}

#[tokio::test]
async fn nothing_else_is_ever_on_stdout() {
    let mut plugin = Launch::of(fixture()).start().await;
    plugin.call("print:stray text\n").await.unwrap();
    plugin.shutdown().await;
    let mut rest = String::new();
    plugin.stdout.read_to_string(&mut rest).await.unwrap();
    assert_eq!(rest, "");
}

#[tokio::test]
async fn the_socket_is_its_owners_alone_and_in_the_folder_asked_for() {
    for provider in providers() {
        let folder = tempfile::tempdir().unwrap();
        for variable in ["PLUGIN_UNIX_SOCKET_DIR", "TMPDIR"] {
            let mut plugin = Launch::of(provider).env(variable, folder.path()).start().await;
            assert_eq!(plugin.socket().parent(), Some(folder.path()), "{variable}");
            let mode = fs::metadata(plugin.socket()).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
            plugin.shutdown().await;
            assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "the folder is left as it was");
        }
    }
}

#[tokio::test]
async fn an_empty_tmpdir_is_none() {
    for provider in providers() {
        let mut plugin = Launch::of(provider).env("TMPDIR", "").start().await;
        assert_eq!(plugin.socket().parent(), Some(std::path::Path::new("/tmp")));
        assert!(plugin.shutdown().await.0.success());
    }
}

#[tokio::test]
async fn a_group_may_use_the_socket_when_the_host_says_so() {
    for provider in providers() {
        let group = rustix::process::getgid().as_raw().to_string();
        let mut plugin = Launch::of(provider).env("PLUGIN_UNIX_SOCKET_GROUP", group).start().await;
        let mode = fs::metadata(plugin.socket()).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o660);
        plugin.shutdown().await;
        let unknown = Launch::of(provider).env("PLUGIN_UNIX_SOCKET_GROUP", "no such group").output().await;
        assert_eq!((unknown.status.code(), unknown.stdout.len()), (Some(1), 0));
    }
}

#[tokio::test]
async fn tcp_serves_where_it_is_asked_for_and_where_no_folder_can() {
    for provider in providers() {
        let folder = tempfile::tempdir().unwrap();
        let long = folder.path().join("x".repeat(90));
        fs::create_dir_all(&long).unwrap();
        let asked = Launch::of(provider).env("TALOSENDPOINT_TCP", "1");
        let nowhere = Launch::of(provider).env("TMPDIR", "/there/is/no/such/folder");
        let too_long = Launch::of(provider).env("TMPDIR", &long);
        for launch in [asked, nowhere, too_long] {
            let mut plugin = launch.start().await;
            assert_eq!(plugin.handshake.network, "tcp");
            let port = plugin.handshake.address.strip_prefix("127.0.0.1:").unwrap().parse().unwrap();
            assert!((10000..=25000_u16).contains(&port), "{port}");
            plugin.serves().await.unwrap();
            assert!(plugin.shutdown().await.0.success());
        }
    }
}

#[tokio::test]
async fn an_impossible_range_of_ports_is_an_error_in_words() {
    for provider in providers() {
        let output = Launch::of(provider).env("PLUGIN_MIN_PORT", "30000").output().await;
        assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0));
        assert!(String::from_utf8_lossy(&output.stderr).contains("PLUGIN_MIN_PORT=\"30000\""));
    }
}

#[tokio::test]
async fn probes_and_several_connections_survive_one_another() {
    for provider in providers() {
        let mut plugin = Launch::of(provider).start().await;
        let first = plugin.health().await;
        for _ in 0..20 {
            drop(plugin.handshake.dial().await.unwrap());
        }
        // One that stays and says nothing holds nobody up.
        let _silent = plugin.handshake.dial().await.unwrap();
        let (one, two) = tokio::join!(plugin.serves(), plugin.serves());
        one.and(two).unwrap();
        let request = HealthCheckRequest { service: "plugin".to_owned() };
        first.clone().check(request).await.unwrap();
        // All connections gone is no reason to end.
        drop(first);
        sleep(Duration::from_millis(1500)).await;
        plugin.serves().await.unwrap();
        assert!(plugin.shutdown().await.0.success());
    }
}
