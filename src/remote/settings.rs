//! How AWS is to be reached, and as whom.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::secret::Secret;

/// What the user set; what is absent comes from the SDK's own chain (environment, profile, web identity, container, instance).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AwsSettings {
    /// The default region.
    pub region: Option<String>,
    /// A profile of the shared files.
    pub profile: Option<String>,
    /// Static credentials: needs `secret_key` too.
    pub access_key: Option<Secret>,
    /// The secret of `access_key`.
    pub secret_key: Option<Secret>,
    /// The session token of temporary static credentials.
    pub token: Option<Secret>,
    /// Paths instead of `~/.aws/config`.
    pub shared_config_files: Vec<String>,
    /// Paths instead of `~/.aws/credentials`.
    pub shared_credentials_files: Vec<String>,
    /// A role to assume with the credentials found.
    pub assume_role: Option<AssumeRole>,
    /// One URL for all services.
    pub endpoint_url: Option<String>,
    /// URLs of single services, which win over `endpoint_url`.
    pub endpoints: Endpoints,
    /// Attempts of one call, the first included. Absent: AWS_MAX_ATTEMPTS, the profile's, 25.
    pub max_attempts: Option<u32>,
    /// `adaptive` instead of `standard` back-off.
    pub adaptive_retry: Option<bool>,
    /// A PEM file that replaces the trusted roots; AWS_CA_BUNDLE where it is absent.
    pub custom_ca_bundle: Option<String>,
    /// Tags of everything that is made.
    pub default_tags: BTreeMap<String, String>,
    /// If not empty, only these accounts may be touched.
    pub allowed_account_ids: Vec<String>,
}

/// URLs of single services.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Endpoints {
    /// Elastic Load Balancing.
    pub elasticloadbalancingv2: Option<String>,
    /// EC2.
    pub ec2: Option<String>,
    /// STS.
    pub sts: Option<String>,
}

/// A role to assume.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AssumeRole {
    /// The ARN of the role.
    pub role_arn: String,
    /// The session's name, which AWS shows in its logs.
    pub session_name: String,
    /// The id that the role's owner asks for.
    pub external_id: Option<String>,
    /// How long a session lasts; one hour if absent.
    pub duration: Option<Duration>,
    /// A policy that narrows the session.
    pub policy: Option<String>,
    /// Tags of the session.
    pub tags: BTreeMap<String, String>,
}
