//! The function `cloud_init`: the user-data that brings a new load balancer up configured, without SSH.
//!
//! cloud-init writes files before it installs packages, and keeps them when a package brings its own version.

use std::collections::BTreeMap;

use crate::endpoint::haproxy::model::schema::names::{HAPROXY, HAPROXY_CFG, KEEPALIVED_CONF};
use crate::framework::function::{Function, FunctionError, Parameter, Signature};
use crate::framework::ty::Type;
use crate::framework::value::Value;

/// `cloud_init(haproxy, host_name)`.
#[derive(Clone, Copy, Debug)]
pub struct CloudInit;

/// HAProxy after the network, whatever the distribution's unit says.
const AFTER_NETWORK: &str = "[Unit]
Wants=network-online.target
After=network-online.target
";

/// Keepalived after the network, and again if it ends: the unit of Debian 12 gives up.
const AFTER_HAPROXY: &str = "[Unit]
Wants=network-online.target
After=network-online.target haproxy.service

[Service]
Restart=on-failure
RestartSec=2s
";

impl Function for CloudInit {
    fn name(&self) -> &'static str {
        "cloud_init"
    }

    fn signature(&self) -> Signature {
        let haproxy = Type::object([(HAPROXY_CFG, Type::String), (KEEPALIVED_CONF, Type::map(Type::String))]);
        let parameter =
            |name, ty, description| Parameter { name, ty, allow_null: false, allow_unknown: false, description };
        Signature {
            parameters: vec![
                parameter(HAPROXY, haproxy, "A `talosendpoint_haproxy` resource."),
                parameter("host_name", Type::String, "The name of the load balancer, a key of its `load_balancers`."),
            ],
            variadic: None,
            result: Type::String,
            summary: "User-data that sets up a load balancer",
            description: "Gives the user-data (`#cloud-config`) that makes a load balancer of a new machine: it installs HAProxy, and \
                          Keepalived and curl where there is a VIP, writes the configuration files of `talosendpoint_haproxy`, and starts \
                          the services once the network is up. For distributions with cloud-init, systemd, and HAProxy 2.4 and Keepalived \
                          2.2 or newer, such as Debian 12 and Ubuntu 22.04.",
            deprecated: None,
        }
    }

    fn call(&self, arguments: &[Value]) -> Result<Value, FunctionError> {
        let [haproxy, host_name] = arguments else { return Err(error(0, "two arguments are needed")) };
        let haproxy_cfg = haproxy.attribute(HAPROXY_CFG).and_then(Value::as_str);
        let files = haproxy.attribute(KEEPALIVED_CONF).and_then(Value::entries);
        let (Some(haproxy_cfg), Some(files), Some(host_name)) = (haproxy_cfg, files, host_name.as_str()) else {
            return Err(error(
                0,
                "haproxy must be a talosendpoint_haproxy resource: it lacks haproxy_cfg or keepalived_conf",
            ));
        };
        let keepalived_conf = of_host(files, host_name)?;
        for file in [Some(haproxy_cfg), keepalived_conf].into_iter().flatten() {
            if !is_plain(file) {
                return Err(error(
                    0,
                    "haproxy must be a talosendpoint_haproxy resource: one of its files is not one that the resource writes",
                ));
            }
        }
        Ok(user_data(haproxy_cfg, keepalived_conf).into())
    }
}

/// The file of `host_name`; none where nobody runs Keepalived: then all load balancers are alike.
fn of_host<'a>(files: &'a BTreeMap<String, Value>, host_name: &str) -> Result<Option<&'a str>, FunctionError> {
    if files.is_empty() {
        return Ok(None);
    }
    let names: Vec<&str> = files.keys().map(String::as_str).collect();
    let file = files.get(host_name).and_then(Value::as_str);
    file.map(Some)
        .ok_or_else(|| error(1, format!("there is no load balancer {host_name:?}; there are {}", names.join(", "))))
}

fn error(argument: usize, text: impl Into<String>) -> FunctionError {
    FunctionError { argument: Some(argument), text: text.into() }
}

/// True for text that a YAML block holds as it is: printable lines, the first of which doesn't begin with a space, and one final newline.
fn is_plain(file: &str) -> bool {
    file.ends_with('\n')
        && !file.ends_with("\n\n")
        && !file.starts_with([' ', '\n'])
        && file.bytes().all(|b| b == b'\n' || (b' '..=b'~').contains(&b))
}

fn user_data(haproxy_cfg: &str, keepalived_conf: Option<&str>) -> String {
    let mut services = vec!["haproxy"];
    let mut packages = vec!["haproxy"];
    let mut text = String::from(
        "#cloud-config\n# A load balancer of a Talos Linux control plane. Written by Terraform (talosendpoint_haproxy).\n",
    );
    if keepalived_conf.is_some() {
        services.push("keepalived");
        packages.extend(["keepalived", "curl"]);
    }
    text.push_str("package_update: true\npackages:\n");
    packages.iter().for_each(|package| text.push_str(&format!("  - {package}\n")));
    text.push_str("write_files:\n");
    write_file(&mut text, "/etc/haproxy/haproxy.cfg", "0644", haproxy_cfg);
    write_file(&mut text, "/etc/systemd/system/haproxy.service.d/talosendpoint.conf", "0644", AFTER_NETWORK);
    if let Some(keepalived_conf) = keepalived_conf {
        write_file(&mut text, "/etc/keepalived/keepalived.conf", "0640", keepalived_conf);
        write_file(&mut text, "/etc/systemd/system/keepalived.service.d/talosendpoint.conf", "0644", AFTER_HAPROXY);
    }
    text.push_str("runcmd:\n  - [systemctl, daemon-reload]\n");
    for service in services {
        text.push_str(&format!("  - [systemctl, enable, {service}]\n"));
        text.push_str("  # The package may have started it before.\n");
        text.push_str(&format!("  - [systemctl, restart, {service}]\n"));
    }
    text
}

fn write_file(text: &mut String, path: &str, mode: &str, content: &str) {
    text.push_str(&format!("  - path: {path}\n    owner: root:root\n    permissions: \"{mode}\"\n    content: |\n"));
    for line in content.lines() {
        let indent = if line.is_empty() { "" } else { "      " };
        text.push_str(&format!("{indent}{line}\n"));
    }
}

#[cfg(test)]
mod tests;
