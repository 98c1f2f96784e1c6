//! Machines that `cloud_init` set up: the deployment takes them over without a question.

use lab::need;
use lab::terraform::Workspace;

use crate::configuration::{Configuration, THIS};
use crate::needed::needed;
use crate::rig::{Balancer, Rig};

/// A file of `write_files`.
struct Written {
    path: String,
    mode: u32,
    text: String,
}

/// The files of a `#cloud-config`, as this provider renders them.
fn write_files(user_data: &str) -> Vec<Written> {
    let entries = user_data.split("\n  - path: ").skip(1);
    entries
        .map(|entry| {
            let (path, rest) = entry.split_once('\n').unwrap();
            let mode = rest.split_once("permissions: \"").unwrap().1.split('"').next().unwrap();
            let lines = rest.split_once("content: |\n").unwrap().1.lines();
            let text = lines.take_while(|line| line.is_empty() || line.starts_with("      "));
            Written {
                path: path.to_owned(),
                mode: u32::from_str_radix(mode, 8).unwrap(),
                text: text.map(|line| format!("{}\n", line.strip_prefix("      ").unwrap_or_default())).collect(),
            }
        })
        .collect()
}

pub fn what_cloud_init_wrote_is_taken_over() {
    let rig = Rig::start(&need!(needed()));
    let first = Configuration::new(&rig);
    let (resource, _) = first.text().split_once("locals {").map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    let outputs = ["lb-01", "lb-02"].map(|name| {
        format!("output {name:?} {{\n  value = provider::talosendpoint::cloud_init(talosendpoint_haproxy.this, {name:?})\n}}\n")
    });
    rig.workspace.main(&(resource + &outputs.concat()));
    rig.workspace.apply().ok();
    for balancer in &rig.balancers {
        let user_data = rig.workspace.output(&balancer.host.name);
        let files = write_files(user_data.as_str().unwrap());
        assert!(files.iter().any(|file| file.path.ends_with(".json")), "its record");
        for file in &files {
            balancer.host.write(&file.path, &file.text, file.mode);
        }
        for call in ["restart haproxy", "enable keepalived", "start keepalived"] {
            balancer.host.check(&["sh", "-c", &format!("systemctl {call}")]);
        }
        balancer.calls();
    }
    rig.settled();

    // As it is: nothing but the record is written, and no service notices.
    rig.workspace.main(&first.text());
    rig.workspace.apply().ok();
    for balancer in &rig.balancers {
        let touched = ["reload", "restart", "start", "stop"];
        let calls = balancer.calls();
        assert!(
            !calls.iter().any(|call| touched.iter().any(|verb| call.starts_with(&format!("{verb} ")))),
            "{calls:?}"
        );
    }
    rig.settled();
    rig.workspace.assert_settled();
    rig.workspace.main(&first.clone().maxconn(9000).text());
    rig.assert_converges("9000");

    // Nothing was there before cloud_init, so nothing is left; a package that somebody has removed is no hindrance.
    rig.balancers[1].host.signal_all("keepalived", "KILL");
    rig.balancers[1].host.check(&["mv", "/usr/sbin/keepalived", "/usr/sbin/keepalived.away"]);
    rig.workspace.destroy().ok();
    for balancer in &rig.balancers {
        let left = balancer.host.run(&["sh", "-c", "ls /etc/keepalived/keepalived.conf /var/lib/talosendpoint/*.json"]);
        assert_ne!(left.status, 0, "{}", left.said);
        assert_eq!(balancer.host.count("keepalived"), 0);
    }
}

pub fn a_create_over_an_old_record_asks_for_what_somebody_wrote_since() {
    let rig = Rig::start(&need!(needed()));
    let first = Configuration::new(&rig);
    let host = &rig.balancers[1].host;
    let shipped = host.read("/etc/haproxy/haproxy.cfg");
    rig.workspace.main(&first.text());
    rig.workspace.apply().ok();
    rig.workspace.run(["state", "rm", THIS]).ok();
    let by_hand = format!("{shipped}# mine\n");
    host.write("/etc/haproxy/haproxy.cfg", &by_hand, 0o644);
    let refused = rig.workspace.apply().with_status(1).flat();
    for words in [
        "File of somebody else",
        "lb-02: ",
        "Deployment not in the state",
        "lb-01 has a whole deployment of this name, `192.0.2.30`, which this run didn't change.",
    ] {
        assert!(refused.contains(words), "{words}: {refused}");
    }
    assert_eq!(host.read("/etc/haproxy/haproxy.cfg"), by_hand);

    rig.workspace.main(&first.clone().deployment("adopt_existing = true\n").text());
    rig.assert_converges("8000");
    rig.workspace.assert_settled();
    // What can't be forgotten in the end isn't begun.
    host.check(&["mount", "-o", "remount,ro", "/var"]);
    let kept = rig.workspace.destroy().with_status(1).flat();
    assert!(kept.contains("Not removed") && kept.contains("Read-only file system"), "{kept}");
    assert!(host.count("keepalived") > 0 && rig.balancers[1].maxconn() == "8000");
    host.check(&["mount", "-o", "remount,rw", "/var"]);
    rig.workspace.destroy().ok();
    assert_eq!(host.read("/etc/haproxy/haproxy.cfg"), by_hand);
    assert_eq!(rig.balancers[0].host.read("/etc/haproxy/haproxy.cfg"), shipped);
    assert_eq!(host.run(&["ls", "-A", "/var/lib/talosendpoint"]).status, 2, "its folder is gone");
}

/// A second folder of the same name takes the hosts over, the first one takes them back, and the second one's end touches nothing.
fn one_of_the_same_name(rig: &Rig, other: &Workspace, first: &Configuration) {
    other.main(&first.clone().maxconn(9000).text());
    let said = other.apply().ok().flat();
    assert!(
        said.contains("Deployment taken over") && said.contains("lb-01 and lb-02 had a whole deployment"),
        "{said}"
    );
    other.assert_settled();

    let unasked = Configuration::new(rig);
    rig.workspace.main(&unasked.text());
    let plan = rig.workspace.run(["plan", "-no-color"]).ok().flat();
    for words in [
        "# The file belongs to another deployment of the same name.",
        "Taken over by another deployment",
        "lb-01 and lb-02 belong to another deployment of the same name by now, `192.0.2.30`",
    ] {
        assert!(plan.contains(words), "{words}: {plan}");
    }
    let refused = rig.workspace.apply().with_status(1).flat();
    assert!(refused.contains("Error: Taken over by another deployment"), "{refused}");
    assert!(rig.balancers.iter().all(|balancer| balancer.maxconn() == "9000"));

    rig.workspace.main(&first.text());
    let said = rig.assert_converges("8000");
    assert!(said.contains("lb-01 and lb-02 had another deployment of the same name"), "{said}");
    let before: Vec<String> = rig.balancers.iter().map(Balancer::files).collect();
    rig.balancers.iter().for_each(|balancer| drop(balancer.calls()));
    let left = other.destroy().ok().flat();
    assert!(left.contains("Host left as it is"), "{left}");
    assert!(
        left.contains("lb-02: HAProxy and Keepalived there belong to another deployment of the same name"),
        "{left}"
    );
    assert!(other.attributes(THIS).is_none());
    for (balancer, before) in rig.balancers.iter().zip(before) {
        assert_eq!((balancer.files(), balancer.calls()), (before, Vec::new()), "{}", balancer.host.name);
    }
    rig.workspace.assert_settled();
}

pub fn what_another_deployment_adopts_is_no_longer_the_first_ones() {
    let rig = Rig::start(&need!(needed()));
    let other = rig.another_workspace();
    let hosts = || rig.balancers.iter().map(|balancer| &balancer.host);
    let by_hand = format!("{}# mine\n", rig.balancers[0].host.read("/etc/haproxy/haproxy.cfg"));
    hosts().for_each(|host| host.write("/etc/haproxy/haproxy.cfg", &by_hand, 0o644));
    let first = Configuration::new(&rig).deployment("adopt_existing = true\n");
    rig.workspace.main(&first.text());
    rig.workspace.apply().ok();
    one_of_the_same_name(&rig, &other, &first);

    // Another one of another name.
    let second = Configuration { vip: Some("192.0.2.35".to_owned()), ..first.clone() }.maxconn(9000);
    other.main(&second.text());
    other.apply().ok();
    other.assert_settled();

    // The first one's plan says whose the files are, and its apply doesn't take them back unasked.
    rig.workspace.main(&Configuration::new(&rig).text());
    let plan = rig.workspace.run(["plan", "-no-color"]).ok().flat();
    assert!(plan.contains("# The file belongs to the deployment 192.0.2.35."), "{plan}");
    let refused = rig.workspace.apply().with_status(1).flat();
    assert!(refused.contains("File of another deployment"), "{refused}");

    // Its end is no end of the other's.
    rig.workspace.destroy().ok();
    other.assert_settled();
    for balancer in &rig.balancers {
        assert_eq!(balancer.maxconn(), "9000");
        assert!(balancer.host.count("keepalived") > 0, "{}", balancer.host.name);
    }
    other.destroy().ok();
    for host in hosts() {
        assert_eq!(host.read("/etc/haproxy/haproxy.cfg"), by_hand, "{}", host.name);
        assert!(host.count("haproxy") > 0 && host.count("keepalived") == 0, "{}: as before both", host.name);
        assert_eq!(host.run(&["ls", "-A", "/var/lib/talosendpoint"]).status, 2, "{}: its folder is gone", host.name);
    }
}
