use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::time::sleep;

use super::*;

/// A source that takes its time, counts how often it is asked, and gives what is good for so long.
#[derive(Clone, Debug)]
struct Source {
    takes: Duration,
    good_for: Option<Duration>,
    asked: Arc<AtomicUsize>,
}

impl ProvideCredentials for Source {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(async move {
            self.asked.fetch_add(1, Ordering::Relaxed);
            sleep(self.takes).await;
            let end = self.good_for.map(|length| SystemTime::now() + length);
            Ok(Credentials::new("AKIA", "secret", None, end, "test"))
        })
    }
}

fn kept(takes: u64, good_for: Option<u64>) -> (Kept<Source>, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let source = Source {
        takes: Duration::from_secs(takes),
        good_for: good_for.map(Duration::from_secs),
        asked: Arc::clone(&asked),
    };
    (Kept { source, found: Mutex::default() }, asked)
}

#[tokio::test(start_paused = true)]
async fn a_source_is_asked_once_while_what_it_gave_is_good() {
    for (good_for, times) in [(None, 1), (Some(3600), 1), (Some(30), 3)] {
        let (kept, asked) = kept(50, good_for);
        let all = futures_util::join!(kept.provide_credentials(), kept.provide_credentials());
        assert!(all.0.is_ok() && all.1.is_ok());
        kept.provide_credentials().await.unwrap();
        assert_eq!(asked.load(Ordering::Relaxed), times, "{good_for:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_source_that_never_answers_is_an_error_that_says_so() {
    let (kept, asked) = kept(3600, None);
    let begun = Instant::now();
    let said = async || CredentialsFailure::of(&kept.provide_credentials().await.unwrap_err(), None, None).to_string();
    let all = futures_util::join!(said(), said());
    assert_eq!(all, ("none came within 60s".to_owned(), all.0.clone()));
    assert_eq!((begun.elapsed().as_secs(), asked.load(Ordering::Relaxed)), (60, 1), "for all who wait");
    sleep(LIMIT).await;
    said().await;
    assert_eq!(asked.load(Ordering::Relaxed), 2, "and it may come back");
}
