//! No connection came about, and to what.

use std::error::Error;

use super::error_chain::innermost;

/// The last attempt of a call came no further than the connection.
#[derive(Debug, thiserror::Error)]
#[error("no connection to {address}: {}", innermost(&**.source))]
pub struct Unconnected {
    /// `HOST` or `HOST:PORT`.
    pub address: String,
    /// Whether an earlier attempt of the same call may have reached AWS.
    pub may_have_been_sent: bool,
    /// Why.
    pub source: Box<dyn Error + Send + Sync>,
}
