//! The file that users get: small, in need of nothing, at home in an empty root.
//!
//! `TALOSENDPOINT_TEST_RELEASE` names it (`make test` builds it and sets that); without it these tests say that they are skipped.

// The lints' exceptions for tests cover test functions only, not what they share.
#![allow(clippy::unwrap_used)]

// The wire client; its own tests are elsewhere.
#[allow(dead_code)]
#[path = "../wire/client.rs"]
mod client;
#[allow(dead_code)]
#[path = "../wire/handshake.rs"]
mod handshake;
#[allow(dead_code)]
#[path = "../wire/identity.rs"]
mod identity;

mod dist;
mod elf;
mod names;
mod empty_root;

use elf::Elf;
use std::env;

use lab::need;
use lab::programs::release;

/// What a release may weigh, in bytes: it is fetched by every machine that runs Terraform, and started several times a command.
const LARGEST: usize = 16 << 20;

#[test]
fn it_is_one_small_file_that_needs_no_other() {
    let file = std::fs::read(need!(release())).unwrap();
    assert!(file.len() <= LARGEST, "{} bytes are more than {LARGEST}; see [profile.release] in Cargo.toml", file.len());
    let elf = Elf::parse(&file);
    assert_eq!(elf.interpreter, None, "a program interpreter is a file that an empty root lacks");
    assert_eq!(elf.needed, Vec::<String>::new(), "shared libraries are files that an empty root lacks");
}

#[test]
fn what_a_file_needs_is_found() {
    // This test itself is an ordinary program, linked to the C library.
    let elf = Elf::parse(&std::fs::read(env::current_exe().unwrap()).unwrap());
    assert!(elf.interpreter.is_some_and(|path| path.starts_with("/lib")));
    assert!(elf.needed.iter().any(|library| library.starts_with("libc.so")), "{:?}", elf.needed);
}
