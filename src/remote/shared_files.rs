//! The shared configuration files: which profile is meant, whether it exists, and what of it the SDK doesn't look up for us.

use aws_config::profile::{self, ProfileSet};
use aws_runtime::env_config::file::{EnvConfigFileKind, EnvConfigFiles};
use aws_types::os_shim_internal::{Env, Fs};

use super::error_chain::on_one_line;
use super::settings::AwsSettings;
use super::settings_error::{Origin, SettingsError};
use super::trust::at_home;

/// The files and the profile that count.
#[derive(Debug)]
pub struct SharedFiles {
    /// The files, in the SDK's form.
    pub files: EnvConfigFiles,
    /// The region of the profile.
    pub region: Option<String>,
    /// Whether the profile says how often a call is attempted.
    pub has_max_attempts: bool,
    /// The profile's CA bundle, which the AWS CLI reads too.
    pub ca_bundle: Option<String>,
    /// The profile whose sign-in is needed, if its credentials come from IAM Identity Center.
    pub sso_profile: Option<String>,
}

impl SharedFiles {
    /// Reads the files that `settings` or the environment name.
    ///
    /// # Errors
    /// If they can't be read, or don't have the profile that was asked for.
    pub async fn load(settings: &AwsSettings) -> Result<SharedFiles, SettingsError> {
        let files = files(settings);
        let chosen = settings.profile.clone();
        let loaded = profile::load(&Fs::default(), &Env::default(), &files, chosen.clone().map(Into::into)).await;
        let set = loaded.map_err(|error| SettingsError::SharedFiles(on_one_line(&error)))?;
        let name = set.selected_profile();
        // Without a file there is no `default` either, and nobody misses it. With keys of their own nobody needs AWS_PROFILE.
        let needed = chosen.is_some() || settings.access_key.is_none();
        if name != "default" && needed && set.get_profile(name).is_none() {
            let origin = if chosen.is_some() { Origin::Settings } else { Origin::Variable };
            let mut others: Vec<String> = set.profiles().map(str::to_owned).collect();
            others.sort_unstable();
            return Err(SettingsError::NoProfile { name: name.to_owned(), origin, others });
        }
        Ok(SharedFiles {
            region: set.get("region").map(str::to_owned),
            has_max_attempts: set.get("max_attempts").is_some(),
            ca_bundle: set.get("ca_bundle").map(str::to_owned),
            sso_profile: sso_profile(&set),
            files,
        })
    }
}

fn files(settings: &AwsSettings) -> EnvConfigFiles {
    let mut files = EnvConfigFiles::builder();
    files = match settings.shared_config_files.as_slice() {
        [] => files.include_default_config_file(true),
        paths => paths.iter().fold(files, |files, path| files.with_file(EnvConfigFileKind::Config, at_home(path))),
    };
    files = match settings.shared_credentials_files.as_slice() {
        [] => files.include_default_credentials_file(true),
        paths => paths.iter().fold(files, |files, path| files.with_file(EnvConfigFileKind::Credentials, at_home(path))),
    };
    files.build()
}

/// Follows `source_profile` from the selected profile to the one that signs in.
fn sso_profile(set: &ProfileSet) -> Option<String> {
    let mut name = set.selected_profile();
    for _ in 0..set.profiles().count() {
        let profile = set.get_profile(name)?;
        if profile.get("sso_session").or(profile.get("sso_start_url")).is_some() {
            return Some(name.to_owned());
        }
        name = profile.get("source_profile")?;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn load(content: &str, profile: &str) -> Result<SharedFiles, SettingsError> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), content).unwrap();
        let path = file.path().to_str().unwrap().to_owned();
        let settings = AwsSettings {
            profile: Some(profile.to_owned()),
            shared_config_files: vec![path.clone()],
            shared_credentials_files: vec![path],
            ..AwsSettings::default()
        };
        SharedFiles::load(&settings).await
    }

    #[tokio::test]
    async fn a_profile_is_followed_to_its_sign_in() {
        let content = "[profile a]\nregion = eu-north-1\nrole_arn = arn:aws:iam::1:role/r\nsource_profile = \
                       b\n[profile b]\nsso_session = corp\n[profile loop]\nsource_profile = loop\n[sso-session \
                       corp]\nsso_region = us-east-1\n";
        let found = load(content, "a").await.unwrap();
        assert_eq!((found.region.as_deref(), found.sso_profile.as_deref()), (Some("eu-north-1"), Some("b")));
        assert_eq!(load(content, "loop").await.unwrap().sso_profile, None);
    }

    #[tokio::test]
    async fn what_is_missing_or_broken_is_said() {
        let others = vec!["a".to_owned(), "b".to_owned()];
        let expected = SettingsError::NoProfile { name: "c".to_owned(), origin: Origin::Settings, others };
        assert_eq!(load("[profile b]\n[profile a]\n", "c").await.unwrap_err(), expected);
        let Err(SettingsError::SharedFiles(reason)) = load("[profile a\n", "a").await else { panic!() };
        assert!(reason.contains("line 1"), "{reason}");
        assert!(load("", "default").await.is_ok());
    }
}
