//! What is reported of a firewall, and the commands that allow it.

use super::*;

const FIREWALLD: &str = include_str!("../../model/firewall/firewalld.json");
const UFW: &str = include_str!("../../model/firewall/ufw.json");
const OWN: &str = include_str!("../../model/firewall/nftables.json");

fn of(rules: &str, zone: Option<&str>) -> Option<Blocked> {
    let rules = Ruleset::parse(rules).unwrap();
    let firewall = Firewall { rules, interface: "eth0".to_owned(), zone: zone.map(str::to_owned) };
    let peers = ["192.0.2.22".parse().unwrap()];
    blocked(&firewall, "192.0.2.21".parse().unwrap(), &[6443, 50000].into(), &peers)
}

#[test]
fn each_firewall_has_its_own_commands() {
    let firewalld = of(FIREWALLD, Some("public")).unwrap();
    assert_eq!((firewalld.ports.as_slice(), firewalld.peers.len()), ([6443, 50000].as_slice(), 1));
    assert_eq!(
        firewalld.commands,
        [
            "firewall-cmd --permanent --zone=public --add-port=6443/tcp",
            "firewall-cmd --permanent --zone=public --add-port=50000/tcp",
            "firewall-cmd --permanent --zone=public --add-protocol=vrrp",
            "firewall-cmd --reload",
        ]
    );
    assert_eq!(of(UFW, None).unwrap().commands, ["ufw allow 50000/tcp", "ufw allow proto vrrp from 192.0.2.22"]);
    let iptables = UFW.replace("ufw-", "own-");
    assert_eq!(
        of(&iptables, None).unwrap().commands,
        ["iptables -I INPUT -p tcp --dport 50000 -j ACCEPT", "iptables -I INPUT -p 112 -s 192.0.2.22 -j ACCEPT"]
    );
    assert_eq!(of(OWN, None).unwrap().commands, ["nft insert rule inet filter input tcp dport 50000 accept"]);
    assert_eq!(of(r#"{"nftables":[]}"#, None), None);
}
