//! The rules by which Terraform judges a provider's plans and results, written a second time and apart from the engine, and the engine
//! held to them: over generated schemas, over ten fixed ones, and those also before the real Terraform.

// A broken expectation of a test ends that test: that is what panics are for.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use talosendpoint::framework as f;

mod rules;
mod walk;
mod proposed;
mod mutants;
mod choices;
mod generate;
mod generic;
mod generated;
mod fixed;
mod terraform;
