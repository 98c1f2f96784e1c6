//! Two environments from nothing and back to nothing, different only by their files of values.

use std::collections::BTreeSet;

use lab::call::Call;
use lab::inventory::Inventory;
use lab::need;

use crate::cluster::{Environment, Tree, example};

#[test]
fn two_environments_in_two_workspaces() {
    let tree = need!(Tree::start());
    let demo = tree.environment("demo", "aws.tfvars");
    let prod = tree.environment("prod", "prod.tfvars");
    std::thread::scope(|scope| {
        for environment in [&demo, &prod] {
            let tree = &tree;
            scope.spawn(move || {
                environment.apply_by_plan();
                environment.assert_settled();
                replace_a_node(tree, environment);
            });
        }
    });

    let made = tree.moto.inventory();
    as_in_the_guide(&made, "demo", &demo, true);
    as_in_the_guide(&made, "prod", &prod, false);
    differences_of_the_files(&made);
    outputs(&made, &demo);

    imported_again(&made, &prod);
    protected(&tree, &prod);
    changed_over(&tree, &demo);
    demo.run("destroy", &["-auto-approve"]).ok();
    tree.assert_nothing_left();
}

/// As the guide to AWS says: the root module's region is that of the aws provider, which an import by name doesn't see.
fn imported_again(made: &Inventory, prod: &Environment<'_>) {
    let address = "module.loadbalancer.talosendpoint_nlb.kubernetes_api";
    prod.forget(address);
    let said = prod.run("import", &[address, "prod-talos-api-nlb"]).with_status(1).flat();
    assert!(said.contains("\"prod-talos-api-nlb\" is a name, and nothing says in which region"), "{said}");
    let arn = made.load_balancer("prod-talos-api-nlb").field("LoadBalancerArn");
    prod.run("import", &[address, arn]).ok();
    // The workers' listener and group are `aws_lb_listener` and `aws_lb_target_group` here: they are let go, and stay.
    let said = prod.apply(&[]).ok().flat();
    assert!(said.contains("Where another resource or configuration has them, nothing is to be done"), "{said}");
    assert!(said.contains("0 added, 1 changed, 0 destroyed"), "{said}");
    prod.assert_settled();
}

/// Names, ports, health checks and targets.
fn as_in_the_guide(made: &Inventory, name: &str, environment: &Environment<'_>, client_addresses: bool) {
    let balancer = made.load_balancer(&format!("{name}-talos-api-nlb"));
    let arn = balancer.field("LoadBalancerArn");
    assert_eq!(arn.split(':').nth(3), Some("us-east-1"), "the region of the aws provider's block");
    assert_eq!(balancer.tags["environment"], name, "the aws provider's default tags");
    let (nodes, workers) = (environment.instances("control_plane"), environment.instances("worker"));
    for (group, port, listener, targets, preserved) in [
        ("api-tg", "6443", "6443", &nodes, client_addresses),
        ("apid-tg", "50000", "50000", &nodes, client_addresses),
        ("wk-apid-tg", "50000", "50001", &workers, true),
    ] {
        let group_name = format!("{name}-talos-{group}");
        let group = made.target_group(&group_name);
        assert_eq!((group.field("Port"), group.field("Protocol")), (port, "TCP"), "{group_name}");
        assert_eq!(group.field("HealthCheckProtocol"), "TCP", "{group_name}");
        // On at birth, for instances; moto reports an attribute once it was set.
        assert_eq!(group.attribute("preserve_client_ip.enabled") != "false", preserved, "{group_name}");
        assert_eq!(group.attribute("deregistration_delay.timeout_seconds"), "30", "{group_name}");
        let group_arn = group.field("TargetGroupArn");
        let leads_here = |listener: &&lab::inventory::Part| {
            listener.field("LoadBalancerArn") == arn && listener.field("DefaultActions.1.TargetGroupArn") == group_arn
        };
        let ports: Vec<&str> = made.listeners.values().filter(leads_here).map(|found| found.field("Port")).collect();
        assert_eq!(ports, [listener], "{group_name}");
        let registered: BTreeSet<String> = made.health_of(&group_name).keys().cloned().collect();
        let expected: BTreeSet<String> = targets.iter().map(|id| format!("{id}:{port}")).collect();
        assert_eq!(registered, expected, "{group_name}");
    }
}

fn differences_of_the_files(made: &Inventory) {
    for (name, scheme, zones, protection, cross_zone, interval) in
        [("demo", "internet-facing", 1, "false", "false", "10"), ("prod", "internal", 3, "true", "true", "20")]
    {
        let balancer = made.load_balancer(&format!("{name}-talos-api-nlb"));
        assert_eq!(balancer.field("Scheme"), scheme);
        assert_eq!(balancer.fields_like("AvailabilityZones.", ".SubnetId").len(), zones);
        assert_eq!(balancer.attribute("deletion_protection.enabled"), protection);
        assert_eq!(balancer.attribute("load_balancing.cross_zone.enabled"), cross_zone);
        for group in ["api-tg", "wk-apid-tg"] {
            let group = made.target_group(&format!("{name}-talos-{group}"));
            assert_eq!(group.field("HealthCheckIntervalSeconds"), interval);
        }
    }
}

fn outputs(made: &Inventory, demo: &Environment<'_>) {
    let dns_name = made.load_balancer("demo-talos-api-nlb").field("DNSName");
    assert_eq!(demo.output("nlb_dns_name"), dns_name);
    assert_eq!(demo.output("kubernetes_api_endpoint"), format!("https://{dns_name}:6443"));
    assert_eq!(demo.output("talos_api_endpoint"), format!("{dns_name}:50000"));
    assert_eq!(demo.output("worker_talos_api_endpoint"), format!("{dns_name}:50001"));
    let commands = demo.output("commands");
    for line in [
        format!("talosctl gen config demo https://{dns_name}:6443 --additional-sans {dns_name}"),
        format!("talosctl config endpoint {dns_name}"),
    ] {
        assert!(commands.lines().any(|found| found == line), "{line} in {commands}");
    }
}

/// Its successor is in its place in both groups, and nothing is left to do.
fn replace_a_node(tree: &Tree, environment: &Environment<'_>) {
    let before = environment.instances("control_plane");
    let balancer = environment.output("nlb_dns_name");
    environment.apply(&["-replace=module.compute.aws_instance.control_plane[1]"]).ok();
    let after = environment.instances("control_plane");
    assert_eq!((&after[0], &after[2]), (&before[0], &before[2]));
    assert_ne!(after[1], before[1]);
    assert_eq!(environment.output("nlb_dns_name"), balancer);
    in_order(&tree.proxy.calls(), &before[1], &after[1], 2);
    environment.assert_settled();
}

/// The old node left every group, ended, and then the new one came: `groups` calls each.
#[track_caller]
fn in_order(calls: &[Call], old: &str, new: &str, groups: usize) {
    let of = |action: &str, id: &str| -> Vec<usize> {
        let about = calls.iter().filter(|call| call.action == action);
        let about =
            about.filter(|call| call.param("Targets.member.1.Id") == Some(id) || call.list("InstanceId") == [id]);
        about.map(|call| call.number).collect()
    };
    let (left, ended) = (of("DeregisterTargets", old), of("TerminateInstances", old));
    let joined = of("RegisterTargets", new);
    assert_eq!((left.len(), ended.len(), joined.len()), (groups, 1, groups));
    assert!(left.iter().all(|left| *left < ended[0]), "{left:?} {ended:?}");
    assert!(joined.iter().all(|joined| *joined > ended[0]), "{joined:?} {ended:?}");
}

/// A destroy is refused until protection is off in AWS, whatever the variable says, and touches nothing before.
fn protected(tree: &Tree, prod: &Environment<'_>) {
    let before = tree.moto.inventory();
    const OFF: &str = "-var=enable_deletion_protection=false";
    let said = prod.run("destroy", &["-auto-approve", OFF]).with_status(1).flat();
    assert!(said.contains("Error: Deletion protection is on"), "{said}");
    assert!(tree.moto.inventory() == before, "something was touched");
    prod.apply(&[OFF]).ok();
    prod.run("destroy", &["-auto-approve", OFF]).ok();
    assert_eq!(tree.moto.inventory().load_balancers.len(), 1, "the other environment stays");
}

/// The README's way to this provider's attachments: nobody is deregistered by it, and a replaced node is still in order.
fn changed_over(tree: &Tree, demo: &Environment<'_>) {
    let main = tree.read("cluster/aws/main.tf");
    let (kept, replaced) = main.split_once("resource \"aws_lb_target_group_attachment\"").expect("attachments");
    assert_eq!(replaced.matches("\nresource ").count(), 1, "both attachments, and nothing else, are at the end");
    tree.write("cluster/aws/main.tf", &format!("{kept}{}", example("removed {")));
    let before = tree.moto.inventory();
    tree.proxy.clear();
    let said = demo.apply(&[]).ok().flat();
    assert!(said.contains("3 added, 0 changed, 0 destroyed"), "{said}");
    assert_eq!(tree.proxy.of("DeregisterTargets").len(), 0);
    assert!(tree.moto.inventory() == before, "the registrations are the same");
    demo.assert_settled();
    tree.proxy.clear();
    replace_a_node(tree, demo);
}
