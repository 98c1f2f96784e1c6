//! Whether the name of a load balancer that is to be made is free: the plan says what the apply would fail on, or do harm with.

use super::stored::{PlannedChange, Stored, predecessor};
use crate::endpoint::aws_access::{self, Access, Account, AwsAccess};
use crate::endpoint::contract;
use crate::endpoint::nlb::model::inputs::on;
use crate::endpoint::nlb::model::marker::MARKER;
use crate::endpoint::nlb::model::schema::names;
use crate::endpoint::nlb::plan::replacement::{balancer_name, host_of_predecessor};
use crate::framework::diagnostic::Diagnostic;
use crate::framework::path::Path;
use crate::framework::private::Private;
use crate::framework::reader::{Maybe, Reader};
use crate::framework::value::Object;
use crate::remote::aws_error::{AwsError, Cause};
use crate::remote::elb::Elb;

const BALANCER: &str = "load balancer";
const GROUP: &str = "target group";

/// Holds a planned create against this run's own states, and where they don't answer against AWS: one call, a second one where the name
/// is taken. Where AWS can't be read, it says nothing: the apply reads again.
///
/// # Errors
/// If a name is taken, or no region is set anywhere.
pub async fn check(
    access: &AwsAccess,
    stored: &Stored,
    config: &Object,
    planned: &Object,
    private: &Private,
) -> Result<(), Diagnostic> {
    let (config, planned) = (Reader::new(config), Reader::new(planned));
    if let Some(host) = config.text(contract::HOST).present().filter(|host| stored.has_dns_name(host)) {
        return Err(host_of_predecessor(host));
    }
    let (Access::Ready(aws), Maybe::Known(region)) = (access.get(), config.text(names::REGION)) else { return Ok(()) };
    let elb = match aws.elb(region).await {
        Ok(elb) => elb,
        Err(error) if error.cause == Cause::NoRegion => {
            return Err(aws_access::failed(&error).at(Path::of(names::REGION)));
        }
        Err(_) => return Ok(()),
    };
    let Some((attribute, name)) = balancer_name(&planned) else { return Ok(()) };
    claim(stored, &config, &planned, (attribute, &name), elb.region())?;
    let beside = Beside { stored, attribute, name: &name, asks: !allows_replacement(&planned) };
    if let Some(arn) = stored.named(&name, elb.region()) {
        return beside.check(&arn, private).await;
    }
    if !beside.asks {
        return Ok(());
    }
    let Some(lookup) = stored.lookup() else { return Ok(()) };
    // Where only certain accounts may be touched, an unknown one is left alone, and what it answered would say nothing of the right one.
    let account = aws_access::account(access, region).await;
    let found = match account {
        Account::Allowed => unmarked(&elb, &name).await,
        Account::Other(_) | Account::Unknown(_) => Ok(None),
    };
    lookup.answered();
    match (account, found) {
        (Account::Other(problem), _) => Err(problem),
        // The state that has it was read meanwhile.
        (_, Ok(Some(arn))) if stored.named(&name, elb.region()).as_ref() == Some(&arn) => {
            beside.check(&arn, private).await
        }
        (_, Ok(Some(arn))) => Err(taken(attribute, &name, &arn)),
        (_, Ok(None) | Err(_)) => Ok(()),
    }
}

/// A planned create whose name a stored load balancer has.
struct Beside<'a> {
    stored: &'a Stored,
    attribute: &'a str,
    name: &'a str,
    /// Whether the user has left it to us to ask.
    asks: bool,
}

impl Beside<'_> {
    /// Judges by what becomes of that one.
    async fn check(&self, arn: &str, private: &Private) -> Result<(), Diagnostic> {
        if predecessor(private) == Some(arn) {
            return Ok(());
        }
        match self.stored.planned_change(arn).await {
            Some(PlannedChange::Kept | PlannedChange::Replaced { same_name: true }) => {
                Err(named_twice(self.attribute, BALANCER, self.name))
            }
            Some(PlannedChange::Destroyed) if self.asks => Err(made_again(self.attribute, self.name, arn)),
            _ => Ok(()),
        }
    }
}

/// Refuses names that another planned create of this walk asks for too. Both would find what the other one makes.
fn claim(
    stored: &Stored,
    config: &Reader<'_>,
    planned: &Reader<'_>,
    (attribute, name): (&str, &str),
    region: &str,
) -> Result<(), Diagnostic> {
    if !stored.claim(BALANCER, name, region) {
        return Err(named_twice(attribute, BALANCER, name));
    }
    for (role, listener) in on(planned) {
        let Some(name) = listener.text(names::TARGET_GROUP_NAME).present() else { continue };
        if !stored.claim(GROUP, name, region) {
            let given = config.nested(role.name()).present().map(|listener| listener.text(names::TARGET_GROUP_NAME));
            let is_given = given.is_some_and(|name| name.present().is_some());
            let place = Path::of(role.name()).attribute(names::TARGET_GROUP_NAME);
            return Err(named_twice(attribute, GROUP, name).at(if is_given { place } else { Path::of(attribute) }));
        }
    }
    Ok(())
}

/// The load balancer of this name. One that carries the marker is the apply's affair: it may be the leftover of a dead run.
async fn unmarked(elb: &Elb, name: &str) -> Result<Option<String>, AwsError> {
    let Some(found) = elb.load_balancer_named(name).await? else { return Ok(None) };
    let tags = elb.tags(std::slice::from_ref(&found.arn)).await?;
    let is_marked = tags.get(&found.arn).is_some_and(|tags| tags.contains_key(MARKER));
    Ok((!is_marked).then_some(found.arn))
}

fn allows_replacement(planned: &Reader<'_>) -> bool {
    planned.bool(names::ALLOW_REPLACEMENT) == Maybe::Known(Some(true))
}

fn taken(attribute: &str, name: &str, arn: &str) -> Diagnostic {
    Diagnostic::invalid(
        Path::of(attribute),
        "The name is taken",
        format!(
            "A load balancer named `{name}` exists already ({arn}), and this plan would make another one.\n\nIf it \
             belongs to somebody else, choose another `{attribute}`. If it is yours, keep it, with the DNS name that \
             everybody knows:\n\n  import {{\n    to = talosendpoint_nlb.NAME\n    id = \"{arn}\"\n  }}\n\nWhere a \
             resource of this configuration has it (an `aws_lb` whose place this one takes), take that resource out \
             and forget it in the same change, or it is destroyed:\n\n  removed {{\n    from = aws_lb.NAME\n    \
             lifecycle {{\n      destroy = false\n    }}\n  }}\n\nIts listeners and target groups need such blocks \
             too: `terraform show -json | terraform-provider-talosendpoint migrate` prints all of them.\n\nWhere a \
             `talosendpoint_nlb` has it that was renamed, say so:\n\n  moved {{\n    from = talosendpoint_nlb.OLD\n    \
             to   = talosendpoint_nlb.NEW\n  }}\n\nIf it is the one that is being replaced in this very run, choose \
             a new `{attribute}` for the new one, or remove `create_before_destroy`, which a dependent hands on too. \
             Where another resource destroys it in this very run, set `allow_replacement = true`: then the plan does \
             not ask."
        ),
    )
}

/// The error of a create whose name is that of another resource in the same run.
fn named_twice(attribute: &str, what: &str, name: &str) -> Diagnostic {
    Diagnostic::invalid(
        Path::of(attribute),
        format!("{} name used twice", if what == GROUP { "Target group" } else { "Load balancer" }),
        format!(
            "Another `talosendpoint_nlb` of this configuration has or makes a {what} named `{name}` in the same \
             region, and AWS gives a name once. Choose another name for one of them.\n\nIf both are meant to be one \
             endpoint, remove one of the resources, or give it a new address with a `moved` block."
        ),
    )
}

/// The error where the create of the same name was planned first.
pub fn name_asked_for(prior: &Object) -> Diagnostic {
    let (attribute, name) = balancer_name(&Reader::new(prior)).unwrap_or((names::NAME, String::new()));
    named_twice(attribute, BALANCER, &name)
}

/// The error of a destroy whose load balancer this plan makes again.
pub fn not_moved(prior: &Object) -> Diagnostic {
    let reader = Reader::new(prior);
    let (attribute, name) = balancer_name(&reader).unwrap_or((names::NAME, String::new()));
    made_again(attribute, &name, reader.text(names::ARN).present().unwrap_or_default())
}

fn made_again(attribute: &str, name: &str, arn: &str) -> Diagnostic {
    Diagnostic::invalid(
        Path::of(attribute),
        "The load balancer would be destroyed and made again",
        format!(
            "`{name}` ({arn}) is in the state under an address that the configuration no longer has. This plan \
             destroys it and makes another one, with another DNS name: every kubeconfig and node holds the present \
             one. Say where it has gone:\n\n  moved {{\n    from = talosendpoint_nlb.OLD\n    to   = \
             talosendpoint_nlb.NEW\n  }}\n\nwith the addresses that the plan shows. To replace it all the same, set \
             `allow_replacement = true`."
        ),
    )
}
