//! A machine that can't ask says so.

use lab::need;
use lab::skip::Missing;

use crate::oracle::{build, go, why_not};

#[test]
fn without_a_module_proxy_it_is_said_which_is_missing() {
    let go = need!(go());
    let nothing = tempfile::tempdir().unwrap();
    let cache = ("GOMODCACHE", nothing.path().into());
    for proxy in ["off", "http://127.0.0.1:1"] {
        let Err(Missing(what)) = build(&go, 9, &[cache.clone(), ("GOPROXY", proxy.into())]) else {
            panic!("{proxy}: built from nothing")
        };
        assert!(what.starts_with("a Go module proxy, for Talos v1.9 ("), "{what}");
    }
}

#[test]
fn what_a_machine_lacks_is_told_from_what_is_broken() {
    let old = "go: go.mod requires go >= 1.26.6 (running go 1.24.1; GOTOOLCHAIN=local)\n";
    assert_eq!(why_not(13, old), Some(Missing("go 1.26.6 or newer, for Talos v1.13,".to_owned())));
    assert_eq!(why_not(13, "./main.go:3:1: undefined: x\n"), None);
    assert_eq!(why_not(13, "missing go.sum entry for module\n"), None);
}
