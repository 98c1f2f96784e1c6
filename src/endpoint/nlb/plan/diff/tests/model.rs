//! A small model of AWS: executes steps, and refuses what AWS refuses.

use super::super::*;
use crate::endpoint::nlb::model::desired::{BalancerSettings, ListenerSettings};
use crate::endpoint::nlb::model::inventory::{Balancer, Existing};
use crate::endpoint::nlb::model::settings::SETTINGS;

/// The VPC that the load balancer's answer names.
const VPC: &str = "vpc-1";

/// The tag of the run that executes the steps.
const OWN: &str = "own/0";

/// What exists while steps are executed.
pub struct Model {
    pub inventory: Inventory,
    /// The roles whose listener forwards to the group of its role.
    routed: BTreeSet<Role>,
    /// What existed before, and so is the subject of changes of tags.
    old_balancer: bool,
    old_groups: BTreeSet<Role>,
    old_listeners: BTreeSet<Role>,
    /// The tags of what is made.
    tags: Tags,
    /// Groups in the middle of a replacement.
    successors: BTreeMap<Role, Existing<GroupSettings>>,
    copied: BTreeSet<Role>,
    retired: Vec<String>,
}

impl Model {
    pub fn new(inventory: Inventory, tags: &Tags) -> Model {
        let right = |role: &&Role| !inventory.misrouted.contains(role) && inventory.groups.contains_key(role);
        Model {
            routed: inventory.listeners.keys().filter(right).copied().collect(),
            old_balancer: inventory.balancer.is_some(),
            old_groups: inventory.groups.keys().copied().collect(),
            old_listeners: inventory.listeners.keys().copied().collect(),
            tags: tags.clone(),
            successors: BTreeMap::new(),
            copied: BTreeSet::new(),
            retired: Vec::new(),
            inventory,
        }
    }

    /// Executes everything. Within a wave the order must not matter, so waves may be executed backwards.
    pub fn run(&mut self, waves: &[Vec<Step>], backwards: bool) {
        for wave in waves {
            let mut wave: Vec<&Step> = wave.iter().collect();
            if backwards {
                wave.reverse();
            }
            // As before the wave: steps of one wave can't wait for each other.
            let (balancer, groups) = (self.inventory.balancer.is_some(), self.inventory.groups.clone());
            for step in wave {
                match step {
                    Step::CreateGroup(_, settings) => assert!(balancer || settings.vpc_id.is_some(), "no VPC yet"),
                    Step::CreateListener(role, _) => assert!(balancer && groups.contains_key(role), "no group yet"),
                    _ => {}
                }
                self.execute(step.clone());
                // Every step may run twice; creates do so only after a lost answer, and then answer what exists.
                if step.makes() {
                    let tagged = self.inventory.handover.is_some() || !self.old_balancer;
                    assert!(tagged, "the tag comes first");
                } else {
                    self.execute(step.clone());
                }
            }
        }
        let listeners = self.inventory.listeners.keys();
        if self.inventory.handover.as_deref() == Some(OWN) {
            self.inventory.handover = None; // the next read takes it off
        }
        self.inventory.misrouted = listeners.filter(|role| !self.routed.contains(role)).copied().collect();
    }

    fn execute(&mut self, step: Step) {
        match step {
            Step::CreateBalancer(mut settings) => {
                assert!(self.inventory.balancer.is_none());
                settings.attributes = settings::at_birth(SETTINGS, Part::LoadBalancer, "");
                settings.private_link_rules = settings.private_link_rules.map(|_| "on".to_owned());
                let Existing { arn, settings, tags } = self.born(settings);
                self.inventory.balancer = Some(Balancer { arn, settings, tags, ..Balancer::default() });
            }
            Step::CreateGroup(role, mut settings) => {
                settings.vpc_id = settings.vpc_id.or(Some(VPC.to_owned()));
                settings.attributes = settings::at_birth(SETTINGS, Part::TargetGroup, &settings.target_type);
                let group = self.born(settings);
                assert!(self.inventory.groups.insert(role, group).is_none());
            }
            Step::CreateListener(role, mut settings) => {
                self.assert_free(settings.port, role);
                settings.attributes = settings::at_birth(SETTINGS, Part::Listener, "");
                let listener = self.born(settings);
                assert!(self.inventory.listeners.insert(role, listener).is_none());
                self.routed.insert(role);
            }
            Step::SetBalancerAttributes(attributes) => self.balancer().attributes.extend(attributes),
            Step::SetSubnets(subnets) => self.balancer().subnets = subnets,
            Step::SetSecurityGroups(groups, rules) => {
                self.balancer().security_groups = groups;
                self.balancer().private_link_rules = rules;
            }
            Step::SetIpAddressType(kind) => self.balancer().ip_address_type = kind,
            Step::SetHealthCheck(role, check) => self.group(role).health_check = check,
            Step::SetGroupAttributes(role, attributes) => self.group(role).attributes.extend(attributes),
            Step::SetListener(role, port) => {
                self.assert_free(port, role);
                assert!(self.inventory.groups.contains_key(&role), "nothing to forward to");
                self.listener(role).port = port;
                self.routed.insert(role);
            }
            Step::StepAside(role, desired) => {
                let taken = |port: &i64| self.inventory.listeners.values().any(|known| known.settings.port == *port);
                let free = (1..=65535).rev().find(|port| !desired.contains(port) && !taken(port)).unwrap();
                self.listener(role).port = free;
            }
            Step::SetListenerAttributes(role, attributes) => self.listener(role).attributes.extend(attributes),
            Step::AddTags(tags) => self.each_old(|own| own.extend(tags.clone())),
            Step::RemoveTags(keys) => self.each_old(|own| own.retain(|key, _| !keys.contains(key))),
            Step::DeleteListener(role) => {
                self.inventory.listeners.remove(&role);
                self.old_listeners.remove(&role);
                self.routed.remove(&role);
            }
            Step::DeleteGroup(role) => {
                assert!(!self.routed.contains(&role), "in use");
                self.inventory.groups.remove(&role);
            }
            Step::WaitActive => assert!(self.inventory.balancer.is_some()),
            Step::BeginUpdate => self.inventory.handover = Some(OWN.to_owned()),
            Step::EndUpdate => {
                assert!(self.successors.is_empty(), "not finished");
                self.inventory.handover = None;
            }
            Step::CreateSuccessor(role, mut settings) => {
                assert!(self.inventory.groups.contains_key(&role), "nothing to take over from");
                settings.vpc_id = settings.vpc_id.or(Some(VPC.to_owned()));
                settings.attributes = settings::at_birth(SETTINGS, Part::TargetGroup, &settings.target_type);
                let successor = self.born(settings);
                assert!(self.successors.insert(role, successor).is_none());
            }
            Step::PrepareSuccessor(role, check, attributes) => {
                let successor = self.successors.get_mut(&role).unwrap();
                successor.settings.health_check = check;
                successor.settings.attributes.extend(attributes);
            }
            Step::CopyTargets(role) => {
                assert!(self.successors.contains_key(&role));
                self.copied.insert(role);
            }
            Step::AwaitHealthy(role) => assert!(self.copied.contains(&role), "the targets come first"),
            Step::SwitchListener(role, port) => {
                let Some(successor) = self.successors.remove(&role) else { return };
                assert!(self.copied.contains(&role), "the listener would lead to an empty group");
                self.listener(role).port = port;
                let retired = self.inventory.groups.insert(role, successor).unwrap();
                self.retired.push(retired.arn);
                self.routed.insert(role);
            }
            Step::RemoveRetired(arn) => assert!(self.retired.contains(&arn), "{arn} still serves"),
        }
    }

    fn born<S>(&self, settings: S) -> Existing<S> {
        Existing { arn: "new".to_owned(), settings, tags: self.tags.clone() }
    }

    fn assert_free(&self, port: i64, role: Role) {
        let taken = self.inventory.listeners.iter().any(|(other, known)| *other != role && known.settings.port == port);
        assert!(!taken, "port {port} is taken");
    }

    fn balancer(&mut self) -> &mut BalancerSettings {
        &mut self.inventory.balancer.as_mut().unwrap().settings
    }

    fn group(&mut self, role: Role) -> &mut GroupSettings {
        &mut self.inventory.groups.get_mut(&role).unwrap().settings
    }

    fn listener(&mut self, role: Role) -> &mut ListenerSettings {
        &mut self.inventory.listeners.get_mut(&role).unwrap().settings
    }

    fn each_old(&mut self, change: impl Fn(&mut Tags)) {
        let Inventory { balancer, groups, listeners, .. } = &mut self.inventory;
        balancer.iter_mut().filter(|_| self.old_balancer).for_each(|part| change(&mut part.tags));
        groups
            .iter_mut()
            .filter(|(role, _)| self.old_groups.contains(role))
            .for_each(|(_, part)| change(&mut part.tags));
        let listeners = listeners.iter_mut().filter(|(role, _)| self.old_listeners.contains(role));
        listeners.for_each(|(_, part)| change(&mut part.tags));
    }
}
