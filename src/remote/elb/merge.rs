//! Ten callers may ask at a time, and AWS answers for many things in one call: lookups of one moment are asked together.
//!
//! What a caller may rely on is the same as with a call of its own: the answer is not older than the lookup, somebody else's missing
//! thing is not its error, and nothing is taken for gone on the word of a call that asked for other things too.

use std::collections::BTreeMap;
use std::fmt;
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::{BoxFuture, join_all};
use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::remote::aws_error::{AwsError, Cause};

/// How long a lookup waits for others to share its call, and again while others arrive.
const BATCH_WINDOW: Duration = Duration::from_millis(1);

/// How many times the window is extended at most.
const EXTENSIONS: usize = 10;

/// How long a lookup waits for calls that are under way. AWS answers in a fraction of it; what takes longer may hang, until its last
/// attempt has timed out, and that is no reason to keep others waiting.
const IN_FLIGHT_LIMIT: Duration = Duration::from_secs(2);

/// What was found, by what was asked for. What is missing is left out.
pub(super) type Found<K, V> = BTreeMap<K, V>;

/// One call for all these keys.
type Call<K, V> = Box<dyn Fn(Vec<K>) -> BoxFuture<'static, Result<Found<K, V>, AwsError>> + Send + Sync>;

/// Whether a lookup may go with those that are in a call already.
type Fits<K> = fn(&[K], &[K]) -> bool;

/// Merges the lookups of one kind, which go to one region with one set of credentials.
pub(super) struct Merger<K, V> {
    call: Call<K, V>,
    fits: Fits<K>,
    waiting: Mutex<Vec<Lookup<K, V>>>,
    /// Held while calls are under way: what arrives meanwhile goes together afterwards, or after [`IN_FLIGHT_LIMIT`].
    in_flight: tokio::sync::Mutex<()>,
}

struct Lookup<K, V> {
    keys: Vec<K>,
    asker: oneshot::Sender<Result<Found<K, V>, AwsError>>,
}

impl<K, V> Merger<K, V>
where
    K: Clone + Ord + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    pub(super) fn new<F>(fits: Fits<K>, call: impl Fn(Vec<K>) -> F + Send + Sync + 'static) -> Arc<Merger<K, V>>
    where
        F: Future<Output = Result<Found<K, V>, AwsError>> + Send + 'static,
    {
        let call: Call<K, V> = Box::new(move |keys| Box::pin(call(keys)));
        Arc::new(Merger { call, fits, waiting: Mutex::default(), in_flight: tokio::sync::Mutex::default() })
    }

    /// Asks for `keys`, together with whatever else is asked at this moment.
    ///
    /// # Errors
    /// What AWS answers to a call for these keys alone.
    pub(super) async fn ask(self: &Arc<Self>, keys: Vec<K>) -> Result<Found<K, V>, AwsError> {
        let (asker, answer) = oneshot::channel();
        let first = {
            let mut waiting = self.waiting();
            waiting.push(Lookup { keys, asker });
            waiting.len() == 1
        };
        if first {
            // A task of its own: whoever asked first may go away, and the others still want to know.
            tokio::spawn(Arc::clone(self).serve());
        }
        let lost = || AwsError::new("aws", Cause::BrokenAnswer("the call ended without an answer".to_owned()));
        answer.await.unwrap_or_else(|_| Err(lost()))
    }

    async fn serve(self: Arc<Self>) {
        let mut waiting = 1;
        for _ in 0..EXTENSIONS {
            tokio::time::sleep(BATCH_WINDOW).await;
            let before = mem::replace(&mut waiting, self.waiting().len());
            if waiting == before {
                break;
            }
        }
        let _in_flight = timeout(IN_FLIGHT_LIMIT, self.in_flight.lock()).await;
        let mut batches: Vec<Vec<Lookup<K, V>>> = Vec::new();
        let lookups = mem::take(&mut *self.waiting());
        for lookup in lookups.into_iter().filter(|lookup| !lookup.asker.is_closed()) {
            match batches.iter_mut().find(|batch| (self.fits)(&keys(batch), &lookup.keys)) {
                Some(batch) => batch.push(lookup),
                None => batches.push(vec![lookup]),
            }
        }
        join_all(batches.into_iter().map(|batch| self.answer(batch))).await;
    }

    async fn answer(&self, mut batch: Vec<Lookup<K, V>>) {
        let Some(answer) = while_asked((self.call)(keys(&batch)), &mut batch).await else { return };
        let (merged, asked) = (batch.len() > 1, keys(&batch).len());
        let mut alone = Vec::new();
        for lookup in batch {
            match &answer {
                Ok(found) if asked > 1 && !lookup.keys.iter().all(|key| found.contains_key(key)) => alone.push(lookup),
                Err(error) if merged && may_concern_one(error) => alone.push(lookup),
                Ok(found) => {
                    let own = lookup.keys.iter().filter_map(|key| Some((key.clone(), found.get(key)?.clone())));
                    let own = own.collect();
                    lookup.answer(Ok(own));
                }
                Err(error) => lookup.answer(Err(error.clone())),
            }
        }
        join_all(alone.into_iter().map(|lookup| self.answer_alone(lookup))).await;
    }

    async fn answer_alone(&self, lookup: Lookup<K, V>) {
        let mut alone = [lookup];
        let answer = while_asked(self.ask_for_each(alone[0].keys.clone()), &mut alone).await;
        let [lookup] = alone;
        if let Some(answer) = answer {
            lookup.answer(answer);
        }
    }

    /// One call for `keys`, and one for each that its answer lacks: an answer about several things says nothing about one that isn't in it.
    async fn ask_for_each(&self, keys: Vec<K>) -> Result<Found<K, V>, AwsError> {
        let mut found = (self.call)(keys.clone()).await?;
        if keys.len() > 1 {
            let missing = keys.into_iter().filter(|key| !found.contains_key(key)).collect::<Vec<_>>();
            for answer in join_all(missing.into_iter().map(|key| (self.call)(vec![key]))).await {
                found.append(&mut answer?);
            }
        }
        Ok(found)
    }

    fn waiting(&self) -> MutexGuard<'_, Vec<Lookup<K, V>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K, V> Lookup<K, V> {
    fn answer(self, answer: Result<Found<K, V>, AwsError>) {
        // Fails only where the asker has gone away.
        let _gone = self.asker.send(answer);
    }
}

impl<K, V> fmt::Debug for Merger<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Merger")
    }
}

/// What `call` comes to; `None` once nobody wants to know any more. Else a call would go on being repeated after the last asker's deadline.
async fn while_asked<K, V, T>(call: impl Future<Output = T>, batch: &mut [Lookup<K, V>]) -> Option<T> {
    let unasked = join_all(batch.iter_mut().map(|lookup| lookup.asker.closed()));
    tokio::select! {
        biased;
        _ = unasked => None,
        answer = call => Some(answer),
    }
}

/// Every key once, in the order of the lookups.
fn keys<K: Clone + Ord, V>(batch: &[Lookup<K, V>]) -> Vec<K> {
    let mut keys: Vec<K> = Vec::new();
    for key in batch.iter().flat_map(|lookup| &lookup.keys) {
        if !keys.contains(key) {
            keys.push(key.clone());
        }
    }
    keys
}

/// False for what would meet each of the lookups alone in the same way.
fn may_concern_one(error: &AwsError) -> bool {
    matches!(error.cause, Cause::Service { .. }) && !error.is_throttling()
}

#[cfg(test)]
mod tests;
