//! `migrate`: a state in, a file out. Nothing is contacted, and no configuration is needed.

use std::sync::Arc;

use super::TalosEndpoint;
use crate::endpoint::nlb::migration::{self, Migration, Unmigrated};
use crate::framework::engine::Engine;
use crate::framework::value::{Object, Value};

/// The file for what `terraform show -json` has printed.
///
/// # Errors
/// If the input is no state, or there is nothing in it to bring over.
pub fn migrate(state: &[u8]) -> Result<Migration, Unmigrated> {
    let engine = Engine::new(Arc::new(TalosEndpoint::default()));
    let concise = |state: Object| {
        engine.generate_concise("talosendpoint_nlb", Value::Object(state)).map(|config| {
            config.into_object().unwrap_or_default() // it always is one
        })
    };
    migration::migrate(&text(state), &concise)
}

/// Windows PowerShell redirects into UTF-16.
fn text(bytes: &[u8]) -> String {
    match bytes {
        [0xff, 0xfe, rest @ ..] => {
            let units = rest.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
            char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
        }
        other => String::from_utf8_lossy(other).into_owned(),
    }
}
