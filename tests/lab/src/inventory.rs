//! The whole ELBv2 inventory of a stand-in, in a form that two moments can be compared in.

use std::collections::BTreeMap;

use super::call::ELBV2;
use super::http::{OBSERVER, QueryAnswer, query_as};
use super::xml::Element;

/// Every load balancer, group and listener with all that is known of it, keyed by ARN.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inventory {
    /// By load balancer ARN.
    pub load_balancers: BTreeMap<String, Part>,
    /// By target group ARN.
    pub target_groups: BTreeMap<String, Part>,
    /// By listener ARN.
    pub listeners: BTreeMap<String, Part>,
    /// Target health by target group ARN, then `ID:PORT`: the state, or `STATE (REASON)`.
    pub health: BTreeMap<String, BTreeMap<String, String>>,
}

/// How the stand-in is asked: an action of ELBv2 and its parameters.
pub type Ask<'a> = &'a dyn Fn(&str, &[(&str, &str)]) -> QueryAnswer;

/// One load balancer, group or listener.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Part {
    /// What Describe shows, flattened: `State.Code`, `AvailabilityZones.1.SubnetId`. Lists are sorted.
    pub fields: BTreeMap<String, String>,
    /// The attributes (`deletion_protection.enabled`, …).
    pub attributes: BTreeMap<String, String>,
    /// The tags.
    pub tags: BTreeMap<String, String>,
}

impl Part {
    /// One field; empty when Describe doesn't show it.
    pub fn field(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", String::as_str)
    }

    /// One attribute; empty when it isn't shown.
    pub fn attribute(&self, key: &str) -> &str {
        self.attributes.get(key).map_or("", String::as_str)
    }

    /// The values of all fields whose name starts with `prefix` and ends with `suffix`, in order.
    pub fn fields_like(&self, prefix: &str, suffix: &str) -> Vec<&str> {
        let like = self.fields.iter();
        like.filter(|(name, _)| name.starts_with(prefix) && name.ends_with(suffix))
            .map(|(_, value)| value.as_str())
            .collect()
    }
}

impl Inventory {
    /// Asks the stand-in at `base` for everything.
    pub fn of(base: &str) -> Inventory {
        Inventory::of_names(base, "")
    }

    /// As [`Inventory::of`], only load balancers and groups whose names begin with `prefix`, and these load balancers' listeners: on a
    /// stand-in that others use too, what isn't ours may vanish while we look.
    pub fn of_names(base: &str, prefix: &str) -> Inventory {
        Inventory::read(&|action, params| query_as(OBSERVER, base, ELBV2, action, params), prefix)
    }

    /// As [`Inventory::of`], asked through `ask`.
    pub fn by(ask: Ask<'_>) -> Inventory {
        Inventory::read(ask, "")
    }

    fn read(ask: Ask<'_>, prefix: &str) -> Inventory {
        let mut inventory = Inventory {
            load_balancers: parts(ask, "DescribeLoadBalancers", "LoadBalancer", &[], prefix),
            target_groups: parts(ask, "DescribeTargetGroups", "TargetGroup", &[], prefix),
            ..Inventory::default()
        };
        for arn in inventory.load_balancers.keys() {
            let of_it = [("LoadBalancerArn", arn.as_str())];
            let listeners = parts(ask, "DescribeListeners", "Listener", &of_it, "");
            inventory.listeners.extend(listeners);
        }
        for arn in inventory.target_groups.keys() {
            let health = health(ask, arn);
            inventory.health.insert(arn.clone(), health);
        }
        inventory.add_tags(ask);
        inventory
    }

    /// The load balancer of that name.
    #[track_caller]
    pub fn load_balancer(&self, name: &str) -> &Part {
        named(&self.load_balancers, "LoadBalancerName", name)
    }

    /// The target group of that name.
    #[track_caller]
    pub fn target_group(&self, name: &str) -> &Part {
        named(&self.target_groups, "TargetGroupName", name)
    }

    /// The only listener on that port, whichever load balancer has it.
    #[track_caller]
    pub fn listener(&self, port: u16) -> &Part {
        named(&self.listeners, "Port", &port.to_string())
    }

    /// Health of the targets of the group of that name, keyed `ID:PORT`.
    #[track_caller]
    pub fn health_of(&self, name: &str) -> &BTreeMap<String, String> {
        let arn = self.target_group(name).field("TargetGroupArn");
        &self.health[arn]
    }

    /// Nothing at all.
    pub fn is_empty(&self) -> bool {
        self.load_balancers.is_empty() && self.target_groups.is_empty() && self.listeners.is_empty()
    }

    fn add_tags(&mut self, ask: Ask<'_>) {
        let mut parts: Vec<(&String, &mut Part)> =
            self.load_balancers.iter_mut().chain(&mut self.target_groups).chain(&mut self.listeners).collect();
        // AWS takes at most 20 ARNs at once.
        for chunk in parts.chunks_mut(20) {
            let names: Vec<String> = (1..=chunk.len()).map(|index| format!("ResourceArns.member.{index}")).collect();
            let arns = chunk.iter().map(|(arn, _)| arn.as_str());
            let params: Vec<(&str, &str)> = names.iter().map(String::as_str).zip(arns).collect();
            let answer = ask("DescribeTags", &params);
            for description in answer.result().members("TagDescriptions") {
                let arn = description.text_of("ResourceArn");
                let part = chunk.iter_mut().find(|(known, _)| Some(known.as_str()) == arn);
                if let Some((_, part)) = part {
                    part.tags = key_values(description.members("Tags"));
                }
            }
        }
    }
}

#[track_caller]
fn named<'a>(parts: &'a BTreeMap<String, Part>, field: &str, value: &str) -> &'a Part {
    let found: Vec<&Part> = parts.values().filter(|part| part.field(field) == value).collect();
    match found.as_slice() {
        [only] => only,
        _ => panic!("{} parts with {field} {value} in {parts:#?}", found.len()),
    }
}

/// Follows the markers of a paged Describe to the end. What has a name must begin with `prefix`.
fn parts(ask: Ask<'_>, action: &str, kind: &str, params: &[(&str, &str)], prefix: &str) -> BTreeMap<String, Part> {
    let mut parts = BTreeMap::new();
    let mut marker = String::new();
    loop {
        let mut params = params.to_vec();
        if !marker.is_empty() {
            params.push(("Marker", &marker));
        }
        let answer = ask(action, &params);
        for element in answer.result().members(&format!("{kind}s")) {
            if element.text_of(&format!("{kind}Name")).is_some_and(|name| !name.starts_with(prefix)) {
                continue;
            }
            let arn = element.text_of(&format!("{kind}Arn")).unwrap();
            let mut part = Part::default();
            flatten(element, "", &mut part.fields);
            part.attributes = attributes(ask, kind, arn);
            parts.insert(arn.to_owned(), part);
        }
        let next = answer.result().text_of("NextMarker");
        match next.filter(|next| !next.is_empty()) {
            Some(next) => marker = next.to_owned(),
            None => return parts,
        }
    }
}

fn attributes(ask: Ask<'_>, kind: &str, arn: &str) -> BTreeMap<String, String> {
    let action = format!("Describe{kind}Attributes");
    let answer = ask(&action, &[(&format!("{kind}Arn"), arn)]);
    key_values(answer.result().members("Attributes"))
}

fn health(ask: Ask<'_>, arn: &str) -> BTreeMap<String, String> {
    let answer = ask("DescribeTargetHealth", &[("TargetGroupArn", arn)]);
    let descriptions = answer.result().members("TargetHealthDescriptions");
    let targets = descriptions.iter().map(|description| {
        let target = description.child("Target").unwrap();
        let id = target.text_of("Id").unwrap_or_default();
        let port = target.text_of("Port").unwrap_or_default();
        let health = description.child("TargetHealth").unwrap();
        let state = health.text_of("State").unwrap_or_default();
        let shown = match health.text_of("Reason").filter(|reason| !reason.is_empty()) {
            Some(reason) => format!("{state} ({reason})"),
            None => state.to_owned(),
        };
        (format!("{id}:{port}"), shown)
    });
    targets.collect()
}

fn key_values(members: &[Element]) -> BTreeMap<String, String> {
    let pairs = members.iter().map(|member| {
        let text = |name| member.text_of(name).unwrap_or_default().to_owned();
        (text("Key"), text("Value"))
    });
    pairs.collect()
}

fn flatten(element: &Element, path: &str, fields: &mut BTreeMap<String, String>) {
    if element.children.is_empty() {
        if !path.is_empty() && !element.text.is_empty() {
            fields.insert(path.to_owned(), element.text.clone());
        }
        return;
    }
    let mut children: Vec<&Element> = element.children.iter().collect();
    let is_list = children.iter().all(|child| child.name == "member");
    if is_list {
        // Stand-ins and AWS promise no order in lists.
        children.sort_by_cached_key(|child| format!("{child:?}"));
    }
    for (index, child) in children.into_iter().enumerate() {
        let name = if is_list { (index + 1).to_string() } else { child.name.clone() };
        let path = if path.is_empty() { name } else { format!("{path}.{name}") };
        flatten(child, &path, fields);
    }
}
