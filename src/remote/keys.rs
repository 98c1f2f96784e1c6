//! Access keys that can't be used as they stand. They become a header of each request, and the SDK ends with a panic where they can't.

use super::setting::{Place, Setting, non_empty_variable};
use super::settings::AwsSettings;
use super::settings_error::SettingsError;
use super::shared_files::SharedFiles;

/// The variables of the environment: id, secret, session token.
const VARIABLES: [&str; 3] = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"];

/// What is wrong with the id of a key, its secret or a session token; never the value itself.
pub fn fault(value: &str) -> Option<&'static str> {
    if value.ends_with(['\n', '\r']) {
        return Some("ends in a line break");
    }
    if value.starts_with(char::is_whitespace) || value.ends_with(char::is_whitespace) {
        return Some("begins or ends with a blank");
    }
    let is_usable = value.chars().all(|c| c.is_ascii_graphic());
    (!is_usable).then_some("holds a blank, a control character or a character outside ASCII")
}

/// Checks the keys that win: those of the settings, of the environment, of the profile.
///
/// # Errors
/// If one of them can't be used.
pub fn check(settings: &AwsSettings, shared: &SharedFiles) -> Result<(), SettingsError> {
    let own = [("access_key", &settings.access_key), ("secret_key", &settings.secret_key), ("token", &settings.token)];
    if settings.access_key.is_some() && settings.secret_key.is_some() {
        return own.into_iter().try_for_each(|(name, secret)| {
            usable(Place::Argument(name), secret.as_ref().map_or("", |secret| secret.reveal()))
        });
    }
    if settings.profile.is_none() || shared.takes_keys_of_environment {
        VARIABLES.into_iter().filter_map(Setting::of_variable).try_for_each(of_setting)?;
        if non_empty_variable(VARIABLES[0]).is_some() && non_empty_variable(VARIABLES[1]).is_some() {
            return Ok(());
        }
    }
    shared.keys.iter().cloned().try_for_each(of_setting)
}

fn of_setting(setting: Setting) -> Result<(), SettingsError> {
    usable(setting.place, &setting.value)
}

fn usable(place: Place, value: &str) -> Result<(), SettingsError> {
    match fault(value) {
        Some(fault) => Err(SettingsError::Value { place, fault: fault.to_owned(), instead: "access_key" }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Secret;

    #[test]
    fn a_key_that_no_header_can_hold_is_named_and_never_shown() {
        for (bad, expected) in [
            ("AKIA\n", "ends in a line break"),
            ("AKIA\r\n", "ends in a line break"),
            (" AKIA", "begins or ends with a blank"),
            ("AK\nIA", "holds a blank"),
            ("AKIÄ", "holds a blank"),
        ] {
            let error = usable(Place::Variable("AWS_ACCESS_KEY_ID"), bad).unwrap_err().to_string();
            assert!(error.starts_with(&format!("AWS_ACCESS_KEY_ID {expected}")), "{error}");
            assert!(!error.contains("AKIA") && !error.contains("AKI\u{c4}"), "{error}");
        }
        assert_eq!(fault("AKIA0123456789ABCDEF"), None);
        assert_eq!(fault("a/+b="), None);
    }

    #[test]
    fn the_keys_of_the_settings_are_checked_and_win() {
        let with = |secret: &str| AwsSettings {
            access_key: Some(Secret::new("AKIA")),
            secret_key: Some(Secret::new(secret)),
            ..AwsSettings::default()
        };
        let place = Place::Profile { key: "aws_access_key_id", profile: "default".to_owned(), file: None };
        let shared = SharedFiles { keys: vec![Setting { place, value: "AKIÄ".to_owned() }], ..SharedFiles::default() };
        assert_eq!(check(&with("secret"), &shared), Ok(()), "what doesn't count isn't checked");
        let error = check(&with("secret\n"), &shared).unwrap_err().to_string();
        assert_eq!(error, "`secret_key` ends in a line break");
        let of_profile = AwsSettings { profile: Some("default".to_owned()), ..AwsSettings::default() };
        let error = check(&of_profile, &shared).unwrap_err().to_string();
        assert!(error.starts_with("`aws_access_key_id` of the profile `default` holds"), "{error}");
    }
}
