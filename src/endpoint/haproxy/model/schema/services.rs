//! The attribute `additional_services`.

use super::names::*;
use crate::endpoint::address;
use crate::endpoint::config_token as token;
use crate::framework::schema::{Attribute, Nesting};
use crate::framework::ty::Type;
use crate::framework::validator::{at_least, between, each, no_nulls, one_of};

/// Anything else in TCP.
pub fn additional_services() -> Attribute {
    let members = vec![
        Attribute::number(PORT).required().check(between(1, 65535)).describe("Port that clients dial."),
        Attribute::number(TARGET_PORT)
            .optional_computed()
            .check(between(1, 65535))
            .describe("Port of the servers. Default: `port`."),
        Attribute::nested(SERVERS, Nesting::Map, vec![server_address()])
            .required()
            .check(at_least(1))
            .describe("The servers by name, which is also their name in HAProxy."),
        Attribute::string(VIP).check(address::bare_address()).describe(
            "The virtual IP of the service: `vip`, or one of `additional_vips`. The latter then belongs to services: \
             it is not one of the endpoint's names, and with `bind = \"vip\"` the endpoint doesn't listen on it. \
             Default: the addresses of `bind`.",
        ),
        Attribute::string(BALANCE)
            .optional_computed()
            .check(one_of(token::BALANCES))
            .describe("How connections are distributed over the servers. Default: `haproxy.balance`."),
        health_check().default_members().describe("How the servers are checked. Their health never moves a VIP."),
        Attribute::bool(PROXY_PROTOCOL).default(false).describe(
            "Whether HAProxy sends the client's address to the servers, in the PROXY protocol, version 2. The servers \
             must expect it. Default: `false`.",
        ),
    ];
    Attribute::nested(ADDITIONAL_SERVICES, Nesting::Map, members).describe(
        "Further services of the load balancers by name: ingress on 80 and 443, the API of another cluster on another \
         VIP, anything in TCP. They are no part of the endpoint. Default: none.",
    )
}

fn server_address() -> Attribute {
    Attribute::string(ADDRESS).required().check(token::target()).describe(
        "Address of the server, with or without prefix length, or a DNS name, which HAProxy resolves again every few \
         seconds.",
    )
}

fn health_check() -> Attribute {
    Attribute::nested(
        HEALTH_CHECK,
        Nesting::Single,
        vec![
            Attribute::string(CHECK_TYPE).default("tcp").check(one_of(&["tcp", "https", "http"])).describe(
                "`tcp` only connects. `https` and `http` request `path`, and accept any certificate. Default: `tcp`.",
            ),
            Attribute::string(PATH)
                .optional_computed()
                .check(token::uri_path())
                .describe("What `https` and `http` request. Default: `/`."),
            Attribute::plain(EXPECT_STATUS, Type::set(Type::Number))
                .check(at_least(1))
                .check(no_nulls())
                .check(each(between(100, 599)))
                .describe("Status codes of a healthy server. Default: all from 200 to 399."),
        ],
    )
}
