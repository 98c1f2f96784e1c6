//! The one log in which calls and marks stand in the order of their arrival.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Instant;

use super::call::{Answer, Call};
use super::server::{Reply, Request};

/// One line of the log.
#[derive(Debug, Clone)]
pub enum Entry {
    /// An AWS request.
    Call(Box<Call>),
    /// Something that a test, or a `local-exec` of a configuration, wanted to see between the calls.
    Mark {
        /// The last part of the path `/mark/NAME`.
        name: String,
        /// When it arrived.
        at: Instant,
    },
}

/// Shared by the server that writes it and the test that reads it.
#[derive(Debug, Clone, Default)]
pub struct Log {
    entries: Arc<Mutex<Vec<Entry>>>,
}

impl Log {
    /// Calls and marks.
    pub fn entries(&self) -> Vec<Entry> {
        self.lock().clone()
    }

    /// The calls alone.
    pub fn calls(&self) -> Vec<Call> {
        let calls = self.entries().into_iter().filter_map(|entry| match entry {
            Entry::Call(call) => Some(*call),
            Entry::Mark { .. } => None,
        });
        calls.collect()
    }

    /// The ELBv2 calls that change something, whether they succeeded or not.
    pub fn mutating(&self) -> Vec<Call> {
        self.calls().into_iter().filter(Call::is_mutating).collect()
    }

    /// The actions of [`Log::mutating`], [`counted`], without the renewals of the tag `marker` with values `NONCE/COUNT`: how many there
    /// are depends on how long a run takes.
    pub fn mutations(&self, marker: &str) -> String {
        let is_renewal = |call: &Call| {
            let value = call.param("Tags.member.1.Value").unwrap_or_default();
            call.action == "AddTags" && call.param("Tags.member.1.Key") == Some(marker) && !value.ends_with("/0")
        };
        let mut calls = self.mutating();
        calls.retain(|call| !is_renewal(call));
        counted(&calls)
    }

    /// The calls of one action.
    pub fn of(&self, action: &str) -> Vec<Call> {
        let calls = self.calls().into_iter();
        calls.filter(|call| call.action == action).collect()
    }

    /// One word per entry: the action of a call, `mark:NAME` of a mark. For assertions about order.
    pub fn sequence(&self) -> Vec<String> {
        let words = self.entries().into_iter().map(|entry| match entry {
            Entry::Call(call) => call.action,
            Entry::Mark { name, .. } => format!("mark:{name}"),
        });
        words.collect()
    }

    /// Forgets everything so far. Numbers start again; an answer still under way is lost to the log.
    pub fn clear(&self) {
        self.lock().clear();
    }

    /// Notes `name` as if `/mark/NAME` had been requested.
    pub fn mark(&self, name: &str) {
        self.lock().push(Entry::Mark { name: name.to_owned(), at: Instant::now() });
    }

    /// Answers `/mark/NAME`; `None` for every other path.
    pub(super) fn take_mark(&self, request: &Request) -> Option<Reply> {
        let name = request.path.strip_prefix("/mark/")?;
        self.mark(name);
        Some(Reply::text(200, "marked\n"))
    }

    /// Adds a call that has just arrived and gives it its number.
    pub(super) fn begin(&self, mut call: Call) -> Call {
        let mut entries = self.lock();
        call.number = entries.len();
        entries.push(Entry::Call(Box::new(call.clone())));
        call
    }

    /// Completes a call that was begun.
    pub(super) fn complete(&self, call: &mut Call, reply: &Reply, answer: Answer) {
        call.complete(reply, answer);
        let mut entries = self.lock();
        if let Some(Entry::Call(noted)) = entries.get_mut(call.number)
            && noted.started == call.started
        {
            **noted = call.clone();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Entry>> {
        self.entries.lock().unwrap()
    }
}

/// The actions of calls, `CreateListener*3 ModifyListener`, in alphabetical order: calls of one wave have none.
pub fn counted(calls: &[Call]) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for call in calls {
        *counts.entry(&call.action).or_default() += 1;
    }
    let words = counts.into_iter().map(|(action, count)| match count {
        1 => action.to_owned(),
        _ => format!("{action}*{count}"),
    });
    words.collect::<Vec<_>>().join(" ")
}
