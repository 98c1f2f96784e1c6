//! What went wrong on the way to a host, as the user reads it.

use std::path::Path;

use super::enumeration::{listed, quoted};
use crate::framework::diagnostic::chain;
use crate::remote::ssh::host_key::HostKeyError;
use crate::remote::ssh::private_key::KeyError;
use crate::remote::ssh::ssh_error::SshError;

/// A short title, and a paragraph with the reason and the remedy.
pub fn explain(error: &SshError) -> (&'static str, String) {
    let reason = sentence(&chain(error));
    let (title, remedy) = match error {
        SshError::Key(error) => return key(error),
        SshError::HostKey { to, source } => return host_key(to, source),
        SshError::NoUser => return ("No SSH user", NO_USER.to_owned()),
        SshError::NoKey { is_agent_off: true } => return ("No SSH key", AGENT_OFF.to_owned()),
        SshError::NoKey { is_agent_off: false } => return ("No SSH key", NO_AGENT.to_owned()),
        SshError::Agent { .. } => ("SSH agent not usable", AGENT),
        SshError::Denied { methods, untried, .. } => return (NOT_LET_IN, denied(&reason, methods, *untried)),
        SshError::SecondFactor { user, .. } => return (NOT_LET_IN, second_factor(&reason, user)),
        SshError::AccountClosed { .. } => ("SSH account closed", ACCOUNT),
        SshError::NoAddress { .. } => (NOT_REACHABLE, NO_ADDRESS),
        SshError::Unreachable { .. } | SshError::Silent { .. } => (NOT_REACHABLE, NO_ANSWER),
        SshError::Closed { said: Some(said), .. } => (NOT_REACHABLE, turned_away(said)),
        SshError::Closed { said: None, .. } => (NOT_REACHABLE, CLOSED),
        SshError::MayNotForward { .. } => (NOT_REACHABLE, FORWARDING),
        SshError::NotForwarded { .. } => (NOT_REACHABLE, BEHIND),
        SshError::Cut { .. } => (LOST, CUT),
        SshError::OtherService { .. } => (NOT_POSSIBLE, OTHER_SERVICE),
        SshError::Protocol { .. } => (NOT_POSSIBLE, PROTOCOL),
        SshError::NoSession { .. } => (NOT_POSSIBLE, NO_SESSION),
        SshError::Slow { .. } => ("Host too slow", SLOW),
        SshError::Lost { .. } | SshError::LostForGood { .. } | SshError::TooMuch { .. } => (LOST, "Run again."),
    };
    (title, format!("{reason} {remedy}"))
}

const NOT_LET_IN: &str = "SSH authentication failed";
const NOT_REACHABLE: &str = "Host not reachable";
const NOT_POSSIBLE: &str = "SSH not possible";
const LOST: &str = "SSH connection lost";

const NO_USER: &str = "Nobody is named to log in as. Set `user` in `ssh` of the provider block, or in `hosts`.";

const AGENT_OFF: &str = "No private key is set, and `agent = false` keeps the agent from being asked. Set \
                         `private_key_path` in `ssh` of the provider block, or remove `agent`.";

const NO_AGENT: &str = "No private key is set, and there is no agent (`SSH_AUTH_SOCK`). Set `private_key_path` in \
                        `ssh` of the provider block, or start an agent: `eval $(ssh-agent) && ssh-add`.";

const AGENT: &str = "Load a key with `ssh-add`, or set `private_key_path` in `ssh` of the provider block. An RSA key \
                     works through an agent only.";

const ACCOUNT: &str = "The key is right. Open the account of that user on the host (`chage -l`, `passwd -S`), or \
                       remove `/etc/nologin` there.";

const NO_ADDRESS: &str = "Correct the host's address, or the DNS of the machine that Terraform runs on.";

const NO_ANSWER: &str = "Check that the host runs, that its SSH listens on this port, and that a route and the \
                         firewalls let the machine that Terraform runs on through. `port` and `bastion` are in `ssh` \
                         of the provider block and in `hosts`.";

const CLOSED: &str = "Check that the host isn't starting or stopping, and that its SSH listens on this port. A server \
                      also closes connections where too many log in at once (`MaxStartups` in its `sshd_config`). A \
                      firewall or `fail2ban` there may keep the machine that Terraform runs on out.";

const CUT: &str = "Its SSH may have been restarted: run again. Where that happens each time, the host ends this login \
                   itself: see its log (`journalctl -u ssh -u sshd`) for a rule of PAM (`/etc/security/access.conf`), \
                   or a program that blocks addresses (`fail2ban`).";

const FORWARDING: &str = "The bastion's SSH must allow forwarding to the host's port: see `AllowTcpForwarding` and \
                          `PermitOpen` in its `sshd_config`, and options of the key in `authorized_keys`.";

const BEHIND: &str = "Check that the host runs, that its SSH listens on this port, and that firewalls let the bastion \
                      through.";

const OTHER_SERVICE: &str = "Correct `port` in `ssh` of the provider block or in `hosts`, or the address.";

const PROTOCOL: &str = "The port may be that of another service, or the SSH there too old.";

const NO_SESSION: &str = "Two at once are needed: set `MaxSessions` to 2 or more in the host's `sshd_config`.";

const SLOW: &str = "Check the load of the host, and what the user's login shell does there (`.bashrc`, `.profile`). \
                    Then run again.";

/// What to do where a server says something before SSH and closes. OpenSSH names `MaxStartups` up to version 9.7 or so, and no reason since.
fn turned_away(said: &str) -> &'static str {
    if said.contains("MaxStartups") {
        "Too many log in there at once: raise `MaxStartups` in its `sshd_config`."
    } else if said.contains("allowed at this time") {
        "OpenSSH says that where too many log in at once (raise `MaxStartups` in its `sshd_config`), and to addresses \
         whose logins failed lately (`PerSourcePenalties`): wait some minutes, or add the address of the machine that \
         Terraform runs on to `PerSourcePenaltyExemptList`."
    } else {
        "The port may be that of another service. Otherwise fix on the host what the message describes."
    }
}

/// With a capital letter and a full stop.
fn sentence(reason: &str) -> String {
    let mut letters = reason.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str().trim_end_matches('.'))
}

fn second_factor(reason: &str, user: &str) -> String {
    format!(
        "{reason} Terraform can't give that. Exempt this user in the host's `sshd_config`: `Match User {user}` with \
         `AuthenticationMethods publickey`."
    )
}

fn denied(reason: &str, methods: &[String], untried: usize) -> String {
    if untried > 0 {
        return format!(
            "{reason} Servers end a connection after about six keys, so {untried} more of the agent weren't tried. Set \
             `private_key_path` to the right one, or leave fewer in the agent (`ssh-add -d`)."
        );
    }
    let takes = if methods.is_empty() || methods.iter().any(|method| method == "publickey") {
        String::new()
    } else {
        format!(" It takes {} only: allow `PubkeyAuthentication` there.", quoted(methods))
    };
    format!(
        "{reason}{takes} Check `user`, and that the public half of the key is in the `authorized_keys` of that user on \
         the host (`ssh-copy-id`). The host's log has its reason: `journalctl -u ssh -u sshd` there."
    )
}

fn key(error: &KeyError) -> (&'static str, String) {
    let reason = sentence(&chain(error));
    let remedy = match error {
        KeyError::Unreadable { path, .. } if has_variable(path) => {
            "Only `~/` stands for something else in a path. Write the path out, or use Terraform's `pathexpand()`."
        }
        KeyError::Unreadable { .. } => "Correct the path, or the permissions of the file.",
        KeyError::NeedsPassphrase => {
            "Set `passphrase` in `ssh` of the provider block, or load the key into an agent (`ssh-add`) and leave \
             `private_key` and `private_key_path` out."
        }
        KeyError::WrongPassphrase => "Correct `passphrase`.",
        KeyError::Rsa => {
            "RSA keys are supported through an agent only: load it (`ssh-add`) and leave `private_key` and \
             `private_key_path` out. Or make another key: `ssh-keygen -t ed25519`."
        }
        KeyError::OtherKind(_) => "Make another key: `ssh-keygen -t ed25519`.",
        KeyError::PublicKey => "Set the private one: the file without `.pub`.",
        KeyError::Empty => "Set it to what is in a file that `ssh-keygen` made, or remove it.",
        KeyError::Path => "Set `private_key_path` to it, or `private_key` to `file(…)`.",
        KeyError::NotAKey => "Set the contents or the path of a key that `ssh-keygen` made.",
        KeyError::InvalidCertificate { .. } => "Have the public key signed anew, as a user's certificate.",
        KeyError::NotACertificate { .. } | KeyError::OtherCertificate { .. } => {
            "Set `certificate_path` to the `-cert.pub` file of this private key."
        }
    };
    ("SSH key not usable", format!("{reason} {remedy}"))
}

/// Whether a path was left to a shell to expand.
fn has_variable(path: &Path) -> bool {
    let path = path.to_string_lossy();
    path.starts_with('~') || path.contains('$')
}

fn host_key(to: &str, error: &HostKeyError) -> (&'static str, String) {
    let reason = sentence(&format!("{to}: {error}"));
    match error {
        HostKeyError::Unknown { path, name, presented } => {
            ("Host key not known", format!("{reason} {}", unknown_key(path, name, presented)))
        }
        HostKeyError::NoFile { path, name, presented } => (
            "Host key not known",
            format!(
                "{reason} If the hosts are known in another file, correct `known_hosts_path`. Otherwise: {}",
                unknown_key(path, name, presented)
            ),
        ),
        HostKeyError::Unreadable { .. } => (
            "Host key not known",
            format!("{reason} Correct `known_hosts_path` in `ssh` of the provider block, or the file's permissions."),
        ),
        HostKeyError::Unsupported { name, .. } => (
            "Host key not known",
            format!(
                "{reason} Add its Ed25519 key, `/etc/ssh/ssh_host_ed25519_key.pub` on the host, after {name}, or set \
                 `host_key` to it in `hosts`."
            ),
        ),
        HostKeyError::NoCertificate { path, principal, name, presented, .. } => (
            "Host key not known",
            format!(
                "{reason} Have the host's key signed (`ssh-keygen -s CA -h -I {principal} -n {principal} KEY.pub`), \
                 and name the certificate in its `sshd_config`: `HostCertificate`. Or make the key itself known: {}",
                unknown_key(path, name, presented)
            ),
        ),
        HostKeyError::Changed { presented, .. } | HostKeyError::NotPinned { presented } => (
            "Host key changed",
            format!(
                "{reason} It presented `{presented}`. Either the machine was installed anew, or another machine \
                 answers in its place. Nothing was sent to it. If the machine is a new one, compare this key with its \
                 console and put it where the old one is."
            ),
        ),
        HostKeyError::Revoked { .. } => {
            ("Host key revoked", format!("{reason} The key must not be trusted any more. Give the host a new one."))
        }
        HostKeyError::Certificate { .. } => (
            "Host certificate not valid",
            format!(
                "{reason} Correct the clock, sign the host's key anew, or add the key itself to the file of known \
                 hosts."
            ),
        ),
        HostKeyError::NotAKey => ("Host key not known", format!("{reason} Write one of the host's `.pub` files.")),
    }
}

/// `lb-01 and lb-02: text`; the text alone where it is about no host.
pub fn of_hosts(hosts: &[String], text: &str) -> String {
    if hosts.is_empty() { text.to_owned() } else { format!("{}: {text}", listed(hosts)) }
}

fn unknown_key(path: &Path, name: &str, presented: &str) -> String {
    format!(
        "It presented `{presented}`. Compare that with `/etc/ssh/ssh_host_*_key.pub` on the host's own console, or \
         with the key that its user-data set. Then set `host_key` to it in `hosts`, or add the line `{name} \
         {presented}` to {}. A host key is never trusted because it was seen first.",
        path.display()
    )
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn a_path_that_a_shell_would_expand_is_told() {
        let unreadable = |path: &str| {
            let source = Arc::new(std::io::Error::from(std::io::ErrorKind::NotFound));
            explain(&SshError::Key(KeyError::Unreadable { path: path.into(), source })).1
        };
        for path in ["~bob/.ssh/id", "$HOME/.ssh/id", "/home/${USER}/id"] {
            assert!(unreadable(path).contains("`pathexpand()`"), "{path}");
        }
        assert!(unreadable("/home/bob/id").contains("Correct the path"));
    }

    #[test]
    fn a_server_that_turns_everybody_away_is_told_from_another_service() {
        let of = |said: &str| explain(&SshError::Closed { to: "h:22".to_owned(), said: Some(said.to_owned()) }).1;
        assert!(of("Exceeded MaxStartups").contains("set up: \"Exceeded MaxStartups\". Too many log in"));
        assert!(of("Not allowed at this time").contains("`PerSourcePenaltyExemptList`"));
        assert!(of("HTTP/1.1 400 Bad Request").contains("another service"));
    }

    #[test]
    fn keys_that_were_not_tried_are_told() {
        let of = |untried| {
            let (to, user) = ("h:22".to_owned(), "admin".to_owned());
            explain(&SshError::Denied { to, user, offered: vec!["ssh-ed25519 a".into()], untried, methods: Vec::new() })
                .1
        };
        assert!(of(2).contains("so 2 more of the agent weren't tried") && !of(2).contains("ssh-copy-id"), "{}", of(2));
        assert!(of(0).contains("ssh-copy-id"));
    }

    #[test]
    fn an_agent_that_is_switched_off_is_not_to_be_started() {
        let of = |is_agent_off| explain(&SshError::NoKey { is_agent_off }).1;
        assert!(of(true).contains("`agent = false`") && !of(true).contains("ssh-add"), "{}", of(true));
        assert!(of(false).contains("ssh-add"));
    }
}
