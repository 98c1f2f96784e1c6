//! What the oracle is asked: one node's patches, and what Talos is expected to see.

use serde_json::{Value as Json, json};

/// One configuration to be made.
#[derive(Clone, Debug)]
pub struct Case {
    /// For messages.
    pub name: String,
    /// The version contract of the base configuration.
    pub contract: String,
    /// True for a worker.
    pub worker: bool,
    /// The cluster's endpoint.
    pub endpoint: String,
    /// What the user's base configuration says beyond the generated one.
    pub base: Vec<String>,
    /// Ours.
    pub patches: Vec<String>,
}

impl Case {
    /// A control-plane node without anything in its base.
    pub fn new(name: &str, contract: &str, patches: &[&str]) -> Case {
        Case {
            name: name.to_owned(),
            contract: contract.to_owned(),
            worker: false,
            endpoint: "https://192.168.0.15:6443".to_owned(),
            base: Vec::new(),
            patches: patches.iter().map(|patch| (*patch).to_owned()).collect(),
        }
    }

    /// The same with this in the base.
    pub fn on(mut self, base: &str) -> Case {
        self.base.push(base.to_owned());
        self
    }

    /// The same for a worker.
    pub fn worker(mut self) -> Case {
        self.worker = true;
        self
    }

    /// As the program reads it.
    pub fn json(&self) -> Json {
        json!({
            "name": self.name, "contract": self.contract, "worker": self.worker, "endpoint": self.endpoint,
            "base": self.base, "patches": self.patches,
        })
    }
}

/// The minor of a version contract: `v1.12`, `1.12.3`.
pub fn minor(version: &str) -> u32 {
    let mut numbers = version.trim_start_matches('v').split('.');
    assert_eq!(numbers.next(), Some("1"), "{version}");
    numbers.next().unwrap().parse().unwrap()
}
