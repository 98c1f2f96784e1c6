//! Why the settings can't be used.

use super::proxy::UnusableProxy;
use super::setting::Place;
use super::trust::BundleError;

/// A setting that can't be used. Nothing was sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// The file of trusted certificates.
    #[error("{path}: {error}")]
    CaBundle {
        /// Who names it.
        origin: Origin,
        /// As the setting has it, `~` included.
        path: String,
        /// What is wrong with it.
        error: BundleError,
    },
    /// A value of the settings, the environment or the profile.
    #[error("{place} {fault}")]
    Value {
        /// Where it stands.
        place: Place,
        /// What is wrong with it, to be read after the place. Never a secret.
        fault: String,
        /// The argument of the settings that wins over it.
        instead: &'static str,
    },
    /// A proxy of the environment.
    #[error("{0}")]
    Proxy(UnusableProxy),
    /// The shared configuration files can't be read: why.
    #[error("{0}")]
    SharedFiles(String),
    /// The shared configuration files don't have the profile that was asked for.
    #[error("there is no profile `{name}`")]
    NoProfile {
        /// As it was asked for.
        name: String,
        /// Who asks for it.
        origin: Origin,
        /// The profiles that there are, sorted.
        others: Vec<String>,
    },
}

/// Where a setting comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// [`AwsSettings`](super::settings::AwsSettings).
    Settings,
    /// A variable of the environment: `AWS_CA_BUNDLE`, `AWS_PROFILE`.
    Variable,
    /// The profile of the shared configuration files.
    Profile,
}
