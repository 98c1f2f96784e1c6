//! `migrate`: a state in, a file out. Nothing is contacted, and no configuration is needed.

use std::sync::Arc;

use super::TalosEndpoint;
use crate::endpoint::nlb::migration;
use crate::framework::engine::Engine;
use crate::framework::value::{Object, Value};

/// What is printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Printed {
    /// The file.
    pub file: String,
    /// What the file can't say, for standard error.
    pub notes: String,
}

/// The file for what `terraform show -json` has printed.
///
/// # Errors
/// In words, if the input is no state, or there is nothing in it to bring over.
pub fn migrate(state: &[u8]) -> Result<Printed, String> {
    let engine = Engine::new(Arc::new(TalosEndpoint::default()));
    let concise = |state: Object| {
        engine.generate_concise("talosendpoint_nlb", Value::Object(state)).map(|config| {
            config.into_object().unwrap_or_default() // it always is one
        })
    };
    let migration = migration::migrate(&text(state), &concise).map_err(|reason| reason.to_string())?;
    let notes = migration.notes.iter().map(|note| format!("- {note}\n")).collect();
    Ok(Printed { file: migration.file, notes })
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
