//! Getting at AWS from a resource, and saying why that can't be done.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use super::aws_diagnostic;
use crate::framework::diagnostic::Diagnostic;
use crate::framework::path::Path;
use crate::framework::reader::Maybe;
use crate::remote::aws::Aws;
use crate::remote::aws_error::AwsError;
use crate::remote::ec2::Ec2;
use crate::remote::elb::Elb;
use crate::remote::region::is_region;

/// The access of the configuration that is in force, shared by the provider and its resources.
#[derive(Debug, Default)]
pub struct AwsAccess {
    access: RwLock<Access>,
    configuration: AtomicU64,
}

/// What is known of the access.
#[derive(Clone, Debug, Default)]
pub enum Access {
    /// There was no configuration yet.
    #[default]
    NotConfigured,
    /// There are settings, but some of their values are not known yet.
    NotYetKnown,
    /// It can be used.
    Ready(Arc<Aws>),
}

impl AwsAccess {
    /// Puts another access into force.
    pub fn set(&self, access: Access) {
        *self.access.write().unwrap_or_else(PoisonError::into_inner) = access;
        self.configuration.fetch_add(1, Ordering::Relaxed);
    }

    /// How often access was put into force.
    pub fn configuration(&self) -> u64 {
        self.configuration.load(Ordering::Relaxed)
    }

    /// The access in force.
    pub fn get(&self) -> Access {
        self.access.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// The access in force.
///
/// # Errors
/// If the provider block holds values that are not known yet, or was never given.
pub fn aws(access: &AwsAccess) -> Result<Arc<Aws>, Diagnostic> {
    match access.get() {
        Access::Ready(aws) => Ok(aws),
        Access::NotYetKnown => Err(Diagnostic::failed(
            "The provider's configuration is not known yet",
            "The provider block uses values that are known only after apply, and this operation needs AWS now. Apply \
             what these values come from first (`-target`), or set them to known values.",
        )),
        Access::NotConfigured => Err(Diagnostic::bug(
            "The provider is not configured",
            "Terraform asked for AWS before it sent the configuration.",
        )),
    }
}

/// Elastic Load Balancing in `region`, or in the default one.
///
/// # Errors
/// If there is no access, no region, or the settings can't be used.
pub async fn elb(access: &AwsAccess, region: Option<&str>) -> Result<Elb, Diagnostic> {
    aws(access)?.elb(region).await.map_err(|error| failed(&error))
}

/// EC2 in `region`, or in the default one.
///
/// # Errors
/// If there is no access, no region, or the settings can't be used.
pub async fn ec2(access: &AwsAccess, region: Option<&str>) -> Result<Ec2, Diagnostic> {
    aws(access)?.ec2(region).await.map_err(|error| failed(&error))
}

/// The tags that the provider block gives to everything; unknown while that block is.
pub fn default_tags(access: &AwsAccess) -> Maybe<BTreeMap<String, String>> {
    match access.get() {
        Access::Ready(aws) => Maybe::Known(aws.settings().default_tags.clone()),
        Access::NotYetKnown | Access::NotConfigured => Maybe::Unknown,
    }
}

/// A failed call, in the words that hold for every resource on AWS.
pub fn failed(error: &AwsError) -> Diagnostic {
    aws_diagnostic::diagnostic(error, aws_diagnostic::none)
}

/// Refuses an ARN of an account that the provider block doesn't allow. Needs no call.
///
/// # Errors
/// If the account is another one.
pub fn check_account_of(access: &AwsAccess, arn: &str) -> Result<(), Diagnostic> {
    let aws = aws(access)?;
    let account = arn.split(':').nth(4).unwrap_or_default();
    allowed(&aws, account, &format!("{arn} is in account {account}"), "Use another ARN, or correct the list.")
}

/// Whether the provider block allows the account that is asked.
#[derive(Clone, Debug, PartialEq)]
pub enum Account {
    /// It does, or allows all.
    Allowed,
    /// It doesn't; the error says so.
    Other(Diagnostic),
    /// STS doesn't say which account it is; the error says why.
    Unknown(Diagnostic),
}

/// Holds the account against the provider block. Asks STS once, and only where that lists accounts.
pub async fn account(access: &AwsAccess, region: Option<&str>) -> Account {
    let aws = match aws(access) {
        Ok(aws) if aws.settings().allowed_account_ids.is_empty() => return Account::Allowed,
        Ok(aws) => aws,
        Err(problem) => return Account::Unknown(problem),
    };
    match aws.account(region).await {
        Ok(account) => {
            let (whose, remedy) = (format!("This is account {account}"), "Use other credentials, or correct the list.");
            allowed(&aws, &account, &whose, remedy).map_or_else(Account::Other, |()| Account::Allowed)
        }
        Err(error) => Account::Unknown(failed(&error)),
    }
}

/// Refuses to make anything in an account that the provider block doesn't allow, or that isn't known.
///
/// # Errors
/// If the account is another one, or STS refuses.
pub async fn check_account(access: &AwsAccess, region: Option<&str>) -> Result<(), Diagnostic> {
    match account(access, region).await {
        Account::Allowed => Ok(()),
        Account::Other(problem) | Account::Unknown(problem) => Err(problem),
    }
}

/// `whose` is what is known of the account, and `remedy` what helps.
fn allowed(aws: &Aws, account: &str, whose: &str, remedy: &str) -> Result<(), Diagnostic> {
    let list = &aws.settings().allowed_account_ids;
    if list.is_empty() || list.iter().any(|id| id == account) {
        return Ok(());
    }
    Err(Diagnostic::failed(
        "Not this AWS account",
        format!(
            "{whose}, and `allowed_account_ids` in the provider block allows only {}. Nothing was touched. {remedy}",
            list.join(", ")
        ),
    ))
}

/// The region of an ARN, if it has one that could be a region: it becomes a part of the host that is asked.
pub fn region_of(arn: &str) -> Option<&str> {
    arn.split(':').nth(3).filter(|region| is_region(region))
}

/// A warning for a read that has no access to AWS.
pub fn not_read(reason: &Diagnostic) -> Diagnostic {
    Diagnostic::warning(
        Path::root(),
        "State not refreshed",
        format!("The stored state is kept as it is: {}", reason.detail),
    )
}
