//! Removes an endpoint, in the order in which a refusal does the least harm.

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::future::join_all;

use super::failure::Failure;
use super::orphans::{self, Traces};
use super::session::POLL;
use crate::endpoint::aws_diagnostic;
use crate::endpoint::deadline::{Deadline, Interrupted};
use crate::endpoint::nlb::model::inventory::Inventory;
use crate::endpoint::nlb::model::marker::{HANDOVER, MARKER, is_of};
use crate::endpoint::nlb::model::memory::Memory;
use crate::endpoint::nlb::model::settings::{self, Part, SETTINGS};
use crate::endpoint::nlb::plan::group_replacement;
use crate::endpoint::nlb::plan::outputs::{self, Outside};
use crate::endpoint::timeouts::Operation;
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::path::Path;
use crate::framework::progress::Progress;
use crate::framework::reader::Maybe;
use crate::framework::resource::DeleteRequest;
use crate::remote::aws_error::AwsError;
use crate::remote::ec2::Ec2;
use crate::remote::elb::Elb;

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
    let memory = Memory::read(&request.private);
    let mut inventory = Inventory::from_state(&request.prior).recalled(&memory);
    let report = |inventory: &Inventory| {
        let mut object = request.prior.clone();
        let outside = Outside {
            inventory,
            prior: Some(&request.prior),
            region: Maybe::Known(elb.region().to_owned()),
            group_names: Default::default(),
            tags_all: outputs::tags_of(&request.prior),
        };
        outputs::outputs(&request.prior, &mut object, &outside);
        let (mut memory, mut private) = (memory.clone(), request.private.clone());
        inventory.remember(&mut memory);
        memory.write(&mut private);
        progress.report(object, private);
    };
    let remover = Remover { elb, ec2, deadline: &deadline, unfinished: memory.failed.as_deref() };
    let removal = async {
        let mut warnings = Diagnostics::new();
        if let Some(taken) = leave_taken(elb, &mut inventory, &memory).await? {
            report(&inventory);
            warnings.push(taken);
        }
        if let Some(tag) = unfinished(elb, &inventory, &memory).await? {
            inventory.handover = Some(tag);
            let names = group_replacement::base_names(&[&request.prior]);
            let stored = Inventory::from_state(&request.prior).arns().into_iter().collect();
            let traces = Traces { names, stored, dead: BTreeSet::new() };
            // Listeners go with the load balancer.
            orphans::retire(elb, &deadline, Operation::Delete, &traces, &mut inventory).await?;
        }
        warnings.append(remover.remove(&mut inventory, &report).await?);
        Ok(warnings)
    };
    let removed = match deadline.hold(removal).await {
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

/// Leaves out what a create that failed has made and what doesn't carry its marker any longer: another state has taken that over, and may
/// serve by it.
async fn leave_taken(elb: &Elb, inventory: &mut Inventory, memory: &Memory) -> Result<Option<Diagnostic>, Failure> {
    if memory.failed.is_none() {
        return Ok(None);
    }
    let arns = inventory.arns();
    let tags = join_all(arns.iter().map(|arn| elb.tags(std::slice::from_ref(arn)))).await;
    let mut taken = Vec::new();
    for (arn, tags) in arns.into_iter().zip(tags) {
        match tags {
            Err(error) if error.is_not_found() => {}
            tags => {
                let marker = tags?.get(&arn).and_then(|tags| tags.get(MARKER)).cloned();
                if !marker.is_some_and(|value| memory.knows(&value)) {
                    taken.push(arn);
                }
            }
        }
    }
    inventory.forget(&taken);
    Ok((!taken.is_empty()).then(|| left_to_another_state(&taken)))
}

/// The tag of a run that was interrupted while it made parts beside the load balancer. It is read here once more: the private state of a
/// destroy may be that from before the run, and nothing is planned after it.
async fn unfinished(elb: &Elb, inventory: &Inventory, memory: &Memory) -> Result<Option<String>, Failure> {
    let Some(arn) = inventory.balancer_arn() else { return Ok(memory.handover.clone()) };
    let mut memory = memory.clone();
    match elb.tags(&[arn.to_owned()]).await {
        Ok(tags) => memory.note_handover(tags.get(arn).and_then(|tags| tags.get(HANDOVER)).map(String::as_str)),
        Err(error) if error.is_not_found() || error.is_denied() => {}
        Err(error) => return Err(error.into()),
    }
    Ok(memory.handover)
}

/// Removes what an inventory names.
pub struct Remover<'a> {
    /// Where the calls go.
    pub elb: &'a Elb,
    /// Where what the load balancer leaves behind can be seen; none where nobody waits for that.
    pub ec2: Option<&'a Ec2>,
    /// Until when calls and waits go on: a delete's own limit, or that of the run that clears something away.
    pub deadline: &'a Deadline,
    /// The nonce of a run that never finished: what carries its marker serves nobody, and is removed although it is protected.
    pub unfinished: Option<&'a str>,
}

impl Remover<'_> {
    /// Removes what is in `inventory`: the load balancer first, so that a refusal leaves everything intact. What is left is handed to `report`.
    ///
    /// # Errors
    /// The first refusal. What is left is in `inventory`.
    pub async fn remove(
        &self,
        inventory: &mut Inventory,
        report: &(dyn Fn(&Inventory) + Sync),
    ) -> Result<Diagnostics, Failure> {
        let mut warnings = Diagnostics::new();
        if let Some(balancer) = inventory.balancer.clone() {
            self.remove_balancer(&balancer.arn).await?;
            self.wait_until_gone(&balancer.arn).await?;
            warnings.append(self.wait_for_interfaces(&balancer.arn).await?);
            inventory.balancer = None;
            inventory.listeners.clear(); // AWS removes them with the load balancer
            report(inventory);
        }
        for (role, listener) in inventory.listeners.clone() {
            self.elb.delete_listener(&listener.arn).await?;
            inventory.listeners.remove(&role);
            report(inventory);
        }
        for (role, group) in inventory.groups.clone() {
            self.remove_group(&group.arn).await?;
            inventory.groups.remove(&role);
            report(inventory);
        }
        for (role, group) in inventory.successors.clone() {
            self.remove_group(&group.arn).await?;
            inventory.successors.remove(&role);
            report(inventory);
        }
        for arn in std::mem::take(&mut inventory.retired) {
            self.remove_group(&arn).await?;
        }
        Ok(warnings)
    }

    async fn remove_balancer(&self, arn: &str) -> Result<(), Failure> {
        let not_removed = |error| Failure::NotRemoved { arn: arn.to_owned(), error };
        match self.elb.delete_load_balancer(arn).await {
            Err(error) if error.is("OperationNotPermitted") => {
                let tags = self.elb.tags(&[arn.to_owned()]).await?;
                if !tags.get(arn).zip(self.unfinished).is_some_and(|(tags, nonce)| is_of(tags, nonce)) {
                    return Err(not_removed(error));
                }
                let off = settings::guards_off(SETTINGS, Part::LoadBalancer);
                self.elb.modify_load_balancer_attributes(arn, &off).await?;
                self.elb.delete_load_balancer(arn).await.map_err(not_removed)
            }
            other => other.map_err(not_removed),
        }
    }

    async fn wait_until_gone(&self, arn: &str) -> Result<(), Failure> {
        while let Some(found) = self.elb.load_balancer(arn).await? {
            self.pause("waiting until the load balancer is gone", &found.state).await?;
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
                    self.pause(&doing, "in use").await?;
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
                    Err(Interrupted::TimedOut) => return Err(Failure::NotRemoved { arn: arn.to_owned(), error }),
                    Err(why) => return Err(Failure::Interrupted(why, "removing a target group".to_owned())),
                },
                other => return other.map_err(|error| Failure::NotRemoved { arn: arn.to_owned(), error }),
            }
        }
    }

    async fn pause(&self, doing: &str, state: &str) -> Result<(), Failure> {
        self.deadline.wait(POLL, doing, state).await.map_err(|why| Failure::Interrupted(why, doing.to_owned()))
    }
}

fn left_to_another_state(arns: &[String]) -> Diagnostic {
    Diagnostic::warning(
        Path::root(),
        "Left to another state",
        format!(
            "The create of this resource failed. What it had made no longer carries its tag `{MARKER}`, so another \
             configuration has taken it over since then: {}. It was left alone and is not in this state any longer. \
             If no other state has it, import it or delete it.",
            arns.join(", ")
        ),
    )
}

fn interfaces_not_seen(error: &AwsError) -> Diagnostic {
    let (title, _) = aws_diagnostic::explain(error, aws_diagnostic::none);
    Diagnostic::warning(
        Path::root(),
        "The load balancer's network interfaces could not be watched",
        format!(
            "The load balancer is gone, but whether its network interfaces are too could not be seen ({title}). If the \
             same destroy removes its subnets or security groups, that may take a few minutes. The permission \
             `ec2:DescribeNetworkInterfaces` lets this resource wait."
        ),
    )
}
