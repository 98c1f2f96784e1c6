//! The ports of a control-plane node: Talos and Kubernetes listen there, on every address of the machine.

/// The Talos API, which can't be moved (siderolabs/talos, constants.ApidPort); talosctl dials it where no port is given.
pub const TALOS_API: i64 = 50000;

/// The API server, unless it is configured otherwise.
pub const API_SERVER: i64 = 6443;

/// What listens on every control-plane node, whatever a configuration says (Talos, "Network Connectivity").
pub const ALWAYS: [(i64, &str); 5] =
    [(2379, "etcd"), (2380, "etcd"), (10250, "the kubelet"), (TALOS_API, "the Talos API"), (50001, "trustd")];

/// Why the API server can't listen on `port` of a node; none where it can.
pub fn taken_from_the_api_server(port: i64) -> Option<String> {
    let (_, who) = ALWAYS.iter().find(|(taken, _)| *taken == port)?;
    Some(format!(
        "The API server itself would have to listen on port {port}, and there {who} listens on every control-plane \
         node. Remove the port, or choose another one."
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_ports_that_are_free() {
        for port in [2379, 2380, 10250, 50000, 50001] {
            assert!(taken_from_the_api_server(port).is_some(), "{port}");
        }
        for port in [443, 6443, 8443, 50002] {
            assert_eq!(taken_from_the_api_server(port), None, "{port}");
        }
    }
}
