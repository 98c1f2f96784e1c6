//! The life of a deployment as a user sees it: deploy, change, drift, destroy.

use lab::need;

use crate::configuration::{Configuration, THIS};
use crate::needed::needed;
use crate::rig::Rig;

pub fn files_are_deployed_changed_repaired_and_removed() {
    let rig = Rig::start(&need!(needed()));
    let shipped = rig.balancers[0].host.read("/etc/haproxy/haproxy.cfg");
    let first = Configuration::new(&rig);
    rig.workspace.main(&first.text());
    // Active to the service manager before it has begun, as a service of the simple type on a slow machine is: no signal ends it then.
    let slow = "#!/bin/sh\ncase \"$*\" in *--dont-fork*) sleep 2 ;; esac\nexec /usr/sbin/keepalived \"$@\"\n";
    let place = "/usr/local/sbin/keepalived";
    rig.balancers.iter().for_each(|balancer| balancer.host.write(place, slow, 0o755));
    rig.workspace.apply().ok();
    rig.balancers.iter().for_each(|balancer| balancer.host.check(&["rm", place]));

    // Deployed: one host holds the VIP, every host runs what is on its disk.
    let holder = rig.settled();
    for balancer in &rig.balancers {
        let host = &balancer.host;
        assert_eq!((balancer.live(), balancer.live().len()), (balancer.on_disk(), 16), "{}", host.name);
        assert!(balancer.leftovers().is_empty(), "{}", balancer.leftovers());
        assert_eq!(host.read("/run/cloud-init/asked"), "status --wait\n", "a first boot is waited for");
        let calls = balancer.calls();
        assert!(calls.contains(&"start keepalived".to_owned()), "{calls:?}");
        assert!(
            calls.contains(&"reload haproxy".to_owned()) && !calls.contains(&"restart haproxy".to_owned()),
            "{calls:?}"
        );
    }

    // Nothing to do: nothing is written, nothing is called.
    let before: Vec<String> = rig.balancers.iter().map(crate::rig::Balancer::files).collect();
    rig.workspace.assert_settled();
    rig.workspace.apply().ok();
    for (balancer, before) in rig.balancers.iter().zip(before) {
        assert_eq!(balancer.files(), before);
        assert_eq!(balancer.calls(), Vec::<String>::new());
    }

    // A change: the plan shows the line, HAProxy reloads, Keepalived isn't touched.
    rig.workspace.main(&first.clone().maxconn(9000).text());
    let planned = rig.workspace.plan();
    assert_eq!(planned.status, 2, "{}", planned.said());
    assert!(
        planned.said().contains("-     maxconn 8000") && planned.said().contains("+     maxconn 9000"),
        "{}",
        planned.said()
    );
    rig.workspace.apply().ok();
    for balancer in &rig.balancers {
        assert!(balancer.host.read("/etc/haproxy/haproxy.cfg").contains("maxconn 9000"));
        assert_eq!(
            (balancer.live(), balancer.calls()),
            (balancer.on_disk(), vec!["daemon-reload".into(), "reload haproxy".into()])
        );
    }
    assert_eq!(rig.holders(), [holder]);
    rig.workspace.assert_settled();

    // Drift by hand, and a service that somebody stopped: shown line by line, repaired there alone.
    let drifted = &rig.balancers[1];
    drifted.host.check(&["sh", "-c", "sed -i 's/maxconn 9000/maxconn 7/' /etc/haproxy/haproxy.cfg"]);
    drifted.host.check(&["systemctl", "stop", "keepalived"]);
    drifted.host.check(&["systemctl", "disable", "keepalived"]);
    drifted.calls();
    let planned = rig.workspace.plan();
    assert_eq!(planned.status, 2, "{}", planned.said());
    for words in ["-     maxconn 7", "+     maxconn 9000", "active  = false -> true", "enabled = false -> true"] {
        assert!(planned.said().contains(words), "{words}: {}", planned.said());
    }
    rig.workspace.apply().ok();
    assert_eq!(rig.balancers[0].calls(), Vec::<String>::new());
    assert!(drifted.calls().contains(&"start keepalived".to_owned()));
    assert!(drifted.host.read("/etc/haproxy/haproxy.cfg").contains("maxconn 9000"));
    rig.workspace.assert_settled();

    // Edited and not reloaded looks right on the disk only.
    drifted.host.check(&[
        "sh",
        "-c",
        "cp -p /etc/haproxy/haproxy.cfg /run/right; sed -i 's/^global$/global #/' /etc/haproxy/haproxy.cfg",
    ]);
    drifted.host.check(&["sh", "-c", "chmod 600 /etc/haproxy/haproxy.cfg"]);
    let planned = rig.workspace.plan();
    assert!(planned.said().contains("- # The file is root:root 600, not root:root 644."), "{}", planned.said());
    rig.workspace.apply().ok();
    rig.workspace.assert_settled();

    // Destroyed: what was there before is there again.
    rig.workspace.destroy().ok();
    assert!(rig.workspace.attributes(THIS).is_none());
    assert_eq!(rig.holders(), Vec::<String>::new());
    for balancer in &rig.balancers {
        assert_eq!(balancer.host.read("/etc/haproxy/haproxy.cfg"), shipped);
        assert_eq!(balancer.host.count("keepalived"), 0);
        assert!(balancer.host.count("haproxy") > 0, "it ran before, with its package's file");
        let left =
            balancer.host.run(&["sh", "-c", "ls -A /etc/keepalived /etc/tmpfiles.d /var/lib/talosendpoint 2>&1"]).said;
        assert!(
            !left.contains("keepalived.conf\n") && !left.contains("talosendpoint.conf") && !left.contains(".json"),
            "{left}"
        );
    }
}
