//! What is understood of a folder of files, whoever wrote them.

use std::fs;
use std::path::Path;

use crate::cases;
use crate::setup::Setup;

fn write(folder: &Path, path: &str, text: &str) {
    let path = folder.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

#[test]
fn the_pair_written_by_hand_is_understood() {
    let setup = Setup::read(&cases::by_hand()).unwrap();
    let told: Vec<String> =
        setup.balancers.iter().map(|balancer| format!("{} {:?}", balancer.name, balancer.addresses)).collect();
    assert_eq!(told, ["lb-01 [192.168.30.21]", "lb-02 [192.168.30.22]"]);
    let nodes: Vec<String> = setup
        .nodes
        .iter()
        .map(|node| format!("{} {} {:?} {:?}", node.name, node.address, node.kubernetes, node.talos))
        .collect();
    assert_eq!(nodes[0], "cp-01 192.168.30.31 [6443] [50000]");
    assert_eq!(nodes.len(), 3);
    assert_eq!(setup.kubernetes_endpoints(), ["192.168.30.30:6443".parse().unwrap()]);
    assert_eq!(setup.endpoints(setup.talos.as_ref().unwrap()), ["192.168.30.30:50000".parse().unwrap()]);
}

#[test]
fn a_single_load_balancer_needs_no_keepalived() {
    let folder = tempfile::tempdir().unwrap();
    let text = "listen api\n  bind *:8443\n  server one cp-01.lan:6443 check\n  server two 10.0.0.32:6443\n";
    write(folder.path(), "haproxy.cfg", text);
    let setup = Setup::read(folder.path()).unwrap();
    assert_eq!((setup.balancers.len(), setup.vips.len(), setup.talos.is_some()), (1, 0, false));
    let endpoints = setup.kubernetes_endpoints();
    assert_eq!((endpoints[0].ip(), endpoints[0].port()), (setup.balancers[0].addresses[0], 8443));
    let named = setup.nodes.iter().find(|node| node.name == "one").unwrap();
    assert_eq!(setup.names, format!("{} cp-01.lan\n", named.address));
}

#[test]
fn a_host_may_have_its_own_haproxy_cfg_and_check_scripts() {
    let folder = tempfile::tempdir().unwrap();
    let haproxy =
        |maxconn: u32| format!("global\n maxconn {maxconn}\nlisten a\n bind *:6443\n server one 10.0.0.31:6443\n");
    let keepalived = "vrrp_instance a {\n interface ens18\n virtual_ipaddress {\n 10.0.0.30\n }\n}\n";
    for host in ["a", "b"] {
        write(folder.path(), &format!("{host}/keepalived.conf"), keepalived);
    }
    write(folder.path(), "haproxy.cfg", &haproxy(1));
    write(folder.path(), "b/haproxy.cfg", &haproxy(2));
    write(folder.path(), "b/check.sh", "#!/bin/sh\n");
    let setup = Setup::read(folder.path()).unwrap();
    let paths = |at: usize| setup.balancers[at].files.iter().map(|(path, _, _)| path.as_str()).collect::<Vec<_>>();
    let text = |at: usize| {
        let files = &setup.balancers[at].files;
        files.iter().find(|(path, _, _)| path == "/etc/haproxy/haproxy.cfg").unwrap().1.clone()
    };
    assert_eq!((text(0), text(1)), (haproxy(1), haproxy(2)));
    assert!(paths(1).contains(&"/etc/keepalived/check.sh") && !paths(0).contains(&"/etc/keepalived/check.sh"));
    assert_eq!(setup.balancers[0].interface, "ens18");
}

#[test]
fn what_cannot_be_drilled_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let problems = |folder: &Path| Setup::read(folder).unwrap_err().join("\n");
    assert!(problems(folder.path()).contains("haproxy.cfg"));
    write(folder.path(), "haproxy.cfg", "frontend a\n bind *:1\n");
    assert!(problems(folder.path()).contains("no frontend leads to any server"));
    write(folder.path(), "haproxy.cfg", "listen a\n bind *:6443\n server one 10.0.0.31:6443\n");
    write(folder.path(), "a/keepalived.conf", "vrrp_instance a {\n}\n");
    let both = problems(folder.path());
    assert!(both.contains("interface") && both.contains("virtual_ipaddress"), "{both}");
    let own = "vrrp_instance a {\n interface eth0\n unicast_src_ip 10.0.0.31\n virtual_ipaddress { 10.0.0.30 }\n}\n";
    write(folder.path(), "a/keepalived.conf", own);
    assert!(
        problems(folder.path()).contains("10.0.0.31 is a load balancer and a server"),
        "{}",
        problems(folder.path())
    );
}
