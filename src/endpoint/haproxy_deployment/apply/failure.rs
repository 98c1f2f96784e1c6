//! What can go wrong on a host.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use crate::endpoint::enumeration::listed;
use crate::endpoint::haproxy_deployment::model::spec::Spec;
use crate::endpoint::haproxy_deployment::plan::checks::Problem;
use crate::endpoint::haproxy_deployment::plan::ownership::Conflict;
use crate::endpoint::haproxy_deployment::read::login;
use crate::endpoint::haproxy_deployment::read::shell::ShellError;
use crate::endpoint::ssh_access::Settings;
use crate::remote::ssh::ssh_error::{Outlook, SshError};

/// What went wrong on a host.
#[derive(Debug)]
pub struct Failure {
    /// The host; empty where it is about all of them.
    pub host: String,
    /// Why.
    pub cause: Cause,
}

/// Why a step failed.
#[derive(Debug)]
pub enum Cause {
    /// The host can't be used.
    Shell(ShellError),
    /// Another run is changing the host.
    Busy,
    /// Another run had the host's lock in the meantime.
    Overtaken,
    /// Files of others are in the way.
    Conflict(Conflict),
    /// Something else is in the way.
    Problem(Problem),
    /// Packages, accounts or SELinux.
    Prepare {
        /// Which of them.
        what: String,
        /// What the programs said.
        said: String,
    },
    /// A file couldn't be written.
    Upload {
        /// The file.
        path: String,
        /// What the system said.
        said: String,
    },
    /// The present files couldn't be backed up.
    Backup {
        /// What the system said.
        said: String,
    },
    /// A program refuses its new file.
    Invalid {
        /// The program.
        service: String,
        /// What it said.
        said: String,
    },
    /// A change didn't work, and was taken back.
    Reverted {
        /// The service.
        service: String,
        /// The step.
        why: String,
        /// What the service said.
        said: String,
    },
    /// A change didn't work and couldn't be taken back.
    Stuck {
        /// The service.
        service: String,
        /// What the service said.
        said: String,
    },
    /// A change takes longer than is waited for.
    Unfinished {
        /// The service.
        service: String,
    },
    /// The host restarted in the middle.
    Restarted {
        /// The service that was being changed, and the files that the host came back with; none where that was over.
        change: Option<(String, FilesLeft)>,
    },
    /// A removal didn't work.
    Remove {
        /// What failed; none where the host hasn't reported that.
        what: Option<String>,
        /// What the system said.
        said: String,
    },
    /// Another machine has a virtual IP.
    VipTaken {
        /// The address.
        vip: String,
        /// The other machine's hardware address.
        by: String,
    },
    /// Not exactly one host has a virtual IP after a restart of HAProxy.
    NotRegained(BTreeMap<IpAddr, Vec<String>>),
    /// Another machine has a virtual IP too, which one of the hosts has got by now: the hardware addresses.
    VipElsewhere {
        /// The address.
        vip: IpAddr,
        /// Where else it is.
        by: BTreeSet<String>,
    },
    /// Not exactly one host has a virtual IP.
    Contested(BTreeMap<IpAddr, Vec<String>>),
}

/// The files of a host that restarted in the middle of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FilesLeft {
    /// All new ones.
    New,
    /// All of before.
    Old,
    /// Some of each.
    Mixed,
}

impl Failure {
    /// Whether what was begun on the host may still be at work there.
    pub fn may_go_on(&self) -> bool {
        matches!(self.cause, Cause::Unfinished { .. } | Cause::Shell(_))
    }

    /// The same where no Keepalived file has changed.
    #[must_use]
    pub fn after_restart(self) -> Failure {
        match self.cause {
            Cause::Contested(contested) => Failure { cause: Cause::NotRegained(contested), ..self },
            _ => self,
        }
    }

    /// The host didn't answer in time, over a connection that is there.
    pub fn is_slow(&self) -> bool {
        matches!(&self.cause, Cause::Shell(ShellError::Ssh(SshError::Slow { .. })))
    }

    /// What another attempt to reach the host may change; none where it was reached.
    pub fn outlook(&self) -> Option<Outlook> {
        match &self.cause {
            Cause::Shell(ShellError::Ssh(error)) => Some(error.outlook()),
            _ => None,
        }
    }

    /// The host isn't reached; a machine that boots is like this.
    pub fn is_unreachable(&self) -> bool {
        matches!(&self.cause, Cause::Shell(ShellError::Ssh(error)) if error.is_unreachable())
    }

    /// The connection ended in the middle.
    pub fn is_lost(&self) -> bool {
        matches!(&self.cause, Cause::Shell(ShellError::Ssh(error)) if error.is_lost())
    }
}

/// What is wrong with how to log in, before a host is contacted.
pub fn login_faults(settings: &Settings, spec: &Spec) -> Vec<Failure> {
    let faults = login::faults(settings, &spec.hosts).into_iter();
    faults
        .map(|fault| Failure { host: listed(fault.hosts), cause: Cause::Shell(ShellError::Ssh(fault.error)) })
        .collect()
}
