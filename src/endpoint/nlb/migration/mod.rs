//! `terraform-provider-talosendpoint migrate`: from a state with an `aws_lb` layout to one file that brings it over.
//!
//! Only computes: the state that `terraform show -json` prints goes in, text comes out. The load balancers are described by the same types
//! as those that AWS describes, so what is imported and what is printed here are decided by the same code. In reading order:
//!
//! 1. [`aws_attributes`] knows hashicorp's names, and what becomes of each.
//! 2. [`described`] makes load balancers of them, and [`layout`] finds the load balancers, and what behind them comes over.
//! 3. [`blocks`], [`staying`], [`removal`], [`attachments`] and [`references`] are the parts of the [`mod@file`]; [`notes`] is what it can't hold.
//!
//! The state is read by [`shown_state`](crate::framework::shown_state), and Terraform's language written by [`hcl`](crate::framework::hcl).

pub mod aws_attributes;
pub mod described;
pub mod layout;
pub mod blocks;
pub mod staying;
pub mod removal;
pub mod attachments;
pub mod references;
pub mod file;
pub mod notes;

use self::layout::{Concise, Layout};
use crate::framework::shown_state::{ShownState, Unreadable};

/// What is printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Migration {
    /// The file.
    pub file: String,
    /// What was left alone, and what becomes of what the file can't say: a sentence each.
    pub notes: Vec<String>,
}

/// Why there is nothing to print.
#[derive(Debug, thiserror::Error)]
pub enum Unmigrated {
    /// The input isn't what `terraform show -json` prints of a state.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// No load balancer comes over.
    #[error(
        "This state has no Network Load Balancer (`aws_lb` of the type \"network\") with a TCP listener that leads to \
         targets on port 6443 or 50000, so there is nothing to bring over.{}",
        listed(.0)
    )]
    Nothing(Vec<String>),
}

fn listed(notes: &[String]) -> String {
    notes.iter().map(|note| format!("\n- {note}")).collect()
}

/// The file for everything in the state that `talosendpoint_nlb` can take over.
///
/// # Errors
/// If `text` isn't a state, or has no such load balancer.
pub fn migrate(text: &str, concise: Concise<'_>) -> Result<Migration, Unmigrated> {
    let state = ShownState::parse(text, &aws_attributes::is_of_load_balancers)?;
    let layout = Layout::of(&state, concise);
    let notes = notes::notes(&state, &layout);
    match layout.endpoints.is_empty() {
        true => Err(Unmigrated::Nothing(notes)),
        false => Ok(Migration { file: file::file(&state, &layout), notes }),
    }
}
