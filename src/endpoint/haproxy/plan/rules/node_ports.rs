//! A load balancer that runs on a control-plane node: the node's own services listen on every address of the machine, whichever HAProxy
//! chooses, so that each port is for one of the two.

use std::net::IpAddr;

use crate::endpoint::enumeration::listed;
use crate::endpoint::haproxy::model::inputs::{On, hosts, listening, nodes};
use crate::endpoint::haproxy::model::role::Role;
use crate::endpoint::haproxy::model::schema::names::{HAPROXY, OPS_PORT, PORT};
use crate::endpoint::node_ports::ALWAYS;
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::path::Path;
use crate::framework::reader::Reader;

/// Refuses each port of HAProxy that the nodes on the load balancers have already.
pub fn rules(planned: &Reader<'_>, diagnostics: &mut Diagnostics) {
    let machines = machines(planned);
    if machines.is_empty() {
        return;
    }
    let listening = listening(planned);
    let of_roles = listening.iter().filter_map(|to| Some((to.target_port?, title(to.role?))));
    let taken: Vec<(i64, &str)> = of_roles.chain(ALWAYS).collect();
    let who = |port: Option<i64>| taken.iter().find(|(taken, _)| Some(*taken) == port).map(|(_, who)| *who);
    for one in &listening {
        // Where HAProxy sends to that port of the machine itself, it is a loop, which is reported as one.
        let is_loop = matches!(one.on, On::Any | On::Own)
            && listening.iter().any(|to| to.role.is_some() && to.target_port == one.port);
        if let Some(who) = who(one.port).filter(|_| !is_loop) {
            diagnostics.push(refused(one.place.attribute(PORT), who, one.port, &machines));
        }
    }
    let port = planned.nested(HAPROXY).present().and_then(|haproxy| haproxy.number(OPS_PORT).present());
    if let Some(who) = who(port) {
        diagnostics.push(refused(Path::of(HAPROXY).attribute(OPS_PORT), who, port, &machines));
    }
}

/// The load balancers that have the address of a node, each with that node.
fn machines<'a>(planned: &Reader<'a>) -> Vec<(&'a str, &'a str)> {
    let nodes = nodes(planned);
    let node = |ip: IpAddr| nodes.iter().find(|(_, address)| address.ip == ip).map(|(node, _)| *node);
    hosts(planned).into_iter().filter_map(|(host, address)| Some((host, node(address.ip)?))).collect()
}

fn title(role: Role) -> &'static str {
    match role {
        Role::KubernetesApi => "the Kubernetes API",
        Role::TalosApi => "the Talos API",
        Role::Trustd => "trustd",
    }
}

fn refused(place: Path, who: &str, port: Option<i64>, machines: &[(&str, &str)]) -> Diagnostic {
    let same = listed(machines.iter().map(|(host, node)| format!("{host} has the address of {node}")));
    Diagnostic::invalid(
        place,
        "Port taken by the node itself",
        format!(
            "{same}: the load balancer runs on a control-plane node. There {who} listens on port {} of every address, \
             virtual IPs included, and whichever of the two comes second does not start. Choose another port, whatever \
             `bind` is; or, where they are two machines, correct the address.",
            port.unwrap_or_default()
        ),
    )
}
