//! Which load balancers of a state come over, and what behind each does.

use std::collections::{BTreeMap, BTreeSet};

use super::aws_attributes::{ATTACHMENTS, BALANCERS, GROUPS, LISTENERS, attributes};
use super::described::{common_tags, described_balancer, described_group, described_listener, groups_of, tags_of};
use crate::endpoint::aws_access::region_of;
use crate::endpoint::nlb::model::desired::{GroupSettings, ListenerSettings};
use crate::endpoint::nlb::model::inventory::{Balancer, Existing, Inventory};
use crate::endpoint::nlb::model::role::Role;
use crate::endpoint::nlb::model::schema::names;
use crate::endpoint::nlb::model::settings::{Part, SETTINGS};
use crate::endpoint::nlb::plan::import::assign::{Assigned, assign};
use crate::endpoint::nlb::plan::import::base::base;
use crate::endpoint::nlb::read::refresh::{Mixed, refresh};
use crate::framework::diagnostic::Diagnostics;
use crate::framework::shown_state::{Instance, ShownState};
use crate::framework::value::{Object, Value};
use crate::remote::elb::{Listener, LoadBalancer, TargetGroup};

/// What the user would have to write for a stored load balancer, without defaults: the engine's answer.
pub type Concise<'a> = &'a dyn Fn(Object) -> Result<Object, Diagnostics>;

/// What comes over, and what doesn't.
#[derive(Debug, Default)]
pub struct Layout<'a> {
    /// The load balancers that come over.
    pub endpoints: Vec<Endpoint<'a>>,
    /// What stays with its owner, and why.
    pub left: Vec<Left<'a>>,
    /// The registrations in groups that come over.
    pub attachments: Vec<&'a Instance>,
}

/// A load balancer that comes over.
#[derive(Debug)]
pub struct Endpoint<'a> {
    /// The `aws_lb`.
    pub balancer: &'a Instance,
    /// Listener and group of each role.
    pub roles: BTreeMap<Role, Pair<'a>>,
    /// What the user would write for it.
    pub config: Object,
}

/// A listener and the group that it forwards to.
#[derive(Clone, Copy, Debug)]
pub struct Pair<'a> {
    /// The `aws_lb_listener`.
    pub listener: &'a Instance,
    /// The `aws_lb_target_group`.
    pub group: &'a Instance,
}

/// Something that stays with its owner.
#[derive(Debug)]
pub struct Left<'a> {
    /// What.
    pub instance: &'a Instance,
    /// Why: a sentence that goes on from its address.
    pub why: String,
}

impl<'a> Layout<'a> {
    /// Finds them.
    pub fn of(state: &'a ShownState, concise: Concise<'_>) -> Layout<'a> {
        let all = |kinds: [&str; 2]| -> Vec<&Instance> {
            let of_kind = state.instances.iter().filter(|instance| kinds.contains(&instance.address.kind.as_str()));
            of_kind.filter(|instance| !instance.deposed).collect()
        };
        let (listeners, groups) = (all(LISTENERS), all(GROUPS));
        let mut layout = Layout::default();
        for balancer in all(BALANCERS) {
            layout.add(balancer, &listeners, &groups, concise);
        }
        let taken: BTreeSet<String> = layout.pairs().map(|pair| pair.group.text("arn")).collect();
        let registrations = all(ATTACHMENTS).into_iter();
        layout.attachments =
            registrations.filter(|instance| taken.contains(&instance.text("target_group_arn"))).collect();
        layout
    }

    /// Everything that the file takes out of the state: load balancers, listeners, groups.
    pub fn taken(&self) -> Vec<&'a Instance> {
        let balancers = self.endpoints.iter().map(|endpoint| endpoint.balancer);
        let listeners = self.pairs().map(|pair| pair.listener);
        balancers.chain(listeners).chain(self.pairs().map(|pair| pair.group)).collect()
    }

    /// Listeners and groups that come over.
    pub fn pairs(&self) -> impl Iterator<Item = Pair<'a>> {
        self.endpoints.iter().flat_map(|endpoint| endpoint.roles.values().copied())
    }

    /// The load balancer and the role of a group.
    pub fn role_of(&self, group_arn: &str) -> Option<(&Endpoint<'a>, Role)> {
        self.endpoints.iter().find_map(|endpoint| {
            let of = endpoint.roles.iter().find(|(_, pair)| pair.group.text("arn") == group_arn)?;
            Some((endpoint, *of.0))
        })
    }

    fn add(
        &mut self,
        balancer: &'a Instance,
        listeners: &[&'a Instance],
        groups: &[&'a Instance],
        concise: Concise<'_>,
    ) {
        if balancer.text("load_balancer_type") != "network" {
            return;
        }
        let arn = balancer.text("arn");
        let (own, others): (Vec<&Instance>, Vec<&Instance>) =
            listeners.iter().copied().partition(|listener| listener.text("load_balancer_arn") == arn);
        let described = described_balancer(balancer);
        let (as_listeners, as_groups): (Vec<Listener>, Vec<TargetGroup>) = (
            own.iter().map(|listener| described_listener(listener)).collect(),
            groups.iter().map(|group| described_group(group)).collect(),
        );
        let mut assigned = assign(&described, &as_listeners, &as_groups);
        let mut roles = BTreeMap::new();
        for (role, (listener, group)) in &assigned.roles {
            let by_arn =
                |all: &[&'a Instance], arn: &str| all.iter().copied().find(|instance| instance.text("arn") == arn);
            let Some((listener, group)) = by_arn(&own, &listener.arn).zip(by_arn(groups, &group.arn)) else { continue };
            match stays(*role, balancer, Pair { listener, group }, &others) {
                None => drop(roles.insert(*role, Pair { listener, group })),
                Some(why) => self.left.push(Left { instance: listener, why }),
            }
        }
        for listener in &own {
            let arn = listener.text("arn");
            if assigned.roles.values().all(|(taken, _)| taken.arn != arn) {
                self.left.push(Left { instance: listener, why: untold(listener, groups) });
            }
        }
        if !roles.contains_key(&Role::KubernetesApi) && !roles.contains_key(&Role::TalosApi) {
            let why = "leads to no targets on port 6443 or 50000 by listeners of this state that come over, and stays.";
            self.left.push(Left { instance: balancer, why: why.to_owned() });
            return;
        }
        assigned.roles.retain(|role, _| roles.contains_key(role));
        let mut config = match concise(imported(balancer, &described, &assigned, &roles)) {
            Ok(config) => config,
            Err(problems) => {
                let problems: Vec<String> =
                    problems.iter().map(|problem| format!("{}: {}", problem.title, problem.detail)).collect();
                let why = format!("stays, because its block can't be written. {}", problems.join(" "));
                return self.left.push(Left { instance: balancer, why });
            }
        };
        config.insert(names::VPC_ID.to_owned(), Value::Null); // the subnets say it
        self.endpoints.push(Endpoint { balancer, roles, config });
    }
}

/// Why a listener whose role is clear stays with its owner all the same.
fn stays(role: Role, balancer: &Instance, pair: Pair<'_>, others: &[&Instance]) -> Option<String> {
    let group = pair.group.text("arn");
    if let Some(other) = others.iter().find(|other| forwards_to(other, &group)) {
        return Some(format!(
            "stays: its target group {} is also behind {}, of another load balancer, and each `talosendpoint_nlb` has \
             groups of its own.",
            pair.group.address, other.address
        ));
    }
    // The guide's root module adds the workers' listener to the load balancer of another module: two owners.
    let own_module = |instance: &Instance| instance.address.module == balancer.address.module;
    let optional = matches!(role, Role::WorkerTalosApi | Role::Trustd);
    (optional && !(own_module(pair.listener) && own_module(pair.group))).then(|| {
        format!(
            "stays in {}, and so does {}: the load balancer is {}'s. To bring both over, set `{}` in the new block, \
             and delete them as the others.",
            pair.listener.address.module_name(),
            pair.group.address,
            balancer.address.module_name(),
            role.name()
        )
    })
}

/// Why a listener was not given a role.
fn untold(listener: &Instance, groups: &[&Instance]) -> String {
    let target = described_listener(listener).target_group_arn;
    let group = groups.iter().find(|group| Some(group.text("arn")) == target);
    let reason = match (target, group) {
        _ if listener.text("protocol") != "TCP" => format!("its protocol is {}", listener.text("protocol")),
        (None, _) => "it doesn't forward to one target group alone".to_owned(),
        (Some(arn), None) => format!("its target group {arn} isn't in this state"),
        (Some(_), Some(group)) if !["instance", "ip"].contains(&group.text("target_type").as_str()) => {
            format!("the targets of {} are neither instances nor addresses", group.address)
        }
        (Some(_), Some(group)) => match group.value("port").as_i64() {
            Some(6443 | 50000 | 50001) => format!(
                "another listener leads to {} or to the same port, and nothing but the usual port or the group's name \
                 tells which one is meant",
                group.address
            ),
            _ => format!("{} leads to no port of Talos", group.address),
        },
    };
    format!("stays as it is: {reason}.")
}

fn forwards_to(listener: &Instance, group: &str) -> bool {
    let actions = listener.value("default_action").as_array().into_iter().flatten();
    actions.into_iter().any(|action| groups_of(action).any(|arn| arn == group))
}

/// The state of a `talosendpoint_nlb` after the import, with what its import leaves to the configuration.
fn imported(
    instance: &Instance,
    balancer: &LoadBalancer,
    assigned: &Assigned,
    roles: &BTreeMap<Role, Pair<'_>>,
) -> Object {
    let mut base = base(balancer, assigned, SETTINGS);
    let found = attributes(instance);
    for setting in SETTINGS.iter().filter(|setting| !setting.always && setting.part == Part::LoadBalancer) {
        // An import leaves it to AWS; hashicorp's default is what AWS has at birth.
        let set = found.get(setting.key).filter(|value| *value != setting.at_birth("instance"));
        if let Some(value) = set.and_then(|value| setting.value_of(value)) {
            setting.set(&mut base, value);
        }
    }
    let tags =
        common_tags(std::iter::once(instance).chain(roles.values().flat_map(|pair| [pair.listener, pair.group])));
    if !tags.is_empty() {
        let tags = Value::Map(tags.into_iter().map(|(key, value)| (key, value.into())).collect());
        base.insert(names::TAGS.to_owned(), tags.clone());
        base.insert(names::TAGS_ALL.to_owned(), tags);
    }
    let pairs = || assigned.roles.iter().zip(roles.values());
    let inventory = Inventory {
        balancer: Some(Balancer::described(balancer, found, tags_of(instance))),
        groups: pairs()
            .map(|((role, (_, group)), pair)| {
                (*role, Existing::<GroupSettings>::described(group, attributes(pair.group), tags_of(pair.group)))
            })
            .collect(),
        listeners: pairs()
            .map(|((role, (listener, _)), pair)| {
                (
                    *role,
                    Existing::<ListenerSettings>::described(
                        listener,
                        attributes(pair.listener),
                        tags_of(pair.listener),
                    ),
                )
            })
            .collect(),
        ..Inventory::default()
    };
    let region = region_of(&balancer.arn).unwrap_or_default();
    refresh(&base, &inventory, region, Mixed::Differing, SETTINGS)
}
