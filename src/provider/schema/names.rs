//! What the attributes of the provider block are called.

pub const AWS: &str = "aws";
pub const REGION: &str = "region";
pub const PROFILE: &str = "profile";
pub const ACCESS_KEY: &str = "access_key";
pub const SECRET_KEY: &str = "secret_key";
pub const TOKEN: &str = "token";
pub const ASSUME_ROLE: &str = "assume_role";
pub const ROLE_ARN: &str = "role_arn";
pub const SESSION_NAME: &str = "session_name";
pub const EXTERNAL_ID: &str = "external_id";
pub const DURATION: &str = "duration";
pub const POLICY: &str = "policy";
pub const TAGS: &str = "tags";
pub const SHARED_CONFIG_FILES: &str = "shared_config_files";
pub const SHARED_CREDENTIALS_FILES: &str = "shared_credentials_files";
pub const CUSTOM_CA_BUNDLE: &str = "custom_ca_bundle";
pub const ENDPOINT_URL: &str = "endpoint_url";
pub const ENDPOINTS: &str = "endpoints";
pub const ELASTICLOADBALANCINGV2: &str = "elasticloadbalancingv2";
pub const EC2: &str = "ec2";
pub const STS: &str = "sts";
pub const MAX_ATTEMPTS: &str = "max_attempts";
pub const RETRY_MODE: &str = "retry_mode";
pub const DEFAULT_TAGS: &str = "default_tags";
pub const ALLOWED_ACCOUNT_IDS: &str = "allowed_account_ids";
