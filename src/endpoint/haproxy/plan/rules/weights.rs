//! Weights that move the VIP. Keepalived takes any number, and then nothing happens when a check fails: a load balancer takes over only
//! if its priority is strictly higher than the one that is announced.

use crate::endpoint::haproxy::model::inputs::{host_path, is_absent, priorities, uses_keepalived};
use crate::endpoint::haproxy::model::schema::names::{
    KEEPALIVED, LIVE_WEIGHT, LOAD_BALANCERS, PREEMPT, PRIORITY, READY_WEIGHT,
};
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::path::Path;
use crate::framework::reader::{Maybe, Reader};

/// The lowest and the highest priority that Keepalived announces, whatever weights add up to.
const LIMITS: (i64, i64) = (1, 254);

/// The heaviest weight of a check that Keepalived takes, up or down.
const HEAVIEST: i64 = 253;

/// Checks both weights against the priorities.
pub fn rules(config: &Reader<'_>, planned: &Reader<'_>, diagnostics: &mut Diagnostics) {
    let Some(keepalived) = planned.nested(KEEPALIVED).present() else { return };
    if uses_keepalived(config) != Maybe::Known(true) {
        return;
    }
    if keepalived.number(READY_WEIGHT).is_known_and(|weight| *weight == Some(0)) {
        diagnostics.push(Diagnostic::invalid(
            path(READY_WEIGHT),
            "Nobody would hold the VIP before the bootstrap",
            "With weight 0 a load balancer that reaches no ready node gives up the VIP. Before the cluster is \
             bootstrapped no node is ready, so no load balancer would hold the VIP, and the Talos API, which the \
             bootstrap needs, would be out of reach. Remove `ready_weight`.",
        ));
    }
    if keepalived.bool(PREEMPT).is_known_and(|preempt| *preempt == Some(false)) {
        without_preemption(config, &keepalived, diagnostics);
        return;
    }
    let weights = Weights::read(&keepalived);
    let mut known = priorities(planned);
    known.retain(|(_, priority)| (LIMITS.0..=LIMITS.1).contains(priority));
    let all = planned.value(LOAD_BALANCERS).entries().is_some_and(|hosts| hosts.len() == known.len());
    let extremes = known.iter().min_by_key(|(_, p)| *p).zip(known.iter().max_by_key(|(_, p)| *p));
    if let (true, Some((lowest, highest))) = (all, extremes) {
        for name in [LIVE_WEIGHT, READY_WEIGHT] {
            too_small(name, weights, *lowest, *highest, diagnostics);
        }
        over_the_top(weights, *highest, diagnostics);
        sunk(weights, *lowest, highest.1, diagnostics);
    }
}

/// Both weights; 0 for one that is absent, not known yet, or out of its own range, which has its own error.
#[derive(Clone, Copy, Debug)]
struct Weights {
    live: i64,
    ready: i64,
}

impl Weights {
    fn read(keepalived: &Reader<'_>) -> Weights {
        let in_range = |weight: &i64| weight.unsigned_abs() <= HEAVIEST.unsigned_abs();
        let weight = |name: &str| keepalived.number(name).present().filter(in_range).unwrap_or_default();
        Weights { live: weight(LIVE_WEIGHT), ready: weight(READY_WEIGHT) }
    }

    fn of(self, name: &str) -> i64 {
        if name == LIVE_WEIGHT { self.live } else { self.ready }
    }

    fn with(self, name: &str, weight: i64) -> Weights {
        if name == LIVE_WEIGHT { Weights { live: weight, ..self } } else { Weights { ready: weight, ..self } }
    }

    /// What a load balancer of priority `high` would announce while both checks succeed.
    fn top(self, high: i64) -> i64 {
        high + self.live.max(0) + self.ready.max(0)
    }

    /// What a load balancer of priority `low` would announce whose HAProxy runs and reaches no node.
    fn without_nodes(self, low: i64) -> i64 {
        low + self.live.max(0) + self.ready.min(0)
    }

    /// True if that is as low as what a load balancer with a dead HAProxy may announce, which then keeps the VIP. With a live weight of 0
    /// it announces nothing at all.
    fn sink(self, low: i64) -> bool {
        self.live != 0 && self.ready < 0 && self.without_nodes(low) <= LIMITS.0
    }

    /// The weights `name` may have beside the other one, of the sign of `sign`: the one nearest to 0, and the one farthest from it.
    fn allowed(self, name: &str, sign: i64, low: i64, high: i64) -> Option<(i64, i64)> {
        let good = |weight: &i64| {
            let changed = self.with(name, *weight);
            let moves = weight.abs() > high - low && (*weight > 0 || (high + weight).max(LIMITS.0) < low);
            moves && changed.top(high) <= LIMITS.1 && !changed.sink(low)
        };
        let mut all = (1..=HEAVIEST).map(|weight| weight * sign).filter(good);
        let nearest = all.next()?;
        Some((nearest, all.next_back().unwrap_or(nearest)))
    }
}

fn path(name: &str) -> Path {
    Path::of(KEEPALIVED).attribute(name)
}

fn without_preemption(config: &Reader<'_>, keepalived: &Reader<'_>, diagnostics: &mut Diagnostics) {
    for name in [LIVE_WEIGHT, READY_WEIGHT] {
        let set = !is_absent(config.value(KEEPALIVED), name);
        if set && keepalived.number(name).present().is_some_and(|weight| weight != 0) {
            diagnostics.push(Diagnostic::invalid(
                path(name),
                "Weight without preemption",
                "With `preempt = false` Keepalived takes over only from a load balancer that gives up, and a weight \
                 makes none give up: the VIP would never move. Remove the weight, or set `preempt = true`.",
            ));
        }
    }
}

fn too_small(name: &str, weights: Weights, lowest: (&str, i64), highest: (&str, i64), diagnostics: &mut Diagnostics) {
    let ((low_name, low), (high_name, high), weight) = (lowest, highest, weights.of(name));
    if weight != 0 && weight.abs() <= high - low {
        let sum = match weight {
            ..0 => format!(
                "{high_name} with a failing check would announce {high} - {} = {}, and {low_name} has {low}",
                -weight,
                high + weight
            ),
            _ => format!(
                "{low_name} would announce {low} + {weight} = {}, and {high_name} with a failing check still {high}",
                low + weight
            ),
        };
        diagnostics.push(Diagnostic::invalid(
            path(name),
            "Weight too small to move the VIP",
            format!("{sum}, and only a higher priority takes over. {}", remedy(name, weights, low, high)),
        ));
    } else if weight < 0 && (high + weight).max(LIMITS.0) >= low {
        diagnostics.push(Diagnostic::invalid(
            host_path(low_name, PRIORITY),
            "Priority that cannot be undercut",
            format!(
                "{high_name} with a failing check would announce {} at least, because Keepalived goes no lower, and \
                 {low_name} has {low}, which is not higher. Set the priority of {low_name} to 2 or more.",
                LIMITS.0
            ),
        ));
    }
}

/// What helps, of all that is allowed beside the other weight.
fn remedy(name: &str, weights: Weights, low: i64, high: i64) -> String {
    let at_once =
        if name == LIVE_WEIGHT { " Weight 0, the default, moves it whatever the priorities are." } else { "" };
    let closer = "bring the priorities closer together";
    let sign = if weights.of(name) < 0 { -1 } else { 1 };
    let other = if name == LIVE_WEIGHT { READY_WEIGHT } else { LIVE_WEIGHT };
    let allowed = |weights: Weights| [sign, -sign].into_iter().find_map(|sign| weights.allowed(name, sign, low, high));
    match allowed(weights) {
        Some((only, last)) if only == last => format!("Set `{name}` to {only}, or {closer}.{at_once}"),
        Some((nearest, farthest)) if nearest > 0 => {
            format!("Set `{name}` to {nearest} or more, at most {farthest}, or {closer}.{at_once}")
        }
        Some((nearest, farthest)) => {
            format!("Set `{name}` to {nearest} or less, at least {farthest}, or {closer}.{at_once}")
        }
        None if allowed(weights.with(other, 0)).is_some() => format!(
            "No weight that Keepalived takes does it beside a `{other}` of {}: change that too, or {closer}.{at_once}",
            weights.of(other)
        ),
        None => format!("No weight that Keepalived takes can bridge {low} to {high}: {closer}.{at_once}"),
    }
}

fn over_the_top(weights: Weights, highest: (&str, i64), diagnostics: &mut Diagnostics) {
    let (high_name, high) = highest;
    let positive: Vec<&str> = [LIVE_WEIGHT, READY_WEIGHT].into_iter().filter(|name| weights.of(name) > 0).collect();
    let sum = weights.top(high);
    if let (true, Some(name)) = (sum > LIMITS.1, positive.last()) {
        let terms: Vec<String> = positive.iter().map(|name| weights.of(name).to_string()).collect();
        diagnostics.push(Diagnostic::invalid(
            path(name),
            "Priority over 254",
            format!(
                "{high_name} would announce {high} + {} = {sum}, and Keepalived cuts at {}, where the order is lost. \
                 Lower the priorities or the weights, or use negative weights.",
                terms.join(" + "),
                LIMITS.1,
            ),
        ));
    }
}

/// Before the bootstrap, and while the network is cut, no load balancer reaches a node: one whose HAProxy is dead must still fall lower.
fn sunk(weights: Weights, lowest: (&str, i64), high: i64, diagnostics: &mut Diagnostics) {
    let (low_name, low) = lowest;
    // One that has priority 1 by itself has its own error.
    if low <= LIMITS.0 || !weights.sink(low) {
        return;
    }
    let live = if weights.live > 0 { format!(" + {}", weights.live) } else { String::new() };
    diagnostics.push(Diagnostic::invalid(
        path(READY_WEIGHT),
        "Priority under 2",
        format!(
            "While no node is ready, {low_name} would announce {low}{live} - {} = {}, and Keepalived goes no lower \
             than {}. A load balancer whose HAProxy is dead may announce {} too, and would keep the VIP. {} Or raise \
             all priorities.",
            -weights.ready,
            weights.without_nodes(low),
            LIMITS.0,
            LIMITS.0,
            match weights.allowed(READY_WEIGHT, -1, low, high) {
                Some((only, last)) if only == last => format!("Set `{READY_WEIGHT}` to {only}."),
                Some((nearest, farthest)) => {
                    format!("Set `{READY_WEIGHT}` to {nearest} or less, at least {farthest}.")
                }
                None => "Remove `live_weight`: 0, the default, gives the VIP up at once.".to_owned(),
            }
        ),
    ));
}
