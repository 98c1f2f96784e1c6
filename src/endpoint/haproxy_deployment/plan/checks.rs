//! What stands in the way on a host, files aside.

use std::net::IpAddr;

use crate::endpoint::haproxy_deployment::model::desired::{Desired, HAPROXY, KEEPALIVED};
use crate::endpoint::haproxy_deployment::model::inventory::{Inventory, Version};
use crate::endpoint::haproxy_deployment::model::spec::HostSpec;

/// The oldest versions that take the files.
const LEAST: [(&str, Version); 2] = [(HAPROXY, Version(2, 4)), (KEEPALIVED, Version(2, 2))];

/// An obstacle on a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// Services are not systemd's.
    NoSystemd,
    /// A program that every supported distribution has is missing; `python3` stands for all that can ask HAProxy's socket.
    NoProgram(&'static str),
    /// Programs are missing, and may not be installed or can't be.
    Missing {
        /// The packages.
        packages: Vec<&'static str>,
        /// What would install them; none where no manager of packages is known.
        command: Option<String>,
    },
    /// A program is older than the files need.
    TooOld {
        /// The program.
        program: &'static str,
        /// What is there.
        version: Version,
        /// What is needed.
        least: Version,
    },
    /// Another program listens on a port.
    PortTaken {
        /// The port.
        port: u16,
        /// The program.
        program: String,
    },
    /// A record of a deployment can't be read.
    DamagedRecord(String),
    /// The load balancer's own address isn't on the host.
    NotItsAddress(IpAddr),
}

/// The packages that are missing.
pub fn missing(desired: &Desired, inventory: &Inventory) -> Vec<&'static str> {
    let mut packages = Vec::new();
    if inventory.haproxy.is_none() {
        packages.push(HAPROXY);
    }
    if desired.units.contains(KEEPALIVED) {
        if inventory.keepalived.is_none() {
            packages.push(KEEPALIVED);
        }
        // It asks HAProxy for Keepalived.
        if !inventory.has("curl") {
            packages.push("curl");
        }
    }
    packages
}

/// The command that installs packages; none where no manager of packages is known.
pub fn install_command(packages: &[&str], inventory: &Inventory) -> Option<String> {
    let managers = [("apt-get", "apt-get install"), ("dnf", "dnf install"), ("zypper", "zypper install")];
    let (_, command) = managers.into_iter().find(|(name, _)| inventory.has(name))?;
    Some(format!("{command} {}", packages.join(" ")))
}

/// Everything that stands in the way before anything is installed.
pub fn before(desired: &Desired, host: &HostSpec, install: bool, inventory: &Inventory) -> Vec<Problem> {
    let mut problems: Vec<Problem> = inventory.damaged_records.iter().cloned().map(Problem::DamagedRecord).collect();
    if !inventory.has("systemd") {
        problems.push(Problem::NoSystemd);
    }
    let packages = missing(desired, inventory);
    let command = install_command(&packages, inventory);
    // Curl is enough to ask the socket, once it is installed.
    let comes = |program: &str| program == "python3" && install && command.is_some() && packages.contains(&"curl");
    let needed = ["flock", "ss", "ip", "awk", "python3"].into_iter();
    problems.extend(needed.filter(|program| !inventory.has(program) && !comes(program)).map(Problem::NoProgram));
    if !packages.is_empty() && (!install || command.is_none()) {
        problems.push(Problem::Missing { packages, command });
    }
    problems.extend(too_old(desired, inventory));
    for (port, program) in &inventory.listeners {
        if desired.ports.contains(port) && program != HAPROXY {
            problems.push(Problem::PortTaken { port: *port, program: program.clone() });
        }
    }
    // A host that can't be asked for its addresses reports none, and lacks a program.
    let has_another = !inventory.addresses.is_empty() && !inventory.addresses.contains(&host.address);
    if desired.units.contains(KEEPALIVED) && has_another {
        problems.push(Problem::NotItsAddress(host.address));
    }
    problems
}

/// Programs that are older than the files need.
pub fn too_old(desired: &Desired, inventory: &Inventory) -> Vec<Problem> {
    let present = |program| if program == HAPROXY { inventory.haproxy } else { inventory.keepalived };
    let needed = LEAST.into_iter().filter(|(program, _)| desired.units.contains(program));
    let old = needed.filter_map(|(program, least)| {
        let version = present(program).filter(|version| *version < least)?;
        Some(Problem::TooOld { program, version, least })
    });
    old.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoint::haproxy_deployment::sample::{inventory, spec};

    fn problems(change: impl FnOnce(&mut Inventory), install: bool) -> Vec<Problem> {
        let (spec, mut inventory) = (spec(), inventory("lb-01"));
        change(&mut inventory);
        let host = &spec.hosts["lb-01"];
        before(&Desired::of(&spec, host), host, install, &inventory)
    }

    #[test]
    fn a_host_that_has_everything_has_no_problems() {
        assert_eq!(problems(|_| {}, false), []);
        assert_eq!(
            problems(
                |host| {
                    host.listeners.insert((6443, "haproxy".into()));
                },
                false
            ),
            []
        );
    }

    #[test]
    fn each_obstacle_is_found() {
        assert_eq!(
            problems(
                |host| {
                    host.programs.remove("systemd");
                },
                true
            ),
            [Problem::NoSystemd]
        );
        assert_eq!(
            problems(
                |host| {
                    host.programs.remove("flock");
                },
                true
            ),
            [Problem::NoProgram("flock")]
        );
        let nothing_asks =
            |host: &mut Inventory| host.programs.retain(|one| !["python3", "curl"].contains(&one.as_str()));
        assert_eq!(problems(nothing_asks, true), [], "curl is installed");
        assert!(problems(nothing_asks, false).contains(&Problem::NoProgram("python3")));
        let says_nothing = |host: &mut Inventory| {
            host.programs.remove("awk");
            host.addresses.clear();
        };
        assert_eq!(problems(says_nothing, true), [Problem::NoProgram("awk")], "its addresses aren't known");
        let path = "/var/lib/talosendpoint/a.json".to_owned();
        assert_eq!(
            problems(|host| host.damaged_records.push(path.clone()), true),
            [Problem::DamagedRecord(path.clone())]
        );
        let old = Problem::TooOld { program: "haproxy", version: Version(2, 2), least: Version(2, 4) };
        assert_eq!(problems(|host| host.haproxy = Some(Version(2, 2)), true), [old]);
        let taken = Problem::PortTaken { port: 6443, program: "nginx".into() };
        assert_eq!(
            problems(
                |host| {
                    host.listeners.insert((6443, "nginx".into()));
                },
                true
            ),
            [taken]
        );
        let address: IpAddr = "192.0.2.21".parse().unwrap();
        assert_eq!(
            problems(
                |host| {
                    host.addresses = ["192.0.2.99".parse().unwrap()].into();
                },
                true
            ),
            [Problem::NotItsAddress(address)]
        );
    }

    #[test]
    fn what_is_missing_is_a_problem_where_it_may_not_be_installed() {
        let without = |host: &mut Inventory| {
            host.keepalived = None;
            host.programs.remove("curl");
        };
        assert_eq!(problems(without, true), []);
        let command = Some("apt-get install keepalived curl".to_owned());
        let missing = Problem::Missing { packages: vec!["keepalived", "curl"], command };
        assert_eq!(problems(without, false), [missing]);
        let none = |host: &mut Inventory| {
            host.haproxy = None;
            host.programs.remove("apt-get");
        };
        assert_eq!(problems(none, true), [Problem::Missing { packages: vec!["haproxy"], command: None }]);
    }
}
