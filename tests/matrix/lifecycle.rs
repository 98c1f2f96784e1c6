//! The steps: what there is before, what the user does, and what else he may do afterwards.

use lab::fake::Account;
use lab::fake::settings::VPC;
use lab::inventory::Inventory;

use crate::configuration::{Configuration, SUBNETS, subnets, texts};
use crate::holdings::{ALIKE, USERS_PORT};

/// What the user does.
#[derive(Clone)]
pub enum Act {
    /// `terraform apply` of this; of nothing it is `terraform destroy`.
    Apply(Configuration),
    /// `terraform apply -refresh-only` with this configuration.
    Refresh(Configuration),
    /// `import` of the load balancer and its attachments, and the apply of this configuration.
    Import(Configuration),
}

/// A step of the lifecycle.
#[derive(Clone)]
pub struct Step {
    pub name: &'static str,
    /// Applied before, without a fault.
    pub before: Configuration,
    /// Done by somebody else before.
    pub outside: fn(&Account),
    pub act: Act,
    /// Another change.
    pub other: Configuration,
}

impl Act {
    /// The configuration that stands in the directory.
    pub fn configuration(&self) -> &Configuration {
        match self {
            Act::Apply(config) | Act::Refresh(config) | Act::Import(config) => config,
        }
    }
}

/// Every step.
pub fn steps() -> Vec<Step> {
    let base = || Configuration::new().nodes();
    let other = || base().with("tcp_idle_timeout", 1000).with("tags", texts([("third", "way")]));
    let none = Configuration::none;
    let on_port = |port: i64| base().nested("kubernetes_api", [("target_port", port.into())]);
    let listeners = |kubernetes: i64, talos: i64| {
        base().nested("kubernetes_api", [("port", kubernetes.into())]).nested("talos_api", [("port", talos.into())])
    };
    let one = |groups| Configuration::new().attached("cp-1", "i-00000000000000001", groups);
    let secured = |groups: &[&str]| {
        let ids = talosendpoint::framework::value::Value::set(groups.iter().map(|id| (*id).into()));
        base().with("security_group_ids", ids)
    };
    let settings = secured(&["sg-00000000000000001", "sg-00000000000000002"])
        .with("enable_cross_zone_load_balancing", true)
        .with("deregistration_delay", 60)
        .with("connection_termination", false)
        .with("preserve_client_ip", true)
        .with("tcp_idle_timeout", 600)
        .with("ip_address_type", "dualstack")
        .with("subnet_ids", subnets(&[0, 1, 2]))
        .with("tags", texts([("kept", "changed"), ("new", "x")]))
        .nested("health_check", [("interval", 20.into()), ("unhealthy_threshold", 4.into())]);
    let step = |name, before: Configuration, act: Configuration, other: Configuration| Step {
        name,
        before,
        outside: |_| {},
        act: Act::Apply(act),
        other,
    };
    vec![
        step("create", none(), base(), other()),
        step(
            "create in parallel",
            none(),
            base().with("vpc_id", VPC).nested("worker_talos_api", [("port", 50010.into())]).nested("trustd", []),
            base().with("vpc_id", VPC),
        ),
        Step { act: Act::Refresh(base()), ..step("read", base(), base(), other()) },
        step(
            "settings",
            secured(&["sg-00000000000000001"]).with("tags", texts([("kept", "x"), ("old", "y")])),
            settings,
            secured(&["sg-00000000000000003"]),
        ),
        step(
            "subnet of the same zone",
            base(),
            base().with("subnet_ids", subnets(&[3, 1])),
            base().with("subnet_ids", subnets(&[1, 2])),
        ),
        step("group replacement", on_port(6443), on_port(7443), on_port(8443)),
        step("group renamed", base(), base().nested("talos_api", [("target_group_name", "prod-own".into())]), other()),
        step("listeners swapped", listeners(6443, 50000), listeners(50000, 6443), listeners(443, 50000)),
        step("listener on", base(), base().nested("trustd", []), other()),
        step("listener off", base().nested("trustd", []), base(), base().nested("trustd", [("port", 50003.into())])),
        step(
            "attached",
            base(),
            base().attached("cp-3", "i-00000000000000003", "control_plane_target_group_arns"),
            other(),
        ),
        step("detached", base(), one("control_plane_target_group_arns"), none()),
        step(
            "other groups",
            one("kubernetes_api_target_group_arn"),
            one("talos_api_target_group_arn"),
            one("control_plane_target_group_arns"),
        ),
        Step { outside: drift, ..step("drift", base(), base(), other()) },
        Step { outside: loss, ..step("parts lost", base(), base(), other()) },
        Step { act: Act::Import(base()), ..step("import", base(), base(), other()) },
        step(
            "replaced",
            base().with("allow_replacement", true),
            base().with("internal", false).with("allow_replacement", true),
            other().with("allow_replacement", true),
        ),
        step("destroy", base().nested("trustd", []), none(), base()),
    ]
}

/// What belongs to others, before anything of ours is there.
pub fn foreign(account: &Account) -> Vec<String> {
    let balancer = made(
        account,
        "CreateLoadBalancer",
        "LoadBalancer",
        &[
            ("Name", "other-nlb"),
            ("Type", "network"),
            ("Scheme", "internal"),
            ("Subnets.member.1", SUBNETS[0]),
            ("Tags.member.1.Key", "owner"),
            ("Tags.member.1.Value", "somebody"),
        ],
    );
    let group = target_group(account, "other-tg");
    let listener = listener(account, &balancer, "6443", &group);
    register(account, &group, "i-000000000000000ff");
    let alike = target_group(account, ALIKE);
    let users = target_group(account, "users-own");
    vec![balancer, group, listener, alike, users]
}

/// A target that somebody else has registered in a group of ours.
pub const GUEST: &str = "i-000000000000000ee";

/// What others have on our load balancer: a listener of the user's own, and a registration.
pub fn guests(account: &Account) {
    let inventory = account.inventory();
    let Some(arn) = ours(&inventory, "LoadBalancerName", "prod-api-nlb") else { return };
    let users = inventory.target_group("users-own").field("TargetGroupArn").to_owned();
    listener(account, &arn, USERS_PORT, &users);
    if let Some(group) = ours(&inventory, "TargetGroupName", "prod-api-tg") {
        register(account, &group, GUEST);
    }
}

/// The ARN of what has that name.
pub fn ours(inventory: &Inventory, field: &str, name: &str) -> Option<String> {
    let mut parts = inventory.load_balancers.iter().chain(&inventory.target_groups);
    parts.find(|(_, part)| part.field(field) == name).map(|(arn, _)| arn.clone())
}

fn drift(account: &Account) {
    let inventory = account.inventory();
    let balancer = ours(&inventory, "LoadBalancerName", "prod-api-nlb").unwrap();
    let group = ours(&inventory, "TargetGroupName", "prod-api-tg").unwrap();
    let listener = inventory
        .listeners
        .iter()
        .find(|(_, part)| part.field("Port") == "6443" && part.field("LoadBalancerArn") == balancer);
    let users = inventory.target_group("users-own").field("TargetGroupArn");
    let attribute = |action: &str, of: &str, arn: &str, key: &str, value: &str| {
        account.observe(action, &[(of, arn), ("Attributes.member.1.Key", key), ("Attributes.member.1.Value", value)]);
    };
    attribute(
        "ModifyLoadBalancerAttributes",
        "LoadBalancerArn",
        &balancer,
        "load_balancing.cross_zone.enabled",
        "true",
    );
    attribute("ModifyTargetGroupAttributes", "TargetGroupArn", &group, "deregistration_delay.timeout_seconds", "99");
    account.observe("ModifyTargetGroup", &[("TargetGroupArn", &group), ("HealthCheckIntervalSeconds", "60")]);
    let arn = listener.unwrap().0;
    account.observe(
        "ModifyListener",
        &[
            ("ListenerArn", arn),
            ("DefaultActions.member.1.Type", "forward"),
            ("DefaultActions.member.1.TargetGroupArn", users),
        ],
    );
    deregister(account, &group, "i-00000000000000001");
}

fn loss(account: &Account) {
    let inventory = account.inventory();
    let group = ours(&inventory, "TargetGroupName", "prod-apid-tg").unwrap();
    let listener = inventory.listeners.iter().find(|(_, part)| part.field("DefaultActions.1.TargetGroupArn") == group);
    account.observe("DeleteListener", &[("ListenerArn", listener.unwrap().0)]);
    account.observe("DeleteTargetGroup", &[("TargetGroupArn", &group)]);
}

fn target_group(account: &Account, name: &str) -> String {
    made(
        account,
        "CreateTargetGroup",
        "TargetGroup",
        &[("Name", name), ("Protocol", "TCP"), ("Port", "6443"), ("VpcId", VPC), ("TargetType", "instance")],
    )
}

fn listener(account: &Account, balancer: &str, port: &str, group: &str) -> String {
    made(
        account,
        "CreateListener",
        "Listener",
        &[
            ("LoadBalancerArn", balancer),
            ("Protocol", "TCP"),
            ("Port", port),
            ("DefaultActions.member.1.Type", "forward"),
            ("DefaultActions.member.1.TargetGroupArn", group),
        ],
    )
}

fn register(account: &Account, group: &str, target: &str) {
    account.observe("RegisterTargets", &[("TargetGroupArn", group), ("Targets.member.1.Id", target)]).result();
}

fn deregister(account: &Account, group: &str, target: &str) {
    account.observe("DeregisterTargets", &[("TargetGroupArn", group), ("Targets.member.1.Id", target)]).result();
}

fn made(account: &Account, action: &str, kind: &str, params: &[(&str, &str)]) -> String {
    let answer = account.observe(action, params);
    let made =
        answer.result().members(&format!("{kind}s")).first().and_then(|part| part.text_of(&format!("{kind}Arn")));
    made.unwrap().to_owned()
}
