//! What counts as good when the VIP has to move: the longest outage that the rendered settings can lead to, and a little more.

use crate::failover::Fault;

/// Faults of HAProxy on the host with the VIP, each with the outage that is good.
pub const HAPROXY_FAULTS: [(Fault, f64); 2] = [(Fault::Killed, KILLED), (Fault::Hung, HUNG)];

/// Faults of that host's network.
pub const NETWORK_FAULTS: [(Fault, f64); 3] =
    [(Fault::Cut, VANISHED), (Fault::Alone, ALONE), (Fault::AloneUnaware, ALONE_UNAWARE)];

/// The network of the VIP alone, which Keepalived watches: no check has to fail first.
pub const FRONT_CUT: f64 = 2.5;

// Seconds. Two checks a second apart must fail, the first up to a second after the fault; then the other host waits 0.6 s: 1.6 to 2.6 s.
const KILLED: f64 = 3.0;
// The same, and each check takes 0.4 s to fail: 2.0 to 3.0 s.
const HUNG: f64 = 3.0;
// Three advertisements of a second must be missing, and the 0.6 s: 2.6 to 3.6 s.
const VANISHED: f64 = 4.0;
// HAProxy marks three nodes down (0.5 to 1.5 s), two checks fail (1 to 2 s), the other host hears no good priority (2.6 to 3.6 s).
// Together 4.1 to 7.1 s.
const ALONE: f64 = 7.0;
// As before; but HAProxy's own checks take a second each (2.5 to 3.5 s).
const ALONE_UNAWARE: f64 = 9.5;
