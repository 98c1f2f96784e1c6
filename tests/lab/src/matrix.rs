//! How much of a large matrix a run goes through.

use std::env;

/// True where every case is to be tested (`TALOSENDPOINT_TEST_LONG=1`, which `make test-long` sets); a sample otherwise.
pub fn is_whole() -> bool {
    env::var_os("TALOSENDPOINT_TEST_LONG").is_some_and(|value| !value.is_empty() && value != "0")
}
