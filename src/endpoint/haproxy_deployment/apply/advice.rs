//! What the user reads about a failure: a title, the reason, and what to do.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use super::failure::{Cause, Failure, FilesLeft};
use crate::endpoint::enumeration::{listed, quoted};
use crate::endpoint::haproxy_deployment::model::inventory::Version;
use crate::endpoint::haproxy_deployment::model::schema::names::HOSTS;
use crate::endpoint::haproxy_deployment::plan::checks::Problem;
use crate::endpoint::haproxy_deployment::plan::ownership::Conflict;
use crate::endpoint::haproxy_deployment::read::shell::ShellError;
use crate::endpoint::ssh_diagnostic;
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::path::Path;
use crate::remote::ssh::ssh_error::SshError;

/// Every failure as a diagnostic; one for hosts that fail alike.
pub fn diagnostics(failures: Vec<Failure>) -> Diagnostics {
    let mut alike: Vec<(Vec<String>, Diagnostic)> = Vec::new();
    for Failure { host, cause } in failures {
        let found = diagnostic(&cause);
        match alike.iter_mut().find(|(_, known)| *known == found) {
            // Two steps of one host may end by the same cause.
            Some((hosts, _)) if hosts.contains(&host) => {}
            Some((hosts, _)) => hosts.push(host),
            None => alike.push((if host.is_empty() { Vec::new() } else { vec![host] }, found)),
        }
    }
    let mut all = Diagnostics::new();
    for (hosts, found) in alike {
        all.push(Diagnostic { detail: ssh_diagnostic::of_hosts(&hosts, &found.detail), ..found });
    }
    all
}

fn diagnostic(cause: &Cause) -> Diagnostic {
    let (title, detail) = explain(cause);
    let place = match cause {
        Cause::Shell(ShellError::Ssh(SshError::HostKey { .. })) => Path::of(HOSTS),
        _ => Path::root(),
    };
    Diagnostic::failed(title, detail).at(place)
}

/// What a program said, below a text.
fn with_output(text: &str, said: &str) -> String {
    if said.is_empty() { text.to_owned() } else { format!("{text}\n\n{said}") }
}

/// A title, and the reason with the remedy.
pub fn explain(cause: &Cause) -> (&'static str, String) {
    match cause {
        Cause::Shell(error) => shell(error),
        Cause::Busy => (
            "Another run is at work",
            "Another run changes this host, and didn't end within 90 s. Wait for it, then run again.".to_owned(),
        ),
        Cause::Overtaken => (
            "Another run came in between",
            "Another run had this host since this one locked it, as after a computer has slept. This run changes \
             nothing there any more. Run again: the plan shows what the host has now."
                .to_owned(),
        ),
        Cause::Conflict(conflict) => of_conflict(conflict),
        Cause::Problem(problem) => of_problem(problem),
        Cause::Prepare { what, said } => prepare(what, said),
        Cause::Upload { path, said } => upload(path, said),
        Cause::Backup { said } => backup(said),
        Cause::Invalid { service, said } => invalid(service, said),
        Cause::Reverted { service, why, said } => reverted(service, why, said),
        Cause::Stuck { service, said } => stuck(service, said),
        Cause::Unfinished { service } => unfinished(service),
        Cause::Restarted { change } => restarted(change.as_ref()),
        Cause::Remove { what, said } => not_removed(what.as_deref(), said),
        Cause::VipTaken { vip, by } => vip_taken(vip, by),
        Cause::NotRegained(contested) => of_contested(contested, false),
        Cause::Contested(contested) => of_contested(contested, true),
        Cause::VipElsewhere { vip, by } => vip_elsewhere(*vip, by),
    }
}

fn shell(error: &ShellError) -> (&'static str, String) {
    match error {
        ShellError::Ssh(error) => ssh_diagnostic::explain(error),
        ShellError::NoRoot { user, reason } if reason.contains("must have a tty") => (
            "No rights on the host",
            format!(
                "{user} can't become root by sudo: {reason}. Sudo asks for a terminal there (`requiretty`): add the \
                 line `Defaults:{user} !requiretty` to a file of `/etc/sudoers.d`, or log in as root."
            ),
        ),
        ShellError::NoRoot { user, reason } => (
            "No rights on the host",
            format!(
                "{user} can't become root without a password: {reason}. Log in as a user who may, for example by the \
                 line `{user} ALL=(root) NOPASSWD: /usr/bin/sh -s` in a file of `/etc/sudoers.d`, or as root."
            ),
        ),
        ShellError::NoShell { reason } if is_about_a_password(reason) => (
            "SSH account closed",
            format!(
                "The host runs nothing before the user's password is changed: {reason}. Change it there (`passwd`), \
                 or remove the expiry where the user only logs in with a key (`chage -M -1`)."
            ),
        ),
        ShellError::NoShell { reason } => (
            "No shell on the host",
            format!(
                "The host doesn't run a script: {reason}. The user needs a login shell that runs what it is told, also \
                 after its `.bashrc` or `.profile`, and `sh` must be there."
            ),
        ),
    }
}

/// Whether a host asks for another password in place of a shell, in the words of PAM and of shadow.
fn is_about_a_password(reason: &str) -> bool {
    let reason = reason.to_lowercase();
    ["password has expired", "password change required", "change your password"].iter().any(|one| reason.contains(one))
}

/// The title of what is said where another deployment of the same name has a host.
pub const TAKEN_OVER: &str = "Taken over by another deployment";

/// What to do then.
pub const AFTER_TAKEOVER: &str = "If that one is to stay, take this one out of its state (`terraform state rm`, or \
                                  `removed` with `destroy = false`). To take it back, set `adopt_existing = true` here \
                                  for one apply.";

fn of_conflict(conflict: &Conflict) -> (&'static str, String) {
    match conflict {
        Conflict::Owner { paths, owner } => (
            "File of another deployment",
            format!(
                "{} {} to the deployment `{owner}`, as `/var/lib/talosendpoint/{owner}.json` on the host says. No host \
                 was changed. Destroy that deployment first, or set `adopt_existing = true`.",
                quoted(paths),
                if paths.len() == 1 { "belongs" } else { "belong" }
            ),
        ),
        Conflict::Namesake { name, is_new_name: true } => (
            "File of another deployment",
            format!(
                "Another deployment has the new name, `{name}`, as `/var/lib/talosendpoint/{name}.json` on the host \
                 says. No host was changed. Choose another `name`, or destroy that deployment first."
            ),
        ),
        Conflict::Namesake { name, is_new_name: false } => (
            TAKEN_OVER,
            format!(
                "What is there belongs to another deployment of the same name, `{name}`: that of another state or \
                 folder, or of a second resource. No host was changed. {AFTER_TAKEOVER}"
            ),
        ),
        Conflict::Somebody { path } => (
            "File of somebody else",
            format!(
                "`{path}` was written or changed by somebody, and isn't as its package brought it. No host was \
                 changed. Compare it with the new one in the plan. With `adopt_existing = true` it is replaced, and a \
                 destroy puts it back."
            ),
        ),
        Conflict::NoFile { path } => (
            "File of somebody else",
            format!(
                "`{path}` is a link or a folder. No host was changed. Put a plain file in its place, for a link the \
                 one that it leads to (`cp --remove-destination \"$(readlink -f {path})\" {path}`), then run again."
            ),
        ),
    }
}

fn of_problem(problem: &Problem) -> (&'static str, String) {
    let unchanged = "No host was changed.";
    match problem {
        Problem::NoSystemd => (
            "Host not supported",
            format!(
                "There is no systemd (`systemctl`). {unchanged} Use another distribution, or `cloud_init`'s files."
            ),
        ),
        Problem::NoProgram("python3") => (
            "Host not supported",
            format!(
                "Nothing is there that can ask HAProxy's socket: neither `python3` nor `perl`, `socat` or `curl`. \
                 {unchanged} Install one of them."
            ),
        ),
        Problem::NoProgram(program) => (
            "Host not supported",
            format!("There is no `{program}`, which every supported distribution has. {unchanged} Install it."),
        ),
        Problem::Missing { packages, command } => {
            let way = match command {
                Some(command) => format!("Set `install_packages = true`, or run `{command}` there."),
                None => "Neither apt-get, dnf nor zypper is there to install: do it by hand.".to_owned(),
            };
            ("Packages missing", format!("{} not installed. {unchanged} {way}", are(packages)))
        }
        Problem::TooOld { program, version, least } => (
            "Program too old",
            format!(
                "{program} is {}, and the files need {} or newer. {unchanged} Install a newer one, for example from \
                 the distribution's backports.",
                dotted(*version),
                dotted(*least)
            ),
        ),
        Problem::PortTaken { port, program } => (
            "Port in use",
            format!(
                "{} listens on port {port}. {unchanged} Stop that, or give the endpoint another port.",
                if program == "-" { "Another program" } else { program }
            ),
        ),
        Problem::DamagedRecord(path) => (
            "Record damaged",
            format!(
                "`{path}` on the host, which records whose the files are and what was there before, can't be read. \
                 {unchanged} Restore it from a backup, or remove it: the files of this deployment are recognized \
                 without it."
            ),
        ),
        Problem::NotItsAddress(address) => (
            "Not this load balancer",
            format!(
                "The host doesn't have the load balancer's address {address}, from which its Keepalived speaks. \
                 {unchanged} Correct `address` in `hosts`, or in `load_balancers` of the `talosendpoint_haproxy`."
            ),
        ),
    }
}

fn are(packages: &[&str]) -> String {
    format!("{} {}", listed(packages), if packages.len() == 1 { "is" } else { "are" })
}

fn dotted(Version(major, minor): Version) -> String {
    format!("{major}.{minor}")
}

fn prepare(what: &str, said: &str) -> (&'static str, String) {
    let text = match what.split_once(' ') {
        _ if what == "packages" => {
            "Packages couldn't be installed. Correct that on the host, or install HAProxy, Keepalived and curl by \
             hand, then run again."
                .to_owned()
        }
        Some(("selinux", switch)) => format!(
            "SELinux doesn't let the service use its ports, and that couldn't be allowed. Run `setsebool -P {switch} \
             1` on the host, then run again."
        ),
        _ => "The user or the group of `haproxy.user` and `haproxy.group` couldn't be made. Make them by hand, then \
              run again."
            .to_owned(),
    };
    ("Host not prepared", with_output(&text, said))
}

fn upload(path: &str, said: &str) -> (&'static str, String) {
    let text = format!("`{path}` can't be written. No service was touched. {}", writable(said));
    ("File not written", with_output(&text, said))
}

/// How a host that refuses a file comes to take it.
fn writable(said: &str) -> &'static str {
    if said.contains("No space left") || said.contains("quota") {
        "The file system is full. Make room, then run again."
    } else if said.contains("Read-only file system") {
        "The file system is mounted read-only, often after a fault of the disk (`dmesg`), or because the distribution \
         is of that kind. Mount it for writing, then run again."
    } else {
        "Correct that on the host, then run again."
    }
}

fn reverted(service: &str, why: &str, said: &str) -> (&'static str, String) {
    let what = match why {
        "verify" => format!("{service} took its new file, but doesn't serve as it should"),
        "swap" => "the new files couldn't be put in the place of the old ones".to_owned(),
        "unconfirmed" => "nobody confirmed the change in time".to_owned(),
        action => format!("the {action} of {service} failed"),
    };
    let text = format!(
        "{what}. The host took the change back: the files of before are in use. Correct the cause, then run again."
    );
    ("Change taken back", with_output(&text[..], said))
}

fn backup(said: &str) -> (&'static str, String) {
    let text = format!("The present files can't be backed up, so nothing was changed. {}", writable(said));
    ("File not written", with_output(&text, said))
}

fn invalid(service: &str, said: &str) -> (&'static str, String) {
    let text = format!(
        "{service} itself refuses its new file on this host. No host uses a new file. Correct the \
         `talosendpoint_haproxy`, or the host."
    );
    ("Configuration refused", with_output(&text, said))
}

fn stuck(service: &str, said: &str) -> (&'static str, String) {
    let text = format!(
        "The change of {service} failed, and so did the way back. The files of before are in \
         `/var/lib/talosendpoint/previous/{service}` on the host, until the next run: copy them first. See `journalctl \
         -u {service}` there, then run again."
    );
    ("Host needs a look", with_output(&text, said))
}

fn unfinished(service: &str) -> (&'static str, String) {
    let text = format!(
        "The change of {service} takes longer than expected, and goes on there. The host takes it back if it fails, or \
         after a minute without confirmation. Wait for some minutes, then run again."
    );
    ("Change not finished", text)
}

fn restarted(change: Option<&(String, FilesLeft)>) -> (&'static str, String) {
    let what = match change {
        Some((service, FilesLeft::New)) => format!(
            "The host restarted before the change of {service} was confirmed. It has the new files, and {service} \
             starts with them."
        ),
        Some((service, FilesLeft::Old)) => format!(
            "The host restarted while {service} was being changed. It has the files of before, and {service} starts \
             with them."
        ),
        Some((service, FilesLeft::Mixed)) => format!(
            "The host restarted while {service} was being changed. It has some of the new files, and some of before, \
             and {service} starts with them."
        ),
        None => "The host restarted after its change was confirmed. It has the new files.".to_owned(),
    };
    ("Host restarted", format!("{what} Wait until it is up, then run again: the next apply goes on from there."))
}

fn not_removed(what: Option<&str>, said: &str) -> (&'static str, String) {
    let text = match what {
        Some(what) => format!("The removal ended at: {what}. {}", writable(said)),
        None => "The removal takes longer than expected, or ended early. What was begun goes on there. Wait for some \
                 minutes, then run again: what is removed already does no harm."
            .to_owned(),
    };
    ("Not removed", with_output(&text, said))
}

/// The title of what is said where a machine that is none of the hosts has a virtual IP as well.
pub const ELSEWHERE: &str = "Virtual IP at another machine";

fn vip_taken(vip: &str, by: &str) -> (&'static str, String) {
    let text = format!(
        "{vip} answers already, at the machine with the hardware address {by}, which is none of the load balancers. No \
         host was changed. Free the address, or choose another `vip`."
    );
    ("Virtual IP in use", text)
}

fn vip_elsewhere(vip: IpAddr, by: &BTreeSet<String>) -> (&'static str, String) {
    let text = format!(
        "{vip} is with one of the load balancers, and answers at the hardware address {} too, which is none of them: \
         probably of one that another state has, or had. What this run changed of Keepalived was taken back on all \
         hosts. Stop Keepalived on that machine (`systemctl disable --now keepalived`) or switch it off, then apply \
         again.",
        listed(by)
    );
    (ELSEWHERE, text)
}

fn of_contested(contested: &BTreeMap<IpAddr, Vec<String>>, is_taken_back: bool) -> (&'static str, String) {
    let each = contested.iter().map(|(vip, holders)| match holders.as_slice() {
        [] => format!("no host has {vip}"),
        holders => format!("{} have {vip}", listed(holders)),
    });
    let each: Vec<String> = each.collect();
    let each = if each.is_empty() { "the virtual IPs don't stay with one host".to_owned() } else { each.join("; ") };
    let what = if is_taken_back {
        format!("With the new Keepalived files {each}. They were taken back on all hosts.")
    } else {
        format!("After the restart of HAProxy {each}. HAProxy has its new files. See `journalctl -u keepalived` there.")
    };
    (
        "Virtual IP not with one host",
        format!(
            "{what} Check that the hosts reach each other by VRRP (IP protocol 112), that no firewall is in between \
             (`firewall-cmd --permanent --add-protocol=vrrp && firewall-cmd --reload`), and that no other machine uses \
             the same `virtual_router_id`.",
        ),
    )
}

#[cfg(test)]
mod tests;
