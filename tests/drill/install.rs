//! `scripts/install-test-programs` on a machine that lacks HAProxy: a host with a copy of this machine's folders, and an apt-get that only
//! looks what it would be allowed to start.

use lab::need;
use lab::network::host::{Ended, Host};

use crate::needed::needed;

const SCRIPT: &str = "/run/install-test-programs";

const POLICY: &str = "/usr/sbin/policy-rc.d";

/// A host whose changes under /usr and /etc are its own, without HAProxy.
fn machine() -> Host {
    let host = Host::start("fresh");
    for folder in ["usr", "etc"] {
        host.check(&["mkdir", "-p", &format!("/run/{folder}/upper"), &format!("/run/{folder}/work")]);
        let layers = format!("lowerdir=/{folder},upperdir=/run/{folder}/upper,workdir=/run/{folder}/work");
        host.check(&["mount", "-t", "overlay", "overlay", "-o", &layers, &format!("/{folder}")]);
    }
    host.check(&["rm", "-f", "/usr/sbin/haproxy", POLICY]);
    host.write("/etc/debian_version", "12\n", 0o644);
    host
}

/// An apt-get that writes down what it is asked and what services would be told, and does `then`.
fn apt(host: &Host, then: &str) {
    let text = format!("#!/bin/sh\necho \"$*\" >> /run/asked\n{POLICY} haproxy start; echo $? > /run/policy\n{then}\n");
    host.write("/usr/local/sbin/apt-get", &text, 0o755);
}

fn install(host: &Host) -> Ended {
    // The repository may be under a folder that the host has of its own.
    host.write(SCRIPT, include_str!("../../scripts/install-test-programs"), 0o755);
    host.run(&["bash", SCRIPT])
}

#[test]
fn what_is_missing_is_installed_and_nothing_is_started() {
    let _turn = need!(needed());
    let host = machine();
    apt(&host, "printf '#!/bin/sh\\n' > /usr/sbin/haproxy; chmod 755 /usr/sbin/haproxy");
    let own = "#!/bin/sh\nexit 7\n";
    host.write(POLICY, own, 0o755);
    let ended = install(&host);
    assert_eq!(ended, Ended { status: 0, said: "installing for the tests: haproxy\n".to_owned() });
    assert_eq!(host.read("/run/asked"), "-o DPkg::Lock::Timeout=120 install -y -q --no-install-recommends haproxy\n");
    assert_eq!(host.read("/run/policy"), "101\n", "services were forbidden to start");
    assert_eq!(host.read(POLICY), own, "the machine's own policy is back");

    // Nothing is missing any more: nothing is asked, nothing is said.
    assert_eq!(install(&host), Ended { status: 0, said: String::new() });
    assert_eq!(host.read("/run/asked").lines().count(), 1);
}

#[test]
fn an_installation_that_fails_is_said_and_is_no_error() {
    let _turn = need!(needed());
    let host = machine();
    apt(&host, "echo 'Could not resolve deb.debian.org'; exit 100");
    let ended = install(&host);
    assert_eq!(ended.status, 0);
    assert!(ended.said.contains("not installed: haproxy\nCould not resolve"), "{}", ended.said);
    assert_eq!(host.read("/run/asked").lines().last(), Some("update -q"), "an old list of packages is renewed");
    assert_eq!(host.read(POLICY), "", "no policy is left behind");
}

#[test]
fn another_distribution_is_left_alone() {
    let _turn = need!(needed());
    let host = machine();
    apt(&host, "");
    host.check(&["rm", "/etc/debian_version"]);
    let ended = install(&host);
    assert_eq!(ended.status, 0);
    assert!(ended.said.contains("not installed: haproxy (this is neither Debian nor Ubuntu)"), "{}", ended.said);
    assert_eq!(host.read("/run/asked"), "");
}
