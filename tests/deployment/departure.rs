//! A host that leaves the map, or has another name there, and a load balancer that is left alone.

use lab::need;

use crate::configuration::Configuration;
use crate::needed::needed;
use crate::rig::{Rig, VIP, address, known_hosts_line};

const SECOND_VIP: &str = "2001:db8::30";

/// Both families: one host has both virtual IPs.
fn both_families(rig: &Rig) -> Configuration {
    let dual = format!("additional_vips = [{{ address = {SECOND_VIP:?} }}]\ntalos_version = \"v1.12\"\n");
    let both = Configuration { haproxy: dual, ..Configuration::new(rig) };
    rig.workspace.main(&both.text());
    rig.workspace.apply().ok();
    both
}

pub fn another_name_or_address_of_a_machine_is_no_departure() {
    let rig = Rig::start(&need!(needed()));
    let both = both_families(&rig);
    let holder = rig.settled();
    let of_holder = rig.balancers.iter().find(|balancer| balancer.host.name == holder).unwrap();
    assert_eq!(of_holder.host.holds(&[address(VIP), address(SECOND_VIP)]).len(), 2);
    rig.workspace.assert_settled();

    let renamed = Configuration { load_balancers: both.load_balancers.replace("lb-02", "lb-b"), ..both.clone() };
    rig.workspace.main(&renamed.text());
    rig.workspace.apply().ok();
    rig.settled();
    rig.assert_live();
    rig.workspace.assert_settled();

    // Another address and the old name, while it still has the old address.
    rig.balancers[1].host.ip("address add 192.0.2.23/24 dev eth0");
    let line = known_hosts_line(rig.folder.path(), "lb-02", "192.0.2.23");
    let known = std::fs::read_to_string(rig.file("known_hosts")).unwrap();
    std::fs::write(rig.file("known_hosts"), known + &line).unwrap();
    let moved = Configuration { load_balancers: both.load_balancers.replace("2.22", "2.23"), ..both.clone() };
    rig.workspace.main(&moved.text());
    let said = rig.workspace.apply().ok().flat();
    assert!(!said.contains("Host left as it is"), "{said}");
    rig.settled();
    rig.assert_live();
}

pub fn a_host_that_leaves_gets_back_what_it_had_and_one_left_alone_has_no_keepalived() {
    let rig = Rig::start(&need!(needed()));
    let shipped = rig.balancers[1].host.read("/etc/haproxy/haproxy.cfg");
    let both = both_families(&rig);
    rig.settled();
    let alone = Configuration {
        load_balancers: "lb-01 = { address = \"192.0.2.21/24\", interface = \"eth0\" }".to_owned(),
        vip: None,
        haproxy: String::new(),
        ..Configuration::new(&rig)
    };

    // One that leaves unreachable may go on, which is a warning.
    let (stays, leaves) = (&rig.balancers[0], &rig.balancers[1]);
    rig.balancers.iter().for_each(|balancer| drop(balancer.calls()));
    leaves.host.signal_all("sshd", "KILL");
    rig.workspace.main(&alone.text());
    let said = rig.workspace.apply().ok().flat();
    assert!(said.contains("Host left as it is") && said.contains("lb-02 (192.0.2.22) is no load balancer"), "{said}");
    assert!(said.contains("it may still hold the VIP"), "{said}");
    assert_eq!(rig.settled(), "lb-02", "as it was warned of");
    let link = leaves.host.run(&["ip", "-o", "link", "show", "eth0"]).said;
    let hardware = link.split_once("link/ether ").and_then(|(_, rest)| rest.split(' ').next()).unwrap();
    assert!(said.contains("Virtual IP at another machine"), "{said}");
    for vip in [VIP, SECOND_VIP] {
        assert!(said.contains(&format!("{vip} answers at the hardware address {hardware}")), "{said}");
    }
    let calls = stays.calls();
    assert!(calls.contains(&"stop keepalived".to_owned()), "{calls:?}");
    assert!(!calls.contains(&"restart haproxy".to_owned()), "{calls:?}");
    for gone in ["/etc/keepalived/keepalived.conf", "/etc/systemd/system/keepalived.service.d/talosendpoint.conf"] {
        assert!(!stays.host.exists(gone), "{gone}");
    }
    let records = stays.host.run(&["sh", "-c", "ls /var/lib/talosendpoint/*.json"]).said;
    assert_eq!(records.trim(), "/var/lib/talosendpoint/192.0.2.21.json");
    assert_eq!(stays.live(), stays.on_disk());
    rig.workspace.assert_settled();

    // Back again: what it still has is ours.
    leaves.boot_sshd();
    rig.workspace.main(&both.text());
    rig.workspace.apply().ok();
    rig.settled();
    rig.assert_live();
    rig.workspace.assert_settled();

    // One that can be reached ends, Keepalived first, and has what its package brought.
    leaves.calls();
    rig.workspace.main(&alone.text());
    let said = rig.workspace.apply().ok().flat();
    assert!(!said.contains("Host left as it is"), "{said}");
    let calls = leaves.calls();
    let at = |call: &str| calls.iter().position(|one| one == call);
    assert!(at("stop keepalived").is_some() && at("stop keepalived") < at("restart haproxy"), "{calls:?}");
    assert_eq!((leaves.host.read("/etc/haproxy/haproxy.cfg"), leaves.host.count("keepalived")), (shipped, 0));
    assert_eq!(leaves.host.run(&["ls", "/var/lib/talosendpoint"]).status, 2);
    assert_eq!(rig.holders(), Vec::<String>::new());
    rig.workspace.assert_settled();
    // Without its record a host is cleared all the same: the files say themselves whose they are.
    stays.host.check(&["rm", "-rf", "/var/lib/talosendpoint"]);
    rig.workspace.destroy().ok();
    assert_eq!((stays.live(), stays.host.count("haproxy")), (String::new(), 0));
    assert!(!stays.host.exists("/etc/haproxy/haproxy.cfg"));
}
