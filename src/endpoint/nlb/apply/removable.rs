//! What a destroy removes: less than the state names where another state has taken that over, and more where a killed run has made it anew.

use futures_util::future::join_all;

use super::failure::Failure;
use super::recovery;
use crate::endpoint::deadline::Deadline;
use crate::endpoint::nlb::model::inventory::{Balancer, Inventory};
use crate::endpoint::nlb::model::marker::MARKER;
use crate::endpoint::nlb::model::memory::Memory;
use crate::framework::diagnostic::Diagnostic;
use crate::framework::path::Path;
use crate::remote::elb::{Attributes, Elb};

/// Leaves out what a create that failed has made and what doesn't carry its marker any longer: another state has taken that over, and may
/// serve by it.
///
/// # Errors
/// What AWS answers.
pub async fn leave_taken(elb: &Elb, inventory: &mut Inventory, memory: &Memory) -> Result<Option<Diagnostic>, Failure> {
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

/// The load balancer was deleted outside, and the run that made it anew was killed: what that has made leads to the groups of the state, which
/// can't be removed without it.
///
/// # Errors
/// What AWS answers, and that it serves others or is being made at this moment.
pub async fn find_remade(elb: &Elb, deadline: &Deadline, inventory: &mut Inventory) -> Result<(), Failure> {
    if inventory.balancer.is_some() || inventory.groups.is_empty() {
        return Ok(());
    }
    let groups = join_all(inventory.groups.values().map(|group| elb.target_group(&group.arn))).await;
    let groups = groups.into_iter().collect::<Result<Vec<_>, _>>()?;
    let Some(arn) = groups.into_iter().flatten().flat_map(|group| group.load_balancer_arns).next() else {
        return Ok(());
    };
    let Some(described) = elb.load_balancer(&arn).await? else { return Ok(()) };
    let tags = elb.tags(std::slice::from_ref(&arn)).await?.remove(&arn).unwrap_or_default();
    let balancer = Some(Balancer::described(&described, Attributes::new(), tags));
    let found = Inventory { balancer, ..Inventory::default() };
    let markers = found.markers();
    if markers.is_empty() {
        return Ok(()); // somebody's: that it holds the groups is told when they are to go
    }
    recovery::refuse_serving(elb, &found, inventory).await?;
    if recovery::silent(elb, deadline, markers.clone()).await? != markers {
        return Err(Failure::AnotherRun { name: described.name });
    }
    inventory.balancer = found.balancer;
    Ok(())
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
