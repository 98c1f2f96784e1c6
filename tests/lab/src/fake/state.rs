//! What the account holds.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::refusal::{Refusal, not_found};
use super::settings::{Ending, Settings};
use super::watch::Snapshot;

/// The account's number.
pub const ACCOUNT: &str = "123456789012";

/// Everything. Vectors keep the order of creation.
#[derive(Debug, Clone, Default)]
pub struct State {
    pub settings: Settings,
    pub load_balancers: Vec<LoadBalancer>,
    pub target_groups: Vec<TargetGroup>,
    pub listeners: Vec<Listener>,
    /// Deleted load balancers whose interfaces remain: `net/NAME/ID`, subnets, and for how many describes.
    pub remains: Vec<(String, Vec<String>, usize)>,
    pub snapshots: Vec<Snapshot>,
    pub chance: Chance,
    ids: u64,
}

/// Random numbers that are the same in each run (xorshift64*): what differs between runs is the order in which they are asked for.
#[derive(Debug, Clone)]
pub struct Chance(u64);

impl Default for Chance {
    fn default() -> Chance {
        Chance(0x9e37_79b9_7f4a_7c15)
    }
}

impl Chance {
    /// The next one, from 0 to 1.
    pub fn next(&mut self) -> f64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        f64::from((self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 32) as u32) / f64::from(u32::MAX)
    }
}

/// What load balancers, groups and listeners have in common.
#[derive(Debug, Clone)]
pub struct Common {
    pub arn: String,
    pub attributes: BTreeMap<String, String>,
    pub tags: BTreeMap<String, String>,
    /// How many lookups still answer NotFound.
    pub hidden: usize,
}

#[derive(Debug, Clone)]
pub struct LoadBalancer {
    pub common: Common,
    pub name: String,
    /// `net/NAME/ID`
    pub suffix: String,
    pub dns_name: String,
    pub scheme: String,
    pub ip_address_type: String,
    pub mappings: Vec<Mapping>,
    pub security_groups: Vec<String>,
    /// `on` or `off`; shown only with security groups.
    pub private_link: String,
    pub created: Instant,
    /// How many describes have shown it.
    pub described: usize,
    /// After Delete: how many describes still show it.
    pub deleting: Option<usize>,
}

/// One subnet of a load balancer with its pinned addresses.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mapping {
    pub subnet: String,
    pub allocation: Option<String>,
    pub private_ipv4: Option<String>,
    pub ipv6: Option<String>,
}

#[derive(Debug, Clone)]
pub struct TargetGroup {
    pub common: Common,
    pub name: String,
    pub protocol: String,
    pub port: u32,
    pub vpc_id: String,
    pub target_type: String,
    pub ip_address_type: String,
    pub check: HealthCheck,
    pub targets: Vec<Target>,
    /// When the first listener began to forward to it.
    pub used_since: Option<Instant>,
    /// How often Delete still answers ResourceInUse although no listener is left.
    pub in_use: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HealthCheck {
    pub protocol: String,
    pub port: String,
    pub interval: u32,
    pub timeout: u32,
    pub healthy: u32,
    pub unhealthy: u32,
    /// HTTP and HTTPS only.
    pub path: Option<String>,
    /// HTTP and HTTPS only.
    pub matcher: Option<String>,
}

/// A registration; id and port together are its key.
#[derive(Debug, Clone)]
pub struct Target {
    pub id: String,
    pub port: u32,
    pub zone: Option<String>,
    pub registered: Instant,
    /// [`Settings::initial_describes`] and [`Settings::initial_time`] when it was registered.
    pub initial: (usize, Duration),
    /// How many describes have shown it in a used group.
    pub described: usize,
    /// Since when it is draining, and how many describes have shown that.
    pub draining: Option<(Instant, usize)>,
}

#[derive(Debug, Clone)]
pub struct Listener {
    pub common: Common,
    pub load_balancer: String,
    pub port: u32,
    pub protocol: String,
    pub target_group: String,
}

impl State {
    /// Sixteen hexadecimal digits, never the same.
    pub fn new_id(&mut self) -> String {
        self.ids += 1;
        format!("{:016x}", 0x5c0f_fee0_0000_0000_u64 + self.ids)
    }

    /// What a new part begins with.
    pub fn common(&self, arn: String, attributes: BTreeMap<String, String>, tags: BTreeMap<String, String>) -> Common {
        Common { arn, attributes, tags, hidden: self.settings.not_found_after_create }
    }

    /// As the test sees it, on one page: what is only shown still is gone, and what is too new to be found is there.
    pub fn as_seen(&self) -> State {
        let mut seen = State { snapshots: Vec::new(), ..self.clone() };
        seen.load_balancers.retain(|part| part.deleting.is_none());
        let balancers = seen.load_balancers.iter_mut().map(|part| &mut part.common);
        let groups = seen.target_groups.iter_mut().map(|part| &mut part.common);
        let listeners = seen.listeners.iter_mut().map(|part| &mut part.common);
        for common in balancers.chain(groups).chain(listeners) {
            common.hidden = 0;
        }
        seen.settings.page_size = usize::MAX;
        seen
    }

    /// Removes the load balancers whose deletion has come to its end.
    pub fn sweep(&mut self) {
        self.load_balancers.retain(|part| part.deleting != Some(0));
    }

    /// A load balancer; one that is being deleted can only be described.
    pub fn load_balancer(&mut self, arn: &str) -> Result<&mut LoadBalancer, Refusal> {
        let mut all = self.load_balancers.iter_mut();
        let found = all.find(|part| part.common.arn == arn && part.deleting.is_none());
        if let Some(part) = found
            && part.common.is_visible()
        {
            return Ok(part);
        }
        not_found(arn)
    }

    pub fn target_group(&mut self, arn: &str) -> Result<&mut TargetGroup, Refusal> {
        let mut all = self.target_groups.iter_mut();
        if let Some(part) = all.find(|part| part.common.arn == arn)
            && part.common.is_visible()
        {
            return Ok(part);
        }
        not_found(arn)
    }

    pub fn listener(&mut self, arn: &str) -> Result<&mut Listener, Refusal> {
        let mut all = self.listeners.iter_mut();
        if let Some(part) = all.find(|part| part.common.arn == arn)
            && part.common.is_visible()
        {
            return Ok(part);
        }
        not_found(arn)
    }

    /// Any part, by the kind that its ARN names.
    pub fn part(&mut self, arn: &str) -> Result<&mut Common, Refusal> {
        if arn.contains(":listener/") {
            Ok(&mut self.listener(arn)?.common)
        } else if arn.contains(":targetgroup/") {
            Ok(&mut self.target_group(arn)?.common)
        } else {
            Ok(&mut self.load_balancer(arn)?.common)
        }
    }

    /// Whether a listener forwards to the group.
    pub fn is_used(&self, group: &str) -> bool {
        self.listeners.iter().any(|listener| listener.target_group == group)
    }

    /// To be called after listeners have changed: notes which groups have come into use and which have left it.
    pub fn note_use(&mut self) {
        let used: Vec<String> = self.listeners.iter().map(|listener| listener.target_group.clone()).collect();
        let after = self.settings.group_in_use_after;
        for group in &mut self.target_groups {
            let is_used = used.contains(&group.common.arn);
            match (is_used, group.used_since) {
                (true, None) => group.used_since = Some(Instant::now()),
                (false, Some(_)) => {
                    group.used_since = None;
                    group.in_use = after;
                }
                _ => {}
            }
        }
    }
}

impl Common {
    /// Counts a lookup; `false` while the part is too new to be found.
    pub fn is_visible(&mut self) -> bool {
        let hidden = self.hidden > 0;
        self.hidden = self.hidden.saturating_sub(1);
        !hidden
    }
}

impl LoadBalancer {
    /// State and reason at this moment.
    pub fn state(&self, settings: &Settings) -> (&'static str, String) {
        let young = self.created.elapsed() < settings.provisioning_time;
        if young || self.described < settings.provisioning_describes {
            return ("provisioning", String::new());
        }
        match &settings.provisioning_ends {
            Ending::Active => ("active", String::new()),
            Ending::Impaired(reason) => ("active_impaired", reason.clone()),
            Ending::Failed(reason) => ("failed", reason.clone()),
        }
    }
}
