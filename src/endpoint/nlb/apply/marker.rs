//! The tag that says "this is just being made", so that a run that finds something by name can tell its own leftovers, the work of a
//! run that is going on, and what belongs to somebody else.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::Instant;

use crate::endpoint::duration;
use crate::endpoint::nlb::model::marker::{HANDOVER, MARKER};
use crate::endpoint::nlb::model::memory::Memory;
use crate::endpoint::nonce;
use crate::remote::aws_error::AwsError;
use crate::remote::elb::{Elb, Tags};

/// How long a marker that doesn't change makes its run a dead one.
const LEASE: Duration = Duration::from_secs(30);

/// The variable that shortens the lease; tests do.
const LEASE_VARIABLE: &str = "TALOSENDPOINT_CREATE_LEASE";

/// How many runs one tag names: AWS allows a value of 256 characters.
const RUNS: usize = 10;

/// The marker of one run.
#[derive(Debug)]
pub struct Marker {
    nonce: String,
    counter: AtomicU64,
    marked: Mutex<Vec<String>>,
    confirmed: Mutex<Instant>,
    /// What another run has taken over, having taken this one for dead.
    taken: Mutex<Option<String>>,
}

impl Marker {
    /// A marker with a new random nonce.
    pub fn random() -> Marker {
        Marker {
            nonce: nonce::random(),
            counter: AtomicU64::new(0),
            marked: Mutex::default(),
            confirmed: Mutex::new(Instant::now()),
            taken: Mutex::default(),
        }
    }

    /// The run's nonce.
    pub fn nonce(&self) -> &str {
        &self.nonce
    }

    /// `tags` and the marker as it is now.
    pub fn with(&self, tags: &Tags) -> Tags {
        let mut tags = tags.clone();
        tags.extend(self.tag());
        tags
    }

    /// The marker alone.
    pub fn tag(&self) -> Tags {
        let value = format!("{}/{}", self.nonce, self.counter.load(Ordering::Relaxed));
        Tags::from([(MARKER.to_owned(), value)])
    }

    /// The tag of a load balancer beside which this run makes parts. After its own value it keeps that of interrupted runs, whose parts are
    /// removed only at the end of this one.
    pub fn handover(&self, interrupted: Option<&str>) -> Tags {
        let own = format!("{}/0", self.nonce);
        let interrupted = interrupted.into_iter().flat_map(str::split_whitespace).filter(|value| *value != own);
        let values: Vec<&str> = [own.as_str()].into_iter().chain(interrupted).take(RUNS).collect();
        Tags::from([(HANDOVER.to_owned(), values.join(" "))])
    }

    /// The marker, renewed.
    pub fn renewed(&self) -> Tags {
        self.counter.fetch_add(1, Ordering::Relaxed);
        self.tag()
    }

    /// Says that others see it: it was set or read by a call that began at that moment.
    pub fn confirm(&self, begun: Instant) {
        *self.confirmed.lock().unwrap_or_else(PoisonError::into_inner) = begun;
    }

    /// Remembers that `arn` carries another run's marker by now, or none: it is no longer this run's.
    pub fn give_up(&self, arn: &str) {
        self.take_off(arn);
        self.taken.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_with(|| arn.to_owned());
    }

    /// What another run has taken over, if it has.
    pub fn taken(&self) -> Option<String> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// True if something carries it and others may soon take this run for dead: it hasn't been confirmed for half a lease.
    pub fn is_stale(&self) -> bool {
        let confirmed = *self.confirmed.lock().unwrap_or_else(PoisonError::into_inner);
        !self.marked().is_empty() && confirmed.elapsed() > lease() / 2
    }

    /// Remembers that `arn` carries the marker.
    pub fn put_on(&self, arn: &str) {
        let mut marked = self.marked.lock().unwrap_or_else(PoisonError::into_inner);
        if marked.is_empty() {
            self.confirm(Instant::now());
        }
        if !marked.iter().any(|known| known == arn) {
            marked.push(arn.to_owned());
        }
    }

    /// Forgets `arn`, which is gone.
    pub fn take_off(&self, arn: &str) {
        self.marked.lock().unwrap_or_else(PoisonError::into_inner).retain(|known| known != arn);
    }

    /// What carries the marker.
    pub fn marked(&self) -> Vec<String> {
        self.marked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Why tags of finished runs are still there.
#[derive(Debug)]
pub struct TagsStay {
    /// What AWS answered.
    pub error: AwsError,
    /// The keys that it was asked to remove.
    pub keys: Vec<&'static str>,
}

/// Takes the tags of finished runs off `tagged`, which a state names by now: so nobody takes it for a leftover. The tag of a load balancer
/// stays while a run isn't finished that has made parts beside it, and a successor that hasn't taken over yet keeps its marker: until then
/// the nonces are remembered.
///
/// # Errors
/// What AWS answers. The nonces are remembered then.
pub async fn take_off<'a>(
    elb: &Elb,
    tagged: impl Iterator<Item = (&'a str, &'a Tags)>,
    memory: &mut Memory,
) -> Result<(), TagsStay> {
    let keys: &[&str] = if memory.handover.is_none() { &[MARKER, HANDOVER] } else { &[MARKER] };
    for (keys, arns) in removals(keys, tagged, memory) {
        elb.remove_tags(&arns, &keys.iter().map(|key| (*key).to_owned()).collect::<Vec<_>>())
            .await
            .map_err(|error| TagsStay { error, keys })?;
    }
    if memory.successors.is_empty() {
        memory.markers.clear();
    }
    Ok(())
}

/// The calls that remove tags of the runs whose answer is stored: keys, and the ARNs to remove them from. One call, unless that took another
/// run's tag off something.
fn removals<'a>(
    keys: &[&'static str],
    tagged: impl Iterator<Item = (&'a str, &'a Tags)>,
    memory: &Memory,
) -> Vec<(Vec<&'static str>, Vec<String>)> {
    let is_ours = |value: &String| memory.is_stored(value);
    let is_tagged = |(_, tags): &(&str, &Tags)| keys.iter().any(|key| tags.get(*key).is_some_and(is_ours));
    let tagged: Vec<(&str, &Tags)> = tagged.filter(is_tagged).collect();
    let carried = keys.iter().copied().filter(|key| tagged.iter().any(|(_, tags)| tags.get(*key).is_some_and(is_ours)));
    let carried: Vec<&'static str> = carried.collect();
    let is_foreign = |key: &&str| tagged.iter().any(|(_, tags)| tags.get(*key).is_some_and(|value| !is_ours(value)));
    if carried.iter().any(is_foreign) {
        let of = |key: &&'static str| {
            let arns = tagged.iter().filter(|(_, tags)| tags.get(*key).is_some_and(is_ours));
            (vec![*key], arns.map(|(arn, _)| (*arn).to_owned()).collect())
        };
        return carried.iter().map(of).collect();
    }
    let arns: Vec<String> = tagged.into_iter().map(|(arn, _)| arn.to_owned()).collect();
    if arns.is_empty() { Vec::new() } else { vec![(carried, arns)] }
}

/// How long a marker that doesn't change makes its run a dead one.
pub fn lease() -> Duration {
    std::env::var(LEASE_VARIABLE).ok().and_then(|text| duration::parse(&text)).unwrap_or(LEASE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoint::nlb::model::marker::{is_of, nonce, nonces};

    #[test]
    fn a_renewed_marker_is_still_of_its_run() {
        let marker = Marker::random();
        let (first, second) = (marker.tag(), marker.renewed());
        assert_ne!(first, second);
        assert!(is_of(&first, marker.nonce()) && is_of(&second, marker.nonce()));
        assert!(!is_of(&first, Marker::random().nonce()));
        assert!(!is_of(&Tags::new(), marker.nonce()));
    }
    #[test]
    fn the_tag_of_a_load_balancer_keeps_the_runs_before() {
        let (first, second) = (Marker::random(), Marker::random());
        let before = first.handover(None)[HANDOVER].clone();
        let tag = second.handover(Some(&before))[HANDOVER].clone();
        assert_eq!(nonce(&tag), Some(second.nonce()));
        assert_eq!(nonces(&tag).collect::<Vec<_>>(), [second.nonce(), first.nonce()]);
        assert_eq!(second.handover(Some(&tag))[HANDOVER], tag, "a step may run twice");
        let many = (0..30).fold(before, |tag, _| Marker::random().handover(Some(&tag))[HANDOVER].clone());
        assert!(many.len() <= 256, "{many}");
    }

    #[test]
    fn only_tags_of_known_runs_are_taken_off() {
        let tags = |pairs: &[(&str, &str)]| -> Tags {
            pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
        };
        let calls = |balancer: Tags, group: Tags| {
            let tagged = [("balancer", &balancer), ("group", &group), ("listener", &Tags::new())];
            let memory = Memory { markers: vec!["n".to_owned()], ..Memory::default() };
            let calls = removals(&[MARKER, HANDOVER], tagged.into_iter(), &memory);
            calls.into_iter().map(|(keys, arns)| format!("{} {}", keys.join("+"), arns.join("+"))).collect::<Vec<_>>()
        };
        let both = format!("{MARKER}+{HANDOVER} balancer+group");
        assert_eq!(calls(tags(&[(HANDOVER, "n/0")]), tags(&[(MARKER, "n/1")])), [both]);
        let apart = [format!("{MARKER} group"), format!("{HANDOVER} balancer")];
        assert_eq!(calls(tags(&[(HANDOVER, "n/0"), (MARKER, "m/0")]), tags(&[(MARKER, "n/1")])), apart);
        assert_eq!(calls(tags(&[(HANDOVER, "m/0")]), tags(&[(MARKER, "n/1")])), [format!("{MARKER} group")]);
        assert_eq!(calls(tags(&[(HANDOVER, "m/0")]), Tags::new()), Vec::<String>::new());
    }

    #[test]
    fn the_marker_is_renewed_only_on_what_carries_it() {
        let marker = Marker::random();
        for arn in ["a", "b", "a"] {
            marker.put_on(arn);
        }
        marker.take_off("b");
        assert_eq!(marker.marked(), ["a"]);
        let tags = marker.with(&Tags::from([("team".to_owned(), "infra".to_owned())]));
        assert_eq!(tags.keys().collect::<Vec<_>>(), [MARKER, "team"]);
        assert_eq!(tags[MARKER], format!("{}/0", marker.nonce()));
        assert_eq!(marker.nonce().len(), 16);
    }

    #[test]
    fn only_a_nonce_and_a_counter_make_a_marker_ours() {
        for (value, ours) in [("n/0", true), ("n/17", true), ("n", false), ("m/0", false), ("", false), ("/n", false)] {
            assert_eq!(is_of(&Tags::from([(MARKER.to_owned(), value.to_owned())]), "n"), ours, "{value}");
        }
    }
}
