//! The attributes of `talosendpoint_haproxy_deployment`.

use std::sync::LazyLock;

use names::*;

use crate::endpoint::ssh_access;
use crate::endpoint::{address, host_files, timeouts};
use crate::framework::schema::{Attribute, Nesting, Schema};
use crate::framework::ty::Type;
use crate::framework::validator::{at_least, between, no_nulls};

#[allow(missing_docs, reason = "the schema describes each of them")]
pub mod names;

/// The schema, built once.
pub static SCHEMA: LazyLock<Schema> = LazyLock::new(|| Schema {
    version: 0,
    description: "Puts the files of `talosendpoint_haproxy` on the load balancers over SSH, and keeps them there. All \
                  hosts are reached and checked before one is changed. They are changed one at a time, the one that \
                  holds the VIP last; each file is checked by the program itself on the host, and the old one comes \
                  back where the new one doesn't work. The plan shows what changes on each host line by line, also \
                  what was changed there by hand. How hosts are reached is in `ssh` of the provider block. For hosts \
                  with systemd, and HAProxy 2.4 and Keepalived 2.2 or newer, such as Debian 12, Ubuntu 22.04 and RHEL \
                  9. It can't be imported: with `adopt_existing` a create takes over what is there.",
    attributes: [vec![endpoint()], inputs(), vec![timeouts::attribute(), deployed()]].concat(),
});

fn endpoint() -> Attribute {
    Attribute::nested(
        ENDPOINT,
        Nesting::Single,
        vec![
            Attribute::string(HAPROXY_CFG).required().describe("Its `haproxy_cfg`, the same on every host."),
            Attribute::plain(KEEPALIVED_CONF, Type::map(Type::String))
                .required()
                .check(no_nulls())
                .describe("Its `keepalived_conf`, by load balancer."),
            Attribute::nested(
                LOAD_BALANCERS,
                Nesting::Map,
                vec![
                    Attribute::string(ADDRESS)
                        .required()
                        .check(address::address())
                        .describe("Address of the load balancer, which SSH goes to where `hosts` says nothing else."),
                ],
            )
            .required()
            .check(at_least(1))
            .describe("Its `load_balancers`, by name."),
            Attribute::string(VIP).check(address::bare_address()).describe("Its `vip`."),
            Attribute::nested(
                ADDITIONAL_VIPS,
                Nesting::List,
                vec![
                    Attribute::string(ADDRESS)
                        .required()
                        .check(address::bare_address())
                        .describe("A further virtual IP."),
                ],
            )
            .describe("Its `additional_vips`."),
            Attribute::nested(
                HAPROXY,
                Nesting::Single,
                vec![
                    Attribute::string(STATS_SOCKET).required().describe("Its `haproxy.stats_socket`."),
                    Attribute::string(CHROOT).required().describe("Its `haproxy.chroot`."),
                    Attribute::string(USER).required().describe("Its `haproxy.user`."),
                    Attribute::string(GROUP).required().describe("Its `haproxy.group`."),
                ],
            )
            .required()
            .describe("Its `haproxy`."),
        ],
    )
    .required()
    .describe(
        "A `talosendpoint_haproxy`, through a local value (`locals { endpoint = talosendpoint_haproxy.this }`). Only \
         the attributes below are taken from it.",
    )
}

fn inputs() -> Vec<Attribute> {
    vec![
        Attribute::nested(HOSTS, Nesting::Map, hop(true)).describe(
            "How single load balancers are reached, by name, where that differs from their `address` and from the \
             provider block. Default: their own addresses.",
        ),
        Attribute::string(NAME).optional_computed().check(host_files::owner()).describe(
            "Whose files these are, which is recorded on each host with an id that only this resource's state knows. \
             Another deployment with another name doesn't take them over. A new one of the same name does, as after a \
             lost state: from then on the plan of the former one says so, and neither its apply nor its destroy \
             touches these hosts. Default: the VIP, or the first load balancer's address.",
        ),
        Attribute::bool(INSTALL_PACKAGES).default(true).describe(
            "Whether HAProxy, and with a VIP Keepalived and curl, are installed by apt, dnf or zypper where they are \
             missing. Default: `true`.",
        ),
        Attribute::bool(ADOPT_EXISTING).default(false).describe(
            "Whether a file that somebody else wrote, or another deployment has, is replaced, after a backup that a \
             destroy puts back. Files of the packages as they came, and what `cloud_init` wrote, are always replaced \
             so. Default: `false`.",
        ),
        Attribute::number(ALLOW_MISSING_HOSTS).default(0).check(between(0, 100)).describe(
            "How many hosts an update or a destroy may do without, if the plan couldn't reach them: they keep what \
             they have. Default: `0`.",
        ),
    ]
}

/// Members of a host, and of a bastion.
fn hop(of_host: bool) -> Vec<Attribute> {
    let mut members = vec![
        Attribute::number(PORT).check(between(1, 65535)).describe("Port of SSH. Default: that of the provider block."),
        Attribute::string(USER)
            .check(ssh_access::user())
            .describe("Who logs in. Default: the user of the provider block."),
        Attribute::string(HOST_KEY).check(ssh_access::public_key()).describe(
            "Its public host key in one line, as in `/etc/ssh/ssh_host_ed25519_key.pub`. Default: what the file of \
             known hosts has.",
        ),
    ];
    if of_host {
        let address = Attribute::string(ADDRESS).check(ssh_access::host());
        members.push(address.describe("Address or DNS name. Default: the load balancer's own `address`."));
        let bastion = Attribute::nested(BASTION, Nesting::Single, hop(false));
        members.push(bastion.describe("The host that leads there. Default: that of the provider block."));
    } else {
        let host = Attribute::string(HOST).required().check(ssh_access::host());
        members.push(host.describe("Address or DNS name of the bastion."));
    }
    members
}

fn deployed() -> Attribute {
    let service = Type::object([(ENABLED, Type::Bool), (ACTIVE, Type::Bool)]);
    let host = Type::object([
        (HAPROXY_CFG, Type::String),
        (KEEPALIVED_CONF, Type::String),
        (OTHERS, Type::map(Type::String)),
        (SERVICES, Type::map(service)),
    ]);
    Attribute::plain(DEPLOYED, Type::map(host)).computed().describe(
        "What is on each host, by name: the two files, `others` by path (parts of units, folders), and `services` with \
         `enabled` and `active`. In a plan it is what will be there, after a refresh what is there, so a plan shows \
         what somebody changed. Passwords are masked; of a text that is longer than 64 KiB or not UTF-8 only the hash \
         is shown.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::framework::engine::schema_problems;

    #[test]
    fn terraform_would_take_the_schema() {
        assert_eq!(schema_problems(&SCHEMA), Vec::<String>::new());
    }
}
