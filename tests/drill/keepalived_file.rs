//! What a drill needs to know of a keepalived.conf: interfaces, own addresses and VIPs. Tolerant, as [`super::haproxy_file`].

use std::collections::BTreeSet;
use std::net::IpAddr;

/// One `vrrp_instance`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Instance {
    /// Its name.
    pub name: String,
    /// The interface on which it speaks.
    pub interface: Option<String>,
    /// `unicast_src_ip`.
    pub source: Option<IpAddr>,
    /// `unicast_peer`.
    pub peers: Vec<IpAddr>,
    /// `virtual_ipaddress` and `virtual_ipaddress_excluded`.
    pub vips: Vec<IpAddr>,
    /// Interfaces that virtual addresses are put on.
    pub of_vips: BTreeSet<String>,
}

/// All instances, in the file's order.
pub fn instances(text: &str) -> Vec<Instance> {
    let mut found: Vec<Instance> = Vec::new();
    let mut blocks: Vec<String> = Vec::new();
    for line in plain(text).lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            [] => {}
            ["}", ..] => {
                blocks.pop();
            }
            [kind, rest @ .., "{"] => {
                if *kind == "vrrp_instance" {
                    let name = rest.first().copied().unwrap_or_default().to_owned();
                    found.push(Instance { name, ..Instance::default() });
                }
                blocks.push((*kind).to_owned());
            }
            words => {
                let within: Vec<&str> = blocks.iter().map(String::as_str).collect();
                if let (["vrrp_instance", within @ ..], Some(instance)) = (within.as_slice(), found.last_mut()) {
                    line_of(instance, within, words);
                }
            }
        }
    }
    found
}

fn line_of(instance: &mut Instance, within: &[&str], words: &[&str]) {
    match (within, words) {
        ([], ["interface", name, ..]) => instance.interface = Some((*name).to_owned()),
        ([], ["unicast_src_ip", address, ..]) => instance.source = address.parse().ok(),
        (["unicast_peer"], [address, ..]) => instance.peers.extend(address.parse::<IpAddr>().ok()),
        (["virtual_ipaddress" | "virtual_ipaddress_excluded"], [address, rest @ ..]) => {
            let device = rest.iter().skip_while(|word| **word != "dev").nth(1);
            instance.of_vips.extend(device.map(|device| (*device).to_owned()));
            let bare = address.split('/').next().unwrap_or_default();
            instance.vips.extend(bare.parse::<IpAddr>().ok());
        }
        _ => {}
    }
}

/// Without comments, and every brace at a line's end or on a line of its own.
fn plain(text: &str) -> String {
    let mut plain = String::new();
    for line in text.lines() {
        let mut quoted = false;
        for letter in line.chars() {
            match letter {
                '"' => quoted = !quoted,
                '#' | '!' if !quoted => break,
                '{' if !quoted => plain.push_str(" {\n"),
                '}' if !quoted => plain.push_str("\n}\n"),
                _ => plain.push(letter),
            }
        }
        plain.push('\n');
    }
    // A brace on the line after its block's name belongs to that line.
    let mut joined: Vec<String> = Vec::new();
    for line in plain.lines().map(str::trim).filter(|line| !line.is_empty()) {
        match joined.last_mut() {
            Some(last) if line == "{" && last != "}" && !last.ends_with('{') => last.push_str(" {"),
            _ => joined.push(line.to_owned()),
        }
    }
    joined.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instances_are_found() {
        let text = "! a comment\nglobal_defs {\n  router_id a\n}\nvrrp_script x {\n  script \"/bin/sh -c '{ true; }'\" # }\n  interval 1\n}\n\
                    vrrp_instance one\n{\n  interface ens18 # not eth0\n  virtual_router_id 51\n  unicast_src_ip 10.0.0.1\n\
                    unicast_peer { 10.0.0.2\n 10.0.0.3 }\n  virtual_ipaddress {\n    10.0.0.10/32 dev ens18\n  }\n\
                    virtual_ipaddress_excluded {\n fd77::10/128 dev ens18\n }\n  track_script {\n    x\n  }\n}\n\
                    vrrp_instance two {\n  interface eth1\n  virtual_ipaddress { 192.168.30.30/24 }\n}\n";
        let address = |text: &str| text.parse::<IpAddr>().unwrap();
        let one = Instance {
            name: "one".to_owned(),
            interface: Some("ens18".to_owned()),
            source: Some(address("10.0.0.1")),
            peers: vec![address("10.0.0.2"), address("10.0.0.3")],
            vips: vec![address("10.0.0.10"), address("fd77::10")],
            of_vips: BTreeSet::from(["ens18".to_owned()]),
        };
        let two = Instance {
            name: "two".to_owned(),
            interface: Some("eth1".to_owned()),
            vips: vec![address("192.168.30.30")],
            ..Instance::default()
        };
        assert_eq!(instances(text), [one, two]);
    }
}
