//! The files that are put to the test: every golden of `talosendpoint_haproxy`, and a pair written by hand.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::setup::Setup;

/// The goldens' folder, one folder for each case.
fn goldens() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/haproxy")
}

/// The pair written by hand.
pub fn by_hand() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/drill/cases/two-hosts")
}

/// All of them, by name.
pub fn all() -> Vec<PathBuf> {
    let entries = fs::read_dir(goldens()).into_iter().flatten();
    let mut found: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    found.retain(|path| path.join("haproxy.cfg").is_file());
    found.push(by_hand());
    found.sort();
    found
}

/// The golden of that name; where there is none, the pair written by hand with these replacements in every file.
pub fn setup(golden: &str, replacements: &[(&str, &str)]) -> Setup {
    let rendered = goldens().join(golden);
    if rendered.is_dir() {
        return Setup::read(&rendered).unwrap();
    }
    let changed = changed(&by_hand(), replacements);
    Setup::read(changed.path()).unwrap()
}

/// A copy of a folder of files with replacements in every file.
pub fn changed(folder: &Path, replacements: &[(&str, &str)]) -> TempDir {
    let copy = tempfile::tempdir().unwrap();
    let mut files = vec![PathBuf::from("haproxy.cfg")];
    let hosts = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir());
    files.extend(hosts.map(|host| Path::new(host.file_name().unwrap()).join("keepalived.conf")));
    for file in files {
        let text = fs::read_to_string(folder.join(&file)).unwrap();
        let text = replacements.iter().fold(text, |text, (from, to)| text.replace(from, to));
        fs::create_dir_all(copy.path().join(&file).parent().unwrap()).unwrap();
        fs::write(copy.path().join(&file), text).unwrap();
    }
    copy
}
