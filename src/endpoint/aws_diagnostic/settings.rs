//! What to do where the settings can't be used: those of the provider block, of the environment and of the shared configuration files.

use crate::remote::setting::Place;
use crate::remote::settings_error::{Origin, SettingsError};
use crate::remote::trust::BundleError;

/// A short title, and a paragraph with the reason and the remedy.
pub(super) fn explain(error: &SettingsError) -> (String, String) {
    match error {
        SettingsError::CaBundle { origin, path, error } => bundle(*origin, path, error),
        SettingsError::Value { place, instead, .. } => value(error, place, instead),
        SettingsError::Proxy(error) => (
            "The proxy setting cannot be used".to_owned(),
            format!(
                "{error}.\n\nWrite it as http://HOST:PORT or http://USER:PASSWORD@HOST:PORT, with special characters \
                 of user and password written as in URLs (`@` is %40, `#` is %23). SOCKS proxies are not supported."
            ),
        ),
        SettingsError::SharedFiles(reason) => (
            "The AWS configuration files cannot be used".to_owned(),
            format!("{reason}.\n\nCorrect the file, or `shared_config_files` and `shared_credentials_files`."),
        ),
        SettingsError::NoProfile { name, origin, others } => no_profile(name, *origin, others),
    }
}

/// A bundle of trusted certificates that can't be used: a short title, and a paragraph with the reason and the remedy.
pub fn bundle(origin: Origin, path: &str, error: &BundleError) -> (String, String) {
    let setting = match origin {
        Origin::Settings => "`custom_ca_bundle`",
        Origin::Variable => "AWS_CA_BUNDLE",
        Origin::Profile => "`ca_bundle` of the profile",
    };
    let detail = format!(
        "{setting} names {path} as the file of trusted certificates, and {error}.\n\nCorrect the path or the file, or \
         remove the setting: then this machine's certificates are trusted."
    );
    ("The CA bundle cannot be used".to_owned(), detail)
}

/// A value that can't be used: a short title, and a paragraph with the reason and the remedy.
fn value(error: &SettingsError, place: &Place, instead: &str) -> (String, String) {
    let read = match instead {
        "access_key" => " A key that is read from a file ends in a line break unless it is trimmed (`trimspace`).",
        _ => "",
    };
    let remedy = match place {
        Place::Argument(_) => "Correct it in the provider block.".to_owned(),
        Place::Variable(_) | Place::Profile { .. } => {
            format!("Correct or remove it, or set `{instead}` in the provider block, which wins.")
        }
    };
    ("The AWS setting cannot be used".to_owned(), format!("{error}.\n\n{remedy}{read}"))
}

fn no_profile(name: &str, origin: Origin, others: &[String]) -> (String, String) {
    let asks = match origin {
        Origin::Settings => "`profile` in the provider block",
        Origin::Variable | Origin::Profile => "AWS_PROFILE",
    };
    let others = match others {
        [] => "There are no profiles in them at all".to_owned(),
        names => format!("The profiles there are: {}", names.join(", ")),
    };
    let detail = format!(
        "{asks} asks for the profile `{name}`, which the shared configuration files don't have. {others}.\n\nCorrect \
         the name, or name the files with AWS_CONFIG_FILE or `shared_config_files`. In a configuration file a profile \
         begins with `[profile {name}]`, in a credentials file with `[{name}]`."
    );
    ("No such AWS profile".to_owned(), detail)
}

/// No region is set anywhere: a short title, and a paragraph with the remedy.
pub(super) fn no_region() -> (String, String) {
    (
        "No AWS region".to_owned(),
        "No region is set. Set AWS_REGION, `region` in the profile, `aws = { region = \"…\" }` in the provider block, \
         or `region` on the resource; of a list, `region` in its `config`."
            .to_owned(),
    )
}
