//! Code for systems on which nothing is tested stays in a few files, which the workflow compiles there.

use crate::assert_none;
use crate::source::Source;

/// Files with a Unix half and another one: what a host's process needs, an SSH agent's socket, the name of the machine.
const FILES: [&str; 8] = [
    "plugin/listener.rs",
    "plugin/mod.rs",
    "plugin/parent.rs",
    "plugin/signals.rs",
    "plugin/stdio.rs",
    "plugin/unix_socket.rs",
    "remote/probe/vantage.rs",
    "remote/ssh/authentication.rs",
];

/// What is there on some systems only.
const OF_A_SYSTEM: [&str; 8] = [
    "cfg(unix)",
    "cfg(not(unix))",
    "cfg(windows)",
    "cfg(target_os",
    "os::unix",
    "os::windows",
    "signal::unix",
    "rustix::",
];

fn problems(sources: &[Source]) -> Vec<String> {
    let of_a_system = |source: &&Source| OF_A_SYSTEM.iter().any(|text| source.code.contains(text));
    let found: Vec<&str> = sources.iter().filter(of_a_system).map(|source| source.path.as_str()).collect();
    let more = found.iter().filter(|path| !FILES.contains(path)).map(|path| {
        format!(
            "src/{path}: has code for one system. Put it into a file that has such code already: {}.",
            FILES.join(", ")
        )
    });
    let less =
        FILES.iter().filter(|path| !found.contains(path)).map(|path| format!("src/{path}: has no such code any more."));
    more.chain(less).collect()
}

#[test]
fn code_for_one_system_stays_in_few_files() {
    assert_none(&problems(&Source::all()));
}

#[test]
fn code_for_one_system_elsewhere_is_found() {
    let mut sources: Vec<Source> = FILES.iter().map(|path| Source::new(path, "#[cfg(unix)]\nfn a() {}\n")).collect();
    assert_none(&problems(&sources));
    sources.push(Source::new("endpoint/x.rs", "use std::os::unix::fs::MetadataExt;\n"));
    assert_eq!(problems(&sources).len(), 1);
    assert_eq!(problems(&sources[1..sources.len() - 1]).len(), 1);
}
