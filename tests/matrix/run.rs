//! All cells, on all processors.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock};
use std::thread;
use std::time::Instant;

use crate::cell::Prepared;
use crate::lifecycle::{Step, steps};
use crate::table::Table;
use crate::wire::Order;

/// One piece of work: a step, and a fault at a call of it.
struct Piece {
    step: usize,
    order: Order,
    name: String,
}

/// Runs the cells whose name contains `only`.
pub fn matrix(only: &str) -> Table {
    let began = Instant::now();
    let named = only.split_once(": ").map_or("", |(step, _)| step);
    let prepared = prepare(steps().into_iter().filter(|step| step.name.contains(named)).collect());
    let pieces: Vec<Piece> = prepared.iter().enumerate().flat_map(|(step, prepared)| pieces(step, prepared)).collect();
    let pieces: Vec<Piece> = pieces.into_iter().filter(|piece| piece.name.contains(only)).collect();
    let (next, table) = (AtomicUsize::new(0), Mutex::new(Table::default()));
    on_all_processors(|| {
        while let Some(piece) = pieces.get(next.fetch_add(1, Ordering::Relaxed)) {
            let prepared = &prepared[piece.step];
            let results = paused(prepared.run(piece.order));
            let mut table = table.lock().unwrap();
            for (next, result) in results {
                let name = format!("{}, then {next:?}", piece.name);
                table.add((piece.step, prepared.step.name), piece.order.kind, name, result);
            }
        }
    });
    println!("{} faults in {:.0?}", pieces.len(), began.elapsed());
    table.into_inner().unwrap()
}

/// Each step without a fault, on all processors.
fn prepare(steps: Vec<Step>) -> Vec<Prepared> {
    let next = AtomicUsize::new(0);
    let prepared: Vec<OnceLock<Prepared>> = steps.iter().map(|_| OnceLock::new()).collect();
    on_all_processors(|| {
        while let Some(number) = Some(next.fetch_add(1, Ordering::Relaxed)).filter(|number| *number < steps.len()) {
            prepared[number].get_or_init(|| paused(Prepared::new(steps[number].clone())));
        }
    });
    prepared.into_iter().filter_map(OnceLock::into_inner).collect()
}

fn on_all_processors(work: impl Fn() + Sync) {
    let processors = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..processors {
            scope.spawn(&work);
        }
    });
}

/// Every fault at every call.
fn pieces(step: usize, prepared: &Prepared) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for (number, call) in prepared.calls.iter().enumerate() {
        for kind in prepared.faults(number) {
            let name = format!("{}: {} at call {number} ({})", prepared.step.name, kind.name(), call.action);
            // Another place of the cut at each call.
            pieces.push(Piece { step, order: Order { call: number, kind, seed: number * 7 }, name });
        }
    }
    pieces
}

/// Runs `work` on a clock that jumps to whatever is waited for.
fn paused<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    runtime.block_on(work)
}
