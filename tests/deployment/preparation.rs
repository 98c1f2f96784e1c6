//! What a new machine lacks: packages by each manager, its first boot, SELinux, and a firewall that is in the way.

use lab::need;
use lab::network::agent::PATH;
use lab::network::host::Host;
use lab::programs::find_on;

use crate::access::sshd;
use crate::configuration::Configuration;
use crate::needed::needed;
use crate::rig::{Balancer, Rig};

/// Stands in for dnf, which waits for its lock without being asked.
const DNF: &str = "#!/bin/sh
[ \"$*\" = '-q -y install keepalived' ] || { echo \"unexpected: $*\" >&2; exit 1; }
[ -e /run/cloud-init/done ] || { echo 'the first boot is not over' >&2; exit 1; }
mv /usr/sbin/keepalived.away /usr/sbin/keepalived
";

/// Stands in for zypper, which ends with status 7 where PackageKit holds the lock, unless it is asked to wait.
const ZYPPER: &str = "#!/bin/sh
[ \"$*\" = '-q --non-interactive install keepalived' ] || { echo \"unexpected: $*\" >&2; exit 1; }
[ \"${ZYPP_LOCK_TIMEOUT:-0}\" -ge 60 ] || { echo 'System management is locked by the application with pid 1 (packagekitd).' >&2; exit 7; }
[ -e /run/cloud-init/done ] || { echo 'the first boot is not over' >&2; exit 1; }
mv /usr/sbin/keepalived.away /usr/sbin/keepalived
";

/// Stands in for SELinux: its booleans are files of `/run/booleans`.
fn has_selinux(host: &Host) {
    for (program, text) in [
        ("selinuxenabled", "exit 0"),
        ("getsebool", "if [ -e /run/booleans/$1 ]; then echo \"$1 --> on\"; else echo \"$1 --> off\"; fi"),
        (
            "setsebool",
            "[ \"$1\" = -P ] || exit 1\n[ ! -e /run/no-policy ] || { echo 'Could not change active booleans' >&2; exit 1; }\n\
             mkdir -p /run/booleans\n: > \"/run/booleans/$2\"",
        ),
        ("restorecon", "echo \"$1\" >> /run/restored"),
    ] {
        host.write(&format!("/usr/local/sbin/{program}"), &format!("#!/bin/sh\n{text}\n"), 0o755);
    }
}

/// Takes Keepalived away, and apt in favour of another manager.
fn manages(balancer: &Balancer, program: &str, text: &str) {
    let host = &balancer.host;
    host.check(&["mv", "/usr/sbin/keepalived", "/usr/sbin/keepalived.away"]);
    host.check(&[
        "sh",
        "-c",
        "for one in apt-get dpkg-query; do [ ! -e /usr/bin/$one ] || mv /usr/bin/$one /usr/bin/$one.away; done",
    ]);
    host.write(&format!("/usr/local/bin/{program}"), text, 0o755);
    let booting = "#!/bin/sh\n[ \"$*\" = 'status --wait' ] && sleep 2 && : > /run/cloud-init/done\n";
    host.write("/usr/local/bin/cloud-init", booting, 0o755);
}

pub fn dnf_and_zypper_install_and_selinux_lets_the_ports() {
    let rig = Rig::start(&need!(needed()));
    manages(&rig.balancers[0], "dnf", DNF);
    manages(&rig.balancers[1], "zypper", ZYPPER);
    rig.balancers.iter().for_each(|balancer| has_selinux(&balancer.host));
    let good = Configuration::new(&rig);
    let may_not = good.clone().deployment("install_packages = false\nadopt_existing = true\n");
    rig.workspace.main(&may_not.text());
    let said = rig.workspace.apply().with_status(1).flat();
    assert!(said.contains("`dnf install keepalived`") && said.contains("`zypper install keepalived`"), "{said}");

    // Without dpkg and rpm nobody knows that the file is a package's.
    let good = good.deployment("adopt_existing = true\n");
    rig.balancers[1].host.write("/run/no-policy", "", 0o644);
    rig.workspace.main(&good.text());
    let said = rig.workspace.apply().with_status(1).flat();
    assert!(said.contains("Host not prepared") && said.contains("lb-02: SELinux"), "{said}");
    assert!(said.contains("setsebool -P haproxy_connect_any 1"), "{said}");
    assert!(said.contains("Could not change active booleans"), "{said}");
    rig.balancers[1].host.check(&["rm", "/run/no-policy"]);
    rig.balancers[1].host.write("/usr/local/bin/cloud-init", "#!/bin/sh\nexit 1\n", 0o755);
    let said = rig.workspace.apply().ok().flat();
    assert!(
        said.contains("First boot not finished") && said.contains("lb-02: cloud-init reports that it failed"),
        "{said}"
    );
    rig.settled();
    rig.assert_live();
    for balancer in &rig.balancers {
        let allowed = balancer.host.run(&["ls", "/run/booleans"]).said;
        assert_eq!(allowed, "haproxy_connect_any\nkeepalived_connect_any\n", "{}", balancer.host.name);
        let restored = balancer.host.read("/run/restored");
        for path in ["/etc/haproxy/haproxy.cfg\n", "/etc/keepalived/keepalived.conf\n"] {
            assert!(restored.contains(path), "{restored}");
        }
    }
}

/// A repository on the host with a package `keepalived`, and nothing else to install from.
const REPOSITORY: &str = "set -e
mkdir -p /tmp/package/DEBIAN /tmp/package/usr/sbin /var/repository
mv /usr/sbin/keepalived /tmp/package/usr/sbin/
printf '%s\\n' 'Package: keepalived' 'Version: 99' 'Architecture: all' 'Maintainer: nobody' 'Description: test' > /tmp/package/DEBIAN/control
dpkg-deb -b /tmp/package /var/repository/keepalived.deb > /dev/null
cd /var/repository
{ dpkg-deb -f keepalived.deb; echo 'Filename: ./keepalived.deb'; echo \"Size: $(stat -c %s keepalived.deb)\"
  echo \"SHA256: $(sha256sum keepalived.deb | cut -d ' ' -f 1)\"; } > Packages
sed -i '/^Package: keepalived$/,/^$/d' /var/lib/dpkg/status
rm -f /var/lib/dpkg/info/keepalived.*
rm -rf /etc/apt/sources.list /etc/apt/sources.list.d/* /var/lib/apt/lists/*
echo 'deb [trusted=yes] file:/var/repository ./' > /etc/apt/sources.list.d/test.list
! command -v keepalived
";

/// Holds both locks of apt for some seconds, as an upgrade after the boot does.
const LOCKED: &str = "use Fcntl; for my $path ('/var/lib/apt/lists/lock', '/var/lib/dpkg/lock-frontend') {
    mkdir '/var/lib/apt/lists'; open(my $file, '>', $path) or die $path; push @files, $file;
    my $lock = pack('s s l! l! i', F_WRLCK, 0, 0, 0, 0); fcntl($file, F_SETLK, $lock) or die \"$path: $!\"; }
    open(my $held, '>', '/run/held'); close $held; sleep 5; open(my $free, '>', '/run/free');";

pub fn apt_is_waited_for_and_installs() {
    let terraform = need!(needed());
    need!(find_on("apt-get", PATH.as_ref()));
    need!(find_on("perl", PATH.as_ref()));
    let rig = Rig::start(&terraform);
    let host = &rig.balancers[1].host;
    host.check(&["sh", "-c", REPOSITORY]);
    host.spawn(&["perl", "-e", LOCKED], "/run/locked.log");
    let held = || host.exists("/run/held").then_some(());
    let waited = lab::network::clock::poll(std::time::Duration::from_secs(10), held);
    assert!(waited.is_some(), "{}", host.read("/run/locked.log"));
    // The other one is restarted by its first boot.
    let other = &rig.balancers[0].host;
    let restarting = "#!/bin/sh\n[ ! -e /run/restarted ] || exit 0\n: > /run/restarted\n\
                      kill -KILL $(pidof -o \"$(cat /run/sshd.pid)\" sshd sshd-session)\n";
    other.write("/usr/local/bin/cloud-init", restarting, 0o755);
    // And before, its SSH ends in the middle of some logins: the parent of this is what answers them.
    let cut = "#!/bin/sh\ncuts=$(cat /run/cuts 2> /dev/null || echo 0)\n[ \"$cuts\" -lt 3 ] || exec cat /etc/ssh/keys\n\
               echo $((cuts + 1)) > /run/cuts\nkill -KILL $PPID\n";
    other.write("/usr/local/bin/keys", cut, 0o755);
    other.check(&["mv", "/etc/ssh/authorized_root", "/etc/ssh/keys"]);
    sshd(other, "AuthorizedKeysCommand /usr/local/bin/keys\nAuthorizedKeysCommandUser root");
    rig.workspace.main(&Configuration::new(&rig).text());
    rig.workspace.apply().ok();
    assert!(other.exists("/run/restarted"));
    assert_eq!(other.read("/run/cuts"), "3\n", "{}", other.read("/run/sshd.log"));
    assert!(host.exists("/run/free"), "it came before the locks were free");
    assert!(host.run(&["dpkg-query", "-W", "keepalived"]).said.contains("99"));
    rig.settled();
    rig.assert_live();
}

/// Lets SSH in, and nothing else that begins elsewhere.
const STRICT: &str = "table inet filter {
  chain input {
    type filter hook input priority filter; policy drop;
    ct state established,related accept
    iifname \"lo\" accept
    tcp dport 22 accept
  }
}
";

/// Lets everything in but what Keepalived sends.
const DEAF: &str = "table inet filter {
  chain input {
    type filter hook input priority filter; policy accept;
    meta l4proto 112 drop
  }
}
";

pub fn a_firewall_in_the_way_is_reported_with_its_commands() {
    let terraform = need!(needed());
    need!(find_on("nft", PATH.as_ref()));
    let rig = Rig::start(&terraform);
    // The one that is first in line: it doesn't have to hear the other.
    let host = &rig.balancers[0].host;
    host.write("/run/strict.nft", STRICT, 0o644);
    host.check(&["nft", "-f", "/run/strict.nft"]);
    let first = Configuration::new(&rig);
    rig.workspace.main(&first.text());
    let said = rig.workspace.apply().ok().flat();
    let insert = "nft insert rule inet filter input";
    let commands = [
        format!("{insert} tcp dport 6443 accept"),
        format!("{insert} tcp dport 50000 accept"),
        format!("{insert} ip saddr 192.0.2.22 meta l4proto 112 accept"),
    ];
    assert!(said.contains("Blocked by the firewall") && said.contains("lb-01: the host's firewall drops"), "{said}");
    assert!(!said.contains("lb-02: the host's firewall"), "{said}");
    for command in &commands {
        assert!(said.contains(command), "{command}: {said}");
        host.check(&["sh", "-c", command]);
    }
    rig.workspace.main(&first.clone().maxconn(9000).text());
    let said = rig.workspace.apply().ok().flat();
    assert!(!said.contains("Blocked by the firewall"), "{said}");
    // Where two hosts no longer hear each other both have the virtual IP, some seconds later: nothing stays of a change that begins with it.
    for balancer in &rig.balancers {
        balancer.host.write("/run/deaf.nft", DEAF, 0o644);
        balancer.host.check(&["nft", "flush", "ruleset"]);
        balancer.host.write("/run/at-reload-keepalived", "nft -f /run/deaf.nft\n", 0o644);
    }
    rig.workspace.main(&first.maxconn(9001).ready_weight(-60).text());
    let said = rig.workspace.apply().with_status(1).flat();
    assert!(
        said.contains("Virtual IP not with one host") && said.contains("lb-01 and lb-02 have 192.0.2.30"),
        "{said}"
    );
    for balancer in &rig.balancers {
        balancer.host.check(&["rm", "/run/at-reload-keepalived"]);
        balancer.host.check(&["nft", "flush", "ruleset"]);
    }
    rig.assert_converges("9001");
}
