//! The function `cloud_init`: the user-data that brings a new load balancer up configured, without SSH.

use std::collections::BTreeMap;

use super::model::schema::names::{
    ADDRESS, CHROOT, GROUP, HAPROXY, HAPROXY_CFG, KEEPALIVED_CONF, LOAD_BALANCERS, STATS_SOCKET, USER, VIP,
};
use super::plan::user_data::{Machine, user_data};
use crate::endpoint::address::Address;
use crate::endpoint::config_token::Token;
use crate::endpoint::host_files::{self, server_state_file};
use crate::framework::function::{Function, FunctionError, Parameter, Signature};
use crate::framework::ty::Type;
use crate::framework::value::Value;

/// `cloud_init(haproxy, host_name)`.
#[derive(Clone, Copy, Debug)]
pub struct CloudInit;

impl Function for CloudInit {
    fn name(&self) -> &'static str {
        "cloud_init"
    }

    fn signature(&self) -> Signature {
        let settings = Type::object([STATS_SOCKET, CHROOT, USER, GROUP].map(|name| (name, Type::String)));
        let haproxy = Type::object([
            (HAPROXY_CFG, Type::String),
            (KEEPALIVED_CONF, Type::map(Type::String)),
            (LOAD_BALANCERS, Type::map(Type::object([(ADDRESS, Type::String)]))),
            (VIP, Type::String),
            (HAPROXY, settings),
        ]);
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
            description: "Gives the user-data (`#cloud-config`) that makes a load balancer of a new machine: it \
                          writes the files of `talosendpoint_haproxy`, makes the folders that they name, installs \
                          HAProxy, and Keepalived and curl where there is a VIP (by apt, dnf or zypper), allows them \
                          their ports where SELinux is on, makes the user and the group of `haproxy.user` and \
                          `haproxy.group` where they are missing, and starts them once the network is up. What fails \
                          at the first boot, such as a package repository out of reach, is tried again every half \
                          minute and at later boots; `journalctl -u talosendpoint-setup` shows why. For distributions \
                          with cloud-init, systemd, and HAProxy 2.4 and Keepalived 2.2 or newer, such as Debian 12, \
                          Ubuntu 22.04 and RHEL 9. cloud-init reads user-data at the first boot only: a later change \
                          reaches no machine that exists. Where the provider of the machines replaces them for new \
                          user-data, it would replace all load balancers in one apply: set `ignore_changes` for it. \
                          The text has about 13 KB, and 19 KB with nodes or servers by DNS name. EC2 takes 16 KB at \
                          most: give it `base64gzip(...)`, which cloud-init unpacks (`user_data_base64` of \
                          `aws_instance`). Beside a cloud-config of yours (`cloudinit_config` of the provider \
                          hashicorp/cloudinit), each part needs `merge_type = \
                          \"list(append)+dict(recurse_array)+str()\"`: otherwise one part's `write_files` and \
                          `runcmd` take the place of the other's.",
            deprecated: None,
        }
    }

    fn call(&self, arguments: &[Value]) -> Result<Value, FunctionError> {
        let [haproxy, host_name] = arguments else { return Err(error(0, "two arguments are needed")) };
        let Some(host_name) = host_name.as_str() else { return Err(error(1, "host_name must be a text")) };
        let resource = Resource::read(haproxy).ok_or_else(|| {
            error(0, "haproxy must be a talosendpoint_haproxy resource: one of its attributes is missing or null")
        })?;
        let address = resource.address_of(host_name)?;
        let keepalived_conf = resource.keepalived_conf(host_name)?;
        for file in [Some(resource.haproxy_cfg), keepalived_conf].into_iter().flatten() {
            if !is_plain(file) {
                return Err(error(
                    0,
                    "haproxy must be a talosendpoint_haproxy resource: one of its files is not one that the resource \
                     writes",
                ));
            }
        }
        let owner = owner(resource.vip.unwrap_or(address)).ok_or_else(|| {
            error(
                0,
                "haproxy must be a talosendpoint_haproxy resource: `vip`, or the address of the \
                 load balancer, is no IP address",
            )
        })?;
        let chroot = resource.chroot;
        if Token::socket(resource.stats_socket).is_none() || !chroot.is_empty() && Token::folder(chroot).is_none() {
            return Err(error(
                0,
                "haproxy must be a talosendpoint_haproxy resource: `stats_socket` or `chroot` isn't a path that \
                 HAProxy may have",
            ));
        }
        if server_state_file(resource.haproxy_cfg).is_some_and(|path| Token::folder(path).is_none()) {
            return Err(error(
                0,
                "haproxy must be a talosendpoint_haproxy resource: its state file has no usable path",
            ));
        }
        if let Some((name, consequence)) = resource.of_a_container {
            return Err(error(
                0,
                format!(
                    "`haproxy.{name}` is empty or root, which is for a container; on a machine {consequence}. Remove \
                     `{name}`: packages make what its default names"
                ),
            ));
        }
        let files = host_files::Machine {
            haproxy_cfg: resource.haproxy_cfg,
            keepalived_conf,
            stats_socket: resource.stats_socket,
            chroot,
        };
        let machine = Machine { owner: &owner, files };
        Ok(user_data(&machine).into())
    }
}

/// Settings that may be empty in a container, and what HAProxy does without them.
const OF_CONTAINERS: [(&str, &str); 3] = [
    (USER, "HAProxy would stay root"),
    (GROUP, "HAProxy would stay in root's group"),
    (CHROOT, "HAProxy would see the whole file system"),
];

/// What is needed of the resource.
struct Resource<'a> {
    haproxy_cfg: &'a str,
    files: &'a BTreeMap<String, Value>,
    hosts: &'a BTreeMap<String, Value>,
    vip: Option<&'a str>,
    stats_socket: &'a str,
    chroot: &'a str,
    /// The first setting that only a container has, and what it would do to a machine.
    of_a_container: Option<(&'static str, &'static str)>,
}

impl<'a> Resource<'a> {
    fn read(haproxy: &'a Value) -> Option<Resource<'a>> {
        let settings = haproxy.attribute(HAPROXY)?;
        let text = |name: &str| settings.attribute(name).and_then(Value::as_str);
        let empty = |(name, _): &(&str, &str)| text(name) == Some("") || *name != CHROOT && text(name) == Some("root");
        Some(Resource {
            haproxy_cfg: haproxy.attribute(HAPROXY_CFG)?.as_str()?,
            files: haproxy.attribute(KEEPALIVED_CONF)?.entries()?,
            hosts: haproxy.attribute(LOAD_BALANCERS)?.entries()?,
            vip: haproxy.attribute(VIP)?.as_str(),
            stats_socket: settings.attribute(STATS_SOCKET)?.as_str()?,
            chroot: settings.attribute(CHROOT)?.as_str()?,
            of_a_container: OF_CONTAINERS.into_iter().find(empty),
        })
    }

    fn address_of(&self, host_name: &str) -> Result<&'a str, FunctionError> {
        let host = self.hosts.get(host_name).and_then(|host| host.attribute(ADDRESS)?.as_str());
        host.ok_or_else(|| {
            let names: Vec<&str> = self.hosts.keys().map(String::as_str).collect();
            error(1, format!("there is no load balancer {host_name:?}; there are {}", names.join(", ")))
        })
    }

    /// The file of `host_name`; none where nobody runs Keepalived.
    fn keepalived_conf(&self, host_name: &str) -> Result<Option<&'a str>, FunctionError> {
        let file = self.files.get(host_name).and_then(Value::as_str);
        if file.is_none() && !self.files.is_empty() {
            return Err(error(0, format!("haproxy must be a talosendpoint_haproxy resource: {host_name} has no file")));
        }
        Ok(file)
    }
}

/// The bare address, in the one spelling.
fn owner(address: &str) -> Option<String> {
    Address::parse(address).map(|address| address.ip.to_string())
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

#[cfg(test)]
mod tests;
