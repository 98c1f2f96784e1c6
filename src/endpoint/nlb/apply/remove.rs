//! Removes an endpoint, in the order in which a refusal does the least harm.

use std::time::Duration;

use super::failure::Failure;
use super::session::POLL;
use crate::endpoint::deadline::{Deadline, Interrupted};
use crate::endpoint::nlb::model::desired::DELETION_PROTECTION;
use crate::endpoint::nlb::model::inventory::Parts;
use crate::endpoint::nlb::model::marker::MARKER;
use crate::endpoint::nlb::plan::outputs::{self, Facts};
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::path::Path;
use crate::framework::progress::Progress;
use crate::framework::reader::Maybe;
use crate::framework::resource::DeleteRequest;
use crate::remote::aws_error::AwsError;
use crate::remote::ec2::Ec2;
use crate::remote::elb::{Attributes, Elb};

/// How long a target group may stay in use after its listener is gone.
const GROUP_RELEASE: Duration = Duration::from_secs(300);

/// Removes the stored endpoint, and waits until nothing of it holds a subnet, a security group or an address any longer.
pub async fn delete(
    elb: &Elb,
    ec2: Option<&Ec2>,
    request: DeleteRequest,
    progress: &Progress,
    limit: Duration,
) -> Diagnostics {
    let deadline = Deadline::new(limit, request.stop.clone());
    let mut parts = Parts::from_state(&request.prior).recalled(&request.private);
    let tell = |parts: &Parts| {
        let mut object = request.prior.clone();
        let facts = Facts {
            parts,
            configured_host: crate::endpoint::nlb::read::refresh::configured_host(&request.prior),
            region: Maybe::Known(elb.region().to_owned()),
            group_names: Default::default(),
            tags_all: outputs::tags_of(&request.prior),
        };
        outputs::write(&mut object, &facts);
        let mut private = request.private.clone();
        parts.remember(&mut private);
        progress.tell(object, private);
    };
    let remover = Remover { elb, ec2, deadline: &deadline };
    let removed = match deadline.hold(remover.remove(&mut parts, &tell)).await {
        Ok(removed) => removed,
        Err(why) => Err(Failure::Interrupted(why, "removing the load balancer and its target groups".to_owned())),
    };
    match removed {
        Ok(warnings) => {
            progress.gone();
            warnings
        }
        Err(failure) => failure.into(),
    }
}

/// Removes parts.
pub struct Remover<'a> {
    /// Where the calls go.
    pub elb: &'a Elb,
    /// Where to look for what the load balancer leaves behind; none where nobody waits for that.
    pub ec2: Option<&'a Ec2>,
    /// How long it goes on.
    pub deadline: &'a Deadline,
}

impl Remover<'_> {
    /// Removes `parts`: the load balancer first, so that a refusal leaves everything intact. `tell` is told what is left.
    ///
    /// # Errors
    /// The first refusal. What is left is in `parts`.
    pub async fn remove(&self, parts: &mut Parts, tell: &(dyn Fn(&Parts) + Sync)) -> Result<Diagnostics, Failure> {
        let mut warnings = Diagnostics::new();
        if let Some(facts) = parts.load_balancer.clone() {
            self.remove_balancer(&facts.arn).await?;
            self.wait_until_gone(&facts.arn).await?;
            warnings.append(self.wait_for_interfaces(&facts.arn).await?);
            parts.load_balancer = None;
            parts.listeners.clear(); // AWS removes them with the load balancer
            tell(parts);
        }
        for (role, arn) in parts.listeners.clone() {
            self.elb.delete_listener(&arn).await?;
            parts.listeners.remove(&role);
            tell(parts);
        }
        for (role, facts) in parts.groups.clone() {
            self.remove_group(&facts.arn).await?;
            parts.groups.remove(&role);
            tell(parts);
        }
        for (role, facts) in parts.successors.clone() {
            self.remove_group(&facts.arn).await?;
            parts.successors.remove(&role);
            tell(parts);
        }
        for arn in std::mem::take(&mut parts.retired) {
            self.remove_group(&arn).await?;
        }
        Ok(warnings)
    }

    async fn remove_balancer(&self, arn: &str) -> Result<(), Failure> {
        match self.elb.delete_load_balancer(arn).await {
            Err(error) if error.is("OperationNotPermitted") => {
                // A create that failed after switching protection on has left its marker; nobody relies on that load balancer.
                let tags = self.elb.tags(&[arn.to_owned()]).await?;
                if !tags.get(arn).is_some_and(|tags| tags.contains_key(MARKER)) {
                    return Err(error.into());
                }
                let off = Attributes::from([(DELETION_PROTECTION.to_owned(), "false".to_owned())]);
                self.elb.modify_load_balancer_attributes(arn, &off).await?;
                Ok(self.elb.delete_load_balancer(arn).await?)
            }
            other => Ok(other?),
        }
    }

    async fn wait_until_gone(&self, arn: &str) -> Result<(), Failure> {
        while self.elb.load_balancer(arn).await?.is_some() {
            self.pause("waiting until the load balancer is gone").await?;
        }
        Ok(())
    }

    /// The network interfaces of a load balancer outlive it by a while, and hold its subnets, security groups and addresses: a destroy
    /// of these would hang.
    async fn wait_for_interfaces(&self, arn: &str) -> Result<Diagnostics, Failure> {
        let (Some(ec2), Some((_, suffix))) = (self.ec2, arn.split_once("loadbalancer/")) else {
            return Ok(Diagnostics::new());
        };
        loop {
            match ec2.network_interfaces(&format!("ELB {suffix}")).await {
                Ok(left) if left.is_empty() => return Ok(Diagnostics::new()),
                Ok(left) => {
                    let doing =
                        format!("waiting until network interfaces of the load balancer are gone ({})", left.join(", "));
                    self.pause(&doing).await?;
                }
                Err(error) => return Ok(interfaces_not_seen(&error).into()),
            }
        }
    }

    async fn remove_group(&self, arn: &str) -> Result<(), Failure> {
        let release = self.deadline.at_most(GROUP_RELEASE);
        loop {
            match self.elb.delete_target_group(arn).await {
                Err(error) if error.is("ResourceInUse") => match release.pause(POLL).await {
                    Ok(()) => {}
                    Err(Interrupted::TimedOut) => return Err(error.into()),
                    Err(why) => return Err(Failure::Interrupted(why, "removing a target group".to_owned())),
                },
                other => return Ok(other?),
            }
        }
    }

    async fn pause(&self, doing: &str) -> Result<(), Failure> {
        self.deadline.pause(POLL).await.map_err(|why| Failure::Interrupted(why, doing.to_owned()))
    }
}

fn interfaces_not_seen(error: &AwsError) -> Diagnostic {
    let (title, _) = error.explain();
    Diagnostic::warning(
        Path::root(),
        "The load balancer's network interfaces could not be watched",
        format!(
            "The load balancer is gone, but whether its network interfaces are too could not be seen ({title}). If the same destroy removes its              subnets or security groups, that may take a few minutes. The permission `ec2:DescribeNetworkInterfaces` lets this resource wait."
        ),
    )
}
