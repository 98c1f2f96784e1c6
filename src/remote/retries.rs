//! How often a call is repeated, and when not: as the field expects it of a provider, which outlasts minutes of throttling.
//!
//! Repeats end with the caller's own deadline, which always wins.

use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_smithy_runtime::client::retries::{RetryPartition, TokenBucket};

/// Attempts of one call where nothing else is set: those of hashicorp/aws.
pub const ATTEMPTS: u32 = 25;

/// The longest pause between two attempts. Pauses grow to it from a second, each of random length.
const LONGEST_PAUSE: Duration = Duration::from_secs(20);

/// Attempts of a call that comes no further than the connection: names that aren't found, refused connections, TLS, proxies. With the time
/// that a connection may take these are ten seconds; more only keeps whoever has mistyped an address waiting.
pub const CONNECT_ATTEMPTS: u32 = 3;

/// What the environment and the profile say is `found`; whether they name a number of attempts is `is_set`, else it is [`ATTEMPTS`]. Each of
/// our own settings alone wins over theirs.
pub fn config(found: RetryConfig, is_set: bool, own: Option<u32>, adaptive: Option<bool>) -> RetryConfig {
    let attempts = own.unwrap_or(if is_set { found.max_attempts() } else { ATTEMPTS });
    let mode = match adaptive {
        Some(true) => RetryConfig::adaptive(),
        Some(false) => RetryConfig::standard(),
        None => found,
    };
    mode.with_max_attempts(attempts).with_max_backoff(LONGEST_PAUSE)
}

/// The repeats of one client among themselves. The SDK's default shares a bucket of tokens with everything in the process, which a few calls
/// that are throttled at once empty; then nothing is repeated any more.
pub fn partition(name: String) -> RetryPartition {
    RetryPartition::custom(name).token_bucket(TokenBucket::unlimited()).build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_setting_wins() {
        let found = || RetryConfig::standard().with_max_attempts(7);
        let attempts = |is_set, own| config(found(), is_set, own, None).max_attempts();
        assert_eq!((attempts(false, None), attempts(true, None)), (25, 7));
        assert_eq!((attempts(false, Some(2)), attempts(true, Some(2))), (2, 2));
        let adaptive = config(found(), true, None, Some(true));
        assert_eq!((adaptive.max_attempts(), adaptive.max_backoff().as_secs()), (7, 20));
    }
}
