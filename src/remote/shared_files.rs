//! The shared configuration files: which profile is meant, whether it exists, and what of it the SDK doesn't look up for us.

use aws_config::profile::{self, ProfileSet};
use aws_runtime::env_config::file::{EnvConfigFileKind, EnvConfigFiles};
use aws_types::os_shim_internal::{Env, Fs};

use super::error_chain::on_one_line;
use super::setting::{Place, Setting, non_empty_variable};
use super::settings::AwsSettings;
use super::settings_error::{Origin, SettingsError};
use super::trust::at_home;

/// What a profile may have of keys: id, secret, session token.
const KEYS: [&str; 3] = ["aws_access_key_id", "aws_secret_access_key", "aws_session_token"];

/// The files and the profile that count.
#[derive(Debug, Default)]
pub struct SharedFiles {
    /// The files, in the SDK's form.
    pub files: EnvConfigFiles,
    /// The region of the profile.
    pub region: Option<Setting>,
    /// How often a call is attempted.
    pub max_attempts: Option<Setting>,
    /// How attempts are spaced.
    pub retry_mode: Option<Setting>,
    /// Ids and secrets of keys and session tokens, those of the profiles that it takes its credentials from included.
    pub keys: Vec<Setting>,
    /// Whether one of these profiles takes the keys of the environment.
    pub takes_keys_of_environment: bool,
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
        let sources = sources(&set);
        let of = async |key| setting(settings, &set, name, key).await;
        let mut keys = Vec::new();
        for source in &sources {
            for key in KEYS {
                keys.extend(setting(settings, &set, source, key).await);
            }
        }
        let takes_keys = |name: &&str| set.get_profile(name).and_then(|own| own.get("credential_source"));
        Ok(SharedFiles {
            region: of("region").await,
            max_attempts: of("max_attempts").await,
            retry_mode: of("retry_mode").await,
            keys,
            takes_keys_of_environment: sources.iter().filter_map(takes_keys).any(|source| source == "Environment"),
            ca_bundle: set.get("ca_bundle").map(str::to_owned),
            sso_profile: sso_profile(&set, &sources),
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

/// A value of a profile, with the file that it stands in.
async fn setting(settings: &AwsSettings, set: &ProfileSet, profile: &str, key: &'static str) -> Option<Setting> {
    let value = set.get_profile(profile)?.get(key)?;
    let place = |file| Place::Profile { key, profile: profile.to_owned(), file };
    for (kind, path) in paths(settings) {
        let alone = EnvConfigFiles::builder().with_file(kind, at_home(&path)).build();
        let loaded = profile::load(&Fs::default(), &Env::default(), &alone, Some(profile.to_owned().into())).await;
        if loaded.is_ok_and(|alone| alone.get_profile(profile).and_then(|own| own.get(key)) == Some(value)) {
            return Some(Setting { place: place(Some(path)), value: value.to_owned() });
        }
    }
    Some(Setting { place: place(None), value: value.to_owned() })
}

/// The files that are read, each as it is named.
fn paths(settings: &AwsSettings) -> Vec<(EnvConfigFileKind, String)> {
    let named = |own: &[String], variable: &str, default: &str| match own {
        [] => vec![non_empty_variable(variable).unwrap_or_else(|| default.to_owned())],
        paths => paths.to_vec(),
    };
    let config = named(&settings.shared_config_files, "AWS_CONFIG_FILE", "~/.aws/config");
    let credentials = named(&settings.shared_credentials_files, "AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials");
    let config = config.into_iter().map(|path| (EnvConfigFileKind::Config, path));
    config.chain(credentials.into_iter().map(|path| (EnvConfigFileKind::Credentials, path))).collect()
}

/// The selected profile, its `source_profile`, and so on; each once.
fn sources(set: &ProfileSet) -> Vec<&str> {
    let next = |name: &&str| set.get_profile(name)?.get("source_profile");
    std::iter::successors(Some(set.selected_profile()), next).take(set.profiles().count()).collect()
}

/// The first of these profiles that signs in.
fn sso_profile(set: &ProfileSet, sources: &[&str]) -> Option<String> {
    let signs_in = |name: &&&str| {
        let profile = set.get_profile(name);
        profile.is_some_and(|own| own.get("sso_session").or(own.get("sso_start_url")).is_some())
    };
    sources.iter().find(signs_in).map(|name| (*name).to_owned())
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
        let region = found.region.unwrap();
        assert_eq!((region.value.as_str(), found.sso_profile.as_deref()), ("eu-north-1", Some("b")));
        let Place::Profile { key: "region", profile, file: Some(_) } = &region.place else { panic!("{region:?}") };
        assert_eq!(profile, "a");
        assert_eq!(load(content, "loop").await.unwrap().sso_profile, None);
    }

    #[tokio::test]
    async fn keys_are_found_in_the_profiles_that_give_them() {
        let content = "[profile a]\nrole_arn = arn:aws:iam::1:role/r\nsource_profile = b\n[profile \
                       b]\naws_access_key_id = AKIA\ncredential_source = Environment\n[profile \
                       c]\naws_access_key_id = OTHER\n";
        let found = load(content, "a").await.unwrap();
        let keys: Vec<&str> = found.keys.iter().map(|setting| setting.value.as_str()).collect();
        assert_eq!((keys, found.takes_keys_of_environment), (vec!["AKIA"], true));
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
