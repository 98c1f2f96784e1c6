use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::future::join_all;
use tokio::time::{Instant, sleep};

use super::*;

/// How long each call takes.
const CALL: Duration = Duration::from_millis(50);

/// How long one takes that hangs: until its last attempt has timed out.
const HANG: Duration = Duration::from_secs(95);

/// AWS, which refuses a call that names `missing`, leaves `omitted` out, hangs on `hanging`, and keeps what it was asked.
#[derive(Default)]
struct Aws {
    calls: Mutex<Vec<Vec<u32>>>,
    missing: Option<u32>,
    omitted: Option<u32>,
    hanging: Option<u32>,
    error: Option<Cause>,
    panics_once: AtomicBool,
}

impl Aws {
    fn merger(self) -> (Arc<Aws>, Arc<Merger<u32, String>>) {
        let aws = Arc::new(self);
        let asked = Arc::clone(&aws);
        let fits = |batch: &[u32], more: &[u32]| batch.len() + more.len() <= 4;
        (aws, Merger::new(fits, move |keys| Arc::clone(&asked).answer(keys)))
    }

    async fn answer(self: Arc<Aws>, keys: Vec<u32>) -> Result<Found<u32, String>, AwsError> {
        self.calls.lock().unwrap().push(keys.clone());
        let hangs = keys.iter().any(|key| Some(*key) == self.hanging);
        sleep(if hangs { HANG } else { CALL }).await;
        assert!(!self.panics_once.swap(false, Ordering::Relaxed), "a bug in reading the answer");
        if let Some(cause) = &self.error {
            return Err(AwsError::new("call", cause.clone()));
        }
        if keys.iter().any(|key| Some(*key) == self.missing) {
            return Err(refused("TargetGroupNotFound"));
        }
        let known = keys.into_iter().filter(|key| Some(*key) != self.omitted || keys_of_one(&self.calls));
        Ok(known.map(|key| (key, key.to_string())).collect())
    }

    fn calls(&self) -> Vec<Vec<u32>> {
        self.calls.lock().unwrap().clone()
    }
}

/// Whether the last call was for one thing.
fn keys_of_one(calls: &Mutex<Vec<Vec<u32>>>) -> bool {
    calls.lock().unwrap().last().is_some_and(|keys| keys.len() == 1)
}

fn refused(code: &str) -> AwsError {
    AwsError::new("call", Cause::Service { code: code.to_owned(), message: String::new() })
}

fn found(keys: &[u32]) -> Result<Found<u32, String>, AwsError> {
    Ok(keys.iter().map(|key| (*key, key.to_string())).collect())
}

#[tokio::test(start_paused = true)]
async fn questions_of_one_moment_are_one_call() {
    let (aws, merger) = Aws::default().merger();
    let begun = Instant::now();
    let answers = join_all([vec![1, 2], vec![2], vec![3]].map(|keys| merger.ask(keys))).await;
    assert_eq!(answers, [found(&[1, 2]), found(&[2]), found(&[3])]);
    assert_eq!(aws.calls(), [vec![1, 2, 3]], "and each thing is asked for once, {:?}", begun.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_single_question_hardly_waits() {
    let (aws, merger) = Aws::default().merger();
    let begun = Instant::now();
    assert_eq!(merger.ask(vec![1]).await, found(&[1]));
    assert!(begun.elapsed() <= CALL + Duration::from_millis(2), "{:?}", begun.elapsed());
    assert_eq!(aws.calls(), [[1]]);
}

#[tokio::test(start_paused = true)]
async fn what_does_not_fit_is_another_call_at_the_same_time() {
    let (aws, merger) = Aws::default().merger();
    let begun = Instant::now();
    let answers = join_all((1..=5).map(|key| merger.ask(vec![key]))).await;
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    assert_eq!(aws.calls(), [vec![1, 2, 3, 4], vec![5]]);
    assert!(begun.elapsed() < CALL * 2);
    // One question may be larger than a call: it is its caller's to divide.
    merger.ask((1..=6).collect()).await.unwrap();
    assert_eq!(aws.calls().last().unwrap().len(), 6);
}

/// An answer that was on its way when the question came could be older than what the asker has just changed.
#[tokio::test(start_paused = true)]
async fn a_question_is_never_answered_by_a_call_that_was_sent_before_it() {
    let (aws, merger) = Aws::default().merger();
    let later = async |delay: Duration, keys: Vec<u32>| {
        sleep(delay).await;
        merger.ask(keys).await
    };
    let (second, third) = (later(CALL / 4, vec![1]), later(CALL / 2, vec![2]));
    let (first, second, third) = futures_util::join!(merger.ask(vec![1]), second, third);
    assert_eq!([first, second, third], [found(&[1]), found(&[1]), found(&[2])]);
    assert_eq!(aws.calls(), [vec![1], vec![1, 2]], "what came meanwhile goes together");
}

#[tokio::test(start_paused = true)]
async fn a_call_that_hangs_keeps_nobody_else_waiting() {
    let (aws, merger) = Aws { hanging: Some(1), ..Aws::default() }.merger();
    let begun = Instant::now();
    let others = async {
        sleep(CALL).await;
        for keys in [[2, 3], [4, 5]] {
            let asked = Instant::now();
            let answers = join_all(keys.map(|key| merger.ask(vec![key]))).await;
            assert_eq!(answers, keys.map(|key| found(&[key])));
            assert!(asked.elapsed() <= IN_FLIGHT_LIMIT + CALL * 2, "{:?}", asked.elapsed());
        }
        assert_eq!(aws.calls(), [vec![1], vec![2, 3], vec![4, 5]], "and they still go together");
    };
    let (hung, ()) = futures_util::join!(merger.ask(vec![1]), others);
    assert_eq!(hung, found(&[1]));
    assert!(begun.elapsed() >= HANG);
}

#[tokio::test(start_paused = true)]
async fn one_that_is_missing_is_no_error_of_the_others() {
    let (aws, merger) = Aws { missing: Some(2), ..Aws::default() }.merger();
    let answers = join_all([1, 2, 3].map(|key| merger.ask(vec![key]))).await;
    assert_eq!(answers, [found(&[1]), Err(refused("TargetGroupNotFound")), found(&[3])]);
    assert_eq!(aws.calls(), [vec![1, 2, 3], vec![1], vec![2], vec![3]]);
}

#[tokio::test(start_paused = true)]
async fn what_a_merged_answer_lacks_is_asked_for_alone() {
    let (aws, merger) = Aws { omitted: Some(2), ..Aws::default() }.merger();
    let answers = join_all([1, 2, 3].map(|key| merger.ask(vec![key]))).await;
    assert_eq!(answers, [found(&[1]), found(&[2]), found(&[3])]);
    assert_eq!(aws.calls(), [vec![1, 2, 3], vec![2]]);
}

#[tokio::test(start_paused = true)]
async fn what_an_answer_about_several_lacks_is_asked_for_alone_too() {
    let (aws, merger) = Aws { omitted: Some(2), ..Aws::default() }.merger();
    assert_eq!(merger.ask(vec![1, 2, 3]).await, found(&[1, 2, 3]), "left out is not gone");
    assert_eq!(aws.calls(), [vec![1, 2, 3], vec![1, 2, 3], vec![2]]);
    let (aws, merger) = Aws { missing: Some(2), ..Aws::default() }.merger();
    assert_eq!(merger.ask(vec![1, 2, 3]).await, Err(refused("TargetGroupNotFound")));
    assert_eq!(aws.calls().len(), 1, "what AWS says is missing is missing");
}

#[tokio::test(start_paused = true)]
async fn what_would_meet_each_alone_is_not_repeated() {
    let throttled = Cause::Service { code: "Throttling".to_owned(), message: String::new() };
    for cause in [throttled, Cause::TimedOut, Cause::Unreachable("no route".to_owned())] {
        let (aws, merger) = Aws { error: Some(cause.clone()), ..Aws::default() }.merger();
        let answers = join_all([1, 2].map(|key| merger.ask(vec![key]))).await;
        let error = AwsError::new("call", cause);
        assert_eq!(answers, [Err(error.clone()), Err(error)]);
        assert_eq!(aws.calls(), [[1, 2]]);
    }
}

#[tokio::test(start_paused = true)]
async fn whoever_goes_away_takes_nobody_with_him() {
    let (aws, merger) = Aws::default().merger();
    let asking = |key| {
        let merger = Arc::clone(&merger);
        tokio::spawn(async move { merger.ask(vec![key]).await })
    };
    // The first, before the call and during it.
    for (before, expected) in [(Duration::ZERO, vec![2]), (CALL / 2, vec![1, 2])] {
        let (gone, stays) = (asking(1), asking(2));
        tokio::task::yield_now().await;
        sleep(before).await;
        gone.abort();
        assert_eq!(stays.await.unwrap(), found(&[2]));
        assert_eq!(aws.calls().last(), Some(&expected));
    }
    // All of them: nothing is asked, and the next one isn't left waiting.
    let count = aws.calls().len();
    let gone = asking(1);
    tokio::task::yield_now().await;
    gone.abort();
    sleep(CALL).await;
    assert_eq!(aws.calls().len(), count);
    assert_eq!(merger.ask(vec![3]).await, found(&[3]));
}

#[tokio::test(start_paused = true)]
async fn a_panic_is_an_error_of_that_call_only() {
    let (_, merger) = Aws { panics_once: AtomicBool::new(true), ..Aws::default() }.merger();
    let answers = join_all([1, 2].map(|key| merger.ask(vec![key]))).await;
    assert!(answers.iter().all(Result::is_err), "{answers:?}");
    assert_eq!(merger.ask(vec![1]).await, found(&[1]));
}

#[tokio::test(start_paused = true)]
async fn the_batch_window_is_extended_but_not_forever() {
    let (aws, merger) = Aws::default().merger();
    let stream = join_all((0..40).map(|key| {
        let merger = Arc::clone(&merger);
        async move {
            sleep(BATCH_WINDOW * key).await;
            merger.ask(vec![key]).await.unwrap()
        }
    }));
    let begun = Instant::now();
    let first = async {
        merger.ask(vec![100]).await.unwrap();
        begun.elapsed()
    };
    let (first, _) = futures_util::join!(first, stream);
    assert!(first <= CALL + BATCH_WINDOW * 12, "{first:?}");
    assert!(aws.calls().len() < 20, "{:?}", aws.calls());
}
