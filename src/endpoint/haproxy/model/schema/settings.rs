//! The attributes `haproxy` and `keepalived`.

use super::names::*;
use crate::endpoint::address;
use crate::endpoint::config_token as token;
use crate::endpoint::haproxy::model::timer::{advert_interval, timer};
use crate::framework::schema::{Attribute, Nesting};
use crate::framework::validator::{between, one_of};

/// Settings of HAProxy.
pub fn haproxy() -> Attribute {
    let members =
        vec![
        Attribute::number(MAXCONN).default(8000).check(between(1, 500_000)).describe(
            "Simultaneous connections. Each takes two file descriptors, of which systemd grants a service 524288 by \
             default. Default: `8000`.",
        ),
        Attribute::string(BALANCE).default("leastconn").check(one_of(token::BALANCES)).describe(
            "How connections are distributed over the nodes. Default: `leastconn`, which suits connections that last \
             for hours.",
        ),
        Attribute::nested(TIMEOUTS, Nesting::Single, timeouts()).default_members().describe("How long HAProxy waits."),
        duration(HARD_STOP_AFTER, "30m", "How long the old process may serve its connections after a reload. Default: \
                                          `30m`."),
        Attribute::string(LOG).default("/dev/log").check(token::log_target()).describe(
            "Where HAProxy logs to: the path of a socket, `ADDRESS:PORT` of a syslog server, `stdout` or `stderr`. \
             Default: `/dev/log`.",
        ),
        Attribute::string(CHROOT).default("/var/lib/haproxy").check(token::folder_or_empty()).describe(
            "Folder that HAProxy confines itself to. It must exist on each load balancer. A socket in `log` must be \
             mounted in another one than the default (`BindReadOnlyPaths` of the service): `cloud_init` does both. Set \
             it to `\"\"` in a container. Default: `/var/lib/haproxy`, which packages create.",
        ),
        Attribute::string(USER).default("haproxy").check(token::account_or_empty()).describe(
            "User that HAProxy runs as once it has started. Packages create `haproxy`, and `cloud_init` any other; \
             where you copy the files yourself, it must exist, or HAProxy doesn't start. Set it to `\"\"` in a \
             container that starts it as that user. Default: `haproxy`.",
        ),
        Attribute::string(GROUP)
            .default("haproxy")
            .check(token::account_or_empty())
            .describe(
                "Group that HAProxy runs as once it has started. It must exist, as `user` must. Set it to `\"\"` in a \
                 container. Default: `haproxy`.",
            ),
        Attribute::bool(METRICS).default(true).describe(
            "Whether `/metrics` serves Prometheus. A HAProxy built without the exporter doesn't start with it: set \
             `false`. Default: `true`.",
        ),
        Attribute::string(STATS_SOCKET).default("/run/haproxy/admin.sock").check(token::socket()).describe(
            "HAProxy's administrative socket. Its folder must exist on each load balancer. Default: \
             `/run/haproxy/admin.sock`.",
        ),
        server_state_file(),
        Attribute::string(OPS_ADDRESS).default("127.0.0.1").check(address::bare_address()).describe(
            "Address of `/livez`, `/readyz`, `/metrics` and `/stats`: a loopback address, or `0.0.0.0` or `::` for \
             all. Default: `127.0.0.1`.",
        ),
        Attribute::number(OPS_PORT).default(8404).check(between(1, 65535)).describe("Port beside `ops_address`. \
                                                                                     Default: `8404`."),
    ];
    Attribute::nested(HAPROXY, Nesting::Single, members).default_members().describe("Settings of HAProxy itself.")
}

fn server_state_file() -> Attribute {
    let path = Attribute::string(SERVER_STATE_FILE).default("/var/lib/haproxy/server-state");
    path.check(token::file_or_empty()).describe(
        "Beginning of the path of a file with the last known addresses of nodes and servers by DNS name, where there \
         are any. HAProxy reads it when it starts: without it, a start while DNS doesn't answer takes minutes and \
         leaves them out. The path ends in a hash of their names and ports. `cloud_init` sets up what keeps the file. \
         Where it is missing, HAProxy 2.6 and older print a warning at start. Set it to `\"\"` to do without. Default: \
         `/var/lib/haproxy/server-state`.",
    )
}

fn timeouts() -> Vec<Attribute> {
    vec![
        duration(CONNECT, "2s", "Limit for connecting to a node. Default: `2s`."),
        duration(CHECK, "2s", "Limit for the answer to a health check. Default: `2s`."),
        duration(QUEUE, "10s", "Limit for waiting for a free connection to a node. Default: `10s`."),
        duration(
            CLIENT_SERVER,
            "1m",
            "Limit for the silence of either side while a connection is being set up. It is one value, because unequal \
             ones cut connections. Default: `1m`.",
        ),
        duration(
            TUNNEL,
            "4h",
            "Limit for the silence of a connection that is set up. Watches and `kubectl logs -f` can be silent for \
             hours. Default: `4h`.",
        ),
        duration(FIN, "30s", "Limit for a connection that one side has closed. Default: `30s`."),
    ]
}

fn duration(name: &'static str, default: &'static str, description: &'static str) -> Attribute {
    Attribute::string(name).default(default).check(timer()).describe(description)
}

/// Settings of Keepalived.
pub fn keepalived() -> Attribute {
    let members = vec![
        Attribute::number(VIRTUAL_ROUTER_ID).optional_computed().check(between(1, 255)).describe(
            "VRRP's number for this group of load balancers. No other group in the same network may have it. While \
             one load balancer has another number than the rest, both sides hold the VIP: put a new file on all of \
             them, and then reload Keepalived on one right after the other. Default: the last byte of the VIP (51 \
             where that is 0).",
        ),
        Attribute::number(ADVERT_INTERVAL).default(1).check(advert_interval()).describe(
            "Seconds between two advertisements. When three in a row are missing, the VIP moves. A fraction, such as \
             `0.3`, switches to VRRP version 3. Default: `1`.",
        ),
        Attribute::bool(PREEMPT).default(true).describe(
            "Whether the VIP returns to a load balancer of higher priority that has recovered. With `false` only the \
             check of HAProxy itself moves it, because Keepalived then ignores weights. Default: `true`.",
        ),
        Attribute::number(LIVE_WEIGHT).default(0).check(between(-253, 253)).describe(
            "What is added to the priority of a load balancer by the check of HAProxy itself: a negative weight while \
             it fails, a positive one while it succeeds. With 0 a load balancer that fails gives up the VIP at once. \
             Default: `0`.",
        ),
        Attribute::number(READY_WEIGHT).optional_computed().check(between(-253, 253)).describe(
            "The same for the check that HAProxy reaches a node. It can't be 0, with which no load balancer would hold \
             the VIP before the cluster is bootstrapped. Default: −50, or lower where the priorities are farther \
             apart; with a `live_weight` never so low that a priority would go under 2, if the priorities allow it.",
        ),
    ];
    Attribute::nested(KEEPALIVED, Nesting::Single, members)
        .default_members()
        .describe("Settings of Keepalived, which runs where there is a `vip`.")
}
