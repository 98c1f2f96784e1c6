use std::time::Duration;

use lab::fake::Fake;
use lab::fake::settings::{Ending, Subnet};
use lab::http::query;

use super::{A, A2, B, ask, balancer, get, group, group_params, listener, listener_params, refused, state};

#[test]
fn a_name_is_taken_and_the_same_settings_answer_the_same_part() {
    let fake = Fake::start();
    let first = balancer(&fake, "nlb", &[]);
    assert!(first.contains(":loadbalancer/net/nlb/"), "{first}");
    assert_eq!(balancer(&fake, "nlb", &[("Tags.member.1.Key", "ignored")]), first);
    let other = [("Name", "nlb"), ("Type", "network"), ("Subnets.member.1", A)];
    assert_eq!(refused(&fake, "CreateLoadBalancer", &other), "DuplicateLoadBalancerName");

    let known = group(&fake, "tg");
    assert_eq!(group(&fake, "tg"), known);
    let mut other = group_params("tg");
    other[2] = ("Port", "50000");
    assert_eq!(refused(&fake, "CreateTargetGroup", &other), "DuplicateTargetGroupName");

    let on_port = listener(&fake, &first, &known, "443");
    assert!(on_port.contains(":listener/net/nlb/"), "{on_port}");
    assert_eq!(listener(&fake, &first, &known, "443"), on_port);
    let second = group(&fake, "tg2");
    let other = listener_params(&first, &second, "443");
    assert_eq!(refused(&fake, "CreateListener", &other), "DuplicateListener");
    let moved = listener(&fake, &first, &second, "444");
    let port = [("ListenerArn", moved.as_str()), ("Port", "443")];
    assert_eq!(refused(&fake, "ModifyListener", &port), "DuplicateListener");

    let elsewhere = balancer(&fake, "nlb2", &[]);
    let foreign = listener_params(&elsewhere, &known, "443");
    assert_eq!(refused(&fake, "CreateListener", &foreign), "TargetGroupAssociationLimit");

    let inventory = fake.inventory();
    assert_eq!(inventory.load_balancers.len(), 2);
    assert!(inventory.load_balancer("nlb").tags.is_empty());
    assert_eq!(inventory.listeners.len(), 2);
}

#[test]
fn provisioning_takes_as_long_as_it_is_told_and_ends_as_told() {
    let fake = Fake::start();
    fake.set(|settings| settings.provisioning_describes = 2);
    let arn = balancer(&fake, "nlb", &[]);
    let codes: Vec<String> = (0..3).map(|_| state(&fake, &arn)).collect();
    assert_eq!(codes, ["provisioning", "provisioning", "active"]);
    fake.set(|settings| settings.provisioning_ends = Ending::Failed("no addresses".to_owned()));
    assert_eq!(state(&fake, &arn), "failed");
    assert_eq!(fake.inventory().load_balancer("nlb").field("State.Reason"), "no addresses");
    fake.set(|settings| settings.provisioning_ends = Ending::Impaired("zone".to_owned()));
    assert_eq!(state(&fake, &arn), "active_impaired");
    fake.set(|settings| settings.provisioning_time = Duration::from_secs(3600));
    assert_eq!(state(&fake, &arn), "provisioning");
    let group = group(&fake, "tg");
    fake.set(|settings| {
        settings.refused_while_provisioning.insert("CreateListener".to_owned());
    });
    let params = listener_params(&arn, &group, "443");
    assert_eq!(refused(&fake, "CreateListener", &params), "OperationNotPermitted");
    fake.set(|settings| settings.provisioning_time = Duration::ZERO);
    ask(&fake, "CreateListener", &params).result();
}

#[test]
fn deletion_respects_protection_and_use_and_leaves_remains() {
    let fake = Fake::start();
    let arn = balancer(&fake, "nlb", &[]);
    let group = group(&fake, "tg");
    let port = listener(&fake, &arn, &group, "443");
    let this = [("LoadBalancerArn", arn.as_str())];
    let mut protection = vec![
        this[0],
        ("Attributes.member.1.Key", "deletion_protection.enabled"),
        ("Attributes.member.1.Value", "true"),
    ];
    ask(&fake, "ModifyLoadBalancerAttributes", &protection).result();
    assert_eq!(refused(&fake, "DeleteLoadBalancer", &this), "OperationNotPermitted");
    assert_eq!(fake.inventory().listeners.len(), 1);
    protection[2].1 = "false";
    ask(&fake, "ModifyLoadBalancerAttributes", &protection).result();
    fake.set(|settings| settings.endpoint_service = true);
    assert_eq!(refused(&fake, "DeleteLoadBalancer", &this), "ResourceInUse");

    let tg = [("TargetGroupArn", group.as_str())];
    assert_eq!(refused(&fake, "DeleteTargetGroup", &tg), "ResourceInUse");
    fake.set(|settings| {
        settings.endpoint_service = false;
        settings.group_in_use_after = 2;
        settings.deleting_describes = 1;
        settings.interface_describes = 1;
    });
    ask(&fake, "DeleteLoadBalancer", &this).result();
    assert!(fake.inventory().listeners.is_empty());
    assert_eq!(refused(&fake, "DeleteTargetGroup", &tg), "ResourceInUse");
    assert_eq!(refused(&fake, "DeleteTargetGroup", &tg), "ResourceInUse");
    ask(&fake, "DeleteTargetGroup", &tg).result();
    ask(&fake, "DeleteTargetGroup", &tg).result();

    let again = [("Name", "nlb"), ("Type", "network"), ("Scheme", "internal"), ("Subnets.member.1", A)];
    assert_eq!(refused(&fake, "CreateLoadBalancer", &again), "DuplicateLoadBalancerName");
    assert_ne!(state(&fake, &arn), "");
    let by_arn = [("LoadBalancerArns.member.1", arn.as_str())];
    assert_eq!(refused(&fake, "DescribeLoadBalancers", &by_arn), "LoadBalancerNotFound");
    ask(&fake, "DeleteLoadBalancer", &this).result();
    assert_eq!(refused(&fake, "DeleteListener", &[("ListenerArn", &port)]), "ListenerNotFound");

    let description = format!("ELB {}", arn.split_once("loadbalancer/").expect("a suffix").1);
    let filter = [("Filter.1.Name", "description"), ("Filter.1.Value.1", description.as_str())];
    let interfaces = || query(&fake.url(), "ec2", "DescribeNetworkInterfaces", &filter);
    assert_eq!(interfaces().xml.members("networkInterfaceSet").len(), 1);
    assert_eq!(interfaces().xml.members("networkInterfaceSet").len(), 0);
    balancer(&fake, "nlb", &[]);
}

#[test]
fn subnets_change_in_place_but_not_within_a_zone_at_once() {
    let fake = Fake::start();
    let arn = balancer(&fake, "nlb", &[("Subnets.member.2", B)]);
    let set = |subnets: &[&str]| {
        let names: Vec<String> = (1..=subnets.len()).map(|index| format!("Subnets.member.{index}")).collect();
        let mut params = vec![("LoadBalancerArn", arn.as_str())];
        params.extend(names.iter().map(String::as_str).zip(subnets.iter().copied()));
        ask(&fake, "SetSubnets", &params)
    };
    let swap = set(&[A2, B]);
    assert_eq!(swap.error_code(), Some("InvalidConfigurationRequest"));
    assert!(swap.error_message().expect("a text").contains("already associated with the load balancer"));
    assert_eq!(set(&[A, A2]).error_code(), Some("InvalidConfigurationRequest"));
    assert_eq!(set(&[]).error_code(), Some("ValidationError"));
    assert_eq!(set(&["subnet-none"]).error_code(), Some("SubnetNotFound"));
    set(&[B]).result();
    set(&[A2, B]).result();
    let inventory = fake.inventory();
    let subnets = inventory.load_balancer("nlb").fields_like("AvailabilityZones.", ".SubnetId");
    assert_eq!(subnets.len(), 2);
    assert!(subnets.contains(&A2));
    fake.set(|settings| settings.endpoint_service = true);
    assert_eq!(set(&[B]).error_code(), Some("ResourceInUse"));
    fake.set(|settings| settings.subnets.push(Subnet::new("subnet-d", "us-east-1d")));
    set(&[A2, B, "subnet-d"]).result();
}

#[test]
fn pinned_addresses_are_checked_and_shown() {
    let fake = Fake::start();
    let public = |name: &'static str| {
        [
            ("Name", name),
            ("Type", "network"),
            ("SubnetMappings.member.1.SubnetId", A),
            ("SubnetMappings.member.1.AllocationId", "eipalloc-1"),
        ]
    };
    let arn = get(&fake, "CreateLoadBalancer", &public("one"), "LoadBalancerArn");
    assert_eq!(get(&fake, "CreateLoadBalancer", &public("one"), "LoadBalancerArn"), arn);
    assert_eq!(refused(&fake, "CreateLoadBalancer", &public("two")), "ResourceInUse");
    let inventory = fake.inventory();
    let addresses = inventory.load_balancer("one").fields_like("AvailabilityZones.1.", ".AllocationId");
    assert_eq!(addresses, ["eipalloc-1"]);
    let mut wrong = public("three").to_vec();
    wrong.push(("Scheme", "internal"));
    assert_eq!(refused(&fake, "CreateLoadBalancer", &wrong), "InvalidConfigurationRequest");
    wrong[3] = ("SubnetMappings.member.1.PrivateIPv4Address", "172.31.0.9");
    ask(&fake, "CreateLoadBalancer", &wrong).result();
    wrong[0].1 = "four";
    wrong[4].1 = "internet-facing";
    assert_eq!(refused(&fake, "CreateLoadBalancer", &wrong), "InvalidConfigurationRequest");
}

#[test]
fn security_groups_only_where_it_was_born_with_some() {
    let fake = Fake::start();
    let without = balancer(&fake, "without", &[]);
    let set = [("LoadBalancerArn", without.as_str()), ("SecurityGroups.member.1", "sg-2")];
    assert_eq!(refused(&fake, "SetSecurityGroups", &set), "InvalidConfigurationRequest");
    let with = balancer(&fake, "with", &[("SecurityGroups.member.1", "sg-1")]);
    let flag = "EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic";
    let set = [("LoadBalancerArn", with.as_str()), ("SecurityGroups.member.1", "sg-2"), (flag, "off")];
    assert_eq!(get(&fake, "SetSecurityGroups", &set, flag), "off");
    assert_eq!(refused(&fake, "SetSecurityGroups", &set[..1]), "InvalidConfigurationRequest");
    let inventory = fake.inventory();
    assert_eq!(inventory.load_balancer("with").field("SecurityGroups.1"), "sg-2");
    assert_eq!(inventory.load_balancer("with").field(flag), "off");
}
