//! The provider: its configuration, and what it offers.

pub mod migrate;
mod schema;
mod ssh;

use std::sync::Arc;

use async_trait::async_trait;

use self::schema::{names, service_url};
use crate::endpoint::aws_access::{Access, AwsAccess};
use crate::endpoint::aws_diagnostic;
use crate::endpoint::computation::Computed;
use crate::endpoint::duration;
use crate::endpoint::endpoint_url::EndpointUrl;
use crate::endpoint::haproxy::cloud_init::CloudInit;
use crate::endpoint::haproxy::resource::Haproxy;
use crate::endpoint::haproxy_deployment::resource::HaproxyDeployment;
use crate::endpoint::health::data_source::Health;
use crate::endpoint::nlb::list_resource::NlbList;
use crate::endpoint::nlb::resource::Nlb;
use crate::endpoint::nlb_attachment::list_resource::NlbAttachmentList;
use crate::endpoint::nlb_attachment::resource::NlbAttachment;
use crate::endpoint::ready::resource::Ready;
use crate::endpoint::ssh_access::SshAccess;
use crate::endpoint::static_endpoint::resource::Static;
use crate::endpoint::target_groups::TargetGroups;
use crate::endpoint::vip::resource::Vip;
use crate::framework::data_source::DataSource;
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::function::Function;
use crate::framework::list_resource::ListResource;
use crate::framework::path::Path;
use crate::framework::provider::Provider;
use crate::framework::reader::Reader;
use crate::framework::resource::Resource;
use crate::framework::schema::Schema;
use crate::framework::value::{Object, Value};
use crate::remote::aws::Aws;
use crate::remote::connector::Transport;
use crate::remote::settings::{AssumeRole, AwsSettings, Endpoints};
use crate::remote::settings_error::Origin;
use crate::remote::trust;
use crate::secret::Secret;

/// The name of an assumed role's session where none is set.
const SESSION_NAME: &str = "talosendpoint";

/// The talosendpoint provider.
#[derive(Debug, Default)]
pub struct TalosEndpoint {
    access: Arc<AwsAccess>,
    ssh: Arc<SshAccess>,
    target_groups: Arc<TargetGroups>,
    transport: Transport,
}

impl TalosEndpoint {
    /// A provider whose requests `transport` carries.
    pub fn over(transport: Transport) -> TalosEndpoint {
        TalosEndpoint { transport, ..TalosEndpoint::default() }
    }

    fn aws(&self, settings: AwsSettings) -> Access {
        Access::Ready(Arc::new(Aws::new(settings, self.transport.clone())))
    }
}

#[async_trait]
impl Provider for TalosEndpoint {
    fn schema(&self) -> &Schema {
        &schema::SCHEMA
    }

    fn validate(&self, config: &Object, diagnostics: &mut Diagnostics) {
        if let Some(aws) = Reader::new(config).nested(names::AWS).present() {
            static_credentials(&aws, diagnostics);
            service_url::rules(&aws, diagnostics);
        }
        if let Some(ssh) = Reader::new(config).nested(names::SSH).present() {
            ssh::rules(&ssh, diagnostics);
        }
    }

    async fn configure(&self, config: Object) -> Diagnostics {
        self.ssh.set(ssh::access(config.get(names::SSH).unwrap_or(&Value::Null)));
        let aws = config.get(names::AWS).unwrap_or(&Value::Null);
        if let Value::Object(object) = aws
            && let Some(problem) = no_account(&Reader::new(object))
        {
            self.access.set(Access::NotConfigured);
            return problem.into();
        }
        self.access.set(match aws {
            aws if !aws.is_wholly_known() => Access::NotYetKnown,
            Value::Object(aws) => self.aws(settings(&Reader::new(aws))),
            _ => self.aws(AwsSettings::default()),
        });
        match self.access.get() {
            Access::Ready(aws) => ca_bundle(aws.settings()),
            Access::NotYetKnown | Access::NotConfigured => Diagnostics::new(),
        }
    }

    fn resources(&self) -> Vec<Arc<dyn Resource>> {
        vec![
            Arc::new(Nlb::new(Arc::clone(&self.access), Arc::clone(&self.target_groups))),
            Arc::new(NlbAttachment::new(Arc::clone(&self.access), Arc::clone(&self.target_groups))),
            Arc::new(Computed(Haproxy)),
            Arc::new(HaproxyDeployment::new(Arc::clone(&self.ssh))),
            Arc::new(Computed(Vip)),
            Arc::new(Computed(Static)),
            Arc::new(Ready::new(Arc::clone(&self.access))),
        ]
    }

    fn data_sources(&self) -> Vec<Arc<dyn DataSource>> {
        vec![Arc::new(Health::new(Arc::clone(&self.access)))]
    }

    fn list_resources(&self) -> Vec<Arc<dyn ListResource>> {
        vec![
            Arc::new(NlbList::new(Arc::clone(&self.access))),
            Arc::new(NlbAttachmentList::new(Arc::clone(&self.access))),
        ]
    }

    fn functions(&self) -> Vec<Arc<dyn Function>> {
        vec![Arc::new(EndpointUrl), Arc::new(CloudInit)]
    }
}

/// A list that was not known yet when its length was checked, and is empty: taken for no list, it would allow every account.
fn no_account(aws: &Reader<'_>) -> Option<Diagnostic> {
    let is_empty = aws.texts(names::ALLOWED_ACCOUNT_IDS).present().is_some_and(|ids| ids.is_empty());
    is_empty.then(|| {
        Diagnostic::invalid(
            Path::of(names::AWS).attribute(names::ALLOWED_ACCOUNT_IDS),
            "No account is allowed",
            "`allowed_account_ids` is an empty list. Name the accounts that may be touched, or leave it out (null): \
             then every account may be.",
        )
    })
}

/// A bundle that the provider block names is read now, so that the error stands at the attribute.
fn ca_bundle(settings: &AwsSettings) -> Diagnostics {
    let Some(path) = &settings.custom_ca_bundle else { return Diagnostics::new() };
    let Err(error) = trust::read(path) else { return Diagnostics::new() };
    let (title, detail) = aws_diagnostic::bundle(Origin::Settings, path, &error);
    Diagnostic::invalid(Path::of(names::AWS).attribute(names::CUSTOM_CA_BUNDLE), title, detail).into()
}

/// A key is useless without its secret, and the other way round.
fn static_credentials(aws: &Reader<'_>, diagnostics: &mut Diagnostics) {
    for (present, missing) in [
        (names::ACCESS_KEY, names::SECRET_KEY),
        (names::SECRET_KEY, names::ACCESS_KEY),
        (names::TOKEN, names::ACCESS_KEY),
    ] {
        if !aws.text(present).is_absent() && aws.text(missing).is_absent() {
            diagnostics.push(Diagnostic::invalid(
                Path::of(names::AWS).attribute(missing),
                "Incomplete credentials",
                format!(
                    "`{present}` is set and `{missing}` is not. Set both, or neither: then the usual places are \
                     searched."
                ),
            ));
        }
    }
}

/// Reads a wholly known `aws` object.
fn settings(aws: &Reader<'_>) -> AwsSettings {
    let text = |name: &str| aws.text(name).present().map(str::to_owned);
    let secret = |name: &str| aws.text(name).present().map(Secret::new);
    let texts = |name: &str| -> Vec<String> {
        let items = aws.texts(name).present().unwrap_or_default().into_iter();
        items.filter_map(|item| item.map(str::to_owned).known()).collect()
    };
    AwsSettings {
        region: text(names::REGION),
        profile: text(names::PROFILE),
        access_key: secret(names::ACCESS_KEY),
        secret_key: secret(names::SECRET_KEY),
        token: secret(names::TOKEN),
        shared_config_files: texts(names::SHARED_CONFIG_FILES),
        shared_credentials_files: texts(names::SHARED_CREDENTIALS_FILES),
        assume_role: aws.nested(names::ASSUME_ROLE).present().map(|role| assume_role(&role)),
        endpoint_url: text(names::ENDPOINT_URL),
        endpoints: endpoints(aws),
        max_attempts: aws.number(names::MAX_ATTEMPTS).present().and_then(|attempts| u32::try_from(attempts).ok()),
        adaptive_retry: aws.text(names::RETRY_MODE).present().map(|mode| mode == "adaptive"),
        custom_ca_bundle: text(names::CUSTOM_CA_BUNDLE),
        default_tags: aws.text_map(names::DEFAULT_TAGS).present().unwrap_or_default(),
        allowed_account_ids: texts(names::ALLOWED_ACCOUNT_IDS),
    }
}

fn assume_role(role: &Reader<'_>) -> AssumeRole {
    let text = |name: &str| role.text(name).present().map(str::to_owned);
    AssumeRole {
        role_arn: text(names::ROLE_ARN).unwrap_or_default(),
        session_name: text(names::SESSION_NAME).unwrap_or_else(|| SESSION_NAME.to_owned()),
        external_id: text(names::EXTERNAL_ID),
        duration: role.text(names::DURATION).present().and_then(duration::parse),
        policy: text(names::POLICY),
        tags: role.text_map(names::TAGS).present().unwrap_or_default(),
    }
}

fn endpoints(aws: &Reader<'_>) -> Endpoints {
    let urls = aws.value(names::ENDPOINTS);
    let text = |name: &str| urls.entries()?.get(name)?.as_str().map(str::to_owned);
    Endpoints {
        elasticloadbalancingv2: text(names::ELASTICLOADBALANCINGV2),
        ec2: text(names::EC2),
        sts: text(names::STS),
    }
}
