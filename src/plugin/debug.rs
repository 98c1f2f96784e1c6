//! Serving hosts that didn't start us: for a debugger, and for trying a build within a second.
//!
//! The process prints the variable that points a host at it. There is no TLS and no cookie, the socket's permissions keep
//! others out, and one process serves any number of runs, one after another or at once.

use std::{future::Future, process};

use serde_json::{Map, Value, json};
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;
use tonic::service::Routes;

use super::{
    Options, ServeError, Session, listener::Address, listener::Listener, print, runtime, signals,
    stdio::StrayOutput,
};

/// Serves until SIGINT or SIGTERM; a host's Shutdown is answered and changes nothing. Threads as in [`super::serve`].
///
/// # Errors
/// When there is no place to listen or stdout is closed.
pub fn serve(routes: Routes, workers: Handle, options: &Options) -> Result<(), ServeError> {
    runtime()?.block_on(serve_anybody(routes, workers, options))
}

async fn serve_anybody(
    routes: Routes,
    workers: Handle,
    options: &Options,
) -> Result<(), ServeError> {
    let (interrupt, terminate) = (signals::interrupt()?, signals::terminate()?);
    let listener = Listener::open(&options.place())
        .await
        .map_err(ServeError::Listen)?;
    print(&announcement(options, listener.address())).map_err(ServeError::Stdout)?;
    let session = Session {
        listener,
        tls: None,
        stray: StrayOutput::none(),
        stop: CancellationToken::new(),
        on_shutdown: CancellationToken::new(),
    };
    session
        .run(routes, workers, either(interrupt, terminate))
        .await
}

async fn either(one: impl Future<Output = ()>, other: impl Future<Output = ()>) {
    tokio::select! {
        () = one => (),
        () = other => (),
    }
}

fn announcement(options: &Options, address: &Address) -> String {
    let map = reattach(
        options.source_addresses,
        options.protocol_version,
        process::id(),
        address,
    );
    format!(
        "Serving until Ctrl-C. In another terminal:\n\n\tTF_REATTACH_PROVIDERS={}\n\n",
        quoted(&map.to_string())
    )
}

/// `Test` must be true: it makes hosts leave the process alone, and without it Terraform 1.11 ignores the protocol version
/// and crashes.
fn reattach(sources: &[&str], protocol_version: u32, pid: u32, address: &Address) -> Value {
    let entry = json!({
        "Protocol": "grpc",
        "ProtocolVersion": protocol_version,
        "Pid": pid,
        "Test": true,
        "Addr": { "Network": address.network(), "String": address.to_string() },
    });
    sources
        .iter()
        .map(|source| ((*source).to_owned(), entry.clone()))
        .collect::<Map<_, _>>()
        .into()
}

/// A shell's single-quoted word.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_source_address_points_here() {
        let address = Address::Unix("/tmp/it's".to_owned());
        let map = reattach(&["one.example/a/b", "two.example/a/b"], 6, 42, &address);
        for source in ["one.example/a/b", "two.example/a/b"] {
            let entry = &map[source];
            assert_eq!(entry["Test"], true);
            assert_eq!(
                (&entry["Pid"], &entry["ProtocolVersion"]),
                (&json!(42), &json!(6))
            );
            assert_eq!(
                entry["Addr"],
                json!({"Network": "unix", "String": "/tmp/it's"})
            );
        }
        assert_eq!(quoted("it's"), r"'it'\''s'");
    }
}
