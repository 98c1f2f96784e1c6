//! The shared configuration files: which profile is meant, whether it exists, and what of it the SDK doesn't look up for us.

use aws_config::profile::{self, ProfileSet};
use aws_runtime::env_config::file::{EnvConfigFileKind, EnvConfigFiles};
use aws_types::os_shim_internal::{Env, Fs};

use super::aws_error::Cause;
use super::settings::AwsSettings;
use super::trust::at_home;

/// The files and the profile that count.
#[derive(Debug)]
pub struct SharedFiles {
    /// The files, in the SDK's form.
    pub files: EnvConfigFiles,
    /// The region of the profile.
    pub region: Option<String>,
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
    pub async fn load(settings: &AwsSettings) -> Result<SharedFiles, Cause> {
        let files = files(settings);
        let chosen = settings.profile.clone();
        let loaded = profile::load(&Fs::default(), &Env::default(), &files, chosen.clone().map(Into::into)).await;
        let set = loaded.map_err(|error| Cause::Settings {
            title: "The AWS configuration files cannot be used".to_owned(),
            detail: format!(
                "{}.\n\nCorrect the file, or `shared_config_files` and `shared_credentials_files`.",
                super::aws_error::causes(&error)
            ),
        })?;
        let name = set.selected_profile();
        // Without a file there is no `default` either, and nobody misses it. With keys of their own nobody needs AWS_PROFILE.
        let needed = chosen.is_some() || settings.access_key.is_none();
        if name != "default" && needed && set.get_profile(name).is_none() {
            return Err(missing(name, chosen.is_some(), &set));
        }
        Ok(SharedFiles {
            region: set.get("region").map(str::to_owned),
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

fn missing(name: &str, by_attribute: bool, set: &ProfileSet) -> Cause {
    let source = if by_attribute { "`profile` in the provider block" } else { "AWS_PROFILE" };
    let mut others: Vec<&str> = set.profiles().collect();
    others.sort_unstable();
    let others = match others.as_slice() {
        [] => "There are no profiles in them at all".to_owned(),
        names => format!("The profiles there are: {}", names.join(", ")),
    };
    Cause::Settings {
        title: "No such AWS profile".to_owned(),
        detail: format!(
            "{source} asks for the profile `{name}`, which the shared configuration files don't have. {others}.\n\nCorrect the name, or name \
             the files with AWS_CONFIG_FILE or `shared_config_files`. In a configuration file a profile begins with `[profile {name}]`, in \
             a credentials file with `[{name}]`."
        ),
    }
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

    async fn load(content: &str, profile: &str) -> Result<SharedFiles, Cause> {
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
        let content = "[profile a]\nregion = eu-north-1\nrole_arn = arn:aws:iam::1:role/r\nsource_profile = b\n\
                       [profile b]\nsso_session = corp\n[profile loop]\nsource_profile = loop\n[sso-session corp]\nsso_region = us-east-1\n";
        let found = load(content, "a").await.unwrap();
        assert_eq!((found.region.as_deref(), found.sso_profile.as_deref()), (Some("eu-north-1"), Some("b")));
        assert_eq!(load(content, "loop").await.unwrap().sso_profile, None);
    }

    #[tokio::test]
    async fn what_is_missing_or_broken_is_said() {
        let Err(Cause::Settings { title, detail }) = load("[profile b]\n[profile a]\n", "c").await else { panic!() };
        assert_eq!(title, "No such AWS profile");
        assert!(detail.contains("The profiles there are: a, b."), "{detail}");
        let Err(Cause::Settings { title, detail }) = load("[profile a\n", "a").await else { panic!() };
        assert_eq!(title, "The AWS configuration files cannot be used");
        assert!(detail.contains("line 1"), "{detail}");
        assert!(load("", "default").await.is_ok());
    }
}
