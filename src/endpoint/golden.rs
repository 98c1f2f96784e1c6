//! Golden files: what tests expect, under `tests/golden/`, to be read as a diff. `TALOSENDPOINT_GOLDEN=write cargo test` writes them
//! anew.

use std::path::Path;

/// Compares `text` with the golden file, or writes it.
///
/// # Panics
/// If they differ.
#[track_caller]
pub fn check(file: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(file);
    if std::env::var("TALOSENDPOINT_GOLDEN").is_ok_and(|word| word == "write") {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        return;
    }
    let golden = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(text, golden, "tests/golden/{file} differs; TALOSENDPOINT_GOLDEN=write writes it anew");
}
