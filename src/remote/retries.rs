//! How often a call is repeated, and when not: as the field expects it of a provider, which outlasts minutes of throttling.
//!
//! Repeats end with the caller's own deadline, which always wins.

use std::time::Duration;

use aws_config::retry::{RetryConfig, RetryMode};
use aws_smithy_runtime::client::retries::{RetryPartition, TokenBucket};

use super::setting::Setting;
use super::settings::AwsSettings;
use super::settings_error::SettingsError;
use super::shared_files::SharedFiles;

/// Attempts of one call where nothing else is set: those of hashicorp/aws.
pub const ATTEMPTS: u32 = 25;

/// The longest pause between two attempts. Pauses grow to it from a second, each of random length.
const LONGEST_PAUSE: Duration = Duration::from_secs(20);

/// Attempts of a call that comes no further than the connection: names that aren't found, refused connections, TLS, proxies. With the time
/// that a connection may take these are ten seconds; more only keeps whoever has mistyped an address waiting.
pub const CONNECT_ATTEMPTS: u32 = 3;

/// The settings win over the environment, and that over the profile, each setting alone. The SDK would look them up too, and ends with a
/// panic where it can't use one.
///
/// # Errors
/// If the value that wins can't be used.
pub fn config(settings: &AwsSettings, shared: &SharedFiles) -> Result<RetryConfig, SettingsError> {
    let set = |variable, of_profile: &Option<Setting>| Setting::of_variable(variable).or_else(|| of_profile.clone());
    let attempts = match settings.max_attempts {
        Some(attempts) => Some(attempts),
        None => set("AWS_MAX_ATTEMPTS", &shared.max_attempts).map(attempts_of).transpose()?,
    };
    let mode = match settings.adaptive_retry {
        Some(true) => Some(RetryMode::Adaptive),
        Some(false) => Some(RetryMode::Standard),
        None => set("AWS_RETRY_MODE", &shared.retry_mode).map(mode_of).transpose()?,
    };
    Ok(paced(mode.unwrap_or(RetryMode::Standard), attempts.unwrap_or(ATTEMPTS)))
}

/// So many attempts, with our pauses.
pub fn paced(mode: RetryMode, attempts: u32) -> RetryConfig {
    RetryConfig::standard().with_retry_mode(mode).with_max_attempts(attempts).with_max_backoff(LONGEST_PAUSE)
}

fn attempts_of(setting: Setting) -> Result<u32, SettingsError> {
    let Setting { place, value } = setting;
    match value.trim().parse() {
        Ok(attempts) if attempts > 0 => Ok(attempts),
        _ => {
            let fault = format!("must be a whole number from 1 on, but it is {value:?}");
            Err(SettingsError::Value { place, fault, instead: "max_attempts" })
        }
    }
}

/// `legacy` is the default of the AWS CLI's first version. The SDK has nothing of its own for it.
fn mode_of(setting: Setting) -> Result<RetryMode, SettingsError> {
    let Setting { place, value } = setting;
    match value.trim().to_ascii_lowercase().as_str() {
        "standard" | "legacy" => Ok(RetryMode::Standard),
        "adaptive" => Ok(RetryMode::Adaptive),
        _ => {
            let fault = format!("must be one of `standard`, `adaptive`, `legacy`, but it is {value:?}");
            Err(SettingsError::Value { place, fault, instead: "retry_mode" })
        }
    }
}

/// The repeats of one client among themselves. The SDK's default shares a bucket of tokens with everything in the process, which a few calls
/// that are throttled at once empty; then nothing is repeated any more.
pub fn partition(name: String) -> RetryPartition {
    RetryPartition::custom(name).token_bucket(TokenBucket::unlimited()).build()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::remote::setting::Place;

    fn in_profile(key: &'static str, value: &str) -> Option<Setting> {
        let place = Place::Profile { key, profile: "default".to_owned(), file: Some("~/.aws/config".to_owned()) };
        Some(Setting { place, value: value.to_owned() })
    }

    fn shared(attempts: &str, mode: &str) -> SharedFiles {
        SharedFiles {
            max_attempts: in_profile("max_attempts", attempts),
            retry_mode: in_profile("retry_mode", mode),
            ..SharedFiles::default()
        }
    }

    #[test]
    fn the_nearest_setting_wins() {
        let own =
            |attempts, adaptive_retry| AwsSettings { max_attempts: attempts, adaptive_retry, ..AwsSettings::default() };
        let attempts = |own, shared| config(&own, &shared).unwrap().max_attempts();
        assert_eq!(attempts(own(None, None), SharedFiles::default()), 25);
        assert_eq!(attempts(own(None, None), shared("7", "standard")), 7);
        assert_eq!(attempts(own(Some(2), None), shared("7", "standard")), 2);
        let adaptive = config(&own(None, Some(true)), &shared("7", "standard")).unwrap();
        assert_eq!((adaptive.mode(), adaptive.max_attempts()), (RetryMode::Adaptive, 7));
        assert_eq!(adaptive.max_backoff().as_secs(), 20);
        assert_eq!(config(&own(Some(1), Some(false)), &shared("many", "odd")).unwrap().mode(), RetryMode::Standard);
    }

    #[test]
    fn what_cannot_be_used_is_an_error_with_its_place() {
        let own = AwsSettings::default();
        for mode in ["legacy", "Standard", " standard "] {
            assert_eq!(config(&own, &shared("3", mode)).unwrap().mode(), RetryMode::Standard, "{mode}");
        }
        let error = |attempts, mode| config(&own, &shared(attempts, mode)).unwrap_err().to_string();
        assert_eq!(
            error("many", "legacy"),
            "`max_attempts` of the profile `default` in ~/.aws/config must be a whole number from 1 on, but it is \
             \"many\""
        );
        assert!(error("0", "legacy").ends_with("but it is \"0\""));
        assert!(error("1", "patient").contains("must be one of `standard`, `adaptive`, `legacy`"));
    }
}
