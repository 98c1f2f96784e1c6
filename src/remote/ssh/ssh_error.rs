//! Why a host can't be used.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;

use super::host_key::HostKeyError;
use super::private_key::KeyError;

/// A failed connection or command. What it is about is `HOST:PORT`, or `the bastion HOST:PORT`.
#[derive(Clone, Debug, Error)]
pub enum SshError {
    /// The private key can't be used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// Nothing is there to log in with.
    #[error("neither a private key nor an agent (`SSH_AUTH_SOCK`) is there")]
    NoKey {
        /// Whether the settings forbid to ask an agent.
        is_agent_off: bool,
    },
    /// Nobody to log in as.
    #[error("no user is set")]
    NoUser,
    /// The agent doesn't answer.
    #[error("the agent can't be asked: {reason}")]
    Agent {
        /// What the library says about the agent's socket, or what the agent lacks.
        reason: String,
    },
    /// The name has no address.
    #[error("{to}: the name has no address")]
    NoAddress {
        /// The host or bastion, as errors call it.
        to: String,
        /// The resolver's error.
        source: Arc<io::Error>,
    },
    /// No connection came about.
    #[error("{to} can't be reached")]
    Unreachable {
        /// The host or bastion, as errors call it.
        to: String,
        /// The operating system's error, or that the time was over.
        source: Arc<io::Error>,
    },
    /// The connection was made, and nothing came.
    #[error("{to} didn't answer within {} s", limit.as_secs())]
    Silent {
        /// The host or bastion, as errors call it.
        to: String,
        /// How long it had.
        limit: Duration,
    },
    /// The connection was closed before or during the handshake.
    #[error("{to} closed the connection before it was set up{}", quoted(said))]
    Closed {
        /// The host or bastion, as errors call it.
        to: String,
        /// What it said instead, in its own words; none where it just ended.
        said: Option<String>,
    },
    /// The connection was closed before the host answered whether somebody may log in.
    #[error("{to} closed the connection before it answered whether {user} may log in{}", quoted(said))]
    Cut {
        /// The host or bastion, as errors call it.
        to: String,
        /// The user that was to be logged in.
        user: String,
        /// What it said instead, in its own words; none where it just ended.
        said: Option<String>,
    },
    /// The host isn't believed.
    #[error("{to}: {source}")]
    HostKey {
        /// The host or bastion, as errors call it.
        to: String,
        /// What is wrong with its key.
        source: HostKeyError,
    },
    /// Nobody of that name with one of these keys.
    #[error("{to} {}", refused(user, offered))]
    Denied {
        /// The host or bastion, as errors call it.
        to: String,
        /// The user that was to be logged in.
        user: String,
        /// Kinds and fingerprints of the keys that were offered.
        offered: Vec<String>,
        /// How many keys of the agent were not, because a server ends the connection after six.
        untried: usize,
        /// What the host would take.
        methods: Vec<String>,
    },
    /// The key is right, and isn't enough.
    #[error("{to} takes the key of {user}, and asks for more: {}", methods.join(" or "))]
    SecondFactor {
        /// The host or bastion, as errors call it.
        to: String,
        /// The user that was to be logged in.
        user: String,
        /// What it would take then.
        methods: Vec<String>,
    },
    /// The key is right, and the host ends the connection nevertheless: the account is closed, or nobody but root is let in yet.
    #[error("{to} let {user} in and closed the connection: \"{}\"", banner.trim_end_matches('.'))]
    AccountClosed {
        /// The host or bastion, as errors call it.
        to: String,
        /// The user that was to be logged in.
        user: String,
        /// What it said.
        banner: String,
    },
    /// The bastion may not lead there.
    #[error("{bastion} doesn't allow forwarding to {to}")]
    MayNotForward {
        /// The bastion, as errors call it.
        bastion: String,
        /// The host or bastion, as errors call it.
        to: String,
    },
    /// The bastion doesn't get there itself.
    #[error("{bastion} doesn't reach {to}")]
    NotForwarded {
        /// The bastion, as errors call it.
        bastion: String,
        /// The host or bastion, as errors call it.
        to: String,
    },
    /// Something else than SSH is there.
    #[error("{to} is no SSH server: it says \"{line}\"")]
    OtherService {
        /// The host or bastion, as errors call it.
        to: String,
        /// Its first line.
        line: String,
    },
    /// Both sides speak differently.
    #[error("SSH can't be negotiated with {to}: {reason}")]
    Protocol {
        /// The host or bastion, as errors call it.
        to: String,
        /// What the library said.
        reason: String,
    },
    /// The connection ended while a command ran.
    #[error("the connection to {to} was lost")]
    Lost {
        /// The host or bastion, as errors call it.
        to: String,
    },
    /// The connection ended while a command ran, and can't be made again.
    #[error("the connection to {to} was lost and couldn't be made again")]
    LostForGood {
        /// The host or bastion, as errors call it.
        to: String,
        /// Why the last attempt failed.
        source: Box<SshError>,
    },
    /// The host allows fewer commands at once than are needed.
    #[error("{to} opens no further session")]
    NoSession {
        /// The host or bastion, as errors call it.
        to: String,
    },
    /// A command took too long.
    #[error("{to} took longer than {} s", limit.as_secs())]
    Slow {
        /// The host or bastion, as errors call it.
        to: String,
        /// How long it had.
        limit: Duration,
    },
    /// A command answered more than anything of ours does.
    #[error("{to} answered more than {} MiB", bytes / 1024 / 1024)]
    TooMuch {
        /// The host or bastion, as errors call it.
        to: String,
        /// As much as is read.
        bytes: usize,
    },
}

/// Whom a host refused, and with what.
fn refused(user: &str, offered: &[String]) -> String {
    if offered.is_empty() {
        return format!("refuses {user}: no key was offered");
    }
    format!("doesn't let {user} in with {}", offered.join(", "))
}

/// What a host said, after what it did.
fn quoted(said: &Option<String>) -> String {
    said.as_ref().map(|said| format!(": \"{}\"", said.trim_end_matches('.'))).unwrap_or_default()
}

/// What `pam_nologin` says of itself in systemd's message, while a machine boots and while it goes down; `/etc/nologin` of an
/// administrator says something else.
const NOT_OPEN: &str = "pam_nologin";

/// What another attempt may change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outlook {
    /// The host is down or out of reach, or boots.
    Away,
    /// It says itself that it boots, or that it goes down.
    Boots,
    /// It ended the connection instead of an answer, as a host that boots does, or one whose PAM has a rule without words.
    CutAtLogin,
    /// A connection that worked ended; what ran there may go on.
    Lost,
    /// A command takes too long, and may go on.
    Slow,
    /// Another attempt ends the same.
    Final,
}

impl SshError {
    /// What another attempt may change.
    pub fn outlook(&self) -> Outlook {
        match self {
            SshError::Unreachable { .. }
            | SshError::Silent { .. }
            | SshError::Closed { .. }
            | SshError::NotForwarded { .. } => Outlook::Away,
            SshError::AccountClosed { banner, .. } if banner.contains(NOT_OPEN) => Outlook::Boots,
            SshError::Cut { .. } => Outlook::CutAtLogin,
            SshError::Lost { .. } => Outlook::Lost,
            SshError::Slow { .. } => Outlook::Slow,
            SshError::Key(_)
            | SshError::NoKey { .. }
            | SshError::NoUser
            | SshError::Agent { .. }
            | SshError::NoAddress { .. }
            | SshError::HostKey { .. }
            | SshError::Denied { .. }
            | SshError::SecondFactor { .. }
            | SshError::AccountClosed { .. }
            | SshError::MayNotForward { .. }
            | SshError::OtherService { .. }
            | SshError::Protocol { .. }
            | SshError::LostForGood { .. }
            | SshError::NoSession { .. }
            | SshError::TooMuch { .. } => Outlook::Final,
        }
    }

    /// The host wasn't logged in to, and may be by another attempt.
    pub fn is_unreachable(&self) -> bool {
        matches!(self.outlook(), Outlook::Away | Outlook::Boots | Outlook::CutAtLogin)
    }

    /// What ran there may go on.
    pub fn is_lost(&self) -> bool {
        matches!(self.outlook(), Outlook::Lost | Outlook::Slow)
    }
}
