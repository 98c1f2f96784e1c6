//! Every failure says what to do.

use std::collections::BTreeSet;

use super::*;
use crate::endpoint::golden;

fn all() -> Vec<Cause> {
    let said = || "words of a program".to_owned();
    let service = || "haproxy".to_owned();
    let path = || "/etc/haproxy/haproxy.cfg".to_owned();
    vec![
        Cause::Busy,
        Cause::Conflict(Conflict::Owner { path: path(), owner: "other".into() }),
        Cause::Conflict(Conflict::Namesake { name: "192.0.2.30".into() }),
        Cause::Conflict(Conflict::Somebody { path: path() }),
        Cause::Conflict(Conflict::NoFile { path: path() }),
        Cause::Problem(Problem::NoSystemd),
        Cause::Problem(Problem::NoProgram("flock")),
        Cause::Problem(Problem::Missing {
            packages: vec!["haproxy", "curl"],
            command: Some("apt-get install x".into()),
        }),
        Cause::Problem(Problem::Missing { packages: vec!["haproxy"], command: None }),
        Cause::Problem(Problem::TooOld { program: "haproxy", version: Version(2, 2), least: Version(2, 4) }),
        Cause::Problem(Problem::PortTaken { port: 6443, program: "-".into() }),
        Cause::Problem(Problem::DamagedRecord("/var/lib/talosendpoint/a.json".into())),
        Cause::Problem(Problem::NotItsAddress("192.0.2.21".parse().unwrap())),
        Cause::Prepare { what: "packages".into(), said: said() },
        Cause::Prepare { what: "accounts".into(), said: said() },
        Cause::Prepare { what: "selinux haproxy_connect_any".into(), said: said() },
        Cause::Upload { path: path(), said: "No space left on device".into() },
        Cause::Upload { path: path(), said: "Read-only file system".into() },
        Cause::Upload { path: path(), said: "Permission denied".into() },
        Cause::Backup { said: said() },
        Cause::Invalid { service: service(), said: said() },
        Cause::Reverted { service: service(), why: "verify".into(), said: said() },
        Cause::Reverted { service: service(), why: "reload".into(), said: said() },
        Cause::Reverted { service: service(), why: "swap".into(), said: said() },
        Cause::Reverted { service: service(), why: "unconfirmed".into(), said: said() },
        Cause::Stuck { service: service(), said: said() },
        Cause::Unfinished { service: service() },
        Cause::Restarted { change: Some((service(), true)) },
        Cause::Restarted { change: Some((service(), false)) },
        Cause::Restarted { change: None },
        Cause::Remove { what: Some("to stop haproxy".into()), said: said() },
        Cause::Remove { what: None, said: said() },
        Cause::VipTaken { vip: "192.0.2.30".into(), by: "02:00:00:00:00:01".into() },
        Cause::VipElsewhere { vip: "192.0.2.30".parse().unwrap(), by: ["02:00:00:00:00:01".to_owned()].into() },
        Cause::Contested([("192.0.2.30".parse().unwrap(), vec!["lb-01".into(), "lb-02".into()])].into()),
        Cause::Shell(ShellError::NoRoot { user: "admin".into(), reason: "a password is required".into() }),
        Cause::Shell(ShellError::NoRoot {
            user: "admin".into(),
            reason: "sorry, you must have a tty to run sudo".into(),
        }),
        // A line of the user's own login files is no word of sudo's.
        Cause::Shell(ShellError::NoRoot { user: "admin".into(), reason: "stty: a password is required".into() }),
        Cause::Shell(ShellError::NoShell { reason: "nologin".into() }),
        Cause::Shell(ShellError::NoShell {
            reason: "WARNING: Your password has expired. Password change required but no TTY available".into(),
        }),
    ]
}

/// A new cause stands in this list, or nothing compiles; one of each is in [`all`].
fn kind(cause: &Cause) -> usize {
    match cause {
        Cause::Shell(_) => 0,
        Cause::Busy => 1,
        Cause::Conflict(_) => 2,
        Cause::Problem(_) => 3,
        Cause::Prepare { .. } => 4,
        Cause::Upload { .. } => 5,
        Cause::Backup { .. } => 6,
        Cause::Invalid { .. } => 7,
        Cause::Reverted { .. } => 8,
        Cause::Stuck { .. } => 9,
        Cause::Unfinished { .. } => 10,
        Cause::Remove { .. } => 11,
        Cause::VipTaken { .. } => 12,
        Cause::Contested(_) => 13,
        Cause::Restarted { .. } => 14,
        Cause::VipElsewhere { .. } => 15,
    }
}

#[test]
fn each_has_a_title_a_reason_and_a_remedy() {
    let kinds: BTreeSet<usize> = all().iter().map(kind).collect();
    assert!(kinds.iter().copied().eq(0..16), "{kinds:?}");
    let mut texts = String::new();
    for cause in all() {
        let (title, detail) = explain(&cause);
        assert!(!title.ends_with('.') && title.len() < 40, "{title}");
        texts += &format!("{title}\n{detail}\n\n");
        let said = diagnostics(vec![Failure { host: "lb-01".into(), cause }]);
        assert!(said.iter().all(|one| one.detail.starts_with("lb-01: ")), "{said:?}");
    }
    // To be read: whether a text says what to do, only a reader knows.
    golden::check("haproxy_deployment/failures.txt", &texts);
}

#[test]
fn hosts_that_fail_alike_are_one_error() {
    let busy = |host: &str| Failure { host: host.into(), cause: Cause::Busy };
    let full = Failure { host: "lb-02".into(), cause: Cause::Backup { said: "words of a program".into() } };
    let said = diagnostics(vec![busy("lb-01"), full, busy("lb-03"), busy("lb-01")]);
    let begins: Vec<&str> = said.iter().filter_map(|one| one.detail.split(": ").next()).collect();
    assert_eq!(begins, ["lb-01 and lb-03", "lb-02"]);
}

#[test]
fn what_a_program_said_stands_below() {
    let (_, detail) = explain(&Cause::Invalid { service: "haproxy".into(), said: "[ALERT] x".into() });
    assert!(detail.ends_with("\n\n[ALERT] x"), "{detail}");
}

#[test]
fn a_full_disk_is_told_from_one_that_can_not_be_written() {
    let of = |said: &str| explain(&Cause::Upload { path: "/etc/x".into(), said: said.into() }).1;
    assert!(of("cp: No space left on device").contains("full"));
    assert!(of("Read-only file system").contains("read-only"));
    assert!(of("Permission denied").contains("Correct that on the host"));
}
