//! Code for systems on which nothing is tested stays in a few files, which the workflow compiles there.

use std::path::Path;
use std::process::Command;

use regex::Regex;

use crate::source::Source;
use crate::{assert_none, root};

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
const OF_A_SYSTEM: &str =
    r"cfg!?\([^\n]*\b(unix|windows|target_os|target_family)\b|\bos::(unix|windows)\b|signal::unix|rustix::";

fn problems(sources: &[Source]) -> Vec<String> {
    let of_a_system = Regex::new(OF_A_SYSTEM).unwrap();
    let of_a_system = |source: &&Source| of_a_system.is_match(&source.code);
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
    for code in [
        "use std::os::unix::fs::MetadataExt;",
        "#[cfg(not(windows))]\nfn a() {}",
        "#[cfg(any(unix, test))]\nfn a() {}",
        "fn a() -> bool { cfg!(target_os = x) }",
        "#[cfg(all(test, target_family = x))]\nfn a() {}",
    ] {
        let more: Vec<Source> = sources.iter().cloned().chain([Source::new("endpoint/x.rs", code)]).collect();
        assert_eq!(problems(&more).len(), 1, "{code}");
    }
    sources.push(Source::new("endpoint/x.rs", "#[cfg(test)]\nfn windows() {}\n"));
    let own = sources.len() - 1;
    assert_none(&problems(&sources[..own]));
    assert_none(&problems(&sources));
    assert_eq!(problems(&sources[1..sources.len() - 1]).len(), 1);
}

/// The files that become a part of the program as they are, from the folder of the one that includes them.
fn included(source: &Source) -> Vec<std::path::PathBuf> {
    let folder = root().join("src").join(&source.path).parent().unwrap().to_owned();
    let calls = source.text.split("include_str!(\"").skip(1).filter_map(|rest| rest.split('"').next());
    calls.map(|path| folder.join(path)).collect()
}

/// git gives other line ends on Windows, unless it is told not to: then a shell on a host doesn't understand its script.
#[test]
fn what_is_compiled_in_has_the_same_line_ends_everywhere() {
    let files: Vec<_> = Source::all().iter().flat_map(included).collect();
    assert!(files.len() >= 5, "{files:?}");
    let with_cr = files.iter().filter(|file| std::fs::read(file).unwrap().contains(&b'\r'));
    assert_none(&with_cr.map(|file| format!("{}: has carriage returns.", file.display())).collect::<Vec<_>>());
    let attributes = std::fs::read_to_string(root().join(".gitattributes")).unwrap();
    assert!(attributes.lines().any(|line| line == "* text=auto eol=lf"), "{attributes}");
    if !root().join(".git").exists() {
        return; // an unpacked archive: git has nothing to say
    }
    let of = |file: &Path| {
        let output =
            Command::new("git").arg("-C").arg(root()).args(["check-attr", "eol", "--"]).arg(file).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let licence = root().join("LICENSE");
    let others = files.iter().chain([&licence]).filter(|file| !of(file).trim_end().ends_with(": eol: lf"));
    assert_none(&others.map(|file| format!("{}: git may change its line ends.", file.display())).collect::<Vec<_>>());
}
