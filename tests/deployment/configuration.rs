//! What the user writes.

use lab::terraform::REQUIRED;

use crate::rig::{Rig, VIP};

/// The address of the resource under test.
pub const THIS: &str = "talosendpoint_haproxy_deployment.this";

pub use lab::terraform::APPLY;

/// `destroy` without questions.
pub const DESTROY: [&str; 4] = ["destroy", "-auto-approve", "-input=false", "-no-color"];

/// A configuration.
#[derive(Debug, Clone)]
pub struct Configuration {
    /// `ssh` of the provider block, without braces.
    pub ssh: String,
    /// Further arguments of `talosendpoint_haproxy`.
    pub haproxy: String,
    /// The load balancers.
    pub load_balancers: String,
    /// Address of the node, or its DNS name.
    pub node: String,
    /// The virtual IP; none with a single load balancer.
    pub vip: Option<String>,
    /// Further arguments of the deployment.
    pub deployment: String,
}

impl Configuration {
    /// The guide's layout.
    pub fn new(rig: &Rig) -> Configuration {
        let (key, known) = (rig.file("id"), rig.file("known_hosts"));
        Configuration {
            ssh: format!("user = \"root\"\nprivate_key_path = {key:?}\nknown_hosts_path = {known:?}\n"),
            haproxy: String::new(),
            load_balancers: "lb-01 = { address = \"192.0.2.21/24\", interface = \"eth0\" }, \
                             lb-02 = { address = \"192.0.2.22/24\", interface = \"eth0\" }"
                .to_owned(),
            node: "192.0.2.31".to_owned(),
            vip: Some(VIP.to_owned()),
            deployment: String::new(),
        }
    }

    /// With another number of connections, by which versions of the file are told apart.
    #[must_use]
    pub fn maxconn(self, maxconn: u32) -> Configuration {
        Configuration { haproxy: format!("haproxy = {{ maxconn = {maxconn} }}\n"), ..self }
    }

    /// With another file for Keepalived, too.
    #[must_use]
    pub fn ready_weight(self, weight: i32) -> Configuration {
        Configuration { haproxy: format!("{}keepalived = {{ ready_weight = {weight} }}\n", self.haproxy), ..self }
    }

    /// With these arguments of the deployment.
    #[must_use]
    pub fn deployment(self, deployment: &str) -> Configuration {
        Configuration { deployment: deployment.to_owned(), ..self }
    }

    /// With another line in `ssh`: one of the same argument is replaced.
    #[must_use]
    pub fn ssh(self, name: &str, value: &str) -> Configuration {
        let others = self.ssh.lines().filter(|line| !line.starts_with(&format!("{name} = ")));
        let others: String = others.map(|line| format!("{line}\n")).collect();
        let line = if value.is_empty() { String::new() } else { format!("{name} = {value}\n") };
        Configuration { ssh: others + &line, ..self }
    }

    /// The text of `main.tf`.
    pub fn text(&self) -> String {
        let vip = self.vip.as_ref().map_or_else(String::new, |vip| format!("vip = {vip:?}\n"));
        format!(
            "{REQUIRED}\nprovider \"talosendpoint\" {{\n  ssh = {{\n{}}}\n}}\n\
             resource \"talosendpoint_haproxy\" \"this\" {{\n\
             control_plane = {{ cp-01 = {{ address = {:?} }} }}\n\
             load_balancers = {{ {} }}\n{vip}{}}}\n\
             locals {{\n  endpoint = talosendpoint_haproxy.this\n}}\n\
             resource \"talosendpoint_haproxy_deployment\" \"this\" {{\n  endpoint = local.endpoint\n{}}}\n",
            self.ssh, self.node, self.load_balancers, self.haproxy, self.deployment
        )
    }
}
