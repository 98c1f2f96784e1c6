//! What the account holds of ours, in a form in which two moments can be compared, and what it holds of others.

use std::collections::BTreeMap;
use std::fmt::Write;

use lab::inventory::{Inventory, Part};

/// The port of a listener that the user has on our load balancer.
pub const USERS_PORT: &str = "9999";

/// A group of somebody else's, named as a successor of ours might be, but without a marker.
pub const ALIKE: &str = "prod-old-api-tg-00000000";

/// Fields that differ from one making to the next.
const PASSING: [&str; 6] = ["LoadBalancerArn", "DNSName", "CreatedTime", "State.", "TargetGroupArn", "ListenerArn"];

/// Everything with one of our names: the load balancer, its listeners by port with the groups behind them, and groups that no listener
/// of ours uses. ARNs don't count, and the group of a listener is called by its first name.
pub fn ours(inventory: &Inventory) -> String {
    let mut text = String::new();
    let mut used = Vec::new();
    let balancers = inventory.load_balancers.iter().filter(|(_, part)| is_ours(part.field("LoadBalancerName")));
    for (arn, balancer) in balancers {
        show(&mut text, "load balancer", balancer);
        let own = inventory.listeners.values().filter(|listener| listener.field("LoadBalancerArn") == arn);
        let mut own: Vec<&Part> = own.filter(|listener| listener.field("Port") != USERS_PORT).collect();
        own.sort_by_key(|listener| listener.field("Port").parse::<u32>().unwrap());
        for listener in own {
            show(&mut text, "  listener", listener);
            let group = listener.field("DefaultActions.1.TargetGroupArn");
            used.push(group.to_owned());
            match inventory.target_groups.get(group) {
                Some(part) => {
                    show(&mut text, "    group", part);
                    writeln!(text, "      targets {:?}", targets(inventory, group)).unwrap();
                }
                None => writeln!(text, "    no group").unwrap(),
            }
        }
    }
    let groups = inventory.target_groups.iter().filter(|(arn, _)| !used.contains(arn));
    for (_, part) in groups.filter(|(_, part)| is_ours(part.field("TargetGroupName"))) {
        writeln!(text, "unused group {} {:?}", part.field("TargetGroupName"), part.tags).unwrap();
    }
    text
}

/// Everything with these ARNs: nothing of it may ever change.
pub fn of(inventory: &Inventory, arns: &[String]) -> String {
    let mut text = String::new();
    for arn in arns {
        let kinds = [&inventory.load_balancers, &inventory.target_groups, &inventory.listeners];
        match kinds.into_iter().find_map(|parts| parts.get(arn)) {
            Some(part) => {
                show(&mut text, arn, part);
                writeln!(text, "  targets {:?}", targets(inventory, arn)).unwrap();
            }
            None => writeln!(text, "{arn} is gone").unwrap(),
        }
    }
    text
}

fn is_ours(name: &str) -> bool {
    name.starts_with("prod-") && name != ALIKE
}

fn show(text: &mut String, what: &str, part: &Part) {
    let mut fields: BTreeMap<&str, &str> = BTreeMap::new();
    for (name, value) in &part.fields {
        let passing = PASSING.iter().any(|passing| name.starts_with(passing) || name.contains(&format!(".{passing}")));
        if !passing {
            fields.insert(name, if name == "TargetGroupName" { first_name(value) } else { value });
        }
    }
    writeln!(text, "{what} {fields:?}\n      {:?} tags {:?}", part.attributes, part.tags).unwrap();
}

/// A successor's name without the hash at its end.
fn first_name(name: &str) -> &str {
    let hash =
        name.rsplit_once('-').filter(|(_, hash)| hash.len() == 8 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()));
    hash.map_or(name, |(first, _)| first)
}

/// Targets that are registered, without their health: how far a check has come isn't what is compared.
fn targets(inventory: &Inventory, group: &str) -> Vec<String> {
    let health = inventory.health.get(group).into_iter().flatten();
    health.filter(|(_, state)| !state.starts_with("draining")).map(|(target, _)| target.clone()).collect()
}
