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
    let weights: Vec<(&str, i64)> = [LIVE_WEIGHT, READY_WEIGHT]
        .into_iter()
        .filter_map(|name| Some((name, keepalived.number(name).present().filter(|weight| *weight != 0)?)))
        .collect();
    // What is out of its own range has its own error, and is nothing to calculate with.
    let in_range = |weight: i64| weight.unsigned_abs() <= HEAVIEST.unsigned_abs();
    let weights: Vec<(&str, i64)> = weights.into_iter().filter(|(_, weight)| in_range(*weight)).collect();
    let mut known = priorities(planned);
    known.retain(|(_, priority)| (LIMITS.0..=LIMITS.1).contains(priority));
    let all = planned.value(LOAD_BALANCERS).entries().is_some_and(|hosts| hosts.len() == known.len());
    let extremes = known.iter().min_by_key(|(_, p)| *p).zip(known.iter().max_by_key(|(_, p)| *p));
    if let (true, Some((lowest, highest))) = (all, extremes) {
        for (name, weight) in &weights {
            too_small(name, *weight, *lowest, *highest, diagnostics);
        }
        over_the_top(&weights, *highest, diagnostics);
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

fn too_small(name: &str, weight: i64, lowest: (&str, i64), highest: (&str, i64), diagnostics: &mut Diagnostics) {
    let ((low_name, low), (high_name, high)) = (lowest, highest);
    let needed = high - low + 1;
    if weight.abs() < needed {
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
            format!("{sum}, and only a higher priority takes over. {}", remedy(name, weight, low, high)),
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

/// What helps, of all that is allowed: Keepalived takes weights up to [`HEAVIEST`] either way, and announces nothing above 254.
fn remedy(name: &str, weight: i64, low: i64, high: i64) -> String {
    let needed = high - low + 1;
    let at_once =
        if name == LIVE_WEIGHT { " Weight 0, the default, moves it whatever the priorities are." } else { "" };
    let closer = "bring the priorities closer together";
    let negative = low > LIMITS.0 && needed <= HEAVIEST;
    let positive = weight > 0 && high + needed <= LIMITS.1;
    match (positive, negative) {
        (true, _) => format!("Set `{name}` to {needed} or more, at most {}, or {closer}.{at_once}", LIMITS.1 - high),
        (false, true) => format!("Set `{name}` to {} or less, at least -{HEAVIEST}, or {closer}.{at_once}", -needed),
        (false, false) => format!("No weight that Keepalived takes can bridge {low} to {high}: {closer}.{at_once}"),
    }
}

fn over_the_top(weights: &[(&str, i64)], highest: (&str, i64), diagnostics: &mut Diagnostics) {
    let positive: Vec<&(&str, i64)> = weights.iter().filter(|(_, weight)| *weight > 0).collect();
    let (high_name, high) = highest;
    let sum = high + positive.iter().map(|(_, weight)| weight).sum::<i64>();
    if let (true, Some((name, _))) = (sum > LIMITS.1, positive.last()) {
        let terms: Vec<String> = positive.iter().map(|(_, weight)| weight.to_string()).collect();
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
