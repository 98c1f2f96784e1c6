//! Every failure says what to do.

use super::*;

fn all() -> Vec<Cause> {
    let said = || "words of a program".to_owned();
    let service = || "haproxy".to_owned();
    let path = || "/etc/haproxy/haproxy.cfg".to_owned();
    vec![
        Cause::Busy,
        Cause::Conflict(Conflict::Owner { path: path(), owner: "other".into() }),
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
        Cause::Problem(Problem::NotItsAddress("192.0.2.21".parse().unwrap())),
        Cause::Prepare { what: "packages".into(), said: said() },
        Cause::Prepare { what: "accounts".into(), said: said() },
        Cause::Prepare { what: "selinux haproxy_connect_any".into(), said: said() },
        Cause::Upload { path: path(), said: "No space left on device".into() },
        Cause::Upload { path: path(), said: "Read-only file system".into() },
        Cause::Backup { said: said() },
        Cause::Invalid { service: service(), said: said() },
        Cause::Reverted { service: service(), why: "verify".into(), said: said() },
        Cause::Reverted { service: service(), why: "reload".into(), said: said() },
        Cause::Stuck { service: service(), said: said() },
        Cause::Remove { what: "to stop haproxy".into(), said: said() },
        Cause::VipTaken { vip: "192.0.2.30".into(), by: "02:00:00:00:00:01".into() },
        Cause::Contested([("192.0.2.30".parse().unwrap(), vec!["lb-01".into(), "lb-02".into()])].into()),
        Cause::Shell(ShellError::NoRoot { user: "admin".into(), reason: "a password is required".into() }),
        Cause::Shell(ShellError::NoShell { reason: "nologin".into() }),
    ]
}

#[test]
fn each_has_a_title_a_reason_and_a_remedy() {
    let remedies = [
        "run again",
        "Destroy",
        "Set",
        "Install",
        "Stop",
        "Correct",
        "Use",
        "Make",
        "Wait",
        "Log in",
        "Free",
        "Check",
        "needs",
        "Remove",
        "do it",
        "adopt_existing",
        "Mount",
    ];
    for cause in all() {
        let (title, detail) = explain(&cause);
        assert!(!title.ends_with('.') && title.len() < 40, "{title}");
        assert!(remedies.iter().any(|word| detail.contains(word)), "{title}: {detail}");
        let said = diagnostics(vec![Failure { host: "lb-01".into(), cause }]);
        assert!(said.iter().all(|one| one.detail.starts_with("lb-01: ")), "{said:?}");
    }
}

#[test]
fn hosts_that_fail_alike_are_one_error() {
    let busy = |host: &str| Failure { host: host.into(), cause: Cause::Busy };
    let full = Failure { host: "lb-02".into(), cause: Cause::Backup { said: "words of a program".into() } };
    let said = diagnostics(vec![busy("lb-01"), full, busy("lb-03")]);
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
