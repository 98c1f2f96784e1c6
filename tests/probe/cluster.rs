//! A control plane on this machine, for the real CLI: both APIs on `localhost`, which may begin and end at any time.

use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;

use lab::terraform::{REQUIRED, Workspace, provider};
use rustls::ServerConfig;

use crate::certificates::{Authority, BOTH, Client};
use crate::server::{Behaviour, Server, Then};

/// The ports of a control plane. They are closed until it begins.
#[derive(Clone, Copy)]
pub struct Ports {
    kubernetes: u16,
    talos: u16,
}

/// A control plane that serves, as long as this value lives.
pub struct Cluster {
    _servers: [Server; 2],
}

impl Ports {
    /// Two that are free.
    pub fn free() -> Ports {
        let sockets = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
        let [kubernetes, talos] = sockets.map(|socket| socket.local_addr().unwrap().port());
        Ports { kubernetes, talos }
    }

    /// Both APIs serve.
    pub fn serve(&self) -> Cluster {
        let authority = Authority::talos();
        let talos = authority.server(&["localhost"], Client::Required(&authority), BOTH);
        let kubernetes = self.kubernetes("localhost", Then::Answer(401, ""));
        Cluster { _servers: [kubernetes, server(self.talos, talos, Then::Hang)] }
    }

    /// The Kubernetes API alone answers in this way, with a certificate for this name.
    pub fn kubernetes(&self, name: &str, then: Then) -> Server {
        server(self.kubernetes, Authority::kubernetes().server(&[name], Client::Anybody, BOTH), then)
    }

    /// The port of the Talos API is open and says nothing.
    pub fn hanging_talos(&self) -> Server {
        Server::at(sockets(self.talos), Behaviour::Hang)
    }

    /// Both ports are open and say nothing.
    pub fn hang(&self) -> [Server; 2] {
        [self.kubernetes, self.talos].map(|port| Server::at(sockets(port), Behaviour::Hang))
    }

    /// `endpoint = local.endpoint`.
    pub fn local(&self) -> String {
        let Ports { kubernetes, talos } = self;
        format!(
            "locals {{\n  endpoint = {{\n    host = \"localhost\"\n    kubernetes_api_endpoint = \"https://localhost:{kubernetes}\"\n    \
             talos_api_endpoint = \"localhost:{talos}\"\n  }}\n}}\n"
        )
    }
}

fn server(port: u16, tls: Arc<ServerConfig>, then: Then) -> Server {
    Server::at(sockets(port), Behaviour::Tls(tls, then))
}

/// `localhost` leads to both families where the machine has both.
fn sockets(port: u16) -> Vec<TcpListener> {
    let first = TcpListener::bind(("127.0.0.1", port)).unwrap();
    [Some(first), TcpListener::bind(("::1", port)).ok()].into_iter().flatten().collect()
}

/// An empty workspace without any AWS credentials or region: nothing here may ask for them.
pub fn workspace(program: &Path) -> Workspace {
    let bare = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION"];
    bare.into_iter().fold(Workspace::new(program, &provider()), |workspace, name| workspace.without_env(name))
}

/// A whole configuration.
pub fn configuration(parts: &[&str]) -> String {
    REQUIRED.to_owned() + &parts.concat()
}

/// A wait with these further lines.
pub fn ready(lines: &str) -> String {
    format!("resource \"talosendpoint_ready\" \"this\" {{\n  endpoint = local.endpoint\n  {lines}\n}}\n")
}

/// The address of that wait.
pub const READY: &str = "talosendpoint_ready.this";

/// The check of the documentation.
pub const CHECK: &str = r#"data "talosendpoint_health" "this" {
  endpoint   = local.endpoint
  depends_on = [talosendpoint_ready.this]
}
check "endpoint" {
  assert {
    condition     = data.talosendpoint_health.this.serves
    error_message = data.talosendpoint_health.this.message
  }
}
"#;

/// The same with the data source inside of the check, where Terraform reads it again at the end of each apply.
pub const NESTED_CHECK: &str = r#"check "nested" {
  data "talosendpoint_health" "nested" {
    endpoint   = local.endpoint
    depends_on = [talosendpoint_ready.this]
  }
  assert {
    condition     = data.talosendpoint_health.nested.serves
    error_message = data.talosendpoint_health.nested.message
  }
}
"#;
