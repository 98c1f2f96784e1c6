//! What the user should know though the run goes on.

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::advice::{AFTER_TAKEOVER, ELSEWHERE, TAKEN_OVER};
use crate::endpoint::enumeration::listed;
use crate::endpoint::haproxy_deployment::plan::firewall::Blocked;
use crate::framework::diagnostic::Diagnostic;
use crate::framework::path::Path;

/// The title of what is said of hosts that are this run's from now on.
const NOW_OURS: &str = "Deployment taken over";

/// The title of what a create that failed leaves behind.
const NOT_IN_STATE: &str = "Deployment not in the state";

/// One warning for each title: of several Terraform shows the first, and how many there are beside.
pub fn merged(warnings: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut merged: Vec<Diagnostic> = Vec::new();
    for warning in warnings {
        match merged.iter_mut().find(|one| one.title == warning.title) {
            Some(one) => one.detail = format!("{}\n\n{}", one.detail, warning.detail),
            None => merged.push(warning),
        }
    }
    merged
}

/// A create that failed, with what each host has.
pub fn not_in_state(standing: &str) -> Diagnostic {
    Diagnostic::warning(
        Path::root(),
        NOT_IN_STATE,
        format!(
            "On the hosts, {standing} It is not in the state, so the next apply continues from here instead of \
             starting over. A destroy removes nothing now: to undo it, apply first, then destroy."
        ),
    )
}

/// A create that failed before it changed `hosts`, which have a whole deployment of its name.
pub fn not_taken_over(hosts: &[String], name: &str) -> Diagnostic {
    let have = if hosts.len() == 1 { "has" } else { "have" };
    Diagnostic::warning(
        Path::root(),
        NOT_IN_STATE,
        format!(
            "{} {have} a whole deployment of this name, `{name}`, which this run didn't change. If another state or \
             folder has it, leave it there, or take it out there before you apply here (`terraform state rm`, or \
             `removed` with `destroy = false`). If its state was lost, the next apply takes it over.",
            listed(hosts)
        ),
    )
}

/// A create that failed when it was taking over `hosts`.
pub fn taken_over_in_part(standing: &str, hosts: &[String], name: &str) -> Diagnostic {
    Diagnostic::warning(
        Path::root(),
        NOT_IN_STATE,
        format!(
            "On the hosts, {standing} Before, {} had a whole deployment of this name, `{name}`. If another state or \
             folder has it, set `adopt_existing = true` there and apply, which takes it back. Otherwise apply here \
             again, which continues from here.",
            listed(hosts)
        ),
    )
}

/// Files of a host that somebody changed after the plan, and that were replaced.
pub fn replaced(host: &str, files: &[&str]) -> Diagnostic {
    Diagnostic::warning(
        Path::root(),
        "Changes by hand replaced",
        format!(
            "{host}: {} was changed since the plan, so no plan has shown it. Its text is under \
             `/var/lib/talosendpoint/previous` there until the next change.",
            listed(files)
        ),
    )
}

/// An update that failed, with what each host has.
pub fn not_complete(standing: &str) -> Diagnostic {
    Diagnostic::warning(
        Path::root(),
        "Deployment not complete",
        format!(
            "On the hosts, {standing} The state has what is there, so the next plan shows what is still to be done."
        ),
    )
}

/// A destroy that failed on some hosts, with those where it has ended.
pub fn not_removed_everywhere(removed: &[String]) -> Diagnostic {
    Diagnostic::warning(
        Path::root(),
        "Destroy not complete",
        format!(
            "{} no longer {} anything of this deployment; the hosts with errors may still serve. The state keeps all \
             of it: correct what the errors show and destroy again, which changes nothing where it has been done.",
            listed(removed),
            if removed.len() == 1 { "has" } else { "have" }
        ),
    )
}

/// A host that another deployment has by now.
pub fn of_another(host: &str, owner: &str, is_namesake: bool) -> Diagnostic {
    let which = if is_namesake { "another deployment of the same name," } else { "the deployment" };
    Diagnostic::warning(
        Path::root(),
        "Host left as it is",
        format!(
            "{host}: HAProxy and Keepalived there belong to {which} `{owner}`, and go on. Only if no state has that \
             one any more, stop them (`systemctl disable --now keepalived haproxy`)."
        ),
    )
}

/// A create that went on with a whole deployment of its name, which another state may have.
pub fn taken_over(hosts: &[String], name: &str) -> Diagnostic {
    Diagnostic::warning(
        Path::root(),
        NOW_OURS,
        format!(
            "{} had a whole deployment of this name, `{name}`, which is this resource's from now on. If another state \
             or folder still has it, take it out there (`terraform state rm`, or `removed` with `destroy = false`): \
             until then its plans say that it was taken over, and its destroy leaves these hosts alone. If its state \
             was lost, or a create of this resource ended at its very end, there is nothing to do.",
            listed(hosts)
        ),
    )
}

/// An update that took hosts from another deployment of the same name.
pub fn taken_back(hosts: &[String], name: &str) -> Diagnostic {
    Diagnostic::warning(
        Path::root(),
        NOW_OURS,
        format!(
            "{} had another deployment of the same name, `{name}`, and {} this resource's from now on, because of \
             `adopt_existing = true`. If another state or folder still has that one, take it out there (`terraform \
             state rm`, or `removed` with `destroy = false`). Then remove `adopt_existing` here: where two states have \
             it, each apply takes the hosts from the other.",
            listed(hosts),
            if hosts.len() == 1 { "is" } else { "are" }
        ),
    )
}

/// Hosts that another deployment of the same name has taken over.
pub fn lost(hosts: &[String], name: &str) -> Diagnostic {
    let belong = if hosts.len() == 1 { "belongs" } else { "belong" };
    Diagnostic::warning(
        Path::root(),
        TAKEN_OVER,
        format!(
            "{} {belong} to another deployment of the same name by now, `{name}`: that of another state or folder, or \
             of a second resource. A destroy or an apply here changes nothing on them unless \
             `adopt_existing = true`. {}",
            listed(hosts),
            AFTER_TAKEOVER
        ),
    )
}

/// A host that ends without a record of what was there before.
pub fn no_record(host: &str, removed: bool) -> Diagnostic {
    let what = if removed {
        "The files of this deployment were recognized and removed, and the services stopped. What was there before is \
         not known: install the packages anew if HAProxy is to run with their files."
    } else {
        "Files of HAProxy or Keepalived are there that this deployment didn't write as they are now, so nothing was \
         removed. Stop the services (`systemctl disable --now keepalived haproxy`) and remove the files, if they are \
         no longer needed."
    };
    Diagnostic::warning(
        Path::root(),
        "Record missing",
        format!("{host}: the record of this deployment is gone from `/var/lib/talosendpoint`. {what}"),
    )
}

/// A virtual IP at a machine that is no load balancer any more.
pub fn vip_elsewhere(vip: IpAddr, by: &BTreeSet<String>) -> Diagnostic {
    Diagnostic::warning(
        Path::root(),
        ELSEWHERE,
        format!(
            "{vip} answers at the hardware address {}, which is none of the load balancers: probably of one that left \
             and couldn't be cleared. Clients may reach it there. Stop Keepalived on that machine (`systemctl disable \
             --now keepalived`), or switch it off.",
            listed(by)
        ),
    )
}

/// A host whose first boot didn't end well.
pub fn first_boot(host: &str, ended: bool) -> Diagnostic {
    let what = if ended { "reports that it failed" } else { "didn't end within 300 s" };
    Diagnostic::warning(
        Path::root(),
        "First boot not finished",
        format!("{host}: cloud-init {what}. See `cloud-init status --long` there: it may still change files."),
    )
}

/// A host whose firewall drops what clients or peers send.
pub fn blocked(host: &str, blocked: &Blocked) -> Diagnostic {
    let (mut what, mut without) = (Vec::new(), Vec::new());
    if !blocked.ports.is_empty() {
        what.push(format!(
            "connections to {} {}",
            if blocked.ports.len() == 1 { "port" } else { "ports" },
            listed(&blocked.ports)
        ));
        without.push("no client is served here");
    }
    if !blocked.peers.is_empty() {
        what.push(format!("VRRP (IP protocol 112) from {}", listed(&blocked.peers)));
        without.push("several load balancers may take the VIP at once");
    }
    let chain = &blocked.chain;
    Diagnostic::warning(
        Path::root(),
        "Blocked by the firewall",
        format!(
            "{host}: the host's firewall drops {} (`nft list chain {} {} {}`), so {}. Allow it there as root, and make \
             that last beyond the next boot:\n\n{}",
            what.join(" and "),
            chain.family,
            chain.table,
            chain.name,
            without.join(", and "),
            blocked.commands.join("\n")
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_title_is_one_warning_with_all_details() {
        let warning = |title, detail| Diagnostic::warning(Path::root(), title, detail);
        let all = vec![warning("A", "lb-01"), warning("B", "lb-01"), warning("A", "lb-02")];
        let merged: Vec<(String, String)> = merged(all).into_iter().map(|one| (one.title, one.detail)).collect();
        assert_eq!(merged, [("A".to_owned(), "lb-01\n\nlb-02".to_owned()), ("B".to_owned(), "lb-01".to_owned())]);
    }
}
