//! Where each virtual IP goes on one node.

use super::inputs::{Inputs, Node, Vip};
use super::link::{Choice, Link};
use crate::framework::path::Path;
use crate::framework::reader::Maybe;

/// A virtual IP and the link of one node that carries it.
#[derive(Clone, Debug)]
pub struct Placement<'a> {
    /// The virtual IP.
    pub vip: &'a Vip,
    /// The link.
    pub link: Link,
    /// The alias that the configuration gives the link's device.
    pub alias: Maybe<Option<String>>,
    /// The object of the configuration that names the device.
    pub device_place: Path,
    /// The object that names the VLAN.
    pub vlan_place: Path,
    /// The object that names the alias.
    pub alias_place: Path,
}

impl Inputs {
    /// Where each virtual IP goes on `node`, the endpoint's first; none where that is not known, or where nothing names a link.
    pub fn placements(&self, node: &Node) -> Option<Vec<Placement<'_>>> {
        let own = self.own(node)?;
        let mut placements = vec![own.clone()];
        for vip in self.additional.as_ref().known()? {
            placements.push(match &vip.link {
                Some(choice) => beside(&own, vip, choice)?,
                None => Placement { vip, ..own.clone() },
            });
        }
        Some(placements)
    }

    /// True if the link that carries `vip` on `node` is known to be the node's own, by which the node has its addresses.
    pub fn is_on_own_link(&self, node: &Node, vip: &Vip) -> bool {
        let Some(choice) = &vip.link else { return true };
        let names_nothing = choice.names_no_parent() && choice.vlan.is_absent();
        names_nothing || self.compared_with_own(node, choice) == Some(true)
    }

    /// True if it is known to be another one.
    pub fn is_on_another_link(&self, node: &Node, vip: &Vip) -> bool {
        vip.link.as_ref().is_some_and(|choice| self.compared_with_own(node, choice) == Some(false))
    }

    /// Whether `choice` leads to the link of `node` itself; none where that isn't known.
    fn compared_with_own(&self, node: &Node, choice: &Choice) -> Option<bool> {
        let own = self.own(node)?.link;
        let other = choice.beside(&own).known()?;
        (own.is_known() && other.is_known()).then(|| own == other)
    }

    /// The endpoint's own virtual IP.
    fn own(&self, node: &Node) -> Option<Placement<'_>> {
        let common = &self.common.link;
        let place = |is_own: bool| if is_own { node.path() } else { Path::root() };
        let has_alias = !node.link.alias.is_absent();
        Some(Placement {
            vip: &self.vip,
            link: node.link.or(common).present()?,
            alias: if has_alias { node.link.alias.clone() } else { common.alias.clone() },
            device_place: place(!node.link.names_no_parent()),
            vlan_place: place(!node.link.vlan.is_absent()),
            alias_place: place(has_alias),
        })
    }
}

/// An additional virtual IP whose own link `choice` names, in whole or in part.
fn beside<'a>(own: &Placement<'a>, vip: &'a Vip, choice: &Choice) -> Option<Placement<'a>> {
    let other_device = !choice.names_no_parent();
    let place = |is_own: bool, other: &Path| if is_own { vip.place() } else { other.clone() };
    let has_alias = other_device || !choice.alias.is_absent();
    Some(Placement {
        vip,
        link: choice.beside(&own.link).known()?,
        alias: if has_alias { choice.alias.clone() } else { own.alias.clone() },
        device_place: place(other_device, &own.device_place),
        vlan_place: place(other_device || !choice.vlan.is_absent(), &own.vlan_place),
        alias_place: place(has_alias, &own.alias_place),
    })
}
