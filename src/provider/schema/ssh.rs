//! The attribute `ssh`.

use super::names;
use crate::endpoint::ssh_access;
use crate::framework::schema::{Attribute, Nesting};
use crate::framework::validator::{between, length_between};

/// Its members.
pub fn ssh() -> Vec<Attribute> {
    let path = |name| Attribute::string(name).check(length_between(1, 4096));
    vec![
        Attribute::string(names::USER)
            .check(ssh_access::user())
            .describe("Who logs in. Required, here or in the resource's `hosts`."),
        Attribute::number(names::PORT).check(between(1, 65535)).describe("Port of SSH. Default: `22`."),
        Attribute::string(names::PRIVATE_KEY).sensitive().describe(
            "A private key, Ed25519 or ECDSA, in the form of OpenSSH or PKCS#8. May be ephemeral. Not together with \
             `private_key_path`.",
        ),
        path(names::PRIVATE_KEY_PATH).describe(
            "Path of a private key, Ed25519 or ECDSA; `~/` is the home folder. An RSA key works through an agent only.",
        ),
        Attribute::string(names::PASSPHRASE)
            .sensitive()
            .describe("What unlocks the private key. Needs `private_key` or `private_key_path`."),
        path(names::CERTIFICATE_PATH)
            .describe("Path of a certificate of the private key (`-cert.pub`), which goes along with it."),
        Attribute::bool(names::AGENT).describe(
            "Whether the agent at `SSH_AUTH_SOCK` is asked, after the private key. Default: `true` where there is one \
             and no private key is set.",
        ),
        path(names::KNOWN_HOSTS_PATH).describe(
            "Path of the file of known hosts; hashed names, `[host]:port`, `@cert-authority` and `@revoked` are \
             understood. Default: `~/.ssh/known_hosts`.",
        ),
        Attribute::nested(names::BASTION, Nesting::Single, bastion())
            .describe("A host that leads to the others. The same keys log in to it."),
        Attribute::bool(names::SUDO).describe(
            "Whether commands run through `sudo`, which must ask for no password. Default: unless the user is root.",
        ),
    ]
}

fn bastion() -> Vec<Attribute> {
    vec![
        Attribute::string(names::HOST)
            .required()
            .check(ssh_access::host())
            .describe("Address or DNS name of the bastion."),
        Attribute::number(names::PORT).check(between(1, 65535)).describe("Port of the bastion's SSH. Default: `port`."),
        Attribute::string(names::USER)
            .check(ssh_access::user())
            .describe("Who logs in to the bastion. Default: `user`."),
        Attribute::string(names::HOST_KEY)
            .check(ssh_access::public_key())
            .describe("Its public host key in one line. Default: what the file of known hosts has."),
    ]
}
