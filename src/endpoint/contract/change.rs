//! A plan for an endpoint that exists: what was, and what comes in its place.

use super::attributes::{HOST, KUBERNETES_API, TALOS_API, TALOS_API_ENDPOINT, TALOSCTL_ENDPOINTS};
use super::kind::Kind;
use crate::endpoint::address::bare;
use crate::framework::value::{Object, Value};

/// What comes in place of an output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum New<'a> {
    /// This.
    This(&'a str),
    /// Nothing: it is switched off.
    Nothing,
    /// What is known only after apply.
    Unknown,
}

/// What an output was, and what it becomes.
pub type Output<'a> = (&'a str, New<'a>);

/// A plan for an endpoint that exists.
#[derive(Clone, Copy)]
pub struct Change<'a> {
    /// What kind it is of.
    pub kind: &'a Kind<'a>,
    /// The configuration.
    pub config: &'a Object,
    /// What is stored.
    pub prior: &'a Object,
    /// What is to be stored.
    pub planned: &'a Object,
}

impl<'a> Change<'a> {
    /// The change of an output that was there; none where it stays.
    pub fn output(self, name: &str) -> Option<Output<'a>> {
        let old = self.prior.get(name)?.as_str()?;
        match self.planned.get(name)? {
            Value::String(new) if old.eq_ignore_ascii_case(new) => None,
            Value::String(new) => Some((old, New::This(new))),
            Value::Unknown(_) => Some((old, New::Unknown)),
            _ => Some((old, New::Nothing)),
        }
    }

    /// Whether the configuration sets `host`.
    pub fn sets_host(self) -> bool {
        self.config.get(HOST).is_some_and(|host| !host.is_null())
    }

    /// Whether talosconfigs hold the endpoint, as far as they are made of `talosctl_endpoints`.
    pub fn is_in_talosconfigs(self) -> bool {
        let Some(endpoint) = self.prior.get(TALOS_API_ENDPOINT).and_then(Value::as_str) else { return false };
        let host = endpoint.rsplit_once(':').map_or(endpoint, |(host, _)| host.trim_matches(['[', ']']));
        let dialled = self.prior.get(TALOSCTL_ENDPOINTS).and_then(Value::elements).unwrap_or_default();
        dialled.iter().filter_map(Value::as_str).any(|text| {
            text.eq_ignore_ascii_case(endpoint)
                || text.eq_ignore_ascii_case(host)
                || bare(text).is_some_and(|ip| bare(host) == Some(ip))
        })
    }

    /// The input that moves the endpoint.
    pub fn mover(self) -> &'static str {
        let inputs = match self.output(HOST) {
            Some(_) if self.sets_host() => return HOST,
            Some(_) => self.kind.inputs,
            None => &[KUBERNETES_API, TALOS_API],
        };
        self.first_changed(inputs)
    }

    /// The first of these inputs that changes; `host` where none does.
    pub fn first_changed(self, inputs: &'static [&'static str]) -> &'static str {
        let changes =
            |name: &&&str| self.planned.contains_key(**name) && self.prior.get(**name) != self.planned.get(**name);
        inputs.iter().find(changes).copied().unwrap_or(HOST)
    }
}
