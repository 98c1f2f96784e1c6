//! The attribute `additional_services`.

use super::names::*;
use crate::endpoint::address;
use crate::endpoint::haproxy::model::token;
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
            "The virtual IP that the service is on: `vip`, or one of `additional_vips`. One of the latter then belongs \
             to such services: it is none of the endpoint's names, and `bind = \"vip\"` leaves it to them. Default: \
             what `bind` says.",
        ),
        Attribute::string(BALANCE)
            .optional_computed()
            .check(one_of(token::BALANCES))
            .describe("How connections are spread over the servers. Default: `haproxy.balance`."),
        health_check().default_members().describe("How the servers are checked. Their health never moves a VIP."),
        Attribute::bool(PROXY_PROTOCOL).default(false).describe(
            "Whether servers are told the client's address by the PROXY protocol, version 2, which they must expect. \
             Default: `false`.",
        ),
    ];
    Attribute::nested(ADDITIONAL_SERVICES, Nesting::Map, members).describe(
        "Further services of the load balancers by name: ingress on 80 and 443, the API of another cluster on another \
         VIP, anything in TCP. They are no part of the endpoint. Default: none.",
    )
}

fn server_address() -> Attribute {
    Attribute::string(ADDRESS).required().check(token::target()).describe(
        "Address of the server, with or without prefix length, or a DNS name, which HAProxy then keeps resolving.",
    )
}

fn health_check() -> Attribute {
    Attribute::nested(
        HEALTH_CHECK,
        Nesting::Single,
        vec![
            Attribute::string(CHECK_TYPE).default("tcp").check(one_of(&["tcp", "https", "http"])).describe(
                "`tcp` connects; `https` and `http` ask for `path`, without a look at the certificate. Default: `tcp`.",
            ),
            Attribute::string(PATH)
                .optional_computed()
                .check(token::uri_path())
                .describe("What `https` and `http` ask for. Default: `/`."),
            Attribute::plain(EXPECT_STATUS, Type::set(Type::Number))
                .check(at_least(1))
                .check(no_nulls())
                .check(each(between(100, 599)))
                .describe("Status codes of a server that is well. Default: all from 200 to 399."),
        ],
    )
}
