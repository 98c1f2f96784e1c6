//! The attributes of the provider block.

#[allow(missing_docs, reason = "the schema describes each of them")]
pub mod names;
pub mod service_url;
mod ssh;

use std::sync::LazyLock;

use crate::endpoint::{attributes, duration};
use crate::framework::schema::{Attribute, Nesting, Schema};
use crate::framework::ty::Type;
use crate::framework::validator::{Validator, at_least, between, each, length_between, no_nulls, one_of, text};
use crate::remote::keys;

/// The schema, built once.
pub static SCHEMA: LazyLock<Schema> = LazyLock::new(|| Schema {
    version: 0,
    description: "The stable endpoint of a Talos Linux control plane: on AWS, on bare metal, on Proxmox and any \
                  layer-2 network. Only the AWS resources and `talosendpoint_haproxy_deployment` need a configuration; \
                  what is left out for AWS comes from where the AWS CLI finds it.",
    attributes: vec![
        Attribute::nested(names::AWS, Nesting::Single, aws())
            .describe("Access to AWS. Nothing is contacted before a resource needs it."),
        Attribute::nested(names::SSH, Nesting::Single, ssh::ssh()).describe(
            "How `talosendpoint_haproxy_deployment` reaches its hosts. A refresh and a destroy see no resource's \
             configuration, so keys stand here, in a file or in an agent.",
        ),
    ],
});

fn aws() -> Vec<Attribute> {
    [identity(), files(), reach(), scope()].concat()
}

fn identity() -> Vec<Attribute> {
    vec![
        Attribute::string(names::REGION)
            .check(attributes::region())
            .describe("Default region. Default: `AWS_REGION`, `AWS_DEFAULT_REGION` or the profile's."),
        Attribute::string(names::PROFILE).check(length_between(1, 256)).describe(
            "Profile of the shared configuration files; wins over keys in the environment. Default: `AWS_PROFILE`.",
        ),
        Attribute::string(names::ACCESS_KEY)
            .sensitive()
            .check(key())
            .describe("Access key id; needs `secret_key`. Default: `AWS_ACCESS_KEY_ID`."),
        Attribute::string(names::SECRET_KEY)
            .sensitive()
            .check(key())
            .describe("Secret access key; needs `access_key`. Default: `AWS_SECRET_ACCESS_KEY`."),
        Attribute::string(names::TOKEN)
            .sensitive()
            .check(key())
            .describe("Session token of temporary credentials. Default: `AWS_SESSION_TOKEN`."),
        Attribute::nested(
            names::ASSUME_ROLE,
            Nesting::Single,
            vec![
                Attribute::string(names::ROLE_ARN)
                    .required()
                    .check(text("must be the ARN of a role", |arn| arn.starts_with("arn:") && arn.contains(":role/")))
                    .describe("ARN of the role."),
                Attribute::string(names::SESSION_NAME)
                    .check(length_between(2, 64))
                    .describe("Name of the session. Default: `talosendpoint`."),
                Attribute::string(names::EXTERNAL_ID)
                    .check(length_between(2, 1224))
                    .describe("The id that the role's owner asks for."),
                Attribute::string(names::DURATION)
                    .check(duration::validator())
                    .check(session_length())
                    .describe("How long a session lasts, from `15m` to `12h`. Default: `1h`."),
                Attribute::string(names::POLICY).describe("A policy in JSON that narrows the session."),
                Attribute::plain(names::TAGS, Type::map(Type::String))
                    .check(no_nulls())
                    .describe("Tags of the session."),
            ],
        )
        .describe("A role to assume with the credentials found."),
    ]
}

fn files() -> Vec<Attribute> {
    let paths = || Type::list(Type::String);
    vec![
        Attribute::plain(names::SHARED_CONFIG_FILES, paths())
            .check(no_nulls())
            .describe("Paths of shared configuration files. Default: `AWS_CONFIG_FILE` or `~/.aws/config`."),
        Attribute::plain(names::SHARED_CREDENTIALS_FILES, paths()).check(no_nulls()).describe(
            "Paths of shared credentials files. Default: `AWS_SHARED_CREDENTIALS_FILE` or `~/.aws/credentials`.",
        ),
        Attribute::string(names::CUSTOM_CA_BUNDLE).describe(
            "Path of a PEM file whose certificates are trusted instead of the machine's. Default: `AWS_CA_BUNDLE`.",
        ),
    ]
}

fn reach() -> Vec<Attribute> {
    let url = || {
        text("must be a URL that begins with `http://` or `https://`", |text| service_url::fault(text).is_none())
            .explain(service_url::fault)
            .mask(service_url::masked)
    };
    vec![
        Attribute::string(names::ENDPOINT_URL)
            .check(url())
            .describe("URL of all services, for LocalStack and the like. Default: `AWS_ENDPOINT_URL`."),
        // Of an object with fixed attributes Terraform drops the ones that it doesn't know, without a word.
        Attribute::plain(names::ENDPOINTS, Type::map(Type::String)).describe(
            "URLs of single services, which win over `endpoint_url`, by service: `elasticloadbalancingv2` (Elastic \
             Load Balancing), `ec2`, and `sts` (for `assume_role` and `allowed_account_ids`).",
        ),
        Attribute::number(names::MAX_ATTEMPTS).check(between(1, 100)).describe(
            "Attempts of one call, the first included, while it is throttled or AWS fails. They end with the time that \
             the operation has. Default: `AWS_MAX_ATTEMPTS`, the profile's `max_attempts`, or 25.",
        ),
        Attribute::string(names::RETRY_MODE).check(one_of(&["standard", "adaptive"])).describe(
            "How attempts are spaced: `standard` or `adaptive`. Default: `AWS_RETRY_MODE`, the profile's `retry_mode`, \
             or `standard`, which `legacy` there counts as.",
        ),
    ]
}

fn scope() -> Vec<Attribute> {
    vec![
        Attribute::plain(names::DEFAULT_TAGS, Type::map(Type::String))
            .check(no_nulls())
            .check(attributes::tag_map())
            .describe("Tags of everything that is made on AWS. A resource's own `tags` win."),
        Attribute::plain(names::ALLOWED_ACCOUNT_IDS, Type::set(Type::String))
            .check(no_nulls())
            .check(at_least(1))
            .check(each(text("must be 12 digits", is_account)))
            .describe("If set, only these AWS accounts are touched."),
    ]
}

/// It becomes a header of each request.
fn key() -> Validator {
    text(
        "must be ASCII without blanks, control characters and line breaks (`trimspace` takes one off the end)",
        |key| keys::fault(key).is_none(),
    )
}

/// The limits of AssumeRole (API reference: 900 to 43200 seconds).
fn session_length() -> Validator {
    text("must be from `15m` to `12h`", |text| {
        duration::parse(text).is_some_and(|length| (900..=43_200).contains(&length.as_secs()))
    })
}

fn is_account(id: &str) -> bool {
    id.len() == 12 && id.bytes().all(|byte| byte.is_ascii_digit())
}
